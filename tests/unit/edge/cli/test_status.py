import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli.main import app
from edge.cli.status import NOT_ASKED
from edge.cloud.activation import AgentIdentity, StoredConfig
from edge.lock import hold_state_folder
from edge.spool.status import Failed, Found, Noted, Reached, SeenAlso
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

HERE, SECOND, SILENT, GONE = "192.0.2.7", "192.0.2.8", "192.0.2.9", "192.0.2.40"
OUTSIDE = "not asked, outside of [network] allow: 203.0.113.9"


def agent(*arguments: str | Path, columns: str = "200") -> Result:
    settings = {"COLUMNS": columns, "TERMINAL_WIDTH": columns, "NO_COLOR": "1"}
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=settings)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A site with a printer at two addresses, one that is silent, and one that no criterion names."""
    file, state = tmp_path / "agent.toml", tmp_path / "state"
    file.write_text(
        'server = "https://agents.example.test"\nstate_dir = "state"\n'
        '[network]\nallow = ["192.0.2.0/24"]\n[privacy]\nmask_addresses = true\n'
    )
    state.mkdir(mode=0o700)
    identity = AgentIdentity(
        server="https://agents.example.test",
        agent_id="agt_1",
        organization_id="org_1",
        site_id="site_1",
        audience="platen-agents",
        kid="0123456789abcdef",
        activated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    (state / "identity.json").write_text(identity.model_dump_json())
    criteria = DiscoveryCriteria(include=["192.0.2.1-20", "203.0.113.9"])
    StoredConfig(etag="v1", config=AgentConfig(discovery=criteria)).save(state)
    with a_spool(state) as spool:
        spool.record(
            [
                reported(a_reading(), target=HERE),
                Reached(HERE, "SNMP v3, set 'floor 3'"),
                SeenAlso(HERE, (SECOND,)),
                Failed(SILENT, NOON, "found", "no answer in 4 s"),
                Found(GONE, NOON),
                Noted(
                    {"fault_fence": "not asked, outside of [network] allow: 203.0.113.9", "clock_offset_seconds": "95"}
                ),
            ]
        )
    return file


def test_each_printer_shows_stage_reason_addresses_and_how_it_answered(config: Path) -> None:
    told = json.loads(agent("status", "--config", config, "--json").stdout)

    printers = {printer["target"]: printer for printer in told["printers"]}
    assert (printers[HERE]["stage"], printers[HERE]["answered_by"]) == ("spooled", "SNMP v3, set 'floor 3'")
    assert printers[HERE]["also_at"] == [SECOND]
    assert (printers[SILENT]["stage"], printers[SILENT]["reason"]) == ("found", "no answer in 4 s")
    assert printers[SILENT]["since"] == NOON.isoformat()
    assert printers[GONE]["reason"] == NOT_ASKED


def test_the_agents_own_state_is_told(config: Path) -> None:
    told = json.loads(agent("status", "--config", config, "--json").stdout)

    assert (told["agent_id"], told["running"], told["hidden"]) == ("agt_1", False, ["mask_addresses"])
    assert told["faults"] == {"fence": OUTSIDE}
    assert told["key_age_days"] >= 300
    assert told["queued"] == 1


def test_people_see_the_same_on_a_narrow_screen_too(config: Path) -> None:
    shown = agent("status", "--config", config, columns="80").stdout

    for said in ("not running", "203.0.113.9", "95 s behind", HERE, "also at", "spooled", "hidden", "SNMP v3"):
        assert said in shown


def test_status_of_a_running_agent_says_so_and_disturbs_nothing(config: Path) -> None:
    with hold_state_folder(config.parent / "state"):
        told = json.loads(agent("status", "--config", config, "--json").stdout)

    assert told["running"] is True
    with hold_state_folder(config.parent / "state"):
        pass


def test_watching_ends_with_an_interrupt(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)

    assert agent("status", "--config", config, "--watch", "5").exit_code == 0


def test_monitoring_is_told_by_the_exit_code_whether_the_agent_runs_and_works(config: Path) -> None:
    asked = ("status", "--check", "--json", "--config", config)
    state = config.parent / "state"

    assert agent(*asked).exit_code == 1
    with hold_state_folder(state):
        assert agent(*asked).exit_code == 1  # it runs, and something does not work
        with a_spool(state) as spool:
            spool.record([Noted({"fault_fence": ""})])
        told = agent(*asked)
    assert (told.exit_code, json.loads(told.stdout)["running"]) == (0, True)
    assert agent("status", "--json", "--config", config).exit_code == 0


def test_printers_are_in_the_order_of_their_addresses(config: Path) -> None:
    with a_spool(config.parent / "state") as spool:
        spool.record([Found(f"192.0.2.{number}", NOON) for number in (10, 2, 1)])

    shown = agent("status", "--config", config).stdout

    places = [shown.index(f" 192.0.2.{number} ") for number in (1, 2, 7, 9, 10, 40)]
    assert places == sorted(places)


def test_a_configuration_file_that_others_can_change_is_told(config: Path) -> None:
    config.chmod(0o646)

    faults = json.loads(agent("status", "--json", "--config", config).stdout)["faults"]

    assert "chmod 0640" in faults["configuration file"]


def test_what_the_site_does_less_often_than_asked_is_told(config: Path) -> None:
    often = AgentConfig(discovery=DiscoveryCriteria(include=[]), poll_interval_seconds=10)
    StoredConfig(etag="v2", config=often).save(config.parent / "state")

    assert "the cloud asks for reading every 10 s; done every 300 s" in agent("status", "--config", config).stdout
