"""Activation codes: made once, shown once, stored as a digest, used once. Pure but for the randomness of `code_for`."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from functions.ingest.table import keys
from shared.clock import from_key_time, key_time
from shared.errors import Conflict, FieldError, Invalid
from shared.ids import new_id
from shared.table import Item
from shared.wire.codes import ALPHABET, CODE_LENGTH, check_symbol, code_digest

KEEP: Final = timedelta(days=90)  # after it ended, so that the list still shows what became of it


class CodeStatus(StrEnum):
    """What became of a code."""

    UNUSED = "unused"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code in clear, to be shown once, and the item that is stored."""

    code: str
    item: Item


def code_for(agent: Item, *, valid_for: timedelta, now: datetime) -> NewCode:
    """A code of 80 random bits, less a fifth of one, that activates this agent: for the first time, or again."""
    code, code_id = _random_code(), new_id("act")
    pk, sk = keys.activation_code(code_digest(code))
    names = ("tenant_id", "organization_id", "organization_path", "site_id", "name")
    item: Item = {
        "pk": pk,
        "sk": sk,
        "gsi1pk": keys.codes_of_tenant(agent["tenant_id"]),
        "gsi1sk": keys.below_path(agent["organization_path"], code_id),
        **{name: agent.get(name) for name in names},
        "for_agent_id": agent["agent_id"],
        "code_id": code_id,
        "status": CodeStatus.UNUSED.value,
        "created_at": key_time(now),
        "valid_until": key_time(now + valid_for),
        "expires_at": int((now + valid_for + KEEP).timestamp()),
    }
    return NewCode(code, item)


def ended(code: Item, now: datetime) -> Item:
    """The code after a newer one took its place: expired."""
    return code | {"valid_until": key_time(now - timedelta(microseconds=1))}


def status_of(code: Item, now: datetime) -> CodeStatus:
    """The code's status at ``now``; time is judged here, not by the table's expiry, which lags."""
    if code["status"] == CodeStatus.USED:
        return CodeStatus.USED
    return CodeStatus.EXPIRED if now > from_key_time(code["valid_until"]) else CodeStatus.UNUSED


def used(code: Item, agent_id: str, thumbprint: str, now: datetime) -> Item:
    """The code after an agent redeemed it."""
    use = {"status": CodeStatus.USED.value, "agent_id": agent_id, "thumbprint": thumbprint, "used_at": key_time(now)}
    return code | use


def invalid_code(detail: str) -> Invalid:
    """The problem of a code that is none of ours."""
    return Invalid("activation_code_invalid", detail, (FieldError("/code", detail),))


def refusal(status: CodeStatus) -> Conflict:
    """The problem of a code that can no longer be redeemed, with what to do about it."""
    if status is CodeStatus.USED:
        detail = "This activation code was used by another agent; ask the partner for a new one."
        return Conflict("activation_code_used", detail)
    return Conflict("activation_code_expired", "This activation code has expired; ask the partner for a new one.")


def _random_code() -> str:
    """Random symbols and their check symbol, drawn again until no shell takes that for its own (``*``, ``$``)."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if (check := check_symbol(body)).isalnum():
            return body + check
