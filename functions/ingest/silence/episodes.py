"""When agents and printers are silent, since when and how many (SUP-30)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from functions.ingest.agents import heartbeat
from functions.ingest.agents.agent import told_heartbeat_of
from functions.ingest.silence.heard import heard_at_of
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.inherited import DEFINITIONS, SettingName
from shared.table import Item


@dataclass(frozen=True, slots=True)
class Stages:
    """After how many days without a reading a printer is at each stage of silence, as set for its site (ENT-02).

    They rise: one that is set before the stage below it begins a day after that.
    """

    stale: int = DEFINITIONS[SettingName.SILENCE_STALE].default
    exception: int = DEFINITIONS[SettingName.SILENCE_EXCEPTION].default
    lost: int = DEFINITIONS[SettingName.SILENCE_LOST].default

    @classmethod
    def of(cls, values: Mapping[SettingName, int]) -> Self:
        """The stages among the values of all settings."""
        stale = values[SettingName.SILENCE_STALE]
        exception = max(values[SettingName.SILENCE_EXCEPTION], stale + 1)
        return cls(stale, exception, max(values[SettingName.SILENCE_LOST], exception + 1))

    @classmethod
    def of_watch(cls, watch: Item | None) -> Self:
        """Those that the last daily look at an agent's printers went by; the defaults before there was one."""
        return cls(*map(int, watch["stages"])) if watch and "stages" in watch else cls()

    def as_kept(self) -> list[int]:
        """What `of_watch` reads."""
        return [self.stale, self.exception, self.lost]


class Stage(StrEnum):
    """How far a printer's silence went (SUP-30)."""

    STALE = "stale"
    EXCEPTION = "exception"
    LOST = "lost"

    @classmethod
    def at(cls, taken_at: datetime, now: datetime, stages: Stages) -> "Stage | None":
        """What it is ``now`` for a printer last read at ``taken_at``; None while it is not silent."""
        after = ((cls.LOST, stages.lost), (cls.EXCEPTION, stages.exception), (cls.STALE, stages.stale))
        return next((stage for stage, days in after if now - taken_at >= timedelta(days=days)), None)


def silent_after(agent: Item) -> timedelta:
    """How long this agent may say nothing, by the heartbeat that it was told."""
    return heartbeat.silent_after(told_heartbeat_of(agent))


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


def stages_of(documents: Documents, agent_ids: Iterable[str]) -> dict[str, Stages]:
    """By which stages the printers of each agent are judged, since the last daily look at them."""
    agents = set(agent_ids)
    found = documents.load([keys.watch(each) for each in agents], consistent=False)
    return {each: Stages.of_watch(found.get(keys.watch(each))) for each in agents}


def counted_stages(
    documents: Documents, tenant_id: str, agent_id: str, printer_ids: Sequence[str], now: datetime
) -> dict[str, int]:
    """`counted`, of these printers of an agent as they are now."""
    taken, stages = taken_at_of(documents, tenant_id, printer_ids), stages_of(documents, [agent_id])[agent_id]
    return counted([Stage.at(at, now, stages) for at in taken.values()])
