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
        """Remember that the agent was heard now. Safe to repeat: the later time stays.

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
        self._documents.replace((seen or _first(agent)) | {"last_seen_at": key_time(now)})
        return now


def _first(agent: Item) -> Item:
    pk, sk = keys.agent_contact(agent["agent_id"])
    names = ("agent_id", "agent_version", "tenant_id", "organization_id", "organization_path")
    return {"pk": pk, "sk": sk, **{name: agent[name] for name in names}}
