"""Standard Webhooks signatures, as the receiving partner checks them."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  the prefix every such secret has
SIGNATURE_PREFIX: Final = "v1,"
TOLERANCE_SECONDS: Final = 300


class SignatureError(ValueError):
    """The message is not from who holds the secret, or not from now. The text never tells the secret."""


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise SignatureError("the secret must be whsec_ and base64") from error


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of a message: HMAC-SHA256 of id, time and body joined by dots.

    Raises:
        SignatureError: the secret is not ``whsec_`` and base64.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return SIGNATURE_PREFIX + base64.b64encode(hmac.digest(_key(secret), signed, sha256)).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> str:
    """The id of an authentic message; ``headers`` are looked up in lower case, ``now`` is a Unix time.

    Raises:
        SignatureError: a header is missing, the time is more than five minutes off, or no signature fits.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdecimal()):
        raise SignatureError("webhook-id or webhook-timestamp is missing or malformed")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureError(f"webhook-timestamp is more than {TOLERANCE_SECONDS} s off")
    expected = sign(secret, message_id, int(timestamp), body)
    # Several signatures, separated by blanks, are sent while a secret is being changed.
    candidates = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(expected.encode(), candidate.encode()) for candidate in candidates):
        raise SignatureError("webhook-signature does not fit")
    return message_id
