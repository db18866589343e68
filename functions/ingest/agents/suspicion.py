"""When one key has two holders: the agent is suspect, and nobody is heard until it is activated again.

Data is not taken from a suspect agent, because nobody can say which holder sent it; it is not lost either, because an
agent deletes only what was answered 2xx. The copy whose site is given the re-activation code sends what it kept.
"""

from datetime import datetime
from typing import Final

from functions.ingest.agents.agent import AgentStatus, SuspectCause, find_agent
from functions.ingest.table import outbox
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Forbidden, Unavailable
from shared.events import EventName
from shared.table import Item
from shared.tenancy import AGENT_REFUSALS

_TRIES: Final = 3


class AgentSuspected(Forbidden):
    """The call that made the agent suspect; those after it are refused by the authorizer."""

    def __init__(self, agent_id: str, cause: SuspectCause) -> None:
        super().__init__("agent_suspect", AGENT_REFUSALS["agent_suspect"])
        self.agent_id = agent_id
        self.cause = cause


def suspect(agent: Item, cause: SuspectCause, *, documents: Documents, now: datetime) -> AgentSuspected:
    """Mark an active agent as suspect; gives what to raise.

    Safe to repeat: written at the version that was read; an agent that is not active (any more) stays as it is.

    Raises:
        Unavailable: Others kept changing the row.
    """
    agent_id = str(agent["agent_id"])
    for _ in range(_TRIES):
        since = {"status": AgentStatus.SUSPECT.value, "suspect_since": key_time(now), "suspect_cause": cause.value}
        event = outbox.told(
            EventName.AGENT_SUSPECTED,
            agent,
            subject_id=agent_id,
            fact=f"suspected:{key_time(now)}",
            at=now,
            data={"site_id": agent["site_id"], "cause": cause.value},
        )
        if documents.commit([agent | since, event]):
            return AgentSuspected(agent_id, cause)
        found = find_agent(documents, agent_id)
        if found is None or found["status"] != AgentStatus.ACTIVE:
            return AgentSuspected(agent_id, cause)
        agent = found
    raise Unavailable("store_busy", "The store is slow to answer; try again.")
