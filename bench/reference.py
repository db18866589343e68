"""The estimator of SUP-10 and trigger T1 as they were first simulated, for the figures that the targets come from.

It knows more than any product can: the pages of days on which the printer was not read, and a look at every one of
them. What ours differs by on the same cartridges is what our code does otherwise, not the luck of the draw.
"""

from collections.abc import Sequence
from math import exp2
from statistics import median, pstdev
from typing import Final

from bench.cartridges import Cartridge
from bench.estimators import profile_of, walk

PRIOR_POINTS: Final = 15.0
HALF_LIFE_DAYS: Final = 28
MEMORY_DAYS: Final = 120
WINDOW_DAYS: Final = 56
Z: Final = 1.645
PROTECTED_DAYS: Final = 7
RESERVE_POINTS: Final = 3.0
RECENT_DAYS: Final = 6
LEAST_LEVEL: Final = 0.2
_MIN_WEEKS: Final = 3


def reference(cartridge: Cartridge, today: int) -> float | None:
    """Days to empty by page-anchored burn."""
    level, burn, pace = _level(cartridge, today), _burn(cartridge, today), _pace(cartridge, today)
    if level is None or pace <= 0:
        return None
    profile = profile_of(cartridge, range(max(0, today - WINDOW_DAYS), today + 1))
    return walk(level, pace * burn, profile, cartridge.date(today).weekday())


def reference_orders(cartridge: Cartridge, today: int) -> bool:
    """Trigger T1."""
    level, burn, pace = _level(cartridge, today), _burn(cartridge, today), _pace(cartridge, today)
    if level is None or pace <= 0:
        return False
    window = cartridge.pages[max(0, today - WINDOW_DAYS + 1) : today + 1]
    weeks = [sum(window[first : first + 7]) for first in range(0, len(window) - 6, 7)]
    daily = pstdev(weeks) / 7**0.5 if len(weeks) >= _MIN_WEEKS else pace
    return level <= (pace * PROTECTED_DAYS + Z * daily * PROTECTED_DAYS**0.5) * burn + RESERVE_POINTS


def _read(cartridge: Cartridge, first: int, today: int) -> list[int]:
    return [day for day in range(max(cartridge.start, first), today + 1) if not cartridge.missing[day]]


def _burn(cartridge: Cartridge, today: int) -> float:
    read = _read(cartridge, 0, today)
    if len(read) < 2:  # noqa: PLR2004 - one reading shows no use
        return 100 / cartridge.rated
    last = median(cartridge.level[day] for day in read[-3:])
    used = max(cartridge.level[read[0]] - last, 0.0)
    pages = sum(cartridge.pages[read[0] + 1 : read[-1] + 1])
    return (used + PRIOR_POINTS) / (pages + PRIOR_POINTS * cartridge.rated / 100)


def _pace(cartridge: Cartridge, today: int) -> float:
    days = range(max(0, today + 1 - MEMORY_DAYS), today + 1)
    weights: list[float] = [exp2((day - today) / HALF_LIFE_DAYS) for day in days]
    return sum(weight * cartridge.pages[day] for weight, day in zip(weights, days, strict=True)) / sum(weights)


def _level(cartridge: Cartridge, today: int) -> float | None:
    read, recent = _read(cartridge, 0, today), _read(cartridge, today - RECENT_DAYS, today)
    if not recent or len(read) < 2:  # noqa: PLR2004 - as above
        return None
    shown = [cartridge.level[day] for day in read]
    if cartridge.step == 1:
        return min(median(cartridge.level[day] for day in recent[-3:]), shown[-1])
    edge = _edge(shown)
    since = cartridge.pages[read[edge] + 1 : today + 1]
    return max(shown[edge] - _burn(cartridge, today) * sum(since), shown[-1] - cartridge.step, LEAST_LEVEL)


def _edge(shown: Sequence[float]) -> int:
    """Where the present level was first shown."""
    place = len(shown) - 1
    while place > 0 and shown[place - 1] == shown[place]:
        place -= 1
    return place
