"""Counters of several days as one series: what was counted from one value to the next, and where they went back. Pure.

A counter rises. Where it is lower than before (MTR-05) it rolled over, or was reset, or belongs to another board; pages
are then never negative and never guessed: a roll-over is told by its arithmetic, anything else counts nothing until
somebody says what happened.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from shared.clock import from_key_time
from shared.directory.views import PrinterDay
from shared.wire.counters import VOLATILE

MODULI: Final = (10**5, 10**6, 10**7, 2**31, 2**32)
"""Where printers' counters roll over (MTR-05)."""
NEARLY: Final = 0.9
"""Of its modulus a counter must have reached to have rolled over."""
MOST_TIMES: Final = 3
"""What was counted across a roll-over is at most so many times what was to be expected."""
HISTORY: Final = timedelta(days=90)
FEWEST_DAYS: Final = 7
"""Of history, for an expectation; and the shortest span that one is made for: single days differ too much."""
TICKS_A_SECOND: Final = 100


@dataclass(frozen=True, slots=True)
class Point:
    """A counter's value at a time (`key_time`; empty when only the order is known) and its site-local day."""

    at: str
    value: int
    day: str
    uptime: int = -1
    """The printer's uptime then in hundredths of a second; -1 when not told."""


def counters_of(days: Iterable[PrinterDay]) -> list[str]:
    """The counters of the days that only rise, in order of name."""
    names = {name for day in days for name in (*day.first_counters, *day.last_counters)}
    return sorted(names - VOLATILE)


def points_of(day: PrinterDay, counter: str) -> list[Point]:
    """What a day keeps of a counter, in order of time: first, where it turned, last."""
    known: list[Point] = []
    if counter in day.first_counters:
        known.append(Point(day.first_counters_at, day.first_counters[counter], day.day, day.first_uptime))
    if counter in day.high_counters:
        value, at = day.high_counters[counter]
        known.append(Point(at, value, day.day))
    if counter in day.low_counters:
        value, at, uptime = day.low_counters[counter]
        known.append(Point(at, value, day.day, uptime))
    if counter in day.last_counters:
        known.append(Point(day.last_counters_at, day.last_counters[counter], day.day))
    series: list[Point] = []
    for point in sorted(known, key=lambda each: each.at):
        if not series or point.at != series[-1].at or not point.at:
            series.append(point)
    return series


def series_of(days: Iterable[PrinterDay], counter: str) -> list[Point]:
    """A counter over days that are in order."""
    return [point for day in days for point in points_of(day, counter)]


def breaks_of(series: Sequence[Point]) -> Iterator[tuple[Point, Point, float | None]]:
    """Where a series goes back: the last value before, the first after, and the `expected_pages` between them."""
    for place, (before, after) in enumerate(pairwise(series)):
        if after.value < before.value:
            yield before, after, expected_pages(series[: place + 1], after.day)


def expected_pages(series: Sequence[Point], until: str, *, least_days: int = FEWEST_DAYS) -> float | None:
    """What is to be expected from the end of a series until a day, from the daily mean of 90 days (MTR-02).

    None without a week of history. The expectation is for a week at least unless ``least_days`` says otherwise, for
    single days differ too much.
    """
    if not series:
        return None
    last = date.fromisoformat(series[-1].day)
    earliest = (last - HISTORY).isoformat()
    recent = [point for point in series if point.day >= earliest]
    days = (last - date.fromisoformat(recent[0].day)).days
    if days < FEWEST_DAYS:
        return None
    counted = sum(max(after.value - before.value, 0) for before, after in pairwise(recent))
    return counted / days * max((date.fromisoformat(until) - last).days, least_days)


def modulus_of(previous: int) -> int | None:
    """Where a counter that stood at ``previous`` would roll over soon; None when at none of `MODULI`."""
    return next((modulus for modulus in MODULI if NEARLY * modulus <= previous < modulus), None)


def rolled_over(previous: int, current: int, expected: float | None) -> int | None:
    """Pages across a roll-over (MTR-05 b), when it is one: near its modulus before, and no more than is plausible.

    Without an expectation nothing is plausible.
    """
    modulus = modulus_of(previous)
    if modulus is None or expected is None:
        return None
    pages = modulus - previous + current
    return pages if pages <= MOST_TIMES * expected else None


def replaced(previous: int, current: int, *, final: int, start: int) -> int:
    """Pages across a documented reset or change of board: to the old one's end, from the new one's start (MTR-05 a)."""
    return max(final - previous, 0) + max(current - start, 0)


def restarted(before: Point, after: Point) -> bool:
    """True when the printer was switched on between the two, by its own uptime."""
    if after.uptime < 0 or not before.at or not after.at:
        return False
    between = from_key_time(after.at) - from_key_time(before.at)
    return after.uptime < between.total_seconds() * TICKS_A_SECOND


def counted_within(day: PrinterDay, counter: str) -> int | None:
    """Pages of a counter within one day, both sides of a decrease; None when it was not read."""
    points = points_of(day, counter)
    return counted_after((), points) if points else None


def counted_after(series: Sequence[Point], points: Sequence[Point]) -> int:
    """Pages from the end of a series (which may be empty) to the last of some later points, never negative."""
    pages = 0
    for previous, current in pairwise([*series[-1:], *points]):
        if current.value >= previous.value:
            pages += current.value - previous.value
        else:
            pages += rolled_over(previous.value, current.value, expected_pages(series, current.day)) or 0
    return pages
