"""An agent's life in its partner's hands: suspended, resumed, deactivated, deleted (AGT-01)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from functions.ingest.agents.agent import AgentStatus, visible_agent
from functions.ingest.credentials.codes import CodeStatus, ended, status_of
from functions.ingest.table import keys, outbox
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.directory.views import ManagedStatus
from shared.errors import Conflict
from shared.events import EventName
from shared.table import Item
from shared.visibility import Visible

MOST_PRINTERS: Final = 1_000
"""As many are counted for an agent's details; all of them are before it ends."""
_PAGE: Final = 200
_TRIES: Final = 3
_OF_A_SUSPENSION: Final = frozenset({"suspended_at", "suspended_by", "suspended_reason"})
_OF_A_DELETED: Final = frozenset(
    {"pk", "sk", "version", "tenant_id", "organization_id", "organization_path", "site_id"}
)
StatusesOf = Callable[[str, Sequence[str]], list[ManagedStatus]]


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

    return _changed(documents, visible, agent_id, change, EventName.AGENT_SUSPENDED, now)


def resume(documents: Documents, visible: Visible, agent_id: str, *, now: datetime) -> Item:
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

    return _changed(documents, visible, agent_id, change, EventName.AGENT_RESUMED, now)


def deactivate(
    documents: Documents, visible: Visible, agent_id: str, *, statuses_of: StatusesOf, now: datetime
) -> Item:
    """End an agent for good; its row, its printers and their history stay. Safe to repeat.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_has_managed_printers`` (AGT-01).
    """

    def change(agent: Item) -> Item:
        if agent["status"] == AgentStatus.DEACTIVATED:
            return agent
        refuse_held(documents, agent, statuses_of)
        return agent | {"status": AgentStatus.DEACTIVATED.value, "deactivated_at": key_time(now)}

    return _changed(documents, visible, agent_id, change, EventName.AGENT_DEACTIVATED, now)


def delete(documents: Documents, visible: Visible, agent_id: str, *, statuses_of: StatusesOf, now: datetime) -> None:
    """Take an agent off every list, with its name, host and keys; its printers stay listed (AGT-02).

    What stays of the row refuses its tokens by name. Safe to repeat: a deleted agent is a missing one.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: As for `deactivate`.
    """

    def change(agent: Item) -> Item:
        refuse_held(documents, agent, statuses_of)
        kept = {name: value for name, value in agent.items() if name in _OF_A_DELETED}
        return kept | {"agent_id": agent_id, "status": AgentStatus.DELETED.value, "keys": []}

    _changed(documents, visible, agent_id, change, EventName.AGENT_DELETED, now)


def printers_of(documents: Documents, agent_id: str, *, most: int) -> list[str]:
    """Ids of the printers that an agent reads, at most ``most``."""
    found: list[str] = []
    for page in printer_pages(documents, agent_id):
        found += page
        if len(found) >= most:
            break
    return found[:most]


def printer_pages(documents: Documents, agent_id: str) -> Iterator[list[str]]:
    """Ids of all printers that an agent reads, at most 200 at a time, so that any number of them fits in memory."""
    partition, _ = keys.agent(agent_id)
    cursor: str | None = None
    while True:
        page = documents.page(partition, sk_prefix=keys.AGENT_PRINTER_PREFIX, limit=_PAGE, cursor=cursor)
        yield [item["printer_id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return


def refuse_held(documents: Documents, agent: Item, statuses_of: StatusesOf) -> None:
    """Raise `Conflict` with the count when printers of the agent are managed or pending (AGT-01)."""
    held = 0
    for printers in printer_pages(documents, agent["agent_id"]):
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


def _changed(
    documents: Documents,
    visible: Visible,
    agent_id: str,
    change: Callable[[Item], Item],
    name: EventName,
    now: datetime,
) -> Item:
    """Write a change of the row, its event and the end of an open code, all at the versions that were read."""
    for _ in range(_TRIES):
        agent = visible_agent(documents, visible, agent_id)
        changed = change(agent)
        if changed == agent:
            return agent
        data = {"site_id": agent["site_id"], "status": changed["status"]}
        event = outbox.told(name, agent, subject_id=agent_id, fact=f"{name}:{key_time(now)}", at=now, data=data)
        codes = [] if name is EventName.AGENT_RESUMED else expired_codes(documents, agent, now)
        if documents.commit([changed, event, *codes]):
            return changed
    raise Conflict("agent_busy", "The agent is being changed by others; read it and try again.")


def _before_suspension(agent: Item) -> AgentStatus:
    if "suspect_since" in agent:
        return AgentStatus.SUSPECT
    return AgentStatus.ACTIVE if agent["keys"] else AgentStatus.PENDING


def _refuse_over(agent: Item) -> None:
    if AgentStatus(agent["status"]).is_over:
        raise Conflict("agent_not_active", "A deactivated agent is not heard anyway, and stays so.")
