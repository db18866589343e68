"""A printer's days as partners see them."""

from itertools import pairwise

from pydantic import BaseModel, Field

from shared.directory.meters import counted_within, points_of
from shared.directory.views import PrinterDay, SupplyDay
from shared.ids import EntityId
from shared.wire.base import UtcDatetime
from shared.wire.reading import LIFE_COUNT


class MeterDay(BaseModel):
    """One printer and one site-local day."""

    printer_id: EntityId
    day: str = Field(examples=["2026-11-22"])
    first_counters: dict[str, int]
    last_counters: dict[str, int]
    counted: int | None = Field(
        description="Lifetime count made that day, both sides of a decrease; null when it was not read"
    )
    counter_decreased: bool = Field(description="The lifetime count went back: reset, board swap or roll-over")
    supplies: dict[str, SupplyDay]
    readings: int = Field(description="Quarters of an hour of the day in which the printer was read")
    last_reading_at: UtcDatetime


class MeterPage(BaseModel):
    """A page of days, oldest first."""

    items: list[MeterDay]
    next_cursor: str | None


def meter_day(day: PrinterDay) -> MeterDay:
    """A day with what was counted in it; never a negative number."""
    points = points_of(day, LIFE_COUNT)
    return MeterDay(
        printer_id=day.printer_id,
        day=day.day,
        first_counters=day.first_counters,
        last_counters=day.last_counters,
        counted=counted_within(day, LIFE_COUNT),
        counter_decreased=any(after.value < before.value for before, after in pairwise(points)),
        supplies=day.supplies,
        readings=day.readings,
        last_reading_at=day.last_reading_at,
    )
