"""What a position used, day by day: the printer's roll-ups as pages and levels, with no gap and no negative page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from functions.orders.supplies.position import Observation, counter_name, known_serial
from functions.orders.table.models import Position
from shared.directory.meters import Point, counted_after, points_of
from shared.directory.views import PrinterDay
from shared.wire.printer_mib import LevelState
from shared.wire.reading import LIFE_COUNT


@dataclass(frozen=True, slots=True)
class DayUse:
    """Pages of one calendar day; a gap between readings is spread over its days."""

    day: date
    pages: float


def counter_of(position: Position, days: Sequence[PrinterDay]) -> str:
    """The position's relevant counter, or the life count where the printer keeps no other."""
    name = counter_name(position.colorant, position.supply_type)
    return name if any(name in day.last_counters for day in days) else LIFE_COUNT


def daily_pages(days: Sequence[PrinterDay], counter: str) -> list[DayUse]:
    """Pages a day from cumulative counters, oldest first; where a counter went back, what is known of both sides.

    A reset or another board adds nothing of its own, a plausible roll-over what was printed across it (MTR-05): so
    neither makes the use of a day jump.
    """
    uses: list[DayUse] = []
    series: list[Point] = []
    for roll_up in days:
        points = points_of(roll_up, counter)
        if not points:
            continue
        day = date.fromisoformat(roll_up.day)
        pages = float(counted_after(series, points))
        if series and points[0].value >= series[-1].value:
            uses.extend(_spread(date.fromisoformat(series[-1].day), day, pages))
        else:
            uses.append(DayUse(day, pages))
        series += points
    return uses


def daily_points(days: Sequence[PrinterDay], position_id: str) -> list[DayUse]:
    """Percentage points used a day, for a printer without a page counter: each fall of the daily level."""
    uses: list[DayUse] = []
    before: tuple[date, float] | None = None
    for roll_up in days:
        supply = roll_up.supplies.get(position_id)
        if supply is None or supply.percent is None:
            continue
        day, percent = date.fromisoformat(roll_up.day), float(supply.percent)
        if before is not None:
            uses.extend(_spread(before[0], day, max(0.0, before[1] - percent)))
        before = (day, percent)
    return uses


def daily_levels(days: Sequence[PrinterDay], position: Position) -> int:
    """How many days of the present epoch have a valid level."""
    first = position.epoch_started_at.date()
    return sum(
        1
        for day in days
        if date.fromisoformat(day.day) >= first
        and (supply := day.supplies.get(position.position_id)) is not None
        and supply.percent is not None
    )


def history(days: Sequence[PrinterDay], position: Position) -> list[Observation]:
    """The daily series as observations, so that a position seen for the first time starts with its past."""
    counter = counter_of(position, days)
    seen = [(day, day.supplies[position.position_id]) for day in days if position.position_id in day.supplies]
    return [
        Observation(
            position_id=position.position_id,
            at=day.last_reading_at,
            level_state=LevelState.PERCENT if supply.percent is not None else LevelState.UNKNOWN,
            percent=float(supply.percent) if supply.percent is not None and not position.receptacle else None,
            pages=day.last_counters.get(counter),
            serial_number=known_serial(supply.serial_number),
        )
        for day, supply in seen
    ]


def _spread(before: date, day: date, amount: float) -> list[DayUse]:
    length = max(1, (day - before).days)
    return [DayUse(before + timedelta(days=ahead), amount / length) for ahead in range(1, length + 1)]
