"""The command line `platen-agent`: reading printers by hand, and the installed agent."""

import json
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from edge.version import AGENT_VERSION

_ROOMS: Final = {
    "read": "read",
    "poll": "read",
    "discover": "discover",
    "check-config": "check",
    "activate": "agent",
    "run": "agent",
    "status": "status",
    "rotate-key": "key",
    "journal": "journal",
    "record": "record",
    "profile": "profile",
    "oids": "oids",
}
"""The commands, in the order of the help, and the room in this folder that each is in."""


class Commands(TyperGroup):
    """Loads a command's room when it is called: the agent that runs for months is spared what the others need."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer's own click has no public name
        """All names, for the help."""
        return [*_ROOMS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """The command of that name; None when there is none."""
        room = _ROOMS.get(cmd_name)
        if room is None:
            return super().get_command(ctx, cmd_name)
        return get_group(import_module(f"edge.cli.{room}").app).get_command(ctx, cmd_name)


app = typer.Typer(
    name="platen-agent",
    cls=Commands,
    help="Reads printers over SNMP and IPP and sends what changed to Platen. Only meters, supplies, status and alerts.",
    epilog=(
        "To install: check-config, activate, run; then look with status and journal. Without installing: discover, "
        "read, poll. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals hold communities and codes
)


def _told(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def platen_agent(
    _version: Annotated[
        bool, typer.Option("--version", callback=_told, is_eager=True, help="Print the agent's version.")
    ] = False,
) -> None:
    """What holds for every command."""


@app.command()
def version(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False) -> None:
    """Print the agent's version."""
    typer.echo(json.dumps({"version": AGENT_VERSION}) if as_json else AGENT_VERSION)


def main() -> None:
    """Run the command line; the process ends with the command's exit code."""
    app()
