"""A printer's day as its readers see it: the stored roll-up, joined with what only the latest state has of it yet.

A state is written with each reading and its roll-up is not: what a state holds of its own day is folded into the
roll-up before the state loses it. Every part of a day is a first, a last or a set, so the join may be done at any time
and any number of times.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.attributes import Item
from shared.wire.counters import VOLATILE
from shared.wire.printer_mib import LevelState

UNREAD: Final = frozenset({LevelState.UNKNOWN.value, LevelState.NOT_READ.value})
"""Level states that replace no level (SUP-04)."""
_NOT_READ: Final = LevelState.NOT_READ.value
_NEVER: Final = ""
_LAST: Final = "~"
_UNTOLD: Final = -1
"""Uptime of a reading that did not tell it."""


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
        stamp = section_time(state, "counters")
        uptime = state.get("uptime_ticks") if section_time(state, "uptime_ticks") == stamp else None
        after = with_counters(after, counts(state["counters"]), stamp, uptime)
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


def with_counters(day: Item, values: Mapping[str, int], at: str, uptime: int | None = None) -> Item:
    """The day after the counters of one reading: its first and last ones, and where a counter went back.

    Beside the first and last values a day keeps, of each counter that both have, its highest value where that is
    not the last one, and its lowest where that is not the first: then it decreased that day, and what was counted
    before and after is still told. Each is a maximum or a minimum, so order and repetition of readings change nothing.

    Args:
        day: The day so far.
        values: The counters of the reading.
        at: When it was taken, as `key_time`.
        uptime: The printer's uptime then in hundredths of a second, if it told it.
    """
    ticks = _UNTOLD if uptime is None else uptime
    after = dict(day)
    if at < day.get("first_counters_at", _LAST):
        after |= {"first_counters": dict(values), "first_counters_at": at, "first_uptime": ticks}
    if at > day.get("last_counters_at", _NEVER):
        after |= {"last_counters": dict(values), "last_counters_at": at}
    high: dict[str, list[Any]] = {}
    low: dict[str, list[Any]] = {}
    for name in after["first_counters"].keys() & after["last_counters"].keys() - VOLATILE:
        seen = _extremes(day, name)
        if name in values:
            seen.append((values[name], at, ticks))
        highest = max(seen, key=lambda point: point[:2])
        lowest = min(seen, key=lambda point: (point[0], point[1], -point[2]))
        if highest[0] > after["last_counters"][name]:
            high[name] = list(highest[:2])
        if lowest[0] < after["first_counters"][name]:
            low[name] = list(lowest)
    return _with_or_without(after, {"high_counters": high, "low_counters": low})


def joined_day(day: Item, other: Item) -> Item:
    """One day of two printers that are the same one, as if all readings had been of ``day``'s printer.

    Whichever is joined to which, and however often, the counters, supplies and quarters are the same.
    """
    after = day | counted_quarters(day, other.get("quarters", b""))
    after["first_reading_at"] = min(day["first_reading_at"], other["first_reading_at"])
    after["last_reading_at"] = max(day["last_reading_at"], other["last_reading_at"])
    if "first_counters" in other:
        uptime = other.get("first_uptime", _UNTOLD)
        told = None if uptime == _UNTOLD else uptime
        after = with_counters(after, other["first_counters"], other["first_counters_at"], told)
        after = with_counters(after, other["last_counters"], other["last_counters_at"])
        for name, (value, at) in other.get("high_counters", {}).items():
            after = with_counters(after, {name: value}, at)
        for name, (value, at, ticks) in other.get("low_counters", {}).items():
            after = with_counters(after, {name: value}, at, None if ticks == _UNTOLD else ticks)
    for index, supply in other.get("supplies", {}).items():
        known = after.get("supplies", {})
        if supply["at"] > known.get(index, {}).get("at", _NEVER):
            after = after | {"supplies": known | {index: supply}}
    return after


def decreased(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> bool:
    """True when a counter that only rises is lower after than before."""
    previous = counts(before)
    return any(value < previous.get(name, value) for name, value in counts(after).items() if name not in VOLATILE)


def _extremes(day: Mapping[str, Any], name: str) -> list[tuple[int, str, int]]:
    """What is known of a counter's values on a day: value, time, uptime."""
    known: list[tuple[int, str, int]] = []
    if name in day.get("first_counters", ()):
        known.append((day["first_counters"][name], day["first_counters_at"], day.get("first_uptime", _UNTOLD)))
    if name in day.get("last_counters", ()):
        known.append((day["last_counters"][name], day["last_counters_at"], _UNTOLD))
    if name in day.get("high_counters", ()):
        known.append((*day["high_counters"][name], _UNTOLD))
    if name in day.get("low_counters", ()):
        known.append(tuple(day["low_counters"][name]))
    return known


def _with_or_without(day: Item, parts: Mapping[str, Any]) -> Item:
    """The day with those parts that are not empty, and without the others."""
    return {name: value for name, value in day.items() if name not in parts} | {
        name: value for name, value in parts.items() if value
    }


def with_supplies(day: Item, rows: Iterable[Mapping[str, Any]], at: str) -> Item:
    """The day with the valid levels of these supplies, except where it has newer."""
    before = day.get("supplies", {})
    newer = {row["index"]: _supply(row, at) for row in rows if is_valid(row)}
    return day | {
        "supplies": before | {index: row for index, row in newer.items() if at > before.get(index, {}).get("at", "")}
    }


def is_valid(row: Mapping[str, Any]) -> bool:
    """True when a supply's row says something of its level."""
    return row.get("level_state", _NOT_READ) not in UNREAD


def counted_quarters(day: Mapping[str, Any], quarters: bytes) -> Item:
    """The quarters of an hour in which the printer was read, a bit each, with these; and how many they are."""
    bits = int.from_bytes(day.get("quarters", b""), "little") | int.from_bytes(quarters, "little")
    return {"quarters": bits.to_bytes((bits.bit_length() + 7) // 8, "little"), "readings": bits.bit_count()}


def _supply(row: Mapping[str, Any], at: str) -> Item:
    supply: Item = {"level_state": row["level_state"], "at": at}
    return supply | {name: row[name] for name in ("percent", "serial_number") if row.get(name) is not None}
