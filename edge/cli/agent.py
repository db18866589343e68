"""The commands of an installed agent: activate, run."""

import asyncio
import shlex
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Final

import typer

from edge.cli.command import FAILED, MISUSED, ConfigOption, JsonOption, fail, plain_errors
from edge.clock import CLOCK_VARIABLE, Clock, SystemClock, clock_for
from edge.cloud.activation import (
    AgentIdentity,
    StoredConfig,
    activate,
    checked_code,
    former_identity,
    load_identity,
)
from edge.cloud.generation import Generation
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock, TokenMint, identity_key
from edge.config.settings import AgentSettings, default_config_file
from edge.ipp.fallback import with_ipp
from edge.lock import hold_state_folder
from edge.log import get_logger, set_up_log
from edge.reading.access_memory import AccessMemory
from edge.reading.reader import Reader, ReaderLimits
from edge.site.agent import Agent, Parts
from edge.site.self_check import openness
from edge.snmp.credentials import CredentialSet
from edge.spool.journal import JOURNAL_FILE, Journal
from edge.spool.spool import SPOOL_FILE, Spool

MEGABYTE: Final = 1024 * 1024
ACCESS_FILE: Final = "access-plans.json"

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("activate")
def activate_agent(
    code: Annotated[str, typer.Option("--code", help="The activation code you were given.")],
    config: ConfigOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also when this agent has an identity already.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Trade a one-time code for this agent's identity.

    The key is made here and never leaves. Safe to repeat with the same code when an answer was lost.
    """
    with plain_errors():
        settings = AgentSettings.from_file(config or default_config_file())
        with hold_state_folder(settings.state_dir):
            former = former_identity(settings.state_dir)
            if former is not None and not replace:
                fail(
                    f"already activated as {former.agent_id}: use --replace to take what the code gives instead "
                    "(a code made for this agent gives it a new key and leaves all else as it is)",
                    MISUSED,
                )
            identity = asyncio.run(_activate(checked_code(code), settings))
        if (said := openness(config or default_config_file(), settings)) is not None:
            typer.echo(f"Warning: {said}", err=True)
    if as_json:
        typer.echo(identity.model_dump_json())
    else:
        start = "platen-agent run" if config is None else f"platen-agent run --config {shlex.quote(str(config))}"
        again = former is not None and former.agent_id == identity.agent_id
        what = "Activated again, with a new key," if again else "Activated"
        typer.echo(f"{what} as {identity.agent_id} at site {identity.site_id}. Start it with: {start}")


@app.command()
def run(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Find, read and send once, then end.")] = False,
    max_seconds: Annotated[float | None, typer.Option("--max-seconds", min=1, help="End after so long.")] = None,
    clock_setting: Annotated[str | None, typer.Option("--clock", envvar=CLOCK_VARIABLE, hidden=True)] = None,
) -> None:
    """Read the printers of this site and send what changed, until stopped. Logs JSON lines to stderr.

    SIGTERM or Ctrl-C end it with 0: what was read is kept and sent. It ends with 2 when the configuration or the
    identity is wrong; with --once also with 1 when no printer was read.
    """
    with plain_errors():
        settings = AgentSettings.from_file(config or default_config_file())
        clock = clock_for(clock_setting, settings.server)
        set_up_log(settings.log_level)
        if (said := openness(config or default_config_file(), settings)) is not None:
            get_logger().warning("configuration file is open to others", reason=said)
        with hold_state_folder(settings.state_dir):
            read = asyncio.run(_run(settings, clock, once=once, max_seconds=max_seconds))
    if once and not read:
        fail("no printer was read: 'platen-agent status' says how far each came", FAILED)


async def _activate(code: str, settings: AgentSettings) -> AgentIdentity:
    clock = ServerClock()
    async with CloudClient(settings, clock) as client:
        return await activate(
            code,
            client=client,
            clock=clock,
            server=settings.server,
            state_dir=settings.state_dir,
            tells_host_name=not settings.privacy.mask_host_names,
        )


async def _run(settings: AgentSettings, clock: Clock, *, once: bool, max_seconds: float | None) -> int:
    identity = load_identity(settings.state_dir)
    stored = StoredConfig.load(settings.state_dir) or StoredConfig.unknown()
    server_clock = ServerClock()
    key = identity_key(settings.state_dir, identity.kid)
    generation = Generation.load(settings.state_dir, identity.agent_id, identity.activated_at)
    mint = TokenMint(identity.agent_id, identity.audience, key, server_clock, generation)
    spool_path = settings.state_dir / SPOOL_FILE
    dating: Clock = server_clock if isinstance(clock, SystemClock) else clock
    bounds = {"max_bytes": settings.spool.max_megabytes * MEGABYTE, "max_days": settings.spool.max_days}
    journal_path = settings.state_dir / JOURNAL_FILE
    with Spool(spool_path, owner=identity.site_id, **bounds) as spool, Journal(journal_path) as journal:
        async with CloudClient(settings, server_clock) as client, _reader(settings, dating) as reader:
            with with_ipp(reader, settings, dating) as (printers, way):
                answered_by = partial(told_of, reader.memory, settings.snmp.credential_sets(), way)
                agent = Agent(Parts(settings, printers, spool, client, mint, answered_by, journal), stored)
                if once:
                    return await agent.run_once()
                await agent.run(max_seconds)
                return 0


def _reader(settings: AgentSettings, clock: Clock) -> Reader:
    snmp = settings.snmp
    return Reader(
        clock,
        limits=ReaderLimits(timeout_seconds=snmp.timeout_seconds, retries=snmp.retries),
        memory=AccessMemory(settings.state_dir / ACCESS_FILE),
        fence=settings.network.fence(),
    )


def told_of(
    memory: AccessMemory, sets: Sequence[CredentialSet], way: Callable[[str], str | None], target: str
) -> str | None:
    """How the printer at a target was spoken to: protocol, version and credential set; None when nothing is known."""
    protocol, name = way(target), memory.plan_of(target).credentials
    used = next((each for each in sets if each.name == name), None)
    if used is None or (protocol is not None and "SNMP" not in protocol):
        return protocol
    return f"{protocol or 'SNMP'} v{used.version}, set {used.name!r}"
