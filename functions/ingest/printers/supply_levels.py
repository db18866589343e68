"""The history of a printer's supplies: the last valid level of each day, and where a new supply was put in. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import BaseModel, Field

from shared.directory.views import PrinterDay, SupplyDay

RISE_POINTS: Final = 15
RISE_TO: Final = 80
"""A new supply is this much fuller than the one before, and as good as full (SUP-22)."""


class SupplyLevelDay(BaseModel):
    """A supply on one site-local day."""

    day: str = Field(examples=["2026-11-22"])
    index: str = Field(examples=["1.1"])
    level_state: str = Field(examples=["percent"])
    percent: float | None = Field(default=None, description="The last valid level of the day")
    serial_number: str | None = Field(default=None, description="Of the supply, where it tells")
    replaced: bool = Field(description="Another supply than on the last day with a level: its serial or a rise says so")


class SupplyLevelPage(BaseModel):
    """A page of days, oldest first; a page may begin with a day whose predecessor is on the page before."""

    items: list[SupplyLevelDay]
    next_cursor: str | None


def levels_of(days: Iterable[PrinterDay]) -> Iterator[SupplyLevelDay]:
    """Each supply of each day, the days given oldest first."""
    last: dict[str, SupplyDay] = {}
    for each in days:
        for index, supply in sorted(each.supplies.items()):
            before = last.get(index)
            yield SupplyLevelDay(
                day=each.day,
                index=index,
                level_state=supply.level_state,
                percent=None if supply.percent is None else float(supply.percent),
                serial_number=supply.serial_number,
                replaced=before is not None and is_another(before, supply),
            )
            last[index] = supply


def is_another(before: SupplyDay, after: SupplyDay) -> bool:
    """Whether a level is of another supply than the one before it."""
    if before.serial_number and after.serial_number:
        return before.serial_number != after.serial_number
    if before.percent is None or after.percent is None:
        return False
    return after.percent - before.percent >= RISE_POINTS and after.percent >= RISE_TO
