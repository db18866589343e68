"""An agent's life in its partner's hands: suspended, resumed, deactivated, deleted (AGT-01)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from functions.ingest.agents.agent import AgentStatus, find_agent, visible_agent
from functions.ingest.agents.changes import DEED_OF, change_entry, edited
from functions.ingest.credentials.codes import CodeStatus, ended, status_of
from functions.ingest.table import keys, outbox
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, PreconditionFailed
from shared.events import EventName
from shared.ids import new_id
from shared.table import Item
from shared.visibility import Visible

ENDING_FOR: Final = timedelta(minutes=2)
"""How long a row says that its agent may end: longer than any request runs, so none goes on when it is forgotten."""
_PAGE: Final = 200
_TRIES: Final = 3
_OF_A_SUSPENSION: Final = frozenset({"suspended_at", "suspended_by", "suspended_reason"})
_OF_A_DELETED: Final = frozenset(
    {"pk", "sk", "version", "tenant_id", "organization_id", "organization_path", "site_id"}
)
_OF_AN_ENDING: Final = frozenset({"ending_until", "ending_id"})
StatusesOf = Callable[[str, Sequence[str]], list[ManagedStatus]]
Change = Callable[[Item], Item]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a partner's key asked for, and when."""

    event: EventName
    key_id: str
    at: datetime


def _as_it_is(agent: Item) -> Item:
    return agent


def suspend(
    documents: Documents, visible: Visible, agent_id: str, *, reason: str | None, key_id: str, now: datetime
) -> Item:
    """Stop hearing an agent, as when it was stolen; the row as it is now. Nothing is deleted, and it can be resumed.

    An unused activation code for it expires with the same write: whoever holds the machine may hold the code. Safe to
    repeat: a suspended agent stays as it is.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_not_active``: it is deactivated, and heard no more anyway.
    """
    said = {"suspended_at": key_time(now), "suspended_by": key_id, "suspended_reason": reason}

    def change(agent: Item) -> Item:
        if agent["status"] == AgentStatus.SUSPENDED:
            return agent
        _refuse_over(agent)
        return agent | {"status": AgentStatus.SUSPENDED.value} | said

    return _changed(documents, visible, agent_id, change, Wish(EventName.AGENT_SUSPENDED, key_id, now))


def resume(documents: Documents, visible: Visible, agent_id: str, *, key_id: str, now: datetime) -> Item:
    """Hear a suspended agent again, with the keys it has; one that was suspect, or never activated, is that again.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_not_suspended``.
    """

    def change(agent: Item) -> Item:
        if agent["status"] != AgentStatus.SUSPENDED:
            raise Conflict("agent_not_suspended", f"This agent is {agent['status']}; only a suspended one is resumed.")
        kept = {name: value for name, value in agent.items() if name not in _OF_A_SUSPENSION}
        return kept | {"status": _before_suspension(agent).value}

    return _changed(documents, visible, agent_id, change, Wish(EventName.AGENT_RESUMED, key_id, now))


def deactivate(  # noqa: PLR0913 - a keyword for each thing it depends on
    documents: Documents,
    visible: Visible,
    agent_id: str,
    *,
    statuses_of: StatusesOf,
    key_id: str,
    now: datetime,
    edit: Change = _as_it_is,
) -> Item:
    """End an agent for good; its row, its printers and their history stay. Safe to repeat.

    ``edit`` is what else is changed with it, in the same write; what it raises refuses both.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_has_managed_printers`` (AGT-01).
    """

    def change(agent: Item) -> Item:
        after = edit(agent)
        if agent["status"] == AgentStatus.DEACTIVATED:
            return after
        return after | {"status": AgentStatus.DEACTIVATED.value, "deactivated_at": key_time(now)}

    wish = Wish(EventName.AGENT_DEACTIVATED, key_id, now)
    return _ended(documents, visible, agent_id, change, wish, statuses_of)


def delete(
    documents: Documents, visible: Visible, agent_id: str, *, statuses_of: StatusesOf, key_id: str, now: datetime
) -> None:
    """Take an agent off every list, with its name, host and keys; its printers stay listed (AGT-02).

    What stays of the row refuses its tokens by name. Safe to repeat: a deleted agent is a missing one.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: As for `deactivate`.
    """

    def change(agent: Item) -> Item:
        kept = {name: value for name, value in agent.items() if name in _OF_A_DELETED}
        return kept | {"agent_id": agent_id, "status": AgentStatus.DELETED.value, "keys": []}

    _ended(documents, visible, agent_id, change, Wish(EventName.AGENT_DELETED, key_id, now), statuses_of)


def printers_of(documents: Documents, agent_id: str, *, most: int) -> list[str]:
    """Ids of the printers that an agent reads, at most ``most``."""
    found: list[str] = []
    for page in printer_pages(documents, agent_id):
        found += page
        if len(found) >= most:
            break
    return found[:most]


