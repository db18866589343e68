"""What was changed of an agent, when and by whom: entries that are only ever added, and drop out after 400 days.

Each is written in the transaction of its change, so that none is missing and none tells of what was refused.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from functions.ingest.agents.agent import own_config_of
from functions.ingest.table import keys
from shared.clock import key_time
from shared.events import EventName
from shared.ids import new_id
from shared.table import Item

KEPT: Final = timedelta(days=400)
_DISCOVERY: Final = ("include", "exclude")


class AgentDeed(StrEnum):
    """What may be done to an agent."""

    EDITED = "edited"
    ACTIVATED = "activated"
    """A code was redeemed, for the first time or again: it has a new key."""
    KEY_ADDED = "key_added"
    KEY_WANTED = "key_wanted"
    """Its partner asked it to exchange its key."""
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"


DEED_OF: Final = {
    EventName.AGENT_SUSPENDED: AgentDeed.SUSPENDED,
    EventName.AGENT_RESUMED: AgentDeed.RESUMED,
    EventName.AGENT_DEACTIVATED: AgentDeed.DEACTIVATED,
    EventName.AGENT_DELETED: AgentDeed.DELETED,
}


def edits_of(agent: Item) -> int:
    """How often partners changed the agent: what its entity tag is made of, so agents' own writes do not move it."""
    return int(agent.get("edits", 0))


def edited(agent: Item) -> Item:
    """The row, changed once more by a partner."""
    return agent | {"edits": edits_of(agent) + 1}


def change_entry(before: Item, after: Item, deed: AgentDeed, at: datetime, *, key_id: str | None = None) -> Item:
    """The entry of a change, to be committed with it.

    Args:
        before: The agent's row as it was read.
        after: The row as it will be.
        deed: What was done.
        at: When.
        key_id: The partner's key that did it; None for what the agent did itself.
    """
    stamp = key_time(at)
    pk, sk = keys.agent_change(before["agent_id"], stamp, new_id("chg"))
    return {
        "pk": pk,
        "sk": sk,
        "tenant_id": before["tenant_id"],
        "at": stamp,
        "deed": deed.value,
        "key_id": key_id,
        "fields": list(_differences(before, after)),
        "expires_at": int((at + KEPT).timestamp()),
    }


def _differences(before: Item, after: Item) -> Iterator[dict[str, Any]]:
    """Each field that partners see, with both its values; a deleted agent's name is no longer written down."""
    was, now = _shown(before), _shown(after)
    for field in sorted(was.keys() | now.keys()):
        if was.get(field) != now.get(field):
            yield {"field": field, "before": was.get(field), "after": now.get(field)}


def _shown(agent: Item) -> dict[str, Any]:
    if agent["status"] == "deleted":
        return {"status": agent["status"]}
    config = own_config_of(agent).model_dump(mode="json", exclude_unset=True) if "config" in agent else {}
    discovery = config.pop("discovery", {})
    places = {f"discovery.{name}": discovery.get(name, []) for name in _DISCOVERY}
    kids = {"kids": [key["jwk"]["kid"] for key in agent["keys"]]} if agent.get("keys") else {}
    reason = {"suspended_reason": agent["suspended_reason"]} if agent.get("suspended_reason") else {}
    return {"status": agent["status"], "name": agent.get("name")} | config | places | kids | reason
