"""When a supply runs empty: page-anchored burn (SUP-10), its uncertainty and how far to trust it (SUP-11, 31).

Floats are right here: nothing in this room is money, and every figure is an estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, exp2, isfinite, sqrt
from statistics import fmean, median, pstdev
from typing import Final

from functions.orders.supplies.epoch import is_coarse, pages_since, sensor_step
from functions.orders.supplies.usage import DayUse
from functions.orders.table.models import Confidence, ForecastSnapshot, PastEpoch, Position

PRIOR_POINTS: Final = 15.0
HALF_LIFE_DAYS: Final = 28.0
WINDOW_DAYS: Final = 56
PROFILE_FROM_DAYS: Final = 14
MIN_WEEKS: Final = 3
Z: Final = 1.645
MIN_READINGS: Final = 5
MIN_POINTS: Final = 3.0
INTERMITTENT_SHARE: Final = 0.7
MIN_WINDOWS: Final = 20
QUANTILE: Final = 0.95
LONGEST_WALK_DAYS: Final = 2_000
MIN_LEARNED_POINTS: Final = 20.0
FLAT: Final = (1.0,) * 7


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of the printer's use: complete days only, oldest first."""

    days: Sequence[DayUse]
    readings: int
    has_counter: bool


@dataclass(frozen=True, slots=True)
class Unheard:
    """The site-local days of a silence: the one on which the printer was read last, and the present one."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """Days without a reading."""
        return max(0, (self.until - self.since).days)


def forecast(  # noqa: PLR0913 - one keyword for each input
    position: Position,
    usage: Usage,
    *,
    pages_now: int | None,
    rated_yield: float | None,
    today: date,
    horizon_days: int,
    unheard: Unheard | None = None,
) -> ForecastSnapshot:
    """The forecast of a position on a day, with the demand over ``horizon_days`` at 95 %.

    Of a silent printer the level is burned forward, and the forecast is that of the last day of ``unheard`` (SUP-30).
    """
    days = usage.days[-WINDOW_DAYS:]
    prior = learned_yield(position.past) or rated_yield
    per_day = weighted_mean(days)
    deviation = weekly_deviation(days)
    if usage.has_counter:
        since = pages_since(position.edge_pages, pages_now)
        burn = burn_per_page(consumed(position), position.epoch_pages, prior)
    else:
        since, burn = 0, 1.0
    level = level_now(position, burn, since)
    trusted = confidence(position, usage, prior)
    if level is None or burn is None or per_day is None:
        trusted = Confidence.NONE
    profile = weekday_profile(days)
    if unheard is not None:
        level, today = burned_forward(level, burn, per_day, profile, unheard), unheard.until
    left = days_to_empty(level, burn, per_day, profile, today)
    return ForecastSnapshot(
        level=_rounded(level, 2),
        burn_per_page=_rounded(burn, 6),
        pages_per_day=_rounded(per_day, 3),
        weekly_deviation=_rounded(deviation, 3),
        days_to_empty=_rounded(left, 2),
        demand=_rounded(demand(burn, per_day, deviation, days, horizon_days), 2),
        horizon_days=horizon_days,
        confidence=trusted,
        daily_readings=usage.readings,
        basis="pages" if usage.has_counter else "level",
        unheard_days=unheard.days if unheard else 0,
    )


def consumed(position: Position) -> float:
    """Percentage points used from the epoch's first reading to its last step edge."""
    if position.start_percent is None or position.percent is None:
        return 0.0
    return max(0.0, position.start_percent - position.percent)


def burn_per_page(points: float, pages: float, yield_pages: float | None) -> float | None:
    """Percent per page: observed, drawn to the prior yield with the weight of fifteen points (SUP-10, 1)."""
    weight = PRIOR_POINTS if yield_pages else 0.0
    divisor = pages + weight * (yield_pages or 0.0) / 100
    burn = (points + weight) / divisor if divisor > 0 else 0.0
    return burn if burn > 0 else None


def learned_yield(past: Sequence[PastEpoch]) -> float | None:
    """Median yield of the last three epochs that used enough to tell."""
    yields = []
    for epoch in past:
        used = (epoch.start_percent or 0.0) - (epoch.residual_percent or 0.0)
        if used >= MIN_LEARNED_POINTS and epoch.pages > 0:
            yields.append(100 * epoch.pages / used)
    return median(yields[:3]) if yields else None


