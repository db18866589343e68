"""The commands that need no activation: read one printer, poll many, discover."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TextColumn

from edge.clock import SystemClock
from edge.display import fleet_row, fleet_table, reading_tables
from edge.reader import Reader, ReaderLimits, ReadError
from edge.targets import Target, TargetError, is_address, parse_targets
from shared.wire.reading import PrinterReading

NOTHING_READ: Final = 1
MISUSED: Final = 2
MAX_FILE_BYTES: Final = 8 * 1024 * 1024
_TARGET_LINE: Final = "host[:port] [community]"
_COMMUNITY_FIELD: Final = 2

app = typer.Typer(no_args_is_help=True, add_completion=False)

Community = Annotated[
    str,
    typer.Option(
        "--community",
        "-c",
        envvar="PLATEN_SNMP_COMMUNITY",
        show_default=False,
        help="SNMP v2c community; public unless told.",
    ),
]
Timeout = Annotated[float, typer.Option(min=0.05, max=60, help="Seconds to wait for one answer.")]
Retries = Annotated[int, typer.Option(min=0, max=10, help="Times a question is asked again.")]
Concurrency = Annotated[int, typer.Option(min=1, max=2000, help="Printers read at the same time.")]
Rate = Annotated[float | None, typer.Option("--rate", min=1, help="Most packets a second.", show_default="no limit")]


@app.command()
def read(
    host: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="The printer's address or name.")],
    community: Community = "public",
    timeout: Timeout = 2.0,
    retries: Retries = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reading as JSON.")] = False,
) -> None:
    """Read one printer and show what it says: identity, meters, supplies, trays, alerts."""
    targets = _parsed([host], community)
    if len(targets) != 1:
        _fail(f"HOST: {host!r} is not one printer; use 'platen-agent discover' or 'poll' for many", MISUSED)
    try:
        reading = asyncio.run(_read_one(targets[0], ReaderLimits(timeout_seconds=timeout, retries=retries)))
    except ReadError as error:
        _fail(str(error), NOTHING_READ)
    if as_json:
        typer.echo(reading.model_dump_json(indent=2))
    else:
        Console().print(reading_tables(reading))


@app.command()
def poll(  # noqa: PLR0913, PLR0917 - each is an option of the command
    targets_file: Annotated[
        Path, typer.Option("--targets", help=f"File with lines '{escape(_TARGET_LINE)}'; # begins a comment.")
    ],
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="Print one reading or error a line, as they come.")
    ] = False,
    concurrency: Concurrency = 128,
    community: Community = "public",
    timeout: Timeout = 2.0,
    retries: Retries = 1,
    rate: Rate = None,
) -> None:
    """Read many printers once. Ends with 0 when the run finished, whatever the printers answered."""
    targets = _targets_of_file(targets_file, community)
    limits = ReaderLimits(timeout_seconds=timeout, retries=retries)
    asyncio.run(_poll(targets, limits, concurrency=concurrency, rate=rate, json_lines=json_lines))


@app.command()
def discover(
    entries: Annotated[
        list[str],
        typer.Argument(metavar="CIDR|RANGE|FILE...", help="10.0.0.0/24, 10.0.0.5-20, a name, or a file of such lines."),
    ],
    exclude: Annotated[list[str] | None, typer.Option(help="Addresses, ranges or blocks to leave out.")] = None,
    community: Community = "public",
    rate: Rate = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the printers as JSON.")] = False,
) -> None:
    """Find the printers among addresses."""
    targets = _parsed(_expanded(entries), community, exclude or [])
    found = asyncio.run(_discover(targets, rate, quiet=as_json))
    if as_json:
        rows = [{"target": str(target), "host": target.host, "port": target.port} for target in found]
        typer.echo(json.dumps(rows, indent=2))
    if not found:
        _fail(f"no printer answered among {_counted(targets)}: check the range and the community", NOTHING_READ)


def _counted(targets: list[Target]) -> str:
    """How many targets, and which were taken for host names: a mistyped file's name is one of them."""
    names = [repr(target.host) for target in targets if not is_address(target.host)]
    counted = f"{len(targets)} addresses" if len(targets) != 1 else "1 address"
    return f"{counted} (no file of that name, so taken for a host: {', '.join(names[:3])})" if names else counted


async def _read_one(target: Target, limits: ReaderLimits) -> PrinterReading:
    async with Reader(SystemClock(), limits=limits) as reader:
        return await reader.read(target)


async def _poll(
    targets: list[Target], limits: ReaderLimits, *, concurrency: int, rate: float | None, json_lines: bool
) -> None:
    table = fleet_table()
    async with Reader(SystemClock(), limits=limits, rate_limit_pps=rate) as reader:
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


async def _discover(targets: list[Target], rate: float | None, *, quiet: bool) -> list[Target]:
    found = []
    screen = Console(stderr=True)
    columns = (TextColumn("looking for printers"), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar = progress.add_task("", total=len(targets))
        async with Reader(SystemClock()) as reader:
            async for target in reader.discover(
                targets, rate_limit_pps=rate, on_progress=lambda done, _all: progress.update(bar, completed=done)
            ):
                found.append(target)
                if not quiet:
                    typer.echo(str(target))
    return found


def _line(target: Target, outcome: PrinterReading | ReadError) -> str:
    if isinstance(outcome, ReadError):
        return json.dumps({"target": str(target), "error": outcome.message, "stage": outcome.stage})
    return outcome.model_dump_json()


def _targets_of_file(path: Path, community: str) -> list[Target]:
    targets: dict[Target, None] = {}
    for number, line in enumerate(_lines(path), start=1):
        fields = line.partition("#")[0].split()
        if len(fields) > _COMMUNITY_FIELD:
            _fail(f"{path}:{number}: more than '{_TARGET_LINE}'", MISUSED)
        if fields:
            own = fields[1] if len(fields) == _COMMUNITY_FIELD else community
            targets.update(dict.fromkeys(_parsed(fields[:1], own, where=f"{path}:{number}: ")))
    if not targets:
        _fail(f"{path}: names no printer; write one '{_TARGET_LINE}' a line", MISUSED)
    return list(targets)


def _expanded(entries: list[str]) -> list[str]:
    """Entries, those that are files replaced by their lines."""
    lines: list[str] = []
    for entry in entries:
        path = Path(entry)
        lines.extend(_lines(path) if path.is_file() else [entry])
    return lines


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            _fail(f"{path}: larger than {MAX_FILE_BYTES} octets: is it a list of printers?", MISUSED)
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        _fail(f"{path}: cannot be read: {error.strerror}", MISUSED)
    except UnicodeDecodeError:
        _fail(f"{path}: is not UTF-8 text", MISUSED)


def _parsed(lines: list[str], community: str, exclude: Iterable[str] = (), *, where: str = "") -> list[Target]:
    try:
        return parse_targets(lines, exclude=exclude, community=community)
    except TargetError as error:
        _fail(f"{where}{error}", MISUSED)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
