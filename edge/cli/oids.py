"""The command that lists every object which the agent may ask a printer for: what a customer's IT approves."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.cli.site_profiles import SiteProfilesOption, with_site_profiles
from edge.profiles.object_names import object_name
from edge.reading.allow_list import Allowed, Extent, allow_list
from edge.snmp.oids import dotted

app = typer.Typer(no_args_is_help=True, add_completion=False)
_ASKED = {
    Extent.COLUMN: "it and its rows",
    Extent.OBJECT: "this object",
    Extent.START: "its first row",
}


@app.command("oids")
def oids_command(
    profiles: SiteProfilesOption = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The agent's TOML file, for its [profiles] folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List every object that a printer may be asked for: its number, its name, and why. Nothing else is ever asked.

    A maker's objects are asked of that maker's printers only. With --config or --profiles the site's own profiles are
    in the list too.
    """
    with_site_profiles(profiles, config)
    entries = allow_list()
    if as_json:
        typer.echo(json.dumps([_as_data(entry) for entry in entries], indent=2))
        return
    console = Console()
    if not console.is_terminal:  # for grep and diff: one object a line, nothing cut
        for entry in entries:
            typer.echo("\t".join((dotted(entry.name), _label(entry), ", ".join(entry.uses()))))
        return
    table = Table(
        "object", "name or makers", "asked", "why", title=f"{len(entries)} objects; nothing else is asked for"
    )
    for entry in entries:
        row = (dotted(entry.name), _label(entry), _ASKED[entry.extent], ", ".join(entry.uses()))
        table.add_row(*map(escape, row))
    console.print(table)


def _label(entry: Allowed) -> str:
    makers = ", ".join(entry.makers)
    return (object_name(entry.name) or makers) + (" (site)" if entry.site else "")


def _as_data(entry: Allowed) -> dict[str, object]:
    return {
        "oid": dotted(entry.name),
        "name": object_name(entry.name),
        "extent": entry.extent.value,
        "makers": list(entry.makers),
        "uses": entry.uses(),
        "site": entry.site,
    }
