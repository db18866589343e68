"""Which agent a printer belongs to while several see it. Pure.

The owner stays owner for as long as it reads the printer. Readings of others are taken as data and move nothing; only
when the owner was silent for `STALE_AFTER`, or when people transfer the printer, does it change hands.

All of it is in the printer's state, which is written with each reading anyway: ``seen_by`` holds, for each agent once
there are several, when it read the printer last, the digest of who it said the printer is, and its MAC address.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from functions.ingest.identities.retirement import is_retired, is_taken_up
from shared.attributes import Item
from shared.clock import from_key_time
from shared.tenancy import AgentCaller

STALE_AFTER: Final = timedelta(days=3)
"""The three days of SUP-30, whatever `silence_stale_days` says: that is for printers that nobody reads, and this one
has a reader. Readings alone decide, not when somebody changed a setting; and no upload reads settings for it."""
MOST_SEEN: Final = 5
FORGOTTEN_AFTER: Final = timedelta(days=35)
"""An agent that did not read the printer for so long is no longer shown: older readings are not accepted either."""


def digest_by(state: Item | None, agent_id: str) -> str | None:
    """The digest of who the agent last said the printer is; None when it never said."""
    if state is None:
        return None
    if state["agent_id"] == agent_id:
        return state.get("meta_digest")
    digest: str | None = state.get("seen_by", {}).get(agent_id, {}).get("digest")
    return digest


def owner_read_at(state: Item) -> str:
    """When the owner read the printer last, as `key_time`."""
    seen: str = state.get("seen_by", {}).get(state["agent_id"], {}).get("at", state["taken_at"])
    return seen


def moves(state: Item | None, agent_id: str, stamp: str) -> bool:
    """True when a reading taken at ``stamp`` by that agent makes the printer its own."""
    if state is None or state["agent_id"] == agent_id or stamp <= state["taken_at"]:
        return False
    return from_key_time(stamp) - from_key_time(owner_read_at(state)) >= STALE_AFTER


def place_of(state: Item | None, meta: Item | None, caller: AgentCaller, stamp: str) -> AgentCaller:
    """The agent and site that the printer belongs to after a reading: the caller's only if it is or becomes owner.

    It becomes that of a printer that nobody has: one that was registered by hand, or retired before the reading. A
    reading of a retired printer that was taken before leaves it where it was.
    """
    owned = state if state is not None else meta
    if owned is None or owned.get("agent_id") in {None, caller.agent_id}:
        return caller
    if meta is not None and is_retired(meta):
        changes_hands = is_taken_up(meta, stamp)
    else:
        changes_hands = moves(state, caller.agent_id, stamp)
    if changes_hands:
        return caller
    return replace(caller, agent_id=owned["agent_id"], site_id=owned["site_id"])


def kept_digest(meta: Item | None, digest: str, stamp: str) -> str:
    """The digest that a reading leaves in the state: none while the printer stays retired, so that the next is asked.

    ``meta`` is the printer's item, None where it was not read: then it is in service.
    """
    return "" if meta is not None and is_retired(meta) and not is_taken_up(meta, stamp) else digest


def sighted(
    before: Item | None, after: Item, agent_id: str, stamp: str, digest: str, mac_address: str | None = None
) -> Item:
    """The state ``after`` a reading, with who has seen the printer; ``before`` is what it was until then.

    Nothing is added while one agent alone reads it. At most `MOST_SEEN` agents are kept, the owner always.
    """
    is_newest = before is None or stamp > before["taken_at"]
    owner = after["agent_id"]
    if is_newest and agent_id == owner:
        after = after | {"meta_digest": digest}
    seen: dict[str, Item] = dict((before or {}).get("seen_by", {}))
    if not seen:
        alone = before or after
        if alone["agent_id"] == agent_id:
            return after
        seen[alone["agent_id"]] = {"at": alone["taken_at"], "digest": alone.get("meta_digest")}
    if stamp > seen.get(agent_id, {}).get("at", ""):
        seen[agent_id] = {"at": stamp, "digest": digest, "mac": mac_address}
    newest = max(each["at"] for each in seen.values())
    oldest = from_key_time(newest) - FORGOTTEN_AFTER
    order = sorted(seen, key=lambda each: (each == owner, seen[each]["at"]), reverse=True)
    kept = {each: seen[each] for each in order[:MOST_SEEN] if each == owner or from_key_time(seen[each]["at"]) > oldest}
    return after | {"seen_by": kept}


def given_to(state: Item, agent_id: str, site_id: str, at: str) -> Item:
    """The state of a printer that is given to another agent at ``at``, whether or not that agent has read it yet.

    The time it was given counts as a reading by the new owner, so that the former one does not take it back at once;
    whoever reads it next says anew who it is. When it really read the printer, if ever, stays known as ``read_at``.
    """
    seen: dict[str, Item] = dict(state.get("seen_by", {}))
    seen.setdefault(state["agent_id"], {"at": state["taken_at"], "digest": state.get("meta_digest")})
    before = seen.get(agent_id, {})
    read_at = before.get("read_at" if "given" in before else "at")
    given = {"at": max(at, before.get("at", "")), "given": True} | ({"read_at": read_at} if read_at else {})
    kept = {name: value for name, value in state.items() if name != "meta_digest"}
    return kept | {"agent_id": agent_id, "site_id": site_id, "seen_by": seen | {agent_id: given}}


def unsaid(state: Item) -> Item:
    """The state without what any agent said of who the printer is: each reading then tells it anew."""
    kept = {name: value for name, value in state.items() if name != "meta_digest"}
    if "seen_by" in kept:
        kept["seen_by"] = {
            agent_id: {"mac": None} | {name: value for name, value in seen.items() if name != "digest"}
            for agent_id, seen in kept["seen_by"].items()
        }
    return kept
