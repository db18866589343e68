"""Exchanges the agent's key: when it is old, when a person or the cloud asks, to finish what a crash cut short."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from pydantic import ValidationError

from edge.cloud.activation import PROOF_LIFETIME_SECONDS, AgentIdentity, NotActivatedError, load_identity
from edge.cloud.http import Answer, CloudClient, CloudUnreachableError
from edge.cloud.keys import (
    CLOCK_ERROR,
    NEXT_KEY_FILE,
    AgentKey,
    KeyFileError,
    TokenMint,
    identity_key,
    next_key,
    thumbprint,
)
from edge.cloud.uploader import Backoff
from edge.files import StateFolderError, write_private
from shared.wire.rotation import KEY_LIFETIME, ROTATION_AUDIENCE, KeyRotationGrant, KeyRotationRequest

KEYS_PATH: Final = "/v1/keys"
REQUEST_FILE: Final = "rotate-key.request"
LOOK_SECONDS: Final = 5.0
SPREAD: Final = 0.1  # of the lifetime: a fleet that was installed in one week does not exchange its keys in one hour
_UNAUTHORIZED: Final = 401
_CONFLICT: Final = 409


class KeyRotationError(Exception):
    """The key was not exchanged; the one before stays in use."""


def request_rotation(state_dir: Path) -> None:
    """Ask the agent that is running on this folder to exchange its key. Safe to repeat: there is one request or none.

    Raises:
        StateFolderError: The folder cannot be written to.
    """
    write_private(state_dir / REQUEST_FILE, b"")


def is_requested(state_dir: Path) -> bool:
    """Whether such a request is there."""
    return (state_dir / REQUEST_FILE).exists()


@dataclass(slots=True)
class KeyRotation:
    """Looks whether the key is to be exchanged, and does it.

    At every moment the key named by the identity file is on disk and accepted by the cloud: the next key is written
    before it is sent, the cloud goes on to accept the former one, and one atomic write names the next one. A crash or a
    lost answer in between is repaired by doing it again with the same next key.
    """

    state_dir: Path
    client: CloudClient
    mint: TokenMint
    seconds: Callable[[], float] = monotonic
    _backoff: Backoff = field(default_factory=Backoff)
    _not_before: float = 0.0
    _trouble: str | None = None

    async def step(self) -> str | None:
        """Exchange the key if it is time; why that did not work, or None. Between tries it only repeats the reason."""
        if self.seconds() < self._not_before:
            return self._trouble
        try:
            if self.is_due(datetime.now(UTC)):
                await self.rotate()
        except (KeyRotationError, CloudUnreachableError, StateFolderError, KeyFileError, NotActivatedError) as error:
            self._not_before = self.seconds() + self._backoff.next_delay_seconds()
            self._trouble = str(error)
            return self._trouble
        self._backoff.reset()
        self._trouble = None
        return None

    def ask(self, kid: str) -> None:
        """The cloud asks for the key of that name to be exchanged. Safe to repeat; nothing when another is in force.

        Raises:
            StateFolderError: The folder cannot be written to.
        """
        if kid == self.mint.key.kid and not is_requested(self.state_dir):
            request_rotation(self.state_dir)

    def is_due(self, now: datetime) -> bool:
        """Whether somebody asked, an exchange was begun, or the key is old by the server's clock.

        Raises:
            NotActivatedError: There is no identity.
        """
        if is_requested(self.state_dir) or (self.state_dir / NEXT_KEY_FILE).exists():
            return True
        if not self.mint.clock.is_known:
            return False
        identity = load_identity(self.state_dir)
        age = self.mint.clock.corrected(now) - (identity.key_since or identity.activated_at)
        return age >= lifetime_of(identity.kid)

    async def rotate(self) -> AgentIdentity:
        """Exchange the key; the identity with the new one.

        Safe to repeat at any point: the same next key is sent until it is in force.

        Raises:
            KeyRotationError: The cloud refused, or its answer is not an exchange.
            CloudUnreachableError: No answer came.
            KeyFileError, NotActivatedError, StateFolderError: The state folder lacks something or cannot be written.
        """
        identity, key = load_identity(self.state_dir), next_key(self.state_dir)
        answer = await self._answer(key)
        if not answer.is_success:
            raise self._refusal(answer)
        try:
            grant = KeyRotationGrant.model_validate_json(answer.content)
        except ValidationError as error:
            raise KeyRotationError(f"HTTP {answer.status} without an exchange of keys: is it our server?") from error
        if grant.kid != key.kid:
            raise KeyRotationError("the answer is about another key")
        changed = identity.model_copy(update={"kid": key.kid, "key_since": grant.registered_at})
        changed.save(self.state_dir)
        self.mint.use(identity_key(self.state_dir, key.kid))
        _remove(self.state_dir / REQUEST_FILE)
        return changed

    async def _answer(self, key: AgentKey) -> Answer:
        mint, before = self.mint, self.mint.clock.offset
        answer = await self._ask(key, mint)
        if answer.status == _UNAUTHORIZED and abs(mint.clock.offset - before) >= CLOCK_ERROR:
            mint.discard()
            answer = await self._ask(key, mint)
        if answer.status != _UNAUTHORIZED:
            return answer
        mint.discard()
        # The next key may be in force already and the former one over: then an answer was lost a fortnight ago.
        second = await self._ask(key, TokenMint(mint.agent_id, mint.audience, key, mint.clock, mint.generation))
        return second if second.is_success else answer

    async def _ask(self, key: AgentKey, mint: TokenMint) -> Answer:
        now = datetime.now(UTC)
        signed_at = int(mint.clock.corrected(now).timestamp())
        claims: dict[str, str | int] = {
            "aud": ROTATION_AUDIENCE,
            "sub": mint.agent_id,
            "iat": signed_at,
            "exp": signed_at + PROOF_LIFETIME_SECONDS,
            "jkt": thumbprint(key.jwk.x, key.jwk.y),
        }
        request = KeyRotationRequest(jwk=key.jwk, proof=key.sign(claims), consent=mint.key.sign(claims))
        headers = {"Authorization": f"Bearer {mint.token(now)}", "Content-Type": "application/json"}
        content = json.dumps(request.model_dump(mode="json")).encode()
        return await self.client.request("POST", KEYS_PATH, headers=headers, content=content)

    def _refusal(self, answer: Answer) -> KeyRotationError:
        said = answer.problem
        if said is not None and answer.status == _CONFLICT:  # this next key will not come into force: ask no more
            _remove(self.state_dir / NEXT_KEY_FILE)
            _remove(self.state_dir / REQUEST_FILE)
        return KeyRotationError(f"HTTP {answer.status} {said or 'from something that is not our server'}")


def lifetime_of(kid: str) -> timedelta:
    """How old a key gets before it is exchanged: 81 to 90 days, always the same for one key."""
    share = int.from_bytes(kid.encode()[-4:], "big") % 1_000 / 1_000
    return KEY_LIFETIME * (1 - SPREAD * share)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StateFolderError(f"{path} cannot be removed ({error.strerror}): check the folder's permission") from error
