"""Trades a one-time code for this agent's identity, and keeps both in the state folder."""

import json
import platform
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.cloud.http import Answer, CloudClient
from edge.cloud.keys import CLOCK_ERROR, NEXT_KEY_FILE, AgentKey, ServerClock, identity_key, pending_key
from edge.files import prepare_folder, write_private
from edge.version import AGENT_VERSION
from shared.wire.activation import PROOF_AUDIENCE, ActivationGrant, ActivationRequest, AgentConfig, DiscoveryCriteria
from shared.wire.codes import code_digest, normalise_code

IDENTITY_FILE = "identity.json"
CONFIG_FILE = "agent-config.json"
PROOF_LIFETIME_SECONDS = 300


class ActivationError(Exception):
    """The agent was not activated; the message says why and what to do."""


class MistypedCodeError(ActivationError):
    """What was typed cannot be a code; nothing was asked of the server."""


class NotActivatedError(Exception):
    """There is no identity in the state folder yet."""


class _StateFile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class AgentIdentity(_StateFile):
    """Who this agent is, as the server told it.

    ``key_since`` is when its key came into force by the server's clock; None: when it was activated.
    """

    server: str
    agent_id: str
    organization_id: str
    site_id: str
    audience: str
    kid: str
    activated_at: datetime
    key_since: datetime | None = None

    def save(self, state_dir: Path) -> None:
        """Keep it. Safe to repeat: the file is replaced atomically."""
        write_private(state_dir / IDENTITY_FILE, self.model_dump_json(indent=2).encode())


class StoredConfig(_StateFile):
    """The last configuration fetched, with its ETag."""

    etag: str
    config: AgentConfig

    @classmethod
    def load(cls, state_dir: Path) -> Self | None:
        """The stored configuration; None when there is none that can be read (it is then fetched again)."""
        try:
            return cls.model_validate_json((state_dir / CONFIG_FILE).read_bytes())
        except (OSError, ValidationError):
            return None

    @classmethod
    def unknown(cls) -> Self:
        """Before the first one is fetched: nothing to look for."""
        return cls(etag="", config=AgentConfig(discovery=DiscoveryCriteria(include=[])))

    def save(self, state_dir: Path) -> None:
        """Keep it. Safe to repeat: the file is replaced atomically."""
        write_private(state_dir / CONFIG_FILE, self.model_dump_json(indent=2).encode())


def load_identity(state_dir: Path) -> AgentIdentity:
    """The identity of an activated agent.

    Raises:
        NotActivatedError: There is none, or its file is damaged.
    """
    path = state_dir / IDENTITY_FILE
    try:
        return AgentIdentity.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NotActivatedError(
            f"this agent has no identity in {state_dir}: run 'platen-agent activate --code CODE' first"
        ) from None
    except (OSError, ValidationError) as error:
        raise NotActivatedError(f"{path} cannot be read: run 'platen-agent activate --replace --code CODE'") from error


def checked_code(typed: str) -> str:
    """The code as the server knows it; catches a typing error before any request.

    Raises:
        MistypedCodeError: It cannot be a code.
    """
    code = normalise_code(typed)
    if code is None:
        raise MistypedCodeError(
            "--code is not an activation code: check it for typing errors (17 symbols, hyphens optional)"
        )
    return code


async def activate(
    code: str,
    *,
    client: CloudClient,
    clock: ServerClock,
    server: str,
    state_dir: Path,
    tells_host_name: bool = True,
) -> AgentIdentity:
    """Ask for an identity and store it. This computer's name goes with the request only if ``tells_host_name``.

    Safe to repeat with the same code: the key is on disk before the request and the server answers the same key
    with the same agent, so an answer lost on the way costs nothing.

    Raises:
        ActivationError: The server refused or its answer is not an activation.
        CloudUnreachableError: No answer came.
        StateFolderError: The state folder cannot be written to.
    """
    prepare_folder(state_dir)
    key = pending_key(state_dir)
    before = clock.offset
    host_name = socket.gethostname()[:255] if tells_host_name else None
    answer = await _ask(code, key, client, clock, host_name)
    if not answer.is_success and abs(clock.offset - before) > CLOCK_ERROR:  # the refusal may be the clock's fault
        answer = await _ask(code, key, client, clock, host_name)
    if not answer.is_success:
        raise ActivationError(_refusal(answer))
    try:
        grant = ActivationGrant.model_validate_json(answer.content)
    except ValidationError as error:
        raise ActivationError(f"{server} did not answer as an activation service does: check 'server'") from error
    return _store(grant, key, server, state_dir)


def _store(grant: ActivationGrant, key: AgentKey, server: str, state_dir: Path) -> AgentIdentity:
    identity = AgentIdentity(
        server=server,
        agent_id=grant.agent_id,
        organization_id=grant.organization_id,
        site_id=grant.site_id,
        audience=grant.audience,
        kid=key.kid,
        activated_at=grant.activated_at,
    )
    StoredConfig(etag=grant.config_etag, config=grant.config).save(state_dir)
    identity.save(state_dir)
    identity_key(state_dir, key.kid)
    (state_dir / NEXT_KEY_FILE).unlink(missing_ok=True)  # of an exchange that this activation overtook
    return identity


async def _ask(code: str, key: AgentKey, client: CloudClient, clock: ServerClock, host_name: str | None) -> Answer:
    issued_at = int(clock.corrected(datetime.now(UTC)).timestamp())
    proof = key.sign(
        {
            "aud": PROOF_AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + PROOF_LIFETIME_SECONDS,
            "code_sha256": code_digest(code),
        }
    )
    request = ActivationRequest(
        code=code,
        jwk=key.jwk,
        proof=proof,
        agent_version=AGENT_VERSION,
        host_name=host_name,
        platform=platform.platform()[:64],
    )
    return await client.request(
        "POST",
        "/v1/activations",
        headers={"Content-Type": "application/json"},
        content=json.dumps(request.model_dump(mode="json", exclude_none=True)).encode(),
    )


def _refusal(answer: Answer) -> str:
    said = answer.problem
    if said is None:
        return (
            f"the server answered HTTP {answer.status}, not as an activation service does: check 'server' and 'proxy'"
        )
    return f"not activated: {said} (HTTP {answer.status})"


def former_identity(state_dir: Path) -> AgentIdentity | None:
    """The identity before a new activation, if there is one that can be read."""
    try:
        return load_identity(state_dir)
    except NotActivatedError:
        return None