def printers_after(documents: Documents, agent_id: str, after: str, *, most: int) -> tuple[list[str], bool]:
    """Ids of an agent's printers behind one of them (``""``: of the first), in order; and whether there are more."""
    partition, _ = keys.agent(agent_id)
    _, low = keys.agent_printer(agent_id, f"{after}\0" if after else "")
    _, high = keys.agent_printer(agent_id, "~")
    found: list[str] = []
    cursor: str | None = None
    while True:
        limit = min(most - len(found), _PAGE)
        page = documents.page(partition, sk_between=(low, high), limit=limit, cursor=cursor)
        found += [item["printer_id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None or len(found) >= most:
            return found, cursor is not None


def printer_pages(documents: Documents, agent_id: str, *, consistent: bool = False) -> Iterator[list[str]]:
    """Ids of all printers that an agent reads, at most 200 at a time, so that any number of them fits in memory.

    Perhaps as they were a moment before, unless ``consistent``.
    """
    partition, _ = keys.agent(agent_id)
    cursor: str | None = None
    while True:
        page = documents.page(
            partition, sk_prefix=keys.AGENT_PRINTER_PREFIX, limit=_PAGE, cursor=cursor, consistent=consistent
        )
        yield [item["printer_id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return


def refuse_held(documents: Documents, agent: Item, statuses_of: StatusesOf) -> None:
    """Raise `Conflict` with the count when printers of the agent are managed or pending (AGT-01)."""
    held = 0
    for printers in printer_pages(documents, agent["agent_id"], consistent=True):
        statuses = statuses_of(agent["tenant_id"], printers)
        held += sum(status in {ManagedStatus.MANAGED, ManagedStatus.PENDING} for status in statuses)
    if held:
        detail = f"This agent reads {held} managed or pending printer(s); another agent must read them first."
        raise Conflict("agent_has_managed_printers", detail)


def expired_codes(documents: Documents, agent: Item, now: datetime) -> list[Item]:
    """The open code of an agent, expired, to be written with what ends it; empty when there is none."""
    open_key = [keys.open_code(agent)] if "open_code" in agent else []
    before = documents.load(open_key).values()
    return [ended(code, now) for code in before if status_of(code, now) is CodeStatus.UNUSED]


def _ended(
    documents: Documents, visible: Visible, agent_id: str, change: Change, wish: Wish, statuses_of: StatusesOf
) -> Item:
    """End an agent that reads no managed or pending printer (AGT-01): first its row says so, then they are counted.

    An enrolment writes its printers pending, and then reads the agent's row; this writes the row, and then reads the
    printers: whatever their order, one of the two sees the other and gives way. The word is taken back with the
    refusal; after a crash it means nothing `ENDING_FOR` later. Safe to repeat.
    """
    ending_id = new_id("end")
    for _ in range(_TRIES):
        agent = visible_agent(documents, visible, agent_id)
        if change(agent) == agent:
            return agent
        if documents.save(agent | {"ending_until": key_time(wish.at + ENDING_FOR), "ending_id": ending_id}):
            break
    else:
        raise _busy()

    def ended(row: Item) -> Item:
        if row.get("ending_id") != ending_id:
            raise _busy()
        return _without_word(change(row))

    try:
        refuse_held(documents, agent, statuses_of)
        return _changed(documents, visible, agent_id, ended, wish)
    except (Conflict, PreconditionFailed):
        _go_on(documents, agent_id, ending_id)
        raise


def _go_on(documents: Documents, agent_id: str, ending_id: str) -> None:
    """Take the word back that an agent may end, if it is this request's. Safe to repeat; lost, it lapses by itself."""
    for _ in range(_TRIES):
        agent = find_agent(documents, agent_id)
        if agent is None or agent.get("ending_id") != ending_id:
            return
        if documents.save(_without_word(agent)):
            return


def _without_word(agent: Item) -> Item:
    return {field: value for field, value in agent.items() if field not in _OF_AN_ENDING}


def _changed(documents: Documents, visible: Visible, agent_id: str, change: Change, wish: Wish) -> Item:
    """Write a change of the row, its event, its entry and the end of an open code, at the versions that were read."""
    for _ in range(_TRIES):
        agent = visible_agent(documents, visible, agent_id)
        changed = change(agent)
        if changed == agent:
            return agent
        changed = edited(changed)
        data = {"site_id": agent["site_id"], "status": changed["status"]}
        fact = f"{wish.event}:{key_time(wish.at)}"
        told = outbox.told(wish.event, agent, subject_id=agent_id, fact=fact, at=wish.at, data=data)
        entry = change_entry(agent, changed, DEED_OF[wish.event], wish.at, key_id=wish.key_id)
        codes = [] if wish.event is EventName.AGENT_RESUMED else expired_codes(documents, agent, wish.at)
        if documents.commit([changed, told, entry, *codes]):
            return changed
    raise _busy()


def _busy() -> Conflict:
    return Conflict("agent_busy", "The agent is being changed by others; read it and try again.")


def _before_suspension(agent: Item) -> AgentStatus:
    if "suspect_since" in agent:
        return AgentStatus.SUSPECT
    return AgentStatus.ACTIVE if agent["keys"] else AgentStatus.PENDING


def _refuse_over(agent: Item) -> None:
    if AgentStatus(agent["status"]).is_over:
        raise Conflict("agent_not_active", "A deactivated agent is not heard anyway, and stays so.")
