"""A printer that changes hands: its agent's link, its audit trail, the event, and the question where to deliver now.

Everything of one move is one transaction with the printer's own items, so that a printer is always on exactly one
agent and a move is told exactly once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.questions import asked, question
from functions.ingest.identities.retirement import is_retired
from functions.ingest.identities.stays import at_site
from functions.ingest.identities.telling_apart import IDENTITY_EVENT_FIELDS
from functions.ingest.lineages.returning import link_of, returned
from functions.ingest.table import keys, outbox
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from shared.attributes import Item
from shared.clock import from_key_time
from shared.events import EventName
from shared.tenancy import AgentCaller


@dataclass(frozen=True, slots=True)
class Bound:
    """Items that are written together or not at all, and keys that go with them.

    ``taker`` is the agent that a printer goes to with it, which must go on at that moment (AGT-01).
    """

    items: list[Item] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)
    taker: str | None = None

    @property
    def keys(self) -> set[Key]:
        """The keys of the items."""
        return {keys.key_of(item) for item in self.items}


def bound_by(
    writes: Mapping[Key, Item],
    loaded: Mapping[Key, Item],
    caller: AgentCaller,
    stamp: str,
    now: datetime,
    documents: Documents,
) -> Bound:
    """What must be written in one transaction because a reading moved a printer, brought it back, found it elsewhere.

    Nothing, nearly always. Otherwise the printer's meta and state with what tells of the change. Safe to repeat: the
    items carry the versions that were read, and the entries are named by the time of the reading, ``stamp``.
    """
    for key, item in writes.items():
        before = loaded.get(key)
        if key != keys.meta(caller.tenant_id, item["printer_id"]) or before is None:
            continue
        taken_at = from_key_time(stamp)
        if is_retired(before) and not is_retired(item):
            told = _brought_back(before, item, stamp, now, documents)
        elif "agent_id" not in before:
            told = found(before, item, at=now, fact=stamp)
        elif before["agent_id"] != item["agent_id"]:
            told = moved(before, item, Happening.MOVED, at=now, fact=stamp, agent_id=caller.agent_id)
        elif before.get("address") not in {None, item.get("address")}:
            change = {"from_address": before.get("address"), "to_address": item.get("address")}
            told = Bound([entry(item, Happening.ADDRESS_CHANGED, taken_at, stamp, agent_id=caller.agent_id, **change)])
        else:
            continue
        state = writes.get(keys.state(caller.tenant_id, item["printer_id"]))
        return Bound(_together([item, *([state] if state else []), *told.items]), told.gone, told.taker)
    return Bound()


def _brought_back(before: Item, after: Item, stamp: str, now: datetime, documents: Documents) -> Bound:
    """What a reading of a retired printer leads to, with its item in service."""
    items = returned(documents, before, after, now, agent_id=after["agent_id"])
    first = [link_of(after)] if "agent_id" in before else found(before, after, at=now, fact=stamp).items
    return Bound(_together([*first, *items]), [], after["agent_id"])


def _together(items: Sequence[Item]) -> list[Item]:
    """The items, of several with one key the last."""
    return list({keys.key_of(item): item for item in items}.values())


def moved(before: Item, after: Item, how: Happening, *, at: datetime, fact: str, **by: str | None) -> Bound:
    """The link to the new agent, the entry and the event of a move; the former agent's link is gone.

    Args:
        before: The printer's meta until now.
        after: The same with its new agent and site, as `placed` gives it.
        how: Moved by itself, or transferred.
        at: When.
        fact: Tells this move from others of the printer.
        by: ``agent_id`` or ``key_id`` of who did it.
    """
    printer_id = after["printer_id"]
    data: dict[str, Any] = {
        "from_agent_id": before["agent_id"],
        "to_agent_id": after["agent_id"],
        "from_site_id": before["site_id"],
        "to_site_id": after["site_id"],
        "cause": how.value,
        "site_move": "to_confirm" if "site_move" in after else None,
    }
    event = outbox.told(
        EventName.PRINTER_MOVED, after, subject_id=printer_id, fact=f"{how.value}:{fact}", at=at, data=data
    )
    items, gone = asked(after, before)
    gone.append(keys.agent_printer(before["agent_id"], printer_id))
    return Bound([link_of(after), entry(after, how, at, fact, **by, **data), event, *items], gone, after["agent_id"])


def found(before: Item, after: Item, *, at: datetime, fact: str) -> Bound:
    """The link to the first agent that reads a printer, which was registered by hand; the entry and the event of it."""
    agent_id, printer_id = after["agent_id"], after["printer_id"]
    data = {name: after.get(name) for name in (*IDENTITY_EVENT_FIELDS, "registration")}
    event = outbox.told(EventName.PRINTER_DISCOVERED, after, subject_id=printer_id, fact="discovered", at=at, data=data)
    sites = {"from_site_id": before["site_id"], "site_id": after["site_id"]}
    story = entry(after, Happening.DISCOVERED, at, fact, agent_id=agent_id, **sites)
    items, gone = asked(after, before)
    return Bound([link_of(after), story, event, *items], gone, agent_id)


def placed(meta: Item, agent_id: str, site_id: str, at: datetime, since: date) -> Item:
    """The meta of a printer at an agent and, from a day on, a site; at another one the move is to be confirmed.

    ``site_move`` remembers the last confirmed site: a printer that comes back to it has nothing to ask.
    """
    if meta.get("agent_id") == agent_id and meta["site_id"] == site_id:
        return meta
    after = at_site(meta, site_id, since) | {"agent_id": agent_id}
    origin = (meta.get("site_move") or {}).get("from_site_id", meta["site_id"])
    if origin == site_id:
        return {name: value for name, value in after.items() if name != "site_move"}
    if meta["site_id"] == site_id:
        return after
    return after | {"site_move": question({"from_site_id": origin, "to_site_id": site_id}, at)}
