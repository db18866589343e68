"""ES256 tokens made by agents: the proof of an activation and the bearer token of every request. Pure but for CPU."""

from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from functions.ingest.credentials.thumbprints import key_id, thumbprint
from shared.names import AGENT_AUDIENCE
from shared.wire.activation import CLOCK_LEEWAY_SECONDS, PROOF_AUDIENCE, TOKEN_LIFETIME_SECONDS, PublicJwk
from shared.wire.rotation import (
    GENERATION_CLAIM,
    GENERATION_NONCE_CLAIM,
    MAX_GENERATION,
    MAX_NONCE_LENGTH,
    ROTATION_AUDIENCE,
)

ALGORITHMS: Final = ("ES256",)
PROOF_LIFETIME: Final = timedelta(minutes=10)
TOKEN_LIFETIME: Final = timedelta(seconds=TOKEN_LIFETIME_SECONDS)
LEEWAY: Final = timedelta(seconds=CLOCK_LEEWAY_SECONDS)
MAX_TOKEN_LENGTH: Final = 4096


class TokenRefused(Exception):
    """A token that is not accepted; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def public_key(jwk: PublicJwk) -> jwt.PyJWK:
    """The key, ready to verify with.

    Raises:
        TokenRefused: ``invalid_key``: its numbers are not a point of P-256.
    """
    try:
        return jwt.PyJWK(jwk.model_dump(include={"kty", "crv", "x", "y"}), algorithm="ES256")
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenRefused("invalid_key") from error


def peek(token: str) -> tuple[str, str]:
    """``sub`` and ``kid`` of a bearer token, not verified: good for finding the key and nothing else.

    Raises:
        TokenRefused: ``invalid_token``: no ES256 JWS with these two.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenRefused("invalid_token")
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenRefused("invalid_token") from error
    subject, kid = claims.get("sub"), header.get("kid")
    if header.get("alg") not in ALGORITHMS or not isinstance(subject, str) or not isinstance(kid, str):
        raise TokenRefused("invalid_token")
    return subject, kid


def verify_bearer(token: str, key: jwt.PyJWK, agent_id: str, now: datetime) -> tuple[int, str]:
    """Accept an agent's token: signed by ``key``, for this API, about this agent, alive at ``now`` (±300 s).

    Returns the generation that it presents and its nonce: 0 and none of an agent that was never given one.

    Raises:
        TokenRefused: ``invalid_token``, ``token_not_yet_valid`` or ``token_expired``.
    """
    claims = _verified(token, key, AGENT_AUDIENCE, TOKEN_LIFETIME, now)
    number, nonce = claims.get(GENERATION_CLAIM, 0), claims.get(GENERATION_NONCE_CLAIM, "")
    if claims.get("sub") != agent_id or not isinstance(nonce, str) or len(nonce) > MAX_NONCE_LENGTH:
        raise TokenRefused("invalid_token")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < MAX_GENERATION - 1:
        raise TokenRefused("invalid_token")
    return number, nonce


def verify_proof(proof: str, jwk: PublicJwk, code_digest: str, now: datetime) -> None:
    """Accept an activation's proof of owning the private half of ``jwk``.

    Raises:
        TokenRefused: ``invalid_key``, ``wrong_kid``, ``invalid_token``, ``token_expired`` or ``wrong_code``.
    """
    if jwk.kid != key_id(jwk):
        raise TokenRefused("wrong_kid")
    claims = _verified(proof, public_key(jwk), PROOF_AUDIENCE, PROOF_LIFETIME, now)
    if claims.get("code_sha256") != code_digest:
        raise TokenRefused("wrong_code")


def verify_consent(token: str, signer: PublicJwk, next_key: PublicJwk, agent_id: str, now: datetime) -> None:
    """Accept a signature by ``signer`` on the exchange of an agent's key for ``next_key``.

    Raises:
        TokenRefused: ``invalid_key``, ``wrong_kid``, ``wrong_agent``, ``wrong_key``, or as of any token.
    """
    if next_key.kid != key_id(next_key):
        raise TokenRefused("wrong_kid")
    claims = _verified(token, public_key(signer), ROTATION_AUDIENCE, PROOF_LIFETIME, now)
    if claims.get("sub") != agent_id:
        raise TokenRefused("wrong_agent")
    if claims.get("jkt") != thumbprint(next_key):
        raise TokenRefused("wrong_key")


def _verified(token: str, key: jwt.PyJWK, audience: str, lifetime: timedelta, now: datetime) -> dict[str, Any]:
    """The claims; time is judged here, against ``now``, and not by the library's clock."""
    options: Any = {"require": ["aud", "iat", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=list(ALGORITHMS), audience=audience, options=options)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenRefused("invalid_token") from error
    issued, expires = claims["iat"], claims["exp"]
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in (issued, expires)):
        raise TokenRefused("invalid_token")
    if not 0 < expires - issued <= lifetime.total_seconds():
        raise TokenRefused("invalid_token")
    present, leeway = now.timestamp(), LEEWAY.total_seconds()
    if issued > present + leeway:
        raise TokenRefused("token_not_yet_valid")
    if expires < present - leeway:
        raise TokenRefused("token_expired")
    return claims
