"""Simulated cartridges: offices with a working week, closures, drift and bad sensors (the fleet of SUP-12).

A mono cartridge's whole life is known here, so that a forecast can be held against it. Plain Python with a fixed seed:
the same cartridges in every run.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DAYS: Final = 500
FIRST_DAY: Final = date(2025, 1, 6)  # a Monday
YIELDS: Final = (2_500, 5_000, 8_000, 12_000)
STEPS: Final = (1, 5, 10, 20)
STEP_SHARES: Final = (0.70, 0.12, 0.13, 0.05)
MISSING_SHARES: Final = (0.03, 0.1, 0.3)
_WEEK: Final = (1.0, 1.05, 1.0, 1.0, 0.85, 0.0, 0.0)
_WEEKEND_STYLE: Final = 0.15
_BATCH_STYLE: Final = 0.85
_LATEST_START: Final = 250
_LEAST_USED: Final = 120.0


@dataclass(frozen=True, slots=True)
class Cartridge:
    """A printer's second cartridge, put in on day ``start`` and empty on day ``end``.

    Attributes:
        pages: printed on each day, before it was put in too.
        remaining: what is truly left at the end of each day, in percent.
        level: what the sensor says at the end of each day.
        missing: days on which the printer was not read.
        step: the sensor's step in points.
        rated: pages that the maker promises.
        start: day of installation.
        end: first day at whose end nothing is left.
        monday: days from the first day to the first Monday.
    """

    pages: list[float]
    remaining: list[float]
    level: list[float]
    missing: list[bool]
    step: int
    rated: int
    start: int
    end: int
    weekday: int

    def date(self, day: int) -> date:
        """The calendar day of a day's number."""
        return FIRST_DAY + timedelta(days=self.weekday + day)


def cartridges(count: int, seed: int) -> Iterator[Cartridge]:
    """So many cartridges that ran empty within the simulated days."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    made = 0
    while made < count:
        cartridge = _cartridge(chance)
        if cartridge is not None:
            made += 1
            yield cartridge


def _cartridge(chance: random.Random) -> Cartridge | None:
    weekday = chance.randrange(7)
    pages = _pages(chance, weekday)
    rated = chance.choice(YIELDS)
    own_coverage = math.exp(chance.gauss(0, 0.3))
    used, total = [], 0.0
    for printed in pages:
        total += printed * own_coverage * math.exp(chance.gauss(0, 0.15)) / rated * 100
        used.append(total)
    if total < _LEAST_USED:
        return None
    start = next(day for day in range(DAYS) if used[day] >= 100) + 1  # noqa: PLR2004 - percent
    if start > _LATEST_START:
        return None
    remaining = [100 - (each - used[start - 1]) for each in used]
    end = next((day for day in range(start, DAYS) if remaining[day] <= 0), None)
    if end is None:
        return None
    step = chance.choices(STEPS, STEP_SHARES)[0]
    level = _levels(chance, remaining, step)
    _shake(chance, level, start, end)
    share = chance.choice(MISSING_SHARES)
    missing = [chance.random() < share for _ in range(DAYS)]
    return Cartridge(pages, remaining, level, missing, step, rated, start, end, weekday)


def _pages(chance: random.Random, weekday: int) -> list[float]:
    base = math.exp(chance.gauss(math.log(60), 0.8))
    week, style = list(_WEEK), chance.random()
    if style < _WEEKEND_STYLE:
        week[5], week[6] = 0.4, 0.3
    phase = chance.randrange(365)
    closed = _closed_days(chance)
    shape = 1 / chance.uniform(0.3, 1.5) ** 2
    pages, drift = [], 0.0
    for day in range(DAYS):
        drift += chance.gauss(0, 0.01)
        season = 1 + 0.25 * math.sin(2 * math.pi * (day + phase) / 365)
        noise = chance.gammavariate(shape, 1 / shape)
        if style > _BATCH_STYLE:
            noise *= 4 if chance.random() < 0.25 else 0  # noqa: PLR2004 - a job on every fourth day, four times as long
        busy = 0.0 if day in closed else week[(day + weekday) % 7] * season
        pages.append(float(round(base * busy * math.exp(drift) * noise)))
    return pages


def _closed_days(chance: random.Random) -> set[int]:
    closed: set[int] = set()
    for _ in range(3):
        first = chance.randrange(DAYS - 10)
        closed.update(range(first, first + chance.randrange(1, 10)))
    return closed


def _levels(chance: random.Random, remaining: list[float], step: int) -> list[float]:
    levels = []
    for left in remaining:
        level = math.ceil(min(max(left, 0.0), 100.0) / step) * step
        noise = chance.gauss(0, 0.4) if step == 1 else 0.0
        levels.append(float(round(min(max(level + noise, 0.0), 100.0))))
    return levels


def _shake(chance: random.Random, level: list[float], start: int, end: int) -> None:
    """Cartridges that were taken out and shaken: a day or two at a level that is not there."""
    for _ in range(_poisson(chance, 0.5)):
        day = chance.randrange(start, end + 1)
        shown = min(100.0, level[day] + chance.randrange(5, 25))
        for shaken in range(day, min(day + chance.randrange(1, 3), len(level))):
            level[shaken] = shown


def _poisson(chance: random.Random, mean: float) -> int:
    count, product = 0, chance.random()
    while product > math.exp(-mean):
        count += 1
        product *= chance.random()
    return count
