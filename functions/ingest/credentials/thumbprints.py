"""What agents' keys are called by (RFC 7638). Needs no cryptography, so neither does who only names keys."""

import json
from hashlib import sha256
from typing import Final

from shared.wire.activation import PublicJwk

KID_LENGTH: Final = 16


def thumbprint(jwk: PublicJwk) -> str:
    """The RFC 7638 thumbprint of an EC key, hex SHA-256 of its required members in order."""
    required = {"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x, "y": jwk.y}
    return sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode("ascii")).hexdigest()


def key_id(jwk: PublicJwk) -> str:
    """The ``kid`` that a key must have: the first 16 hex digits of its thumbprint."""
    return thumbprint(jwk)[:KID_LENGTH]