def level_now(position: Position, burn: float | None, since: float) -> float | None:
    """The level now: as reported, or burned on from the last edge where the sensor is coarse or gave up (SUP-10, 5)."""
    if position.percent is None:
        return None
    burned = position.percent - (burn or 0.0) * since
    if not position.metered:
        return max(0.0, burned)
    if not is_coarse(position):
        return position.percent
    return min(position.percent, max(burned, position.percent - sensor_step(position), 0.0))


def burned_forward(
    level: float | None, burn: float | None, per_day: float | None, profile: Sequence[float], unheard: Unheard
) -> float | None:
    """The level after days without a reading: each has taken what its weekday takes on average (SUP-30)."""
    if level is None or burn is None or per_day is None:
        return level
    weekdays = [(unheard.since + timedelta(days=ahead)).weekday() for ahead in range(1, unheard.days + 1)]
    return max(0.0, level - burn * per_day * sum(profile[weekday] for weekday in weekdays))


def weighted_mean(days: Sequence[DayUse]) -> float | None:
    """Mean pages a calendar day, zero days included, a day's weight halved every 28 days (SUP-10, 3)."""
    if not days:
        return None
    weights = [exp2((place + 1 - len(days)) / HALF_LIFE_DAYS) for place in range(len(days))]
    return sum(weight * day.pages for weight, day in zip(weights, days, strict=True)) / sum(weights)


def weekday_profile(days: Sequence[DayUse]) -> tuple[float, ...]:
    """Relative use by weekday, Monday first, mean 1; flat until fourteen days exist (SUP-10, 4)."""
    if len(days) < PROFILE_FROM_DAYS:
        return FLAT
    by_day = [[day.pages for day in days if day.day.weekday() == weekday] for weekday in range(7)]
    means = [fmean(pages) if pages else 0.0 for pages in by_day]
    mean = fmean(means)
    return tuple(value / mean for value in means) if mean > 0 else FLAT


def weekly_deviation(days: Sequence[DayUse]) -> float | None:
    """Standard deviation of weekly pages; from the daily mean until three weeks exist (SUP-10, 7)."""
    weeks = [sum(day.pages for day in days[end - 7 : end]) for end in range(len(days), 6, -7)]
    if len(weeks) >= MIN_WEEKS:
        return pstdev(weeks)
    mean = weighted_mean(days)
    return None if mean is None else mean * sqrt(7)


def days_to_empty(
    level: float | None, burn: float | None, per_day: float | None, profile: Sequence[float], today: date
) -> float | None:
    """Calendar days from the end of ``today`` until the level is used up; None when it never is."""
    if level is None or burn is None or not per_day:
        return None
    left, rate = level, burn * per_day
    if sum(profile) * rate <= 0 or not isfinite(rate):
        return None
    for ahead in range(1, LONGEST_WALK_DAYS + 1):
        used = rate * profile[(today + timedelta(days=ahead)).weekday()]
        if used > 0 and used >= left:
            return ahead - 1 + left / used
        left -= used
    return None


def demand(
    burn: float | None, per_day: float | None, deviation: float | None, days: Sequence[DayUse], horizon_days: int
) -> float | None:
    """Percentage points needed over the horizon at the 95 % quantile.

    An intermittent printer's comes from the sums it really had (SUP-31), else from mean and deviation (SUP-10, 7).
    """
    if burn is None or per_day is None or deviation is None:
        return None
    if _is_intermittent(days):
        sums = sorted(
            sum(day.pages for day in days[start : start + horizon_days])
            for start in range(len(days) - horizon_days + 1)
        )
        if len(sums) >= MIN_WINDOWS:
            return burn * sums[min(len(sums) - 1, ceil(QUANTILE * len(sums)) - 1)]
    return burn * (per_day * horizon_days + Z * deviation * sqrt(horizon_days / 7))


def confidence(position: Position, usage: Usage, prior: float | None) -> Confidence:
    """How far the forecast may be trusted (SUP-11); without a backtest a coarse sensor or no counter is low."""
    if position.receptacle or usage.readings < MIN_READINGS:
        return Confidence.NONE
    if consumed(position) < MIN_POINTS and prior is None:
        return Confidence.NONE
    return Confidence.HIGH if usage.has_counter else Confidence.LOW


def _is_intermittent(days: Sequence[DayUse]) -> bool:
    return bool(days) and sum(day.pages == 0 for day in days) / len(days) > INTERMITTENT_SHARE


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not isfinite(value) else round(value, digits)
