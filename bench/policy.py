"""What the order triggers lead to (SUP-15): cartridges empty before the next one came, and days on the shelf."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt
from statistics import fmean
from typing import Final

from bench.cartridges import Cartridge, cartridges
from bench.product import Look, looks
from bench.reference import reference_orders
from bench.row import Row, at_most
from functions.orders.supplies.limits import DEFAULT_LIMITS
from functions.orders.table.models import Confidence

CARTRIDGES: Final = 800
SEED: Final = 11
LEAD_DAYS: Final = (3, 6)
STOCK_OUT_TARGET: Final = 4.3
SHELF_TARGET: Final = 10.0
THRESHOLD: Final = 20.0
_PERCENT: Final = 100


@dataclass(slots=True)
class Outcomes:
    """What became of the cartridges under one policy."""

    stock_outs: list[bool] = field(default_factory=list)
    shelf_days: list[int] = field(default_factory=list)
    coarse: list[bool] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)

    def add(self, cartridge: Cartridge, ordered: int | None, lead: int) -> None:
        """A cartridge, the day its successor was ordered on and how long that took to come."""
        day = cartridge.end if ordered is None else ordered
        delivered = day + lead
        self.stock_outs.append(delivered > cartridge.end)
        self.shelf_days.append(max(0, cartridge.end - delivered))
        self.levels.append(max(0.0, cartridge.remaining[day]))
        if cartridge.step > 1:
            self.coarse.append(delivered > cartridge.end)

    @property
    def stock_out_percent(self) -> float:
        """Cartridges that ran empty before the next one came."""
        return fmean(self.stock_outs) * _PERCENT

    @property
    def mean_shelf_days(self) -> float:
        """Days that the next one lay at the customer's."""
        return fmean(self.shelf_days)

    @property
    def text(self) -> str:
        """The rest."""
        share = fmean(self.stock_outs)
        error = sqrt(share * (1 - share) / len(self.stock_outs))
        coarse = f"coarse sensors {fmean(self.coarse):.1%} stock-outs"
        return f"standard error {error:.1%}; ordered at {fmean(self.levels):.1f} % on average; {coarse}"


def run() -> list[Row]:
    """T1 alone, all triggers as shipped, the simulated T1 and a threshold, on the same cartridges and lead times."""
    predicted, shipped, threshold, simulated = Outcomes(), Outcomes(), Outcomes(), Outcomes()
    chance = random.Random(SEED)  # noqa: S311 - a simulation
    for cartridge in cartridges(CARTRIDGES, SEED):
        lead = chance.randint(*LEAD_DAYS)
        by_t1, by_any = _first_orders(looks(cartridge, from_day=cartridge.start + 1))
        predicted.add(cartridge, by_t1, lead)
        shipped.add(cartridge, by_any, lead)
        threshold.add(cartridge, _threshold_day(cartridge), lead)
        simulated.add(cartridge, _simulated_day(cartridge), lead)
    return [
        at_most("T1: stock-outs", predicted.stock_out_percent, "%", STOCK_OUT_TARGET, predicted.text),
        at_most("T1: mean days on the shelf", predicted.mean_shelf_days, "days", SHELF_TARGET),
        at_most("T1 to T4 as shipped: stock-outs", shipped.stock_out_percent, "%", STOCK_OUT_TARGET, shipped.text),
        at_most("T1 to T4 as shipped: mean days on the shelf", shipped.mean_shelf_days, "days", SHELF_TARGET),
        *_beside("T1", predicted, "the simulation of SUP-15", simulated),
        *_beside("T1 to T4 as shipped", shipped, f"level ≤ {THRESHOLD:g} %", threshold),
    ]


def _beside(name: str, ours: Outcomes, other_name: str, other: Outcomes) -> list[Row]:
    out, other_out = ours.stock_out_percent, other.stock_out_percent
    return [
        Row(f"{name}: stock-outs, beside {other_name}", out, "%", other_out, other_name),
        Row(
            f"{name}: shelf days, beside {other_name}", ours.mean_shelf_days, "days", other.mean_shelf_days, other_name
        ),
    ]


def _first_orders(seen: Iterator[Look]) -> tuple[int | None, int | None]:
    """The days on which T1 alone, and any trigger, would order first."""
    by_t1: int | None = None
    by_any: int | None = None
    for look in seen:
        if by_any is None and look.trigger is not None:
            by_any = look.day
        if by_t1 is None and look.trigger is not None and _is_predicted(look):
            by_t1 = look.day
        if by_t1 is not None and by_any is not None:
            break
    return by_t1, by_any


def _is_predicted(look: Look) -> bool:
    """Whether T1 holds, also where a surer trigger was named instead of it."""
    forecast = look.forecast
    if forecast.confidence is Confidence.NONE or forecast.level is None or forecast.demand is None:
        return False
    return forecast.level <= forecast.demand + DEFAULT_LIMITS.reserve_points


def _simulated_day(cartridge: Cartridge) -> int | None:
    days = range(cartridge.start + 1, cartridge.end + 1)
    return next((day for day in days if reference_orders(cartridge, day)), None)


def _threshold_day(cartridge: Cartridge) -> int | None:
    days = range(cartridge.start + 1, cartridge.end + 1)
    return next((day for day in days if not cartridge.missing[day] and cartridge.level[day] <= THRESHOLD), None)
