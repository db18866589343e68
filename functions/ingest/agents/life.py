"""An agent's life in its partner's hands: suspended and resumed; how any change of its row is written (AGT-01)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.ingest.agents.agent import AgentStatus, visible_agent
from functions.ingest.agents.changes import DEED_OF, change_entry, edited
from functions.ingest.credentials.codes import CodeStatus, ended, status_of
from functions.ingest.table import keys, outbox
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Conflict
from shared.events import EventName
from shared.table import Item
from shared.visibility import Visible

TRIES: Final = 3
"""How often a row is written over what others wrote meanwhile."""
_OF_A_SUSPENSION: Final = frozenset({"suspended_at", "suspended_by", "suspended_reason"})
Change = Callable[[Item], Item]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a partner's key asked for, and when."""

    event: EventName
    key_id: str
    at: datetime


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

    return changed_row(documents, visible, agent_id, change, Wish(EventName.AGENT_SUSPENDED, key_id, now))


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

    return changed_row(documents, visible, agent_id, change, Wish(EventName.AGENT_RESUMED, key_id, now))


def expired_codes(documents: Documents, agent: Item, now: datetime) -> list[Item]:
    """The open code of an agent, expired, to be written with what ends it; empty when there is none."""
    open_key = [keys.open_code(agent)] if "open_code" in agent else []
    before = documents.load(open_key).values()
    return [ended(code, now) for code in before if status_of(code, now) is CodeStatus.UNUSED]


def changed_row(documents: Documents, visible: Visible, agent_id: str, change: Change, wish: Wish) -> Item:
    """Write a change of the row, its event, its entry and the end of an open code, at the versions that were read."""
    for _ in range(TRIES):
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
    raise busy()


def busy() -> Conflict:
    """What is raised when others kept changing the row."""
    return Conflict("agent_busy", "The agent is being changed by others; read it and try again.")


def _before_suspension(agent: Item) -> AgentStatus:
    if "suspect_since" in agent:
        return AgentStatus.SUSPECT
    return AgentStatus.ACTIVE if agent["keys"] else AgentStatus.PENDING


def _refuse_over(agent: Item) -> None:
    if AgentStatus(agent["status"]).is_over:
        raise Conflict("agent_not_active", "A deactivated agent is not heard anyway, and stays so.")
