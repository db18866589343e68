"""The command that makes a recording of a printer, for its profile and for tests."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from edge.ber import MalformedReply
from edge.cli_read import Community, Retries, Timeout
from edge.oids import ENTERPRISES, dotted, parse_oid
from edge.profile_schema import lists_jobs
from edge.record import RECORD_LIMITS, Recorded, record
from edge.recording import TypedCodec, recording_text
from edge.session import NoAnswer, ReaderLimits, Session
from edge.snmp_codec import Oid
from edge.targets import Target, TargetError, parse_targets
from edge.transport import Transport, UnknownHost

NOTHING_RECORDED: Final = 1
MISUSED: Final = 2
_LEAST_PRIVATE_ARCS: Final = len(ENTERPRISES) + 1

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("record")
def record_command(  # noqa: PLR0913, PLR0917 - each is an option of the command
    host: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="The printer's address or name.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The recording to write; must not exist yet.")],
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="OID", help="Another subtree of the maker's, for a maker without a profile."),
    ] = None,
    community: Community = "public",
    timeout: Timeout = 2.0,
    retries: Retries = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was recorded as JSON.")] = False,
) -> None:
    """Record what a printer answers, in snmpsim's format, without names, mail and IP addresses and print jobs."""
    target = _one(host, community)
    subtrees = [_subtree(text) for text in also or []]
    if output.exists():
        _fail(f"--output: {output} exists; name another file", MISUSED)
    limits = replace(RECORD_LIMITS, timeout_seconds=timeout, retries=retries)
    try:
        with Console(stderr=True).status(f"recording {target}"):
            recorded = asyncio.run(_record(target, limits, subtrees))
    except UnknownHost as error:
        _fail(f"{target}: {error}", NOTHING_RECORDED)
    except NoAnswer as error:
        _fail(f"{target}: {error}; is it switched on, and is the community right?", NOTHING_RECORDED)
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


async def _record(target: Target, limits: ReaderLimits, also: list[Oid]) -> Recorded:
    codec = TypedCodec()
    async with Transport(codec=codec) as transport:
        address = await transport.resolve(target.host, target.port)
        return await record(Session(transport, address, target.community, limits), codec, also=also)


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


def _one(host: str, community: str) -> Target:
    try:
        targets = parse_targets([host], community=community)
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
