"""The command that exchanges an installed agent's key: rotate-key."""

import asyncio
import json
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import typer

from edge.cli.command import FAILED, MISUSED, ConfigOption, JsonOption
from edge.cloud.activation import AgentIdentity, NotActivatedError, load_identity
from edge.cloud.generation import Generation
from edge.cloud.http import CloudClient, CloudUnreachableError
from edge.cloud.keys import KeyFileError, ServerClock, TokenMint, identity_key
from edge.cloud.rotation import KeyRotation, KeyRotationError, is_requested, request_rotation
from edge.config.settings import AgentSettings, ConfigError, default_config_file
from edge.files import StateFolderError
from edge.lock import AlreadyRunningError, hold_state_folder

WAIT_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 0.5

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("rotate-key")
def rotate_key(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Exchange this agent's key for a new one now; it does so by itself every 90 days.

    The key before is accepted for 14 days more. If somebody else may hold it, ask for a code that activates this agent
    again instead: that ends it at once. An agent that is running exchanges the key itself; this waits for it.
    """
    try:
        settings = AgentSettings.from_file(config or default_config_file())
        identity = _exchanged(settings)
    except (ConfigError, NotActivatedError, StateFolderError, KeyFileError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(MISUSED) from error
    except (KeyRotationError, CloudUnreachableError) as error:
        typer.echo(f"the key was not exchanged, the one before stays in use: {error}", err=True)
        raise typer.Exit(FAILED) from error
    since = (identity.key_since or identity.activated_at).isoformat(timespec="seconds")
    if as_json:
        typer.echo(json.dumps({"agent_id": identity.agent_id, "kid": identity.kid, "key_since": since}))
    else:
        typer.echo(f"{identity.agent_id} signs with the new key {identity.kid} since {since}.")


def _exchanged(settings: AgentSettings) -> AgentIdentity:
    try:
        with hold_state_folder(settings.state_dir):
            return asyncio.run(_exchange(settings))
    except AlreadyRunningError:
        return _by_the_running_agent(settings.state_dir)


async def _exchange(settings: AgentSettings) -> AgentIdentity:
    identity, clock = load_identity(settings.state_dir), ServerClock()
    key = identity_key(settings.state_dir, identity.kid)
    generation = Generation.load(settings.state_dir, identity.agent_id, identity.activated_at)
    mint = TokenMint(identity.agent_id, identity.audience, key, clock, generation)
    async with CloudClient(settings, clock) as client:
        return await KeyRotation(settings.state_dir, client, mint).rotate()


def _by_the_running_agent(state_dir: Path) -> AgentIdentity:
    """Leave a request and wait until the identity names another key.

    Raises:
        KeyRotationError: The cloud refused, or nothing happened within `WAIT_SECONDS`.
    """
    former = load_identity(state_dir).kid
    request_rotation(state_dir)
    until = monotonic() + WAIT_SECONDS
    while monotonic() < until:
        is_open = is_requested(state_dir)  # looked at first: the agent names the new key before it takes this away
        identity = load_identity(state_dir)
        if identity.kid != former:
            return identity
        if not is_open:
            raise KeyRotationError("the cloud refused; the running agent's log says why")
        sleep(LOOK_SECONDS)
    raise KeyRotationError(
        f"the running agent did not do it within {WAIT_SECONDS:.0f} s and goes on trying; its log says why"
    )
