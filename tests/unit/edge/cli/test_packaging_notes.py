"""The notes for technicians: every command that they tell to type exists, with the options and files it names."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from edge.cli.main import app
from edge.version import AGENT_VERSION

ROOT: Final = Path(__file__).parents[4]
FOLDER: Final = ROOT / "edge" / "packaging"
NOTES: Final = (
    *sorted(FOLDER.glob("*.md")),
    FOLDER / "Containerfile",
    FOLDER / "platen-agent.service",
    FOLDER / "agent.toml",
    ROOT / "edge" / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("agents", "agent-security", "local-stack", "profiles")),
)
CALLED: Final = re.compile(r"(?:platen-agent(?:\.exe)?\"?|^CMD|\[\"run\") (?P<words>[a-z][^\n`|;>)]*)", re.MULTILINE)


def commands_in(text: str) -> Iterator[list[str]]:
    """The words after the program's name, wherever it is called with a command of its own."""
    for found in CALLED.finditer(text):
        words = re.sub(r"[\"',]", " ", found["words"]).split()
        if words[0] in COMMANDS:
            yield words


def all_commands() -> dict[str, Any]:
    group = typer.main.get_command(app)
    context = group.make_context("platen-agent", ["version"], resilient_parsing=True)
    return {name: group.get_command(context, name) for name in group.list_commands(context)}  # type: ignore[attr-defined] # a group


COMMANDS: Final = all_commands()
CASES: Final = [
    pytest.param(words, id=f"{note.name}-{' '.join(words)[:60]}")
    for note in NOTES
    for words in commands_in(note.read_text(encoding="utf-8"))
]


def test_the_notes_call_the_agent_and_all_of_them_are_looked_at() -> None:
    assert len(CASES) > 20


@pytest.mark.parametrize("words", CASES)
def test_each_option_that_the_notes_use_is_one_of_the_command(words: list[str]) -> None:
    command = COMMANDS[words[0]]
    if hasattr(command, "list_commands") and len(words) > 1:
        context = command.make_context(words[0], [], resilient_parsing=True)
        command = command.get_command(context, words[1]) or command
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}

    used = {word.partition("=")[0] for word in words if word.startswith("--")}

    assert used <= options, f"platen-agent {' '.join(words)}"


def test_the_wheel_and_the_requirements_have_the_names_that_the_notes_say() -> None:
    project = tomllib.loads((ROOT / "edge" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wheel = Path(f"{project['name'].replace('-', '_')}-{AGENT_VERSION}-py3-none-any.whl")

    for note in (FOLDER / "windows.md", FOLDER / "platen-agent.service", FOLDER / "Containerfile"):
        text = note.read_text(encoding="utf-8")
        named = re.findall(r"platen_agent-\S*?\.whl", text)
        assert named, note
        assert all(wheel.match(each) for each in named), note
        assert "agent.txt" in text
    assert (ROOT / "requirements" / "agent.txt").exists()
    assert project["scripts"] == {"platen-agent": "edge.cli.main:main"}


def test_the_container_copies_from_where_things_are_built() -> None:
    container = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    (copied,) = re.findall(r"^COPY (requirements/\S+ \S+) /build/$", container, flags=re.MULTILINE)
    requirements, wheel = copied.split()

    assert (ROOT / requirements).exists()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"--wheel --no-isolation --outdir {Path(wheel).parent} edge" in makefile


def test_the_container_can_work_on_a_read_only_root_and_is_asked_whether_it_is_well() -> None:
    container = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    run = next(line for line in container.splitlines() if "podman run -d" in line)
    health = re.search(r"^HEALTHCHECK .*?CMD (?P<command>\[.*\])$", container, flags=re.MULTILINE | re.DOTALL)

    assert {"--read-only", "--cap-drop", "no-new-privileges"} <= set(shlex.split(run.removeprefix("#").rstrip("\\")))
    assert re.findall(r"^VOLUME (.*)$", container, flags=re.MULTILINE) == ['["/var/lib/platen-agent"]']
    assert health is not None
    assert re.findall(r'"([^"]+)"', health["command"])[1:4] == ["status", "--check", "--json"]
