"""How well the day is foretold on which a cartridge is empty (SUP-12): ours beside what others do."""

from collections.abc import Callable
from statistics import median, quantiles
from typing import Final

from bench.cartridges import Cartridge, cartridges
from bench.estimators import rated_yield, two_point
from bench.product import looks
from bench.reference import reference
from bench.row import Row, at_most

CARTRIDGES: Final = 1_500
SEED: Final = 7
HORIZONS: Final = (7, 14)
LONGEST: Final = 120.0
"""Days; a longer answer, or none, counts as this one."""
SETTLED_DAYS: Final = 7
TARGET: Final = 2.3
NEAR_DAYS: Final = 3.0
OURS: Final = "ours"
REFERENCE: Final = "the simulation of SUP-10"
Estimator = Callable[[Cartridge, int], float | None]


def run() -> list[Row]:
    """Both horizons."""
    others: dict[str, Estimator] = {"two points": two_point, "rated yield": rated_yield, REFERENCE: reference}
    errors: dict[tuple[int, str], list[float]] = {
        (horizon, name): [] for horizon in HORIZONS for name in (OURS, *others)
    }
    coarse: dict[int, list[float]] = {horizon: [] for horizon in HORIZONS}
    for cartridge in cartridges(CARTRIDGES, SEED):
        for horizon, estimate in _ours(cartridge).items():
            today = cartridge.end - horizon
            if today < cartridge.start + SETTLED_DAYS:
                continue
            errors[horizon, OURS].append(_error(estimate, horizon))
            if cartridge.step > 1:
                coarse[horizon].append(_error(estimate, horizon))
            for name, other in others.items():
                errors[horizon, name].append(_error(other(cartridge, today), horizon))
    return [row for horizon in HORIZONS for row in _rows(horizon, errors, coarse[horizon])]


def _ours(cartridge: Cartridge) -> dict[int, float | None]:
    """Days to empty as our code has them at each horizon: its last forecast, less the days since it was made."""
    estimates: dict[int, float | None] = dict.fromkeys(HORIZONS)
    for look in looks(cartridge, from_day=cartridge.end - max(HORIZONS) - SETTLED_DAYS):
        for horizon in HORIZONS:
            today = cartridge.end - horizon
            left = look.forecast.days_to_empty
            if look.day <= today and left is not None:
                estimates[horizon] = max(0.0, left - (today - look.day))
    return estimates


def _error(estimate: float | None, horizon: int) -> float:
    return (LONGEST if estimate is None else min(estimate, LONGEST)) - horizon


def _rows(horizon: int, errors: dict[tuple[int, str], list[float]], coarse: list[float]) -> list[Row]:
    ours = _Spread(errors[horizon, OURS])
    what = f"median error with {horizon} days left"
    note = f"{ours.cases} cartridges; {ours.text}; coarse sensors {_Spread(coarse).median:.1f}"
    first = Row(what, ours.median, "days", note=note)
    if horizon == HORIZONS[0]:  # at the one decimal that the target has
        first = at_most(what, round(ours.median, 1), "days", TARGET, note)
    rows = [first]
    for name in (REFERENCE, "two points", "rated yield"):
        other = _Spread(errors[horizon, name])
        rows.append(Row(f"{what}, beside {name}", ours.median, "days", other.median, name, note=other.text))
    return rows


class _Spread:
    """The usual figures of some errors in days."""

    def __init__(self, errors: list[float]) -> None:
        sizes = [abs(error) for error in errors]
        self.cases = len(errors)
        self.median = median(sizes)
        late = sum(error > NEAR_DAYS for error in errors) / len(errors)
        near = sum(size <= NEAR_DAYS for size in sizes) / len(sizes)
        ninth = quantiles(sizes, n=10)[-1]
        self.text = f"90 % within {ninth:.1f} days, {near:.0%} within 3, {late:.0%} more than 3 too late"
