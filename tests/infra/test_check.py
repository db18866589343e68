"""``make synth``: what cdk-nag and cfn-lint find fails, unless it is accepted with a reason."""

from pathlib import Path

import pytest

from infra import check

pytestmark = pytest.mark.synth


def test_production_passes_cdk_nag_and_cfn_lint(
    tmp_path: Path, empty_layer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.is_clean("prod", tmp_path / "prod", layer=empty_layer)
    assert capsys.readouterr().out.endswith("cdk-nag clean, cfn-lint clean\n")


def test_a_finding_that_nobody_accepted_fails(
    tmp_path: Path, empty_layer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "acknowledge", lambda *_: None)

    assert not check.is_clean("dev", tmp_path / "dev", layer=empty_layer)
    assert "dev: ValidationFailed" in capsys.readouterr().err


def test_the_command_names_the_stages_with_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "is_clean", lambda stage, _: stage == "dev")

    assert check.main() == 1
    assert capsys.readouterr().err == "Findings in: prod\n"
