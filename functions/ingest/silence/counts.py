"""What the last look at an agent's printers counted, as its watch keeps it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from functions.ingest.silence.episodes import Stage
from shared.directory.views import ManagedStatus
from shared.table import Item

HELD: Final = (ManagedStatus.MANAGED, ManagedStatus.PENDING)
"""Printers of these statuses keep their agent from being ended (AGT-01)."""


@dataclass(frozen=True, slots=True)
class Held:
    """How many of an agent's printers keep it from being ended (AGT-01)."""

    managed: int
    pending: int


@dataclass(frozen=True, slots=True)
class LookCounts:
    """What the last look at all printers of an agent counted.

    Attributes:
        total: All of them.
        by_state: How many report, and how many are silent at each stage; empty before the first look.
        held: How many are managed and pending; None when they were not counted, or are looked at no more.
    """

    total: int
    by_state: Mapping[str, int]
    held: Held | None


def counted_by_look(watch: Item) -> LookCounts:
    """What an agent's watch (empty: none) says of its printers."""
    counts = {name: int(count) for name, count in watch.get("counts", {}).items()}
    by_state = {name: counts[name] for name in ("reporting", *Stage) if name in counts}
    is_counted = "duesk" in watch and all(status.value in counts for status in HELD)
    held = Held(*(counts[status.value] for status in HELD)) if is_counted else None
    return LookCounts(counts.get("total", 0), by_state, held)
