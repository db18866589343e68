"""A printer's days as they are stored: seven to an item, from Monday on.

The days of a week say much the same, so that together they take a unit of writing as one of them would alone, and a
quarter of its storage. Readers see days: `days_of`, `day_in`. Whoever changes one writes its week: `with_day`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from shared.attributes import PACKED, Item

_DAYS: Final = 7
_WEEK: Final = timedelta(days=_DAYS)
_OF_THE_WEEK: Final = frozenset({"day", "printer_id", "readings"})
"""What the week says of its days, or their quarters do."""


def week_of(day: str) -> str:
    """The Monday of a day's week, both as ``2026-11-22``."""
    on = date.fromisoformat(day)
    return (on - timedelta(days=on.weekday())).isoformat()


def first_week(day: str) -> str:
    """The week at which days from ``day`` on begin; ``day`` itself where it does not begin with a date."""
    try:
        return week_of(day[: len("2026-11-22")])
    except ValueError:
        return day


def weeks_between(first: str, last: str) -> Iterator[str]:
    """The Mondays of the weeks that have days from ``first`` to ``last``, both dates, both included."""
    monday, until = date.fromisoformat(week_of(first)), date.fromisoformat(last)
    while monday <= until:
        yield monday.isoformat()
        monday += _WEEK


def days_of(weeks: Iterable[Item], first: str = "", last: str = "~") -> list[Item]:
    """The days of some weeks, in their order, from ``first`` to ``last``, both included."""
    return [_day(week, day) for week in weeks for day in sorted(week["days"]) if first <= day <= last]


def day_in(week: Item | None, day: str) -> Item | None:
    """A day of its week; None when the week has it not."""
    return _day(week, day) if week is not None and day in week["days"] else None


def with_day(week: Item, day: Item) -> Item:
    """The week with that day, which takes the place of what the week had of it. Pure; safe to repeat."""
    stored: dict[str, Any] = {name: value for name, value in day.items() if name not in _OF_THE_WEEK}
    stored["quarters"] = day["quarters"].hex()
    return week | {"days": week.get("days", {}) | {day["day"]: stored}, PACKED: ["days"]}


def _day(week: Item, day: str) -> Item:
    stored = week["days"][day]
    quarters = bytes.fromhex(stored["quarters"])
    readings = int.from_bytes(quarters, "little").bit_count()
    return {**stored, "day": day, "printer_id": week["printer_id"], "quarters": quarters, "readings": readings}
