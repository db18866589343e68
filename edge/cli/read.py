"""The commands that need no activation: read one printer, poll many."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from edge.cli.credentials import Access, with_access
from edge.cli.display import fleet_row, fleet_table, reading_tables
from edge.clock import SystemClock
from edge.config.settings import IppSettings
from edge.ipp.fallback import FallbackReader, Way
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.site.target_files import lines_of
from edge.snmp.targets import Target, TargetError
from shared.wire.reading import PrinterReading

NOTHING_READ: Final = 1
MISUSED: Final = 2
_TARGET_LINE: Final = "host[:port] [community]"
_COMMUNITY_FIELD: Final = 2

app = typer.Typer(no_args_is_help=True, add_completion=False)

Timeout = Annotated[float, typer.Option(min=0.05, max=60, help="Seconds to wait for one answer.")]
Retries = Annotated[int, typer.Option(min=0, max=10, help="Times a question is asked again.")]
Concurrency = Annotated[int, typer.Option(min=1, max=2000, help="Printers read at the same time.")]
Rate = Annotated[float | None, typer.Option("--rate", min=1, help="Most packets a second.", show_default="no limit")]


@app.command()
@with_access
def read(  # noqa: PLR0913, PLR0917 - each is an option of the command
    host: Annotated[
        str, typer.Argument(metavar="HOST", help="The printer's address or name, with :port where it is not 161.")
    ],
    access: Access,
    timeout: Timeout = 2.0,
    retries: Retries = 1,
    ipp: Annotated[bool, typer.Option("--ipp/--no-ipp", help="Ask over IPP what SNMP does not tell.")] = True,
    ipp_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where the printer answers IPP.")] = 631,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reading as JSON.")] = False,
) -> None:
    """Read one printer and show what it says: identity, meters, supplies, trays, alerts."""
    targets = _parsed(access, [host])
    if len(targets) != 1:
        _fail(f"HOST: {host!r} is not one printer; use 'platen-agent discover' or 'poll' for many", MISUSED)
    try:
        limits = ReaderLimits(timeout_seconds=timeout, retries=retries)
        reading, way = asyncio.run(_read_one(targets[0], limits, access, IppSettings(enabled=ipp, port=ipp_port)))
    except ReadError as error:
        _fail(str(error), NOTHING_READ)
    if way is not Way.SNMP:
        typer.echo(f"{targets[0]}: read over {way.value}", err=True)
    if as_json:
        typer.echo(reading.model_dump_json(indent=2))
    else:
        Console().print(reading_tables(reading))


@app.command()
@with_access
def poll(  # noqa: PLR0913, PLR0917 - each is an option of the command
    targets_file: Annotated[
        Path, typer.Option("--targets", help=f"File with lines '{escape(_TARGET_LINE)}'; # begins a comment.")
    ],
    access: Access,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="Print one reading or error a line, as they come.")
    ] = False,
    concurrency: Concurrency = 128,
    timeout: Timeout = 2.0,
    retries: Retries = 1,
    rate: Rate = None,
) -> None:
    """Read many printers once. Ends with 0 when the run finished, whatever the printers answered."""
    targets = _targets_of_file(targets_file, access)
    limits = ReaderLimits(timeout_seconds=timeout, retries=retries)
    asyncio.run(_poll(targets, limits, access, concurrency=concurrency, rate=rate, json_lines=json_lines))


async def _read_one(
    target: Target, limits: ReaderLimits, access: Access, ipp: IppSettings
) -> tuple[PrinterReading, Way]:
    clock = SystemClock()
    async with Reader(clock, limits=limits, fence=access.fence) as reader:
        if not ipp.enabled:
            return await reader.read(target), Way.SNMP
        both = FallbackReader(reader, ipp, clock=clock, fence=access.fence)
        reading = await both.read(target)
        return reading, both.way(str(target)) or Way.SNMP


async def _poll(
    targets: list[Target],
    limits: ReaderLimits,
    access: Access,
    *,
    concurrency: int,
    rate: float | None,
    json_lines: bool,
) -> None:
    table = fleet_table()
    async with Reader(SystemClock(), limits=limits, rate_limit_pps=rate, fence=access.fence) as reader:
        async for target, outcome in read_many(reader, targets, concurrency):
            if json_lines:
                typer.echo(_line(target, outcome))
            elif isinstance(outcome, ReadError):
                typer.echo(str(outcome), err=True)
            else:
                table.add_row(*fleet_row(outcome))
    if not json_lines:
        Console().print(table)


async def read_many(
    reader: Reader, targets: Iterable[Target], concurrency: int
) -> AsyncIterator[tuple[Target, PrinterReading | ReadError]]:
    """Read each target once, ``concurrency`` at a time; outcomes in the order they come."""
    waiting = iter(targets)
    running: set[asyncio.Task[tuple[Target, PrinterReading | ReadError]]] = set()
    try:
        while True:
            while len(running) < concurrency and (target := next(waiting, None)) is not None:
                running.add(asyncio.create_task(_attempt(reader, target)))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()


async def _attempt(reader: Reader, target: Target) -> tuple[Target, PrinterReading | ReadError]:
    try:
        return target, await reader.read(target)
    except ReadError as error:
        return target, error


def _line(target: Target, outcome: PrinterReading | ReadError) -> str:
    if isinstance(outcome, ReadError):
        return json.dumps({"target": str(target), "error": outcome.message, "stage": outcome.stage})
    return outcome.model_dump_json()


def _targets_of_file(path: Path, access: Access) -> list[Target]:
    targets: dict[Target, None] = {}
    try:
        lines = lines_of(path)
    except TargetError as error:
        _fail(str(error), MISUSED)
    for number, line in enumerate(lines, start=1):
        fields = line.partition("#")[0].split()
        if len(fields) > _COMMUNITY_FIELD:
            _fail(f"{path}:{number}: more than '{_TARGET_LINE}'", MISUSED)
        if fields:
            own = fields[1] if len(fields) == _COMMUNITY_FIELD else None
            targets.update(dict.fromkeys(_parsed(access, fields[:1], community=own, where=f"{path}:{number}: ")))
    if not targets:
        _fail(f"{path}: names no printer; write one '{_TARGET_LINE}' a line", MISUSED)
    return list(targets)


def _parsed(
    access: Access, lines: list[str], exclude: list[str] | None = None, *, community: str | None = None, where: str = ""
) -> list[Target]:
    try:
        return access.targets(lines, exclude, community)
    except TargetError as error:
        _fail(f"{where}{error}", MISUSED)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
