import json
import zipfile
from pathlib import Path

import pytest

from local.deploy import DeployError, Target, read_stack, zip_asset


def test_an_asset_is_zipped_with_its_modes_and_the_same_every_time(tmp_path: Path) -> None:
    source = tmp_path / "asset"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "tool").write_text("#!/bin/sh\n", encoding="utf-8")
    (source / "bin" / "tool").chmod(0o755)

    first = zip_asset(source, tmp_path / "one" / "a.zip")
    second = zip_asset(source, tmp_path / "two" / "a.zip")

    with zipfile.ZipFile(first) as archive:
        (entry,) = archive.infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("bin/tool", 0o755)
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in first.parent.iterdir()] == ["a.zip"]


def test_an_archive_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"kept")

    zip_asset(tmp_path / "no-such-folder", archive)

    assert archive.read_bytes() == b"kept"


def test_placeholders_of_the_cdk_are_filled() -> None:
    target = Target("https://127.0.0.1:1", "000000000000", "us-east-1")

    assert target.resolve("b-${AWS::AccountId}-${AWS::Region}") == "b-000000000000-us-east-1"


def test_a_folder_without_an_assembly_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="make synth-local"):
        read_stack(tmp_path)


def test_an_assembly_of_two_stacks_is_refused_by_their_names(tmp_path: Path) -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {}}
    manifest = json.dumps({"artifacts": {"One": stack, "Two": stack}})
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")

    with pytest.raises(DeployError, match="exactly one stack, it holds: One, Two"):
        read_stack(tmp_path)
