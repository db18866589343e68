from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli.main import app

WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"}


def agent(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=WIDE)


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


@pytest.mark.parametrize("host", ["192.0.2.0/24", "", "192.0.2.7:99999"])
def test_what_is_not_one_printer_is_misuse_of_read(host: str) -> None:
    assert agent("read", host).exit_code == 2
