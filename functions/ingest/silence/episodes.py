"""When agents and printers are silent, since when and how many (SUP-30)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from functions.ingest.agents.agent import config_of
from functions.ingest.silence.heard import heard_at_of
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.table import Item

MISSED_HEARTBEATS: Final = 3


class Stage(StrEnum):
    """How far a printer's silence went: 3, 7 and 30 days without a reading (SUP-30)."""

    STALE = "stale"
    EXCEPTION = "exception"
    LOST = "lost"

    @classmethod
    def at(cls, taken_at: datetime, now: datetime) -> "Stage | None":
        """What it is ``now`` for a printer last read at ``taken_at``; None while it is not silent."""
        age = now - taken_at
        return next((stage for stage, after in _AFTER if age >= after), None)


_AFTER: Final = (
    (Stage.LOST, timedelta(days=30)),
    (Stage.EXCEPTION, timedelta(days=7)),
    (Stage.STALE, timedelta(days=3)),
)


def silent_after(agent: Item) -> timedelta:
    """How long an agent may say nothing."""
    return MISSED_HEARTBEATS * timedelta(seconds=config_of(agent).heartbeat_interval_seconds)


def heard_at(agent: Item, contact: Item | None) -> datetime:
    """When an activated agent was heard of last: its activation counts."""
    activated = from_key_time(agent["activated_at"])
    return max(activated, from_key_time(contact["last_seen_at"])) if contact else activated


def taken_at_of(documents: Documents, tenant_id: str, printer_ids: Sequence[str]) -> dict[str, datetime]:
    """When each of the printers was last read, perhaps a moment behind."""
    found = documents.load([keys.state(tenant_id, each) for each in printer_ids], consistent=False)
    return heard_at_of(documents, found.values())


def counted(stages: Sequence[Stage | None]) -> dict[str, int]:
    """How many printers report, and how many are silent by stage."""
    counts = Counter(stages)
    return {"reporting": counts[None], **{stage.value: counts[stage] for stage in Stage}}


def counted_stages(documents: Documents, tenant_id: str, printer_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """`counted`, of these printers as they are now."""
    taken = taken_at_of(documents, tenant_id, printer_ids)
    return counted([Stage.at(at, now) for at in taken.values()])
