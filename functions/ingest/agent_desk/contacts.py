"""An agent without news is heard all the same: it asks for its configuration when no printer has anything to say."""

from datetime import datetime, timedelta
from typing import Final

from functions.ingest.agents.agent import config_of
from functions.ingest.silence.watch import heard_again
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.table import Item

AGENTS_REMEMBERED: Final = 10_000


class Contacts:
    """Notes that an agent asked, at most once a heartbeat, and not when an upload said so."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[str, datetime] = {}

    def note(self, agent: Item, now: datetime) -> None:
        """Remember that the agent was heard now. Safe to repeat: it is written at the version that was read.

        When somebody was faster, an upload came just now, which says the same.

        What this process knows to be fresh is not even read: agents ask four times as often as they must be heard.
        """
        agent_id = agent["agent_id"]
        fresh = now - timedelta(seconds=config_of(agent).heartbeat_interval_seconds)
        if self._known.get(agent_id, fresh) <= fresh:
            if len(self._known) >= AGENTS_REMEMBERED:
                self._known.clear()
            self._known[agent_id] = self._noted(agent, fresh, now)
        if "silent_since" in agent:
            heard_again(self._documents, agent_id, now)

    def _noted(self, agent: Item, fresh: datetime, now: datetime) -> datetime:
        key = keys.agent_contact(agent["agent_id"])
        seen = self._documents.load([key], consistent=False).get(key)
        last = from_key_time(seen["last_seen_at"]) if seen else fresh
        if last > fresh:
            return last
        first = {"pk": key[0], "sk": key[1], "agent_version": agent["agent_version"]}
        self._documents.save((seen or first) | {"last_seen_at": key_time(now)})
        return now
