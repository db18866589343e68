"""The commands of an installed agent: check-config, activate, run, status."""

import asyncio
import dataclasses
import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.activation import (
    ActivationError,
    AgentIdentity,
    MistypedCodeError,
    NotActivatedError,
    StoredConfig,
    activate,
    checked_code,
    former_identity,
    load_identity,
)
from edge.agent import Agent, Parts
from edge.clock import CLOCK_VARIABLE, Clock, ClockError, clock_for
from edge.config import AgentSettings, ConfigError, default_config_file
from edge.files import StateFolderError
from edge.http import CloudClient, CloudUnreachableError
from edge.keys import KeyFileError, ServerClock, TokenMint, identity_key
from edge.lock import AlreadyRunningError, hold_state_folder
from edge.log import set_up_log
from edge.reader import Reader, ReaderLimits
from edge.spool import SPOOL_FILE, Spool, read_status
from edge.spool_file import SpoolCorruptError, SpoolError
from edge.status import AgentStatus

FAILED: Final = 1
MISUSED: Final = 2
MEGABYTE: Final = 1024 * 1024
_TO_THE_MINUTE: Final = len("2026-11-22T18:20")
_MISUSES: Final = (
    ConfigError,
    ClockError,
    MistypedCodeError,
    NotActivatedError,
    AlreadyRunningError,
    StateFolderError,
    KeyFileError,
)

app = typer.Typer(no_args_is_help=True, add_completion=False)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The agent's TOML file.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


@app.command("check-config")
def check_config(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the configuration file and say what was understood. Secrets are not shown."""
    with _plain_errors():
        path = config or default_config_file()
        settings = AgentSettings.from_file(path)
        CloudClient(settings, ServerClock())  # reads ca_file
    if as_json:
        typer.echo(settings.model_dump_json(indent=2))
        return
    table = Table("setting", "value", title=f"{path} is valid")
    for name, value in settings.model_dump(mode="json").items():
        entries = value.items() if isinstance(value, dict) else [("", value)]
        for key, item in entries:
            table.add_row(f"{name}.{key}" if key else name, "not set" if item is None else str(item))
    Console().print(table)


@app.command("activate")
def activate_agent(
    code: Annotated[str, typer.Option("--code", help="The activation code you were given.")],
    config: ConfigOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Give up the identity this agent already has.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Trade a one-time code for this agent's identity."""
    with _plain_errors():
        settings = AgentSettings.from_file(config or default_config_file())
        with hold_state_folder(settings.state_dir):
            former = former_identity(settings.state_dir)
            if former is not None and not replace:
                _fail(f"already activated as {former.agent_id}: use --replace to give that identity up", MISUSED)
            identity = asyncio.run(_activate(checked_code(code), settings))
    if as_json:
        typer.echo(identity.model_dump_json())
    else:
        start = "platen-agent run" if config is None else f"platen-agent run --config {shlex.quote(str(config))}"
        typer.echo(f"Activated as {identity.agent_id} at site {identity.site_id}. Start it with: {start}")


@app.command()
def run(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Find, read and send once, then end.")] = False,
    max_seconds: Annotated[float | None, typer.Option("--max-seconds", min=1, help="End after so long.")] = None,
    clock_setting: Annotated[str | None, typer.Option("--clock", envvar=CLOCK_VARIABLE, hidden=True)] = None,
) -> None:
    """Read the printers of this site and send what changed, until stopped. Logs JSON lines to stderr."""
    with _plain_errors():
        settings = AgentSettings.from_file(config or default_config_file())
        clock = clock_for(clock_setting, settings.server)
        set_up_log(settings.log_level)
        with hold_state_folder(settings.state_dir):
            read = asyncio.run(_run(settings, clock, once=once, max_seconds=max_seconds))
    if once and not read:
        _fail("no printer was read: 'platen-agent status' says how far each came", FAILED)


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what waits to be sent, and how far each printer came and why it stopped."""
    with _plain_errors():
        settings = AgentSettings.from_file(config or default_config_file())
        identity = load_identity(settings.state_dir)
        spool = settings.state_dir / SPOOL_FILE
        if not spool.exists():
            _fail("the agent has not run yet: start it with 'platen-agent run'", FAILED)
        facts = read_status(spool)
    if as_json:
        typer.echo(json.dumps({"agent_id": identity.agent_id, "server": identity.server, **dataclasses.asdict(facts)}))
    else:
        _show(identity.agent_id, facts)


async def _activate(code: str, settings: AgentSettings) -> AgentIdentity:
    clock = ServerClock()
    async with CloudClient(settings, clock) as client:
        return await activate(code, client=client, clock=clock, server=settings.server, state_dir=settings.state_dir)


async def _run(settings: AgentSettings, clock: Clock, *, once: bool, max_seconds: float | None) -> int:
    identity = load_identity(settings.state_dir)
    stored = StoredConfig.load(settings.state_dir) or StoredConfig.unknown()
    server_clock = ServerClock()
    key = identity_key(settings.state_dir, identity.kid)
    mint = TokenMint(identity.agent_id, identity.audience, key, server_clock)
    snmp = settings.snmp
    limits = ReaderLimits(timeout_seconds=snmp.timeout_seconds, retries=snmp.retries)
    spool_path = settings.state_dir / SPOOL_FILE
    with Spool(spool_path, owner=identity.site_id, max_bytes=settings.spool.max_megabytes * MEGABYTE) as spool:
        async with CloudClient(settings, server_clock) as client, Reader(clock=clock, limits=limits) as reader:
            agent = Agent(Parts(settings, reader, spool, client, mint), stored)
            if once:
                return await agent.run_once()
            await agent.run(max_seconds)
            return 0


def _show(agent_id: str, facts: AgentStatus) -> None:
    console = Console()
    console.print(
        f"agent {agent_id}: {facts.queued} readings wait ({facts.queued_bytes} bytes"
        f"{f', oldest of {facts.oldest_queued_at}' if facts.oldest_queued_at else ''}),"
        f" {facts.dropped} given up, {facts.dead_letters} rejected, {facts.spools_set_aside} spools set aside"
    )
    console.print(f"last upload: {facts.last_upload_at or 'none yet'}; trouble: {facts.last_upload_error or 'none'}")
    table = Table("printer", "model", "serial", "stage", "why it stopped", "last read, UTC")
    for column in (table.columns[0], table.columns[2], table.columns[3]):  # half of these says nothing
        column.no_wrap = True
    for printer in facts.printers:
        read_at = printer.read_at and printer.read_at[:_TO_THE_MINUTE].replace("T", " ")
        cells = (printer.target, printer.model, printer.serial_number, printer.stage, printer.reason, read_at)
        table.add_row(*(escape(cell or "") for cell in cells))
    console.print(table)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Foreseeable errors as one message on stderr and the exit code that their kind has."""
    try:
        yield
    except _MISUSES as error:
        _fail(str(error), MISUSED)
    except (ActivationError, CloudUnreachableError, SpoolError) as error:
        _fail(str(error), FAILED)
    except SpoolCorruptError as error:
        _fail(f"the spool is damaged ({error}): 'platen-agent run' sets it aside and begins a new one", FAILED)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
