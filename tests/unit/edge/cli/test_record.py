from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli import record as cli_record
from edge.cli.credentials import Access
from edge.cli.main import app
from edge.recordings.record import Recorded, record
from edge.recordings.recording import read_recording
from edge.snmp.codec import Oid
from edge.snmp.credentials import PUBLIC
from edge.snmp.session import NoAnswer, ReaderLimits, Session
from edge.snmp.targets import Target
from tests.support.edge import plain_printer
from tests.support.recordings import typed

WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"}


def agent(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["record", *map(str, arguments)], env=WIDE)


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def in_memory(target: Target, limits: ReaderLimits, access: Access, also: list[Oid]) -> Recorded:
        transport, codec = typed(plain_printer())
        return await record(Session(transport, (target.host, target.port), PUBLIC, limits), codec, also=also)

    monkeypatch.setattr(cli_record, "_record", in_memory)


@pytest.mark.usefixtures("printer")
def test_a_recording_is_written_and_what_it_left_out_is_said(tmp_path: Path) -> None:
    file = tmp_path / "hp.snmprec"

    result = agent("192.0.2.7", "-o", file)

    assert result.exit_code == 0
    assert len(read_recording(file)) > 30
    assert "private objects: those of the profile of HP" in result.output
    assert "left out: host name (1)" in result.output
    assert "look through the file before you share it" in result.output


@pytest.mark.usefixtures("printer")
def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "hp.snmprec"
    file.write_text("mine")

    result = agent("192.0.2.7", "-o", file)

    assert (result.exit_code, file.read_text()) == (2, "mine")
    assert "exists; name another file" in result.output


@pytest.mark.usefixtures("printer")
def test_a_file_that_cannot_be_written_is_misuse(tmp_path: Path) -> None:
    result = agent("192.0.2.7", "-o", tmp_path / "none" / "hp.snmprec")

    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.output


@pytest.mark.parametrize(
    ("also", "complaint"),
    [
        ("acme", "is no object identifier"),
        ("1.3.6.1.2.1.1", "is not a maker's subtree"),
        ("1.3.6.1.4.1.1347", "lists print jobs, or holds a list of them"),
        ("1.3.6.1.4.1.1347.47.6.1", "lists print jobs"),
    ],
)
def test_a_subtree_that_must_not_be_walked_is_refused(tmp_path: Path, also: str, complaint: str) -> None:
    result = agent("192.0.2.7", "-o", tmp_path / "w.snmprec", "--also", also)

    assert result.exit_code == 2
    assert complaint in result.output


@pytest.mark.parametrize("host", ["192.0.2.0/24", "", "192.0.2.7:99999"])
def test_what_is_not_one_printer_is_misuse(tmp_path: Path, host: str) -> None:
    assert agent(host, "-o", tmp_path / "w.snmprec").exit_code == 2


def test_a_silent_printer_is_said_to_be_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(_target: Target, _limits: ReaderLimits, _access: Access, _also: list[Oid]) -> Recorded:
        raise NoAnswer("no answer in 4 s (2 requests)")

    monkeypatch.setattr(cli_record, "_record", silence)
    result = agent("192.0.2.7", "-o", tmp_path / "w.snmprec")

    assert result.exit_code == 1
    assert "192.0.2.7: no answer in 4 s" in result.output
    assert not (tmp_path / "w.snmprec").exists()
