from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge import cli_read
from edge.cli import app
from edge.targets import Target

WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"}


def agent(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=WIDE)


@pytest.fixture
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(_targets: list[Target], _rate: float | None, *, quiet: bool) -> list[Target]:
        return []

    monkeypatch.setattr(cli_read, "_discover", silence)


def test_the_help_shows_the_whole_form_of_a_line_of_targets() -> None:
    result = agent("poll", "--help")

    assert "host[:port] [community]" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"192.0.2.7 public more\n", ":1: more than 'host[:port] [community]'"),
        (b"# nothing\n", "names no printer"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_wrong_targets_file_is_refused_with_the_fix(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "targets.txt"
    file.write_bytes(content)

    result = agent("poll", "--targets", file)

    assert result.exit_code == 2
    assert complaint in result.output


def test_a_missing_targets_file_is_named(tmp_path: Path) -> None:
    result = agent("poll", "--targets", tmp_path / "none.txt")

    assert result.exit_code == 2
    assert result.output.strip().endswith("none.txt: cannot be read: No such file or directory")


@pytest.mark.usefixtures("nobody_answers")
def test_a_file_that_is_not_there_is_said_to_have_been_taken_for_a_host() -> None:
    result = agent("discover", "printers.txt")

    assert result.exit_code == 1
    assert "no file of that name, so taken for a host: 'printers.txt'" in result.output


@pytest.mark.usefixtures("nobody_answers")
def test_a_range_without_printers_is_counted() -> None:
    result = agent("discover", "192.0.2.1-9")

    assert result.exit_code == 1
    assert "among 9 addresses: check the range and the community" in result.output


@pytest.mark.parametrize("host", ["192.0.2.0/24", "", "192.0.2.7:99999"])
def test_what_is_not_one_printer_is_misuse_of_read(host: str) -> None:
    assert agent("read", host).exit_code == 2
