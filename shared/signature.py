"""Standard Webhooks signatures: ``v1,<base64 HMAC-SHA256 of id.timestamp.body>`` with a ``whsec_`` secret."""

import hmac
import secrets
from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A signing secret of 256 random bits."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(message_id: str, body: bytes, now: datetime, *keys: str) -> dict[str, str]:
    """The three headers that let the receiver check who sent the body, and when; one signature for each secret."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_mac(secret, signed)}" for secret in keys),
    }


def _mac(secret: str, signed: bytes) -> str:
    mac = hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, sha256).digest()
    return b64encode(mac).decode()
