"""Our own supplies code on a simulated cartridge: position, roll-ups, forecast and triggers as shipped."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final, cast

from bench.cartridges import Cartridge
from functions.orders.supplies.epoch import observe
from functions.orders.supplies.facts import DEFAULT_LEAD_TIME_DAYS, REVIEW_DAYS, PrinterFacts, World
from functions.orders.supplies.forecast import WINDOW_DAYS, forecast
from functions.orders.supplies.position import Observation, described, new_position
from functions.orders.supplies.triggers import trigger_of
from functions.orders.table.models import ForecastSnapshot, Position, Trigger
from shared.directory.views import PrinterDay, PrinterState, SupplyDay
from shared.wire.printer_mib import LevelState
from shared.wire.reading import LIFE_COUNT, Supply

HORIZON_DAYS: Final = DEFAULT_LEAD_TIME_DAYS + REVIEW_DAYS
_INDEX: Final = "1.1"
_COUNT_BEFORE: Final = 10_000
_CLOSE: Final = time(18, tzinfo=UTC)
_NAMES: Final = {
    "tenant_id": "org_a",
    "organization_id": "org_a",
    "organization_path": "/org_a/",
    "site_id": "site_a",
    "agent_id": "agt_a",
    "printer_id": "prn_a",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What our code says at the end of a day on which the printer was read."""

    day: int
    forecast: ForecastSnapshot
    trigger: Trigger | None


class _Office:
    """Stands for the ports that a position's usage is read through: one printer at a site in UTC."""

    def __init__(self, cartridge: Cartridge) -> None:
        self._days = _roll_ups(cartridge)
        self._first = cartridge.date(0)

    def days(self, _tenant: str, _printer: str, first: str, last: str) -> list[PrinterDay]:
        return [self._days[day] for day in self._numbers(first, last) if day in self._days]

    def site(self, _tenant: str, _site: str) -> None:
        """No site is known, which means UTC."""

    def _numbers(self, first: str, last: str) -> range:
        begin, end = (datetime.fromisoformat(each).date() - self._first for each in (first, last))
        return range(begin.days, end.days + 1)


def looks(cartridge: Cartridge, *, from_day: int = 0) -> Iterator[Look]:
    """What our code says on each day that the cartridge is read, in order; forecasts from ``from_day`` on.

    The printer was known before, so its roll-ups reach back; the cartridge is new to its position. What the
    cartridge should yield is known, as it is from the catalogue.
    """
    office = cast("Any", _Office(cartridge))
    nobody = cast("Any", None)
    world = World(nobody, nobody, office, office, nobody)
    count, position, previous = _COUNT_BEFORE, None, None
    for day, pages in enumerate(cartridge.pages[: cartridge.end + 1]):
        count += int(pages)
        if day < cartridge.start or cartridge.missing[day]:
            continue
        state = _state(cartridge, day)
        seen = _seen(state, cartridge.level[day], count, previous)
        position = position or described(new_position(state, state.supplies[0], state.taken_at), state.supplies[0])
        position = observe(position, seen).position
        previous = state.taken_at
        if day >= from_day:
            yield _look(day, position, seen, PrinterFacts(state, world), cartridge.rated)


def _look(day: int, position: Position, seen: Observation, facts: PrinterFacts, rated: int) -> Look:
    snapshot = forecast(
        position,
        facts.usage(position),
        pages_now=seen.pages,
        rated_yield=rated,
        today=facts.today,
        horizon_days=HORIZON_DAYS,
    )
    return Look(day, snapshot, trigger_of(position, snapshot, seen.level_state, seen.at))


def _state(cartridge: Cartridge, day: int) -> PrinterState:
    at = datetime.combine(cartridge.date(day), _CLOSE)
    supply = Supply(
        index=_INDEX,
        supply_class="supplyThatIsConsumed",
        supply_type="tonerCartridge",
        colorant="black",
        supply_unit="percent",
        max_capacity=100,
        level=int(cartridge.level[day]),
        level_state=LevelState.PERCENT,
        percent=cartridge.level[day],
    )
    return PrinterState(reading_id=f"r{day}", taken_at=at, received_at=at, supplies=[supply], **_NAMES)


def _seen(state: PrinterState, level: float, count: int, previous: datetime | None) -> Observation:
    return Observation(
        position_id=_INDEX,
        at=state.taken_at,
        level_state=LevelState.PERCENT,
        percent=level,
        pages=count,
        previous_at=previous,
        supply=state.supplies[0],
    )


def _roll_ups(cartridge: Cartridge) -> dict[int, PrinterDay]:
    days, count = {}, _COUNT_BEFORE
    for day, pages in enumerate(cartridge.pages):
        before, count = count, count + int(pages)
        if cartridge.missing[day] or not cartridge.start - WINDOW_DAYS <= day <= cartridge.end:
            continue
        supply = SupplyDay(percent=Decimal(int(cartridge.level[day])), level_state=LevelState.PERCENT.value)
        days[day] = PrinterDay(
            printer_id=_NAMES["printer_id"],
            day=cartridge.date(day).isoformat(),
            first_counters={LIFE_COUNT: before},
            last_counters={LIFE_COUNT: count},
            supplies={_INDEX: supply},
            readings=1,
            last_reading_at=datetime.combine(cartridge.date(day), _CLOSE),
        )
    return days
