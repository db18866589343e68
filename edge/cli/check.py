"""The command `check-config`: whether the agent could work, before it is started."""

import asyncio
import dataclasses
import json
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from edge.cli.command import FAILED, MISUSED, ConfigOption, JsonOption, plain_errors
from edge.config.settings import AgentSettings, default_config_file
from edge.site.self_check import Check, Verdict, online_checks, site_checks

_STYLES: Final = {Verdict.WELL: "green", Verdict.NOTED: "yellow", Verdict.BAD: "red"}

app = typer.Typer(add_completion=False)


@app.command("check-config")
def check_config(
    config: ConfigOption = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also contact the server once: name, proxy, TLS, identity, clock.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the configuration and whether the agent could work with it. Secrets are not shown; no printer is asked.

    Run it as the agent's user. Ends with 0 when nothing is bad, 1 when the server cannot be used, else 2.
    """
    with plain_errors():
        path = config or default_config_file()
        settings = AgentSettings.from_file(path)
        checks = list(site_checks(path, settings))
        asked = asyncio.run(online_checks(settings)) if online else []
    if as_json:
        told = {"checks": [dataclasses.asdict(check) for check in (*checks, *asked)]}
        typer.echo(json.dumps(settings.model_dump(mode="json") | told, indent=2))
    else:
        Console().print(_settings(settings))
        Console().print(_table([*checks, *asked]))
    if _is_bad(checks):
        raise typer.Exit(MISUSED)
    if _is_bad(asked):
        raise typer.Exit(FAILED)


def _is_bad(checks: list[Check]) -> bool:
    return any(check.verdict is Verdict.BAD for check in checks)


def _table(checks: list[Check]) -> Table:
    table = Table("looked at", "", "found", title="checks")
    table.columns[2].overflow = "fold"
    for check in checks:
        table.add_row(escape(check.what), Text(check.verdict.value, style=_STYLES[check.verdict]), escape(check.said))
    return table


def _settings(settings: AgentSettings) -> Table:
    table = Table("setting", "value", title="settings in force")
    table.columns[1].overflow = "fold"
    for name, value in settings.model_dump(mode="json").items():
        entries = value.items() if isinstance(value, dict) else [("", value)]
        for key, item in entries:
            shown = f"{len(item)} sets, below" if key == "credentials" else "not set" if item is None else str(item)
            table.add_row(f"{name}.{key}" if key else name, escape(shown))
    return table
