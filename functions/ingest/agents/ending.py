"""The end of an agent, for good: deactivated or deleted, once it reads no managed or pending printer (AGT-01).

Of very many printers `MOST_COUNTED` are counted in one request. How far that came stands in the agent's row, and the
same request sent again goes on from there, as long as nothing could be enrolled in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from functions.ingest.agents import agent_printers
from functions.ingest.agents.agent import AgentStatus, find_agent, visible_agent
from functions.ingest.agents.life import TRIES, Change, Wish, busy, changed_row
from functions.ingest.table.holdings import StatusesOf
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, PreconditionFailed, Unavailable
from shared.events import EventName
from shared.ids import new_id
from shared.table import Item
from shared.visibility import Visible

ENDING_FOR: Final = timedelta(minutes=2)
"""How long a row says that its agent may end: longer than any request runs, so none goes on when it is forgotten."""
GOES_ON_FOR: Final = timedelta(seconds=90)
"""How long the next request may go on with a count: what is left of `ENDING_FOR` is longer than it takes to say so."""
MOST_COUNTED: Final = 20_000
"""Printers of one request, which has 29 seconds: some ten are enough for them."""
_OF_A_DELETED: Final = frozenset(
    {"pk", "sk", "version", "tenant_id", "organization_id", "organization_path", "site_id"}
)
_COUNT: Final = "ending_count"
_OF_AN_ENDING: Final = frozenset({"ending_until", "ending_id", _COUNT})


@dataclass(slots=True)
class _Count:
    """How far the printers of an agent are counted.

    Attributes:
        printers: How many were looked at.
        held: How many of them are managed or pending.
        after: The last of them; those behind it are still to be counted.
        is_more: There are any.
    """

    printers: int = 0
    held: int = 0
    after: str = ""
    is_more: bool = True

    @classmethod
    def of(cls, agent: Item, now: datetime) -> Self:
        """The one that an earlier request began, if the row has said since then that the agent may end; or a new one.

        Who enrols a printer, or gives one to the agent, reads the row and gives way: what was counted stays true.
        """
        until = agent.get("ending_until")
        if _COUNT not in agent or until is None or from_key_time(until) - now < ENDING_FOR - GOES_ON_FOR:
            return cls()
        kept = agent[_COUNT]
        return cls(int(kept["printers"]), int(kept["held"]), kept["after"])

    def as_kept(self) -> Item:
        """What `of` reads."""
        return {"printers": self.printers, "held": self.held, "after": self.after}

    def go_on(self, documents: Documents, agent: Item, statuses_of: StatusesOf) -> None:
        """Count at most `MOST_COUNTED` more, as they are now."""
        most = self.printers + MOST_COUNTED
        while self.is_more and self.printers < most:
            page = min(agent_printers.PAGE, most - self.printers)
            ids, self.is_more = agent_printers.printers_after(
                documents, agent["agent_id"], self.after, most=page, consistent=True
            )
            statuses = statuses_of(agent["tenant_id"], ids)
            self.held += sum(status in {ManagedStatus.MANAGED, ManagedStatus.PENDING} for status in statuses)
            self.printers += len(ids)
            self.after = ids[-1] if ids else self.after

    def refuse_held(self) -> None:
        """Raise `Conflict` with the count when printers of the agent are managed or pending."""
        if self.held:
            detail = f"This agent reads {self.held} managed or pending printer(s); another agent must read them first."
            raise Conflict("agent_has_managed_printers", detail)


def _as_it_is(agent: Item) -> Item:
    return agent


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
        Unavailable: ``agent_ending``: more printers than one request counts; sent again, it goes on.
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
        Conflict, Unavailable: As for `deactivate`.
    """

    def change(agent: Item) -> Item:
        kept = {name: value for name, value in agent.items() if name in _OF_A_DELETED}
        return kept | {"agent_id": agent_id, "status": AgentStatus.DELETED.value, "keys": []}

    _ended(documents, visible, agent_id, change, Wish(EventName.AGENT_DELETED, key_id, now), statuses_of)


def _ended(
    documents: Documents, visible: Visible, agent_id: str, change: Change, wish: Wish, statuses_of: StatusesOf
) -> Item:
    """End an agent that reads no managed or pending printer (AGT-01): first its row says so, then they are counted.

    An enrolment writes its printers pending, and then reads the agent's row; this writes the row, and then reads the
    printers: whatever their order, one of the two sees the other and gives way. The word is taken back with the
    refusal; after a crash it means nothing `ENDING_FOR` later. Safe to repeat.
    """
    ending_id = new_id("end")
    agent = _announced(documents, visible, agent_id, change, ending_id, wish.at)
    if change(agent) == agent:
        return agent
    count = _Count.of(agent, wish.at)

    def ended(row: Item) -> Item:
        if row.get("ending_id") != ending_id:
            raise busy()
        return _without_word(change(row))

    try:
        count.go_on(documents, agent, statuses_of)
        if count.is_more:
            raise _still_counting(documents, agent_id, ending_id, count)
        count.refuse_held()
        return changed_row(documents, visible, agent_id, ended, wish)
    except (Conflict, PreconditionFailed):
        _rewritten(documents, agent_id, ending_id, _without_word)
        raise


def _announced(
    documents: Documents, visible: Visible, agent_id: str, change: Change, ending_id: str, now: datetime
) -> Item:
    """The agent's row as it was before it said that it may end; it does not when there is nothing to be changed.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_busy``.
    """
    for _ in range(TRIES):
        agent = visible_agent(documents, visible, agent_id)
        word = {"ending_until": key_time(now + ENDING_FOR), "ending_id": ending_id}
        if change(agent) == agent or documents.save(_without_word(agent) | word):
            return agent
    raise busy()


def _still_counting(documents: Documents, agent_id: str, ending_id: str, count: _Count) -> Unavailable:
    """Note how far the count came, and what to answer. A note that is lost costs the next request the same again."""
    _rewritten(documents, agent_id, ending_id, lambda agent: agent | {_COUNT: count.as_kept()})
    seconds = int(GOES_ON_FOR.total_seconds())
    detail = (
        f"{count.printers} printers of this agent are counted, {count.held} of them managed or pending, and there are "
        f"more; send the same again within {seconds} seconds to go on."
    )
    return Unavailable("agent_ending", detail)


def _rewritten(documents: Documents, agent_id: str, ending_id: str, change: Change) -> None:
    """Change what the row says of its agent's end, if that is this request's word. Safe to repeat; lost, it lapses."""
    for _ in range(TRIES):
        agent = find_agent(documents, agent_id)
        if agent is None or agent.get("ending_id") != ending_id or documents.save(change(agent)):
            return


def _without_word(agent: Item) -> Item:
    return {name: value for name, value in agent.items() if name not in _OF_AN_ENDING}
