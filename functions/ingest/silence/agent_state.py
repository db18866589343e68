"""What an agent's row and its last contact amount to, for its partner. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from functions.ingest.agents.agent import AgentStatus, config_of, told_heartbeat_of
from functions.ingest.silence.episodes import heard_at, silent_after
from shared.agent_versions import is_at_least
from shared.table import Item


class AgentState(StrEnum):
    """The one thing about an agent that most wants attention."""

    PENDING = "pending"
    ACTIVE = "active"
    SILENT = "silent"
    DOWN_LEVEL = "down_level"
    SUSPECT = "suspect"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


def state_of(agent: Item, contact: Item | None, required_version: str, now: datetime) -> Item:
    """``state``; ``down_level``, whatever else it is; ``silent_since`` of an active one that is not heard.

    ``expected_by``, of one that is, is the last poll at which it has to report whether anything changed or not.
    A silent agent that is also down-level is silent: it must be heard before it can be updated.
    """
    version = (contact or {}).get("agent_version") or agent.get("agent_version")
    down_level = version is not None and not is_at_least(version, required_version)
    shown: Item = {"state": agent["status"], "down_level": down_level, "silent_since": None, "expected_by": None}
    if agent["status"] != AgentStatus.ACTIVE:
        return shown
    heard = heard_at(agent, contact)
    if now - heard > silent_after(agent):
        return shown | {"state": AgentState.SILENT, "silent_since": heard}
    poll = timedelta(seconds=config_of(agent).poll_interval_seconds)
    shown["expected_by"] = heard + told_heartbeat_of(agent) + poll / 2
    return shown | {"state": AgentState.DOWN_LEVEL} if down_level else shown
