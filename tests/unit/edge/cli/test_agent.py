import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli.main import app
from edge.cloud.activation import AgentIdentity
from edge.lock import AlreadyRunningError, hold_state_folder
from edge.spool.status import Failed
from shared.wire.codes import ALPHABET, check_symbol
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

CODE = ALPHABET[:16] + check_symbol(ALPHABET[:16])
SECRET = "s3cret-community"


def agent(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "agent.toml"
    file.write_text(f'server = "https://agents.example.test"\nstate_dir = "state"\n[snmp]\ncommunity = "{SECRET}"\n')
    (tmp_path / "state").mkdir()
    return file


@pytest.fixture
def identity(config: Path) -> AgentIdentity:
    known = AgentIdentity(
        server="https://agents.example.test",
        agent_id="agt_1",
        organization_id="org_1",
        site_id="site_1",
        audience="platen-agents",
        kid="0123456789abcdef",
        activated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    (config.parent / "state" / "identity.json").write_text(known.model_dump_json())
    return known


def test_check_config_says_what_it_understood_and_no_secret(config: Path) -> None:
    shown, for_machines = agent("check-config", "--config", config), agent("check-config", "--config", config, "--json")

    assert (shown.exit_code, for_machines.exit_code) == (0, 0)
    assert json.loads(for_machines.stdout)["server"] == "https://agents.example.test"
    assert SECRET not in shown.output + for_machines.output


def test_check_config_names_the_field_and_the_fix(config: Path) -> None:
    config.write_text('server = "http://agents.example.test"\ncolour = 1\n')

    result = agent("check-config", "--config", config)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "server: must begin with https://" in result.stderr
    assert "colour: unknown key" in result.stderr


@pytest.mark.parametrize("command", [("run",), ("status",)])
def test_without_an_identity_the_next_step_is_named(config: Path, command: tuple[str]) -> None:
    result = agent(*command, "--config", config)

    assert result.exit_code == 2
    assert "run 'platen-agent activate --code CODE' first" in result.stderr


def test_a_mistyped_code_is_refused_before_any_request(config: Path) -> None:
    result = agent("activate", "--config", config, "--code", CODE[:-1] + "!")

    assert result.exit_code == 2
    assert "check it for typing errors" in result.stderr


def test_an_activated_agent_is_not_activated_again_by_mistake(config: Path, identity: AgentIdentity) -> None:
    result = agent("activate", "--config", config, "--code", CODE)

    assert result.exit_code == 2
    assert f"already activated as {identity.agent_id}: use --replace" in result.stderr


def test_an_identity_without_its_key_is_explained(config: Path, identity: AgentIdentity) -> None:
    result = agent("run", "--config", config)

    assert identity.kid
    assert result.exit_code == 2
    assert "agent-key.pem is missing: activate again" in result.stderr


def test_a_second_agent_on_the_same_folder_is_refused(config: Path, identity: AgentIdentity) -> None:
    with hold_state_folder(config.parent / "state"):
        result = agent("run", "--config", config)

    assert identity.agent_id
    assert result.exit_code == 2
    assert "another platen-agent is running" in result.stderr


def test_the_folder_is_free_again_when_its_holder_ends(tmp_path: Path) -> None:
    with hold_state_folder(tmp_path), pytest.raises(AlreadyRunningError), hold_state_folder(tmp_path):
        pass
    with hold_state_folder(tmp_path):
        assert (tmp_path / "agent.lock").exists()


def test_a_simulated_clock_is_refused_for_a_real_server(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATEN_AGENT_CLOCK", "2026-01-01T00:00:00+00:00,1767225600,3600")

    result = agent("run", "--config", config)

    assert result.exit_code == 2
    assert "PLATEN_AGENT_CLOCK is only for a server on this computer" in result.stderr


def test_status_shows_each_printer_and_what_waits(config: Path, identity: AgentIdentity) -> None:
    with a_spool(config.parent / "state") as spool:
        spool.record([reported(a_reading()), Failed("192.0.2.9", NOON, "found", "[x] nothing came")])

    shown, for_machines = agent("status", "--config", config), agent("status", "--config", config, "--json")

    status = json.loads(for_machines.stdout)
    assert (shown.exit_code, for_machines.exit_code) == (0, 0)
    assert status["agent_id"] == identity.agent_id
    assert (status["queued"], status["dead_letters"]) == (1, 0)
    assert {printer["target"]: printer["stage"] for printer in status["printers"]} == {
        "192.0.2.7": "spooled",
        "192.0.2.9": "found",
    }
    assert "192.0.2.9" in shown.stdout
    assert "[x]" in shown.stdout


def test_status_before_the_first_run_says_so(config: Path, identity: AgentIdentity) -> None:
    result = agent("status", "--config", config)

    assert identity.agent_id
    assert result.exit_code == 1
    assert "has not run yet" in result.stderr


def test_status_of_a_damaged_spool_says_what_will_happen(config: Path, identity: AgentIdentity) -> None:
    (config.parent / "state" / "spool.db").write_bytes(b"garbage" * 4_096)

    result = agent("status", "--config", config)

    assert identity.agent_id
    assert result.exit_code == 1
    assert "'platen-agent run' sets it aside" in result.stderr


def test_a_state_folder_that_cannot_be_made_is_explained(config: Path) -> None:
    (config.parent / "file").write_text("")
    config.write_text('server = "https://agents.example.test"\nstate_dir = "file/state"\n')

    result = agent("activate", "--config", config, "--code", CODE)

    assert result.exit_code == 2
    assert "cannot be written to" in result.stderr
