"""The agent's own ES256 key and the short tokens it signs with it (design D9)."""

import base64
import json
import random
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from edge.cloud.generation import Generation
from edge.files import is_open_to_all, write_private
from shared.wire.activation import TOKEN_LIFETIME_SECONDS, PublicJwk

KEY_FILE = "agent-key.pem"
PENDING_KEY_FILE = "agent-key-pending.pem"
NEXT_KEY_FILE = "agent-key-next.pem"
KID_LENGTH = 16
REUSE_SHARE = (0.5, 0.8)  # of a token's life; spread, so that a fleet does not renew in step
PLAUSIBLE_YEARS = range(1971, 9000)  # of a clock, if a wrong one; arithmetic at the calendar's ends fails
CLOCK_ERROR = timedelta(seconds=60)  # a smaller difference is the answer's way and the seconds' rounding


class KeyFileError(Exception):
    """The key file cannot be used; the message names the fix."""


@dataclass(frozen=True, slots=True)
class AgentKey:
    """An EC P-256 key pair; the private half neither prints nor leaves."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    jwk: PublicJwk

    @property
    def kid(self) -> str:
        """First 16 hex digits of the RFC 7638 thumbprint."""
        return self.jwk.kid

    def sign(self, claims: Mapping[str, str | int]) -> str:
        """The claims as a compact ES256 JWS that names this key."""
        return jwt.encode(dict(claims), self.private, algorithm="ES256", headers={"kid": self.kid})


def pending_key(state_dir: Path) -> AgentKey:
    """The key an activation is tried with: made once, on disk before it is used, the same until one succeeds.

    So an activation whose answer was lost can be asked again as the same agent.
    """
    path = state_dir / PENDING_KEY_FILE
    return _load(path) if path.exists() else _made(path)


def next_key(state_dir: Path) -> AgentKey:
    """The key to exchange the present one for: made once, on disk before it is used, the same until it is in force.

    A file that cannot be read is begun anew: it holds no key that anybody relies on yet.
    """
    path = state_dir / NEXT_KEY_FILE
    return (_readable(path) if path.exists() else None) or _made(path)


def identity_key(state_dir: Path, kid: str) -> AgentKey:
    """The key that the identity names; finishes a change of key that a crash had interrupted.

    Safe to repeat: the pending or next key takes the place of the old one by an atomic rename.

    Raises:
        KeyFileError: No key file holds that key.
    """
    current = state_dir / KEY_FILE
    if (key := _readable(current)) is not None and key.kid == kid:
        return key
    for waiting in (state_dir / PENDING_KEY_FILE, state_dir / NEXT_KEY_FILE):
        if (key := _readable(waiting)) is not None and key.kid == kid:
            waiting.replace(current)
            return key
    if not current.exists():
        raise KeyFileError(f"{current} is missing: activate again with 'platen-agent activate --replace --code CODE'")
    key = _load(current)
    if key.kid != kid:
        raise KeyFileError(f"{current} is not the key of this agent's identity: activate again with --replace")
    return key


def http_date(text: str) -> datetime | None:
    """The time that a header tells (RFC 9110 section 5.6.7), aware; None when it is no date."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second for a zone of many digits
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def _seconds_passed() -> float:
    """Of a clock that nobody sets; it also counts while the computer sleeps, where the system has such a one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


@dataclass(slots=True)
class ServerClock:
    """The server's time, from the ``Date`` of its answers; the computer's own clock is never set."""

    offset: timedelta = timedelta(0)
    is_known: bool = False
    _heard: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _heard_at: float = 0.0

    def observe(self, date_header: str | None, now: datetime) -> None:
        """Learn from an answer received at ``now``; a header that is no date of our time changes nothing."""
        server_now = http_date(date_header or "")
        if server_now is None or server_now.year not in PLAUSIBLE_YEARS:
            return
        self._heard, self._heard_at = server_now, _seconds_passed()
        self.offset = self._heard - now
        self.is_known = True

    def corrected(self, now: datetime) -> datetime:
        """What the server's clock shows at ``now``."""
        return now + self.offset

    def now(self) -> datetime:
        """The present time to date a reading with: the computer's, unless that is wrong by `CLOCK_ERROR` or more.

        Then the server's, carried on by a clock that nobody sets: so a jump of the computer's misdates nothing.
        """
        own = datetime.now(UTC)
        if not self.is_known:
            return own
        server = self._heard + timedelta(seconds=_seconds_passed() - self._heard_at)
        return own if abs(server - own) < CLOCK_ERROR else server


@dataclass(slots=True)
class TokenMint:
    """Signs the agent's tokens and gives out the same one for 50-80 % of its life."""

    agent_id: str
    audience: str
    key: AgentKey
    clock: ServerClock
    generation: Generation | None = None
    _token: str | None = field(default=None, repr=False)
    _issued_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _reuse: timedelta = timedelta(0)

    def token(self, now: datetime) -> str:
        """A bearer token valid at ``now``, dated by the server's clock."""
        issued_at = self.clock.corrected(now)
        age = issued_at - self._issued_at
        if self._token is None or not timedelta(0) <= age < self._reuse:
            seconds = int(issued_at.timestamp())
            self._token = self.key.sign(
                {
                    "iss": self.agent_id,
                    "sub": self.agent_id,
                    "aud": self.audience,
                    "iat": seconds,
                    "exp": seconds + TOKEN_LIFETIME_SECONDS,
                    "jti": secrets.token_hex(16),
                    **(self.generation.claims() if self.generation else {}),
                }
            )
            self._issued_at = issued_at
            share = random.uniform(*REUSE_SHARE)  # noqa: S311  spreads load; nothing secret
            self._reuse = timedelta(seconds=TOKEN_LIFETIME_SECONDS * share)
        return self._token

    def discard(self) -> None:
        """Sign a new token next time: the server refused this one."""
        self._token = None

    def learn(self, generation: int | None) -> None:
        """Present the generation that an upload was answered with, from the next token on."""
        if self.generation is not None and self.generation.learn(generation):
            self.discard()

    def use(self, key: AgentKey) -> None:
        """Sign with another key from now on."""
        self.key = key
        self.discard()


def _made(path: Path) -> AgentKey:
    private = ec.generate_private_key(ec.SECP256R1())
    write_private(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return _with_jwk(private)


def _readable(path: Path) -> AgentKey | None:
    try:
        return _load(path)
    except KeyFileError:
        return None


def _load(path: Path) -> AgentKey:
    try:
        is_open = is_open_to_all(path)
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyFileError(
            f"{path} cannot be read as a private key: restore it, or remove it and activate again"
        ) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise KeyFileError(f"{path} is not an EC P-256 key: remove it and activate again")
    if is_open:  # as ssh refuses such a key: it would work, and nobody would ever look
        raise KeyFileError(
            f"{path} can be read by every user of this computer: chmod 0600 it, then let 'platen-agent rotate-key' make"
            " a new key, as this one may have been copied"
        )
    return _with_jwk(private)


def _with_jwk(private: ec.EllipticCurvePrivateKey) -> AgentKey:
    numbers = private.public_key().public_numbers()
    x, y = (_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return AgentKey(private, PublicJwk(kty="EC", crv="P-256", x=x, y=y, kid=thumbprint(x, y)[:KID_LENGTH]))


def thumbprint(x: str, y: str) -> str:
    """The RFC 7638 thumbprint of an EC P-256 key, in hex."""
    members = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    return sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
