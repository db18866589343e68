import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli import discover as cli_discover
from edge.cli.main import app
from edge.snmp.targets import Target

WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"}


def agent(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=WIDE)


@pytest.fixture
def paces(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Searches find the first address; their paces are noted."""
    noted: list[float | None] = []

    async def sweep(
        targets: list[Target], _access: object, pace: float | None, _ipp: object, _progress: object
    ) -> AsyncIterator[Target]:
        noted.append(pace)
        for target in targets[:1]:
            if target.host.startswith("192.0.2."):
                yield target

    monkeypatch.setattr(cli_discover, "_sweep", sweep)
    return noted


def test_by_hand_the_network_is_spared_as_by_the_agent_unless_told_otherwise(paces: list[float | None]) -> None:
    agent("discover", "192.0.2.1")
    agent("discover", "192.0.2.1", "--rate", "200")
    agent("discover", "192.0.2.1", "--unlimited")

    assert paces == [20, 200, None]


@pytest.mark.usefixtures("paces")
def test_printers_are_printed_for_people_and_for_programs() -> None:
    row = {"target": "192.0.2.1", "host": "192.0.2.1", "port": 161, "credentials": "command line"}

    assert agent("discover", "192.0.2.1").stdout == "192.0.2.1\n"
    assert json.loads(agent("discover", "192.0.2.1", "--json").stdout) == [row]
    assert [json.loads(line) for line in agent("discover", "192.0.2.1", "--json-lines").stdout.splitlines()] == [row]


@pytest.mark.usefixtures("paces")
def test_how_long_a_long_search_takes_is_said_at_once() -> None:
    assert "254 addresses at 20 packets a second: 0:00:46 at most" in agent("discover", "192.0.2.0/24").stderr
    assert agent("discover", "192.0.2.0/24", "--unlimited").stderr == ""


@pytest.mark.usefixtures("paces")
def test_a_file_that_is_not_there_is_said_to_have_been_taken_for_a_host() -> None:
    result = agent("discover", "printers.txt")

    assert result.exit_code == 1
    assert "no file of that name, so taken for a host: 'printers.txt'" in result.output


@pytest.mark.usefixtures("paces")
def test_a_range_without_printers_is_counted() -> None:
    result = agent("discover", "198.51.100.1-9")

    assert result.exit_code == 1
    assert "among 9 addresses: check the range and the credentials" in result.output


@pytest.mark.usefixtures("paces")
def test_a_file_of_entries_is_read(tmp_path: Path) -> None:
    file = tmp_path / "printers.txt"
    file.write_text("192.0.2.1-3  # floor 1\n")

    assert agent("discover", file, "--exclude", "192.0.2.1").stdout == "192.0.2.2\n"


@pytest.mark.parametrize(("content", "complaint"), [(b"\xff\xfe", "is not UTF-8 text"), (b"10.0.0.9-5", "ends before")])
def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "printers.txt"
    file.write_bytes(content)

    result = agent("discover", file)

    assert result.exit_code == 2
    assert complaint in result.output
