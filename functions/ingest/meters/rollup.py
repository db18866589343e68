"""One printer and one site-local day: its counters, last valid supplies, how often it was read. Pure.

Days are stored by the week: see `shared.directory.week`.

Every part is a first, a last, or a set, so any order and any repetition of a day's readings ends in the same day. What
the printer's state shows of it is not written again with each reading; see `shared.directory.day`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.attributes import Item
from shared.clock import key_time
from shared.directory.day import (
    counted_quarters,
    counts,
    decreased,
    is_valid,
    section_time,
    seen_day,
    with_counters,
    with_supplies,
)

KEEP: Final = timedelta(days=400)
"""A week is kept so long, counted from its last day."""
_QUARTER: Final = timedelta(minutes=15)
_LAST_OF_WEEK: Final = timedelta(days=6)
_COUNTED: Final = ("first_counters", "last_counters", "high_counters", "low_counters")


def local_day(at: datetime, zone: ZoneInfo) -> str:
    """The site-local day of a time, as ``2026-11-22``."""
    return at.astimezone(zone).date().isoformat()


def quarter(at: datetime, zone: ZoneInfo) -> bytes:
    """The quarter of an hour since local midnight as a bit, little end first: at most 25 hours, 13 bytes."""
    midnight = datetime.combine(at.astimezone(zone).date(), time.min, tzinfo=zone).astimezone(UTC)
    number = max((at - midnight) // _QUARTER, 0)
    return (1 << number).to_bytes(number // 8 + 1, "little")


def roll_up(day: Item | None, sections: Mapping[str, Any], at: datetime, zone: ZoneInfo) -> Item:
    """The day after the sections of a reading taken at ``at``; equal to ``day`` when they change nothing of it.

    ``readings`` counts the quarters of an hour in which the printer was read: repeated and late readings cannot
    count twice. A supply's value is its last valid one (SUP-04): *unknown* does not replace a level.
    """
    before: Item = day or {}
    stamp = key_time(at)
    after: Item = before | {
        "day": local_day(at, zone),
        "first_reading_at": min(before.get("first_reading_at", stamp), stamp),
        "last_reading_at": max(before.get("last_reading_at", ""), stamp),
    }
    after |= counted_quarters(before, quarter(at, zone))
    if sections.get("counters"):
        after = with_counters(after, counts(sections["counters"]), stamp, sections.get("uptime_ticks"))
    return with_supplies(after, sections.get("supplies", ()), stamp)


def state_tells(state: Item | None, sections: Mapping[str, Any], stamp: str, day: str) -> bool:
    """True when a state after this reading shows all that the reading adds to its day, so that the day may wait.

    That is so for a newer reading of the same day whose counters follow others of that day, none of them lower, and
    which has a valid level for each supply that has one now.
    """
    if state is None or state.get("day") != day or stamp <= state["taken_at"]:
        return False
    if "counters" in sections:
        follows = bool(state.get("counters")) and section_time(state, "counters") == state["taken_at"]
        if not follows or not sections["counters"] or decreased(state["counters"], sections["counters"]):
            return False
    if "supplies" not in sections or sections["supplies"] == state.get("supplies"):
        return True
    return _valid(state.get("supplies", ())) <= _valid(sections["supplies"])


def turned(before: Item, after: Item) -> bool:
    """True when a counter's highest or lowest value of the day is another: the state is no place to keep it."""
    return any(before.get(name) != after.get(name) for name in ("high_counters", "low_counters"))


def may_break(
    state: Item | None,
    sections: Mapping[str, Any],
    before: Mapping[str, Item],
    after: Mapping[str, Item],
    *,
    is_late: bool,
) -> bool:
    """True when a reading shows that a counter went back, or, coming late, changed what its days say of counters.

    Args:
        state: The printer's state before the reading.
        sections: What was read.
        before: Days as they were, by date.
        after: The days that the reading changed, by date.
        is_late: The state is of a later reading.
    """
    if state is None or not sections.get("counters"):
        return False
    if is_late:
        return any(_recounted(before.get(date), day, state) for date, day in after.items())
    return decreased(state.get("counters", ()), sections["counters"])


def _recounted(before: Item | None, after: Item, state: Item) -> bool:
    seen = seen_day(before, state) if before else {}
    return any(seen.get(name) != after.get(name) for name in (*_COUNTED, "first_counters_at", "last_counters_at"))


def _valid(rows: Any) -> set[str]:  # noqa: ANN401 - rows as they are stored
    return {row["index"] for row in rows if is_valid(row)}


def expiry(monday: str) -> int:
    """Seconds since 1970 at which a week may go: from its days, so that every reading of it says the same."""
    begin = datetime.combine(date.fromisoformat(monday), time.min, tzinfo=UTC)
    return int((begin + _LAST_OF_WEEK + KEEP).timestamp())
