"""An agent's keys in its row: the one in force, and for a while those that it took the place of. Pure."""

from datetime import datetime
from typing import Final

from functions.ingest.credentials.thumbprints import thumbprint
from shared.clock import from_key_time, key_time
from shared.table import Item
from shared.wire.activation import PublicJwk
from shared.wire.rotation import PREVIOUS_KEY_LIFETIME

MOST_KEYS: Final = 4
"""Keys of one agent that are accepted at a time: the one in force and three that it exchanged within a fortnight."""


def new_key(jwk: PublicJwk, now: datetime) -> Item:
    """A key as it stands in the row, in force from ``now``."""
    return {"jwk": jwk.model_dump(mode="json"), "thumbprint": thumbprint(jwk), "added_at": key_time(now)}


def kid_of(key: Item) -> str:
    """What tokens name the key by."""
    return str(key["jwk"]["kid"])


def ends_at(key: Item) -> datetime | None:
    """When an exchanged key stops being accepted; None for the key in force, which no time ends."""
    return from_key_time(key["not_after"]) if key.get("not_after") else None


def accepted_keys(agent: Item, now: datetime) -> list[Item]:
    """The keys whose signatures are accepted at ``now``, oldest first."""
    return [key for key in agent["keys"] if (end := ends_at(key)) is None or now < end]


def accepted_key(agent: Item, kid: str, now: datetime) -> Item | None:
    """The key of that name, if its signature is accepted at ``now``."""
    return next((key for key in accepted_keys(agent, now) if kid_of(key) == kid), None)


def with_next_key(agent: Item, jwk: PublicJwk, now: datetime) -> Item:
    """The row with ``jwk`` in force; the others are accepted for `PREVIOUS_KEY_LIFETIME` at most, ended ones go."""
    end = key_time(now + PREVIOUS_KEY_LIFETIME)
    previous = [key if key.get("not_after") else key | {"not_after": end} for key in accepted_keys(agent, now)]
    return agent | {"keys": [*previous, new_key(jwk, now)]}
