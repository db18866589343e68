"""The command `discover`: which addresses are printers."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from edge.cli.command import FAILED, MISUSED, fail
from edge.cli.credentials import Access, with_access
from edge.clock import SystemClock
from edge.config.settings import IppSettings
from edge.config.snmp import SnmpSettings
from edge.ipp.fallback import FallbackReader
from edge.reading.discovery import rounds_for
from edge.reading.reader import Reader
from edge.site.target_files import expanded
from edge.snmp.pacer import Pacer
from edge.snmp.targets import Target, TargetError, is_address

RATE: Final[int] = SnmpSettings.model_fields["rate_limit_pps"].default
"""What the agent keeps to, unless its configuration says otherwise."""
_LONG_SECONDS: Final = 10.0

app = typer.Typer(add_completion=False)


@app.command()
@with_access
def discover(  # noqa: PLR0913, PLR0917 - each is an option of the command
    entries: Annotated[
        list[str],
        typer.Argument(metavar="WHERE", help="10.0.0.0/24, 10.0.0.5-20, a name, or a file of such lines; any number."),
    ],
    access: Access,
    exclude: Annotated[list[str] | None, typer.Option(help="Addresses, ranges or blocks to leave out.")] = None,
    rate: Annotated[float, typer.Option("--rate", min=1, help="Most packets a second, all together.")] = RATE,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="As fast as it goes, instead of --rate.")] = False,
    ipp: Annotated[bool, typer.Option("--ipp/--no-ipp", help="Try addresses named one by one over IPP too.")] = True,
    ipp_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where printers answer IPP.")] = 631,
    json_lines: Annotated[bool, typer.Option("--json-lines", help="Print a JSON object a line, as they come.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the printers as one JSON list, at the end.")] = False,
) -> None:
    """Find the printers among addresses: one small question each; the silent ones are asked three times.

    Prints each printer as it answers. Ends with 1 when there is none. What is no printer is asked one question.
    """
    try:
        targets = access.targets(expanded(entries), exclude)
    except TargetError as error:
        fail(str(error), MISUSED)
    pace = None if unlimited else rate
    found = asyncio.run(_found(targets, access, pace, IppSettings(enabled=ipp, port=ipp_port), as_json, json_lines))
    if as_json:
        typer.echo(json.dumps([_row(target) for target in found], indent=2))
    if not found:
        fail(f"no printer answered among {_counted(targets)}: check the range and the credentials", FAILED)


async def _found(
    targets: list[Target], access: Access, pace: float | None, ipp: IppSettings, as_json: bool, json_lines: bool
) -> list[Target]:
    found = []
    with _progress(targets, pace) as progress:
        async for target in _sweep(targets, access, pace, ipp, progress):
            found.append(target)
            if json_lines:
                typer.echo(json.dumps(_row(target)))
            elif not as_json:
                typer.echo(str(target))
    return found


async def _sweep(
    targets: list[Target], access: Access, pace: float | None, ipp: IppSettings, progress: Progress
) -> AsyncIterator[Target]:
    bar = progress.add_task("", total=len(targets))
    clock = SystemClock()
    async with Reader(clock, fence=access.fence) as reader:
        printers = FallbackReader(reader, ipp, clock=clock, fence=access.fence) if ipp.enabled else reader
        async for target in printers.discover(
            targets, rate_limit_pps=pace, on_progress=lambda done, _all: progress.update(bar, completed=done)
        ):
            yield target


@contextmanager
def _progress(targets: list[Target], pace: float | None) -> Iterator[Progress]:
    """A bar for a person at a terminal; for a log, one line that says how long a long search may take."""
    screen = Console(stderr=True)
    longest = _longest_seconds(targets, pace)
    if longest > _LONG_SECONDS:
        at_most = timedelta(seconds=round(longest))
        typer.echo(f"{len(targets)} addresses at {pace:g} packets a second: {at_most} at most", err=True)
    columns = (TextColumn("looking for printers"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        yield progress


def _longest_seconds(targets: list[Target], pace: float | None) -> float:
    """How long the search takes when nobody answers."""
    rounds = rounds_for(Pacer(pace))
    if pace is None:
        return sum(rounds)
    questions = sum(1 + (len(rounds) - 1) * len(target.credentials) for target in targets)
    return questions / pace + sum(rounds)


def _row(target: Target) -> dict[str, str | int]:
    return {"target": str(target), "host": target.host, "port": target.port, "credentials": target.credentials[0].name}


def _counted(targets: list[Target]) -> str:
    """How many targets, and which were taken for host names: a mistyped file's name is one of them."""
    names = [repr(target.host) for target in targets if not is_address(target.host)]
    counted = f"{len(targets)} addresses" if len(targets) != 1 else "1 address"
    return f"{counted} (no file of that name, so taken for a host: {', '.join(names[:3])})" if names else counted
