"""`POST /v1/keys`: how an agent exchanges its key for a new one, and the generation that tells a copied key."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from shared.wire.activation import PublicJwk
from shared.wire.base import SCHEMA_VERSION, Identifier, UtcDatetime, WireModel

Signature = Annotated[str, StringConstraints(max_length=2048)]


class KeyRotationRequest(WireModel):
    """The next key, signed for by both: nobody who merely saw a bearer token can put a key of his own in its place.

    Both signatures are ES256 JWS with header ``kid`` and the claims ``aud`` (`ROTATION_AUDIENCE`), ``sub`` (the agent's
    id), ``iat``, ``exp`` (at most 10 minutes later) and ``jkt``, the hex RFC 7638 SHA-256 thumbprint of ``jwk``.
    """

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this format.")
    jwk: PublicJwk = Field(description="The agent's next public key.")
    proof: Signature = Field(description="Signature by the next key: proves possession of its private half.")
    consent: Signature = Field(description="Signature by the key that this request's token was signed with.")


class KeyRotationGrant(WireModel):
    """The next key is in force; ``previous_key_ends_at`` is when the one before stops, None when it is over."""

    schema_version: Literal[1] = SCHEMA_VERSION
    kid: Identifier
    registered_at: UtcDatetime
    previous_key_ends_at: UtcDatetime | None = None


ROTATION_AUDIENCE: Final = "platen-key-rotation"
KEY_LIFETIME: Final = timedelta(days=90)
"""An agent exchanges its key when it is this old; nothing ends by itself when it cannot."""
PREVIOUS_KEY_LIFETIME: Final = timedelta(days=14)
"""How long an exchanged key is still accepted."""

GENERATION_CLAIM: Final = "gen"
"""Claim of a bearer token: the last generation that the agent was given in an upload's receipt and has on disk."""
GENERATION_NONCE_CLAIM: Final = "gen_nonce"
"""Claim beside it: what this holder drew when it was given that generation. Two copies of a key draw two."""
MAX_GENERATION: Final = 2**31
MAX_NONCE_LENGTH: Final = 64
