"""The command that makes a recording of a printer, for its profile and for tests."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from edge.cli.credentials import Access, with_access
from edge.cli.read import Retries, Timeout
from edge.profiles.terms import lists_jobs
from edge.reading.contact import SILENCE_HINT
from edge.recordings.record import RECORD_LIMITS, Recorded, record
from edge.recordings.recording import TypedCodec, recording_text
from edge.snmp.ber import MalformedReply
from edge.snmp.codec import Oid
from edge.snmp.oids import ENTERPRISES, dotted, parse_oid
from edge.snmp.session import NoAnswer, ReaderLimits, Session
from edge.snmp.targets import Target, TargetError
from edge.snmp.transport import Transport, UnknownHost

NOTHING_RECORDED: Final = 1
MISUSED: Final = 2
_LEAST_PRIVATE_ARCS: Final = len(ENTERPRISES) + 1

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("record")
@with_access
def record_command(  # noqa: PLR0913, PLR0917 - each is an option of the command
    host: Annotated[
        str, typer.Argument(metavar="HOST", help="The printer's address or name, with :port where it is not 161.")
    ],
    access: Access,
    output: Annotated[Path, typer.Option("--output", "-o", help="The recording to write; must not exist yet.")],
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="OID", help="Another subtree of the maker's, for a maker without a profile."),
    ] = None,
    timeout: Timeout = 2.0,
    retries: Retries = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was recorded as JSON.")] = False,
) -> None:
    """Record what a printer answers, in snmpsim's format, without names, mail and IP addresses and print jobs."""
    target = _one(host, access)
    subtrees = [_subtree(text) for text in also or []]
    if output.exists():
        _fail(f"--output: {output} exists; name another file", MISUSED)
    limits = replace(RECORD_LIMITS, timeout_seconds=timeout, retries=retries)
    try:
        with Console(stderr=True).status(f"recording {target}"):
            recorded = asyncio.run(_record(target, limits, access, subtrees))
    except UnknownHost as error:
        _fail(f"{target}: {error}", NOTHING_RECORDED)
    except NoAnswer as error:
        _fail(f"{target}: {error}; {SILENCE_HINT}", NOTHING_RECORDED)
    except MalformedReply as error:
        _fail(f"{target}: cannot read its answer: {error}", NOTHING_RECORDED)
    if not recorded.rows:
        _fail(f"{target}: answers, but with nothing that may be recorded", NOTHING_RECORDED)
    try:
        with output.open("x", encoding="ascii", newline="\n") as file:
            file.write(recording_text(recorded.rows))
    except OSError as error:
        _fail(f"--output: {output} cannot be written: {error.strerror}", MISUSED)
    typer.echo(json.dumps(_as_data(recorded), indent=2) if as_json else _summary(output, recorded))


async def _record(target: Target, limits: ReaderLimits, access: Access, also: list[Oid]) -> Recorded:
    """Record with the first of the credential sets that the printer answers to."""
    codec = TypedCodec()
    async with Transport(codec=codec, fence=access.fence) as transport:
        address = await transport.resolve(target.host, target.port)
        failures = []
        for credentials in target.credentials:
            try:
                return await record(Session(transport, address, credentials, limits), codec, also=also)
            except NoAnswer as error:
                failures.append(f"{credentials.name}: {error}")
        raise NoAnswer("; ".join(failures) or "no credential set of the configuration is for it")


def _summary(output: Path, recorded: Recorded) -> str:
    lines = [f"{output}: {len(recorded.rows)} rows"]
    if recorded.profile is None:
        lines.append("no profile knows this printer: name the maker's subtree with --also to record more of it")
    else:
        lines.append(f"private objects: those of the profile of {recorded.profile.manufacturer}")
    left_out = ", ".join(f"{reason.value} ({count})" for reason, count in recorded.left_out.items())
    lines.append(f"left out: {left_out or 'nothing found to leave out'}")
    lines.append("never asked for: contact person, IP tables, channels, panel text, print jobs")
    if recorded.cut_short:
        lines.append(f"not recorded to the end: {', '.join(_named(name) for name in recorded.cut_short)}")
    lines.append("what people typed in other places cannot be known: look through the file before you share it")
    return "\n".join(lines)


def _as_data(recorded: Recorded) -> dict[str, object]:
    return {
        "rows": len(recorded.rows),
        "profile": recorded.profile.manufacturer if recorded.profile else None,
        "left_out": {reason.value: count for reason, count in recorded.left_out.items()},
        "cut_short": [_named(name) for name in recorded.cut_short],
    }


def _named(name: Oid) -> str:
    return dotted(name) or "all that follows (the time or size limit was reached)"


def _one(host: str, access: Access) -> Target:
    try:
        targets = access.targets([host])
    except TargetError as error:
        _fail(f"HOST: {error}", MISUSED)
    if len(targets) != 1:
        _fail(f"HOST: {host!r} is not one printer", MISUSED)
    return targets[0]


def _subtree(text: str) -> Oid:
    try:
        name = parse_oid(text)
    except ValueError:
        _fail(f"--also: {text!r} is no object identifier; write numbers and dots", MISUSED)
    if name[: len(ENTERPRISES)] != ENTERPRISES or len(name) < _LEAST_PRIVATE_ARCS:
        _fail(
            f"--also: {text} is not a maker's subtree, as 1.3.6.1.4.1.2435.2; the standard ones are recorded", MISUSED
        )
    if lists_jobs(name):
        _fail(f"--also: {text} lists print jobs, or holds a list of them; name a smaller subtree", MISUSED)
    return name


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
