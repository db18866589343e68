"""Epochs of a printer's counters: where each went back, what that meant, and so what the logical meter shows. Pure.

The logical meter is the raw value and the offset of its epoch (MTR-06). A break that nobody has explained counts
nothing: the logical meter stands still across it until somebody decides (MTR-05).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from functions.ingest.table import keys
from functions.ingest.table.reviews import WHOLE
from shared.clock import from_key_time
from shared.directory.meters import replaced
from shared.errors import Conflict
from shared.table import Item

EXPLAINS_WITHIN: Final = timedelta(days=3)
"""A documented change is that of the nearest break within so many days: people note the hour roughly."""


class BreakCause(StrEnum):
    """Why a counter went back, or began again elsewhere."""

    RESET = "reset"
    BOARD_SWAP = "board_swap"
    ROLL_OVER = "roll_over"
    UNKNOWN = "unknown"


class BreakSource(StrEnum):
    """Who told of a break: the readings themselves, or somebody who documented a change."""

    READINGS = "readings"
    DOCUMENTED = "documented"


class BreakStatus(StrEnum):
    """Whether it is known what was counted across a break."""

    ACCEPTED = "accepted"
    HELD = "held"


MOST_ENTRIES: Final = 10_000
"""Manual reads and breaks of one printer: one each hour for more than a year."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What the ledger holds of one printer beside its days: nothing of it is ever edited, but the review of breaks."""

    breaks: list[Item]
    reads: list[Item]
    rulings: dict[str, list[Item]]
    """Decisions by what they are about, the first one first."""
    is_review_due: bool = False
    is_whole_due: bool = False

    @classmethod
    def of(cls, items: Iterable[Item]) -> "Entries":
        """Items of a printer whose sort keys begin with `keys.METER_PREFIX`, in any order."""
        breaks, reads, rulings, due, whole = [], [], dict[str, list[Item]](), False, False
        for item in sorted(items, key=lambda each: str(each["sk"])):
            sk = item["sk"]
            if sk.startswith(keys.METER_BREAK_PREFIX):
                breaks.append(item)
            elif sk.startswith(keys.METER_READ_PREFIX):
                reads.append(item)
            elif sk.startswith(keys.METER_RULING_PREFIX):
                rulings.setdefault(item["subject_id"], []).append(item)
            else:
                due, whole = "duesk" in item, WHOLE in item
        return cls(breaks, reads, rulings, due, whole)

    def require_room(self) -> None:
        """Refuse another read or documented change where there are `MOST_ENTRIES`: each question reads them all."""
        if len(self.breaks) + len(self.reads) >= MOST_ENTRIES:
            detail = f"The printer's ledger has {MOST_ENTRIES:,} manual reads and breaks, and takes no more."
            raise Conflict("ledger_full", detail)

    def ruling(self, subject_id: str) -> Item | None:
        """The decision that holds: the last one."""
        return self.rulings.get(subject_id, [None])[-1]


@dataclass(frozen=True, slots=True)
class Epoch:
    """A counter from one break on. ``offset`` is added to raw values from ``began_at`` (`key_time`) on."""

    number: int
    counter: str
    break_id: str
    began_at: str
    day: str
    source: BreakSource
    cause: BreakCause
    status: BreakStatus
    usage: int | None
    offset: int
    ruling: Item | None
    """The decision that holds, if anybody decided."""
    evidence: Item
    """The break as it was seen or documented."""


def epochs_of(entries: Entries, counter: str) -> list[Epoch]:
    """The epochs of a counter after its first, in order of time."""
    seen = [each for each in entries.breaks if each["counter"] == counter and each["source"] == BreakSource.READINGS]
    told = [each for each in entries.breaks if each["counter"] == counter and each["source"] == BreakSource.DOCUMENTED]
    explained = _explained(entries, seen, told)
    found: list[tuple[str, Item, Item | None]] = [
        (each["to_at"], each, entries.ruling(each["break_id"]) or explained.get(each["break_id"])) for each in seen
    ]
    used = {ruling["subject_id"] for ruling in explained.values()}
    found += [(each["at"], each, entries.ruling(each["break_id"])) for each in told if each["break_id"] not in used]
    epochs: list[Epoch] = []
    offset = 0
    for number, (began_at, item, ruling) in enumerate(sorted(found, key=lambda each: (each[0], each[1]["break_id"]))):
        usage, change = _judged(item, ruling)
        offset += change
        epochs.append(
            Epoch(
                number=number + 1,
                counter=counter,
                break_id=item["break_id"],
                began_at=began_at,
                day=item["day"],
                source=BreakSource(item["source"]),
                cause=BreakCause((ruling or item)["cause"]),
                status=BreakStatus.HELD if usage is None and ruling is None else BreakStatus.ACCEPTED,
                usage=usage,
                offset=offset,
                ruling=ruling,
                evidence=item,
            )
        )
    return epochs


def epoch_at(epochs: Sequence[Epoch], at: str) -> Epoch | None:
    """The epoch that a time is in; None in the first one, whose offset is 0."""
    return next((epoch for epoch in reversed(epochs) if epoch.began_at <= at), None)


def offset_at(epochs: Sequence[Epoch], at: str) -> int:
    """What is added to a raw value of that time."""
    epoch = epoch_at(epochs, at)
    return epoch.offset if epoch else 0


def usage_of(ruling: Mapping[str, Any], previous: int, current: int) -> int:
    """Pages across a break by a decision, never negative."""
    if ruling.get("usage") is not None:
        return int(ruling["usage"])
    if ruling.get("modulus") is not None:
        return max(int(ruling["modulus"]) - previous, 0) + current
    return replaced(previous, current, final=int(ruling["final_value"]), start=int(ruling["start_value"]))


def _judged(item: Item, ruling: Item | None) -> tuple[int | None, int]:
    """What was counted across a break, None while that is not known; and by how much the offset changes."""
    if item["source"] == BreakSource.DOCUMENTED and ruling is not None:
        return None, int(ruling["final_value"]) - int(ruling["start_value"])
    previous, current = int(item["last_before"]), int(item["first_after"])
    usage = usage_of(ruling, previous, current) if ruling else item.get("usage")
    return usage, previous + (usage or 0) - current


def _explained(entries: Entries, seen: Sequence[Item], told: Sequence[Item]) -> dict[str, Item]:
    """Decisions on documented changes by the break that each explains: the nearest that has none of its own."""
    pairs = sorted(
        (abs(from_key_time(each["to_at"]) - from_key_time(document["at"])), each["break_id"], document["break_id"])
        for each in seen
        if each["break_id"] not in entries.rulings
        for document in told
    )
    explained: dict[str, Item] = {}
    used: set[str] = set()
    for distance, break_id, document_id in pairs:
        ruling = entries.ruling(document_id)
        if distance <= EXPLAINS_WITHIN and break_id not in explained and document_id not in used and ruling:
            explained[break_id] = ruling
            used.add(document_id)
    return explained
