"""The command rotate-key, without a network."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli import key as cli_key
from edge.cli.main import app
from edge.cloud.activation import AgentIdentity
from edge.cloud.keys import identity_key, pending_key
from edge.cloud.rotation import REQUEST_FILE, is_requested
from edge.lock import hold_state_folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "agent.toml"
    file.write_text('server = "https://agents.example.test"\nstate_dir = "state"\n')
    (tmp_path / "state").mkdir()
    return file


@pytest.fixture
def identity(config: Path) -> AgentIdentity:
    state = config.parent / "state"
    known = AgentIdentity(
        server="https://agents.example.test",
        agent_id="agt_1",
        organization_id="org_1",
        site_id="site_1",
        audience="platen-agents",
        kid=pending_key(state).kid,
        activated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    known.save(state)
    identity_key(state, known.kid)
    return known


def rotate(config: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["rotate-key", "--config", str(config), *more])


def test_without_an_identity_the_next_step_is_named(config: Path) -> None:
    result = rotate(config)

    assert result.exit_code == 2
    assert "run 'platen-agent activate --code CODE' first" in result.stderr


def test_the_running_agent_is_asked_and_its_new_key_is_told(
    config: Path, identity: AgentIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = config.parent / "state"

    def exchanged(_seconds: float) -> None:
        assert is_requested(state)
        identity.model_copy(update={"kid": "fedcba9876543210", "key_since": datetime(2026, 4, 1, tzinfo=UTC)}).save(
            state
        )
        (state / REQUEST_FILE).unlink()

    monkeypatch.setattr(cli_key, "sleep", exchanged)
    with hold_state_folder(state):
        result = rotate(config)

    assert result.exit_code == 0, result.output
    assert "agt_1 signs with the new key fedcba9876543210 since 2026-04-01" in result.stdout


def test_a_refusal_that_the_running_agent_met_is_told(
    config: Path, identity: AgentIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = config.parent / "state"
    monkeypatch.setattr(cli_key, "sleep", lambda _seconds: (state / REQUEST_FILE).unlink())

    with hold_state_folder(state):
        result = rotate(config)

    assert identity.kid
    assert result.exit_code == 1
    assert "the key was not exchanged, the one before stays in use: the cloud refused" in result.stderr


def test_an_agent_that_does_not_get_to_it_is_not_waited_for_for_ever(
    config: Path, identity: AgentIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_key, "WAIT_SECONDS", 0.0)

    with hold_state_folder(config.parent / "state"):
        result = rotate(config)

    assert identity.kid
    assert result.exit_code == 1
    assert "goes on trying" in result.stderr
