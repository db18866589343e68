"""The command `journal`: what left the site."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.cli.command import ConfigOption, JsonOption, plain_errors
from edge.config.settings import AgentSettings, default_config_file
from edge.spool.journal import JOURNAL_FILE
from edge.spool.journal_entries import Entry, newest_entries, sent_json

_TO_THE_SECOND: Final = len("2026-11-22T18:20:05")
_STYLES: Final = {"stored": "green", "duplicate": "green", "superseded": "cyan", "rejected": "red"}

app = typer.Typer(add_completion=False)
journal = typer.Typer(help="Show what left this site: each upload of the last days, exactly as it was sent.")
app.add_typer(journal, name="journal")


@journal.callback(invoke_without_command=True)
def uploads(
    context: typer.Context,
    config: ConfigOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, the newest first.")] = 20,
    printer: Annotated[
        str | None,
        typer.Option("--printer", help="Only uploads about this printer: serial number, MAC, host name or address."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the newest uploads: when, how large, and what came of them. 'journal show SEQ' prints one."""
    if context.invoked_subcommand is not None:
        context.obj = config
        return
    with plain_errors():
        entries = newest_entries(_file(config), limit, printer)
    if as_json:
        typer.echo(json.dumps([{**dataclasses.asdict(entry), "counts": entry.counts()} for entry in entries]))
    else:
        Console().print(_table(entries))


@journal.command()
def show(
    context: typer.Context,
    seq: Annotated[int, typer.Argument(metavar="SEQ", help="Number of the upload, as 'journal' lists it.", min=0)],
    config: ConfigOption = None,
    boot_id: Annotated[
        str | None, typer.Option("--boot-id", help="Which spool's, when several have that number.")
    ] = None,
    pretty: Annotated[bool, typer.Option("--pretty", help="With line breaks, for a person.")] = False,
) -> None:
    """Print the JSON of one upload, octet for octet as it left the site (there it was packed with gzip)."""
    with plain_errors():
        octets, found = sent_json(_file(config or context.obj), seq, boot_id)
    if found > 1:
        typer.echo(f"{found} uploads have the number {seq}; this is the newest: see --boot-id", err=True)
    if pretty:
        octets = json.dumps(json.loads(octets), indent=2).encode()
    sys.stdout.buffer.write(octets + (b"\n" if pretty or sys.stdout.isatty() else b""))


def _file(config: Path | None) -> Path:
    return AgentSettings.from_file(config or default_config_file()).state_dir / JOURNAL_FILE


def _table(entries: list[Entry]) -> Table:
    table = Table("seq", "sent, UTC", "times", "readings", "bytes", "HTTP", "what came of it", title="uploads")
    for column in range(6):
        table.columns[column].justify = "left" if column == 1 else "right"
        table.columns[column].no_wrap = True
    for entry in entries:
        table.add_row(
            str(entry.seq),
            entry.sent_at[:_TO_THE_SECOND].replace("T", " "),
            str(entry.attempts),
            str(entry.readings),
            str(entry.sent_bytes),
            "" if entry.http_status is None else str(entry.http_status),
            _result(entry),
        )
    return table


def _result(entry: Entry) -> str:
    counts = entry.counts()
    if not counts:
        return f"[yellow]{escape(entry.result or 'no answer yet')}[/yellow]"
    return ", ".join(f"[{_STYLES.get(name, 'default')}]{count} {name}[/]" for name, count in sorted(counts.items()))
