"""A printer's day as its readers see it: the stored roll-up, joined with what only the latest state has of it yet.

A state is written with each reading and its roll-up is not: what a state holds of its own day is folded into the
roll-up before the state loses it. Every part of a day is a first, a last or a set, so the join may be done at any time
and any number of times.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.attributes import Item
from shared.wire.printer_mib import LevelState

UNREAD: Final = frozenset({LevelState.UNKNOWN.value, LevelState.NOT_READ.value})
"""Level states that replace no level (SUP-04)."""
_NEVER: Final = ""


def seen_day(day: Item, state: Item | None) -> Item:
    """The stored day with the state's part of it; the same day when the state is another day's.

    A section of the state belongs to the day when it is no older than the day's first reading.
    """
    if state is None or state.get("day") != day["day"]:
        return day
    after = day | counted_quarters(day, state["quarters"])
    after["last_reading_at"] = max(day["last_reading_at"], state["taken_at"])
    began = day["first_reading_at"]
    # Without first counters the day has none at all: whoever stores the first ones stores them in the day itself.
    if state.get("counters") and "first_counters" in day and section_time(state, "counters") >= began:
        after = with_last_counters(after, counts(state["counters"]), section_time(state, "counters"))
    if state.get("supplies") and section_time(state, "supplies") >= began:
        after = with_supplies(after, state["supplies"], section_time(state, "supplies"))
    return after


def section_time(item: Mapping[str, Any], section: str) -> str:
    """When a section of a printer's item was read, as `key_time`; empty when it never was."""
    if section not in item:
        return _NEVER
    time: str = item.get("section_at", {}).get(section, item["taken_at"])
    return time


def counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The value of each counter: the first marker's, where several report."""
    values: dict[str, int] = {}
    for row in rows:
        values.setdefault(row["name"], row["value"])
    return values


def with_last_counters(day: Item, values: Mapping[str, int], at: str) -> Item:
    """The day with these counters as its last ones, unless it has newer."""
    return (
        day | {"last_counters": dict(values), "last_counters_at": at} if at > day.get("last_counters_at", "") else day
    )


def with_supplies(day: Item, rows: Iterable[Mapping[str, Any]], at: str) -> Item:
    """The day with the valid levels of these supplies, except where it has newer."""
    before = day.get("supplies", {})
    newer = {row["index"]: _supply(row, at) for row in rows if is_valid(row)}
    return day | {
        "supplies": before | {index: row for index, row in newer.items() if at > before.get(index, {}).get("at", "")}
    }


def is_valid(row: Mapping[str, Any]) -> bool:
    """True when a supply's row says something of its level."""
    return row.get("level_state", LevelState.NOT_READ.value) not in UNREAD


def counted_quarters(day: Mapping[str, Any], quarters: bytes) -> Item:
    """The quarters of an hour in which the printer was read, a bit each, with these; and how many they are."""
    bits = int.from_bytes(day.get("quarters", b""), "little") | int.from_bytes(quarters, "little")
    return {"quarters": bits.to_bytes((bits.bit_length() + 7) // 8, "little"), "readings": bits.bit_count()}


def _supply(row: Mapping[str, Any], at: str) -> Item:
    supply: Item = {"level_state": row["level_state"], "at": at}
    return supply | {name: row[name] for name in ("percent", "serial_number") if row.get(name) is not None}
