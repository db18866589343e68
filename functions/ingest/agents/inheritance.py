"""What an agent inherits of its site and organisations, noticed when it is heard (ENT-02)."""

from datetime import datetime, timedelta
from typing import Final

from functions.ingest.agents.agent import as_told, with_inherited
from functions.ingest.table.ports import Documents
from shared.directory.inherited import Level, Resolved, SettingName, resolve
from shared.directory.reader import AccountsDirectory
from shared.table import Item

BELIEVED_FOR: Final = timedelta(seconds=60)
AGENTS_REMEMBERED: Final = 10_000


def settings_of(agent: Item, accounts: AccountsDirectory) -> dict[SettingName, Resolved]:
    """The settings in force for an agent."""
    place = agent["tenant_id"], agent["organization_path"], agent["site_id"]
    return resolve(accounts.explicit_settings(*place, (Level.AGENT, agent["agent_id"])))


class Inheritance:
    """The settings of agents, each believed for `BELIEVED_FOR`."""

    def __init__(self, documents: Documents, accounts: AccountsDirectory) -> None:
        self._documents = documents
        self._accounts = accounts
        self._known: dict[str, tuple[dict[SettingName, Resolved], datetime]] = {}

    def settled(self, agent: Item, now: datetime) -> Item:
        """The row of an agent that is heard, with what it inherits now; written when that changed, which is seldom.

        Safe to repeat: the same settings give the same row, written at the version that was read. When somebody was
        faster the next request writes it.
        """
        after = as_told(with_inherited(agent, self._resolved(agent, now)))
        if after is not agent:
            self._documents.save(after)
        return after

    def _resolved(self, agent: Item, now: datetime) -> dict[SettingName, Resolved]:
        agent_id = agent["agent_id"]
        if agent_id in self._known and now < self._known[agent_id][1]:
            return self._known[agent_id][0]
        resolved = settings_of(agent, self._accounts)
        if len(self._known) >= AGENTS_REMEMBERED:
            self._known.clear()
        self._known[agent_id] = resolved, now + BELIEVED_FOR
        return resolved
