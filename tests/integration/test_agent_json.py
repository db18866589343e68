"""Every command speaks to programs: what `--json` prints is one JSON document, and nothing else is on stdout."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer
from typer.testing import CliRunner

from edge.cli.main import app

OTHERWISE: Final = {
    "poll": "--json-lines: a document a line, as the printers answer",
    "run": "logs JSON lines to stderr, prints nothing",
    "journal show": "prints the JSON of the upload, octet for octet",
}
"""Commands without the option, and how programs read them."""
RECORDING: Final = "1.3.6.1.2.1.1.1.0|4|Demo\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.367.1.1\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by the words that call it; a group that does something by itself as well."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer has no public name for it
        if not hasattr(command, "list_commands"):
            yield " ".join(words), command
            return
        if command.invoke_without_command and words:
            yield " ".join(words), command
        context = command.make_context(words[-1] if words else "platen-agent", ["version"], resilient_parsing=True)
        for name in command.list_commands(context):
            yield from below(command.get_command(context, name), (*words, name))

    yield from below(typer.main.get_command(app), ())


NAMES: Final = [name for name, _ in commands()]


def test_every_command_has_json_or_a_reason_not_to() -> None:
    without = {
        name for name, command in commands() if not any("--json" in parameter.opts for parameter in command.params)
    }

    assert len(NAMES) > 12
    assert without == set(OTHERWISE)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a configuration, a profile and a recording; nobody is activated and nothing ran."""
    (tmp_path / "agent.toml").write_text('server = "https://127.0.0.1:9"\nstate_dir = "state"\n')
    (tmp_path / "w.snmprec").write_text(RECORDING)
    return tmp_path


def arguments(site: Path) -> dict[str, list[str]]:
    config = ["--config", str(site / "agent.toml")]
    nobody = ["127.0.0.1:9", "--timeout", "0.05", "--retries", "0"]
    profile = Path(__file__).parents[2] / "edge" / "profiles" / "makers" / "ricoh.yaml"
    return {
        "read": [*nobody, "--no-ipp"],
        "discover": ["127.0.0.1:9", "--timeout", "0.05"],
        "check-config": config,
        "activate": [*config, "--code", "wrong"],
        "status": config,
        "rotate-key": config,
        "journal": config,
        "record": [*nobody, "-o", str(site / "out.snmprec")],
        "profile check": [str(profile), "--walk", str(site / "w.snmprec")],
        "profile list": [],
        "oids": [],
        "version": [],
    }


def test_the_examples_here_are_of_every_command(site: Path) -> None:
    assert set(arguments(site)) == set(NAMES) - set(OTHERWISE)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OTHERWISE])
def test_what_is_printed_for_a_program_is_one_document_and_errors_go_elsewhere(site: Path, name: str) -> None:
    done = CliRunner().invoke(app, [*name.split(), *arguments(site)[name], "--json"])

    assert done.exit_code in {0, 1, 2}
    assert done.exception is None or isinstance(done.exception, SystemExit)
    if done.exit_code == 0 or done.stdout:
        json.loads(done.stdout)
    else:
        assert done.stderr.strip(), "it failed and did not say why"
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_help_names_what_it_takes_in_plain_words(name: str) -> None:
    done = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "100"})

    usage = next(line for line in done.stdout.splitlines() if "Usage:" in line)

    assert done.exit_code == 0
    assert "[:" not in usage
