from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.supplies.forecast import (
    FLAT,
    Usage,
    burn_per_page,
    days_to_empty,
    demand,
    forecast,
    learned_yield,
    level_now,
    weekday_profile,
    weekly_deviation,
    weighted_mean,
)
from functions.orders.supplies.usage import DayUse
from functions.orders.table.models import Confidence, PastEpoch
from tests.support.orders import NOW, a_position, at

FRIDAY = NOW.date()


def uses(*pages: float) -> list[DayUse]:
    """Pages of the days up to yesterday."""
    return [DayUse(FRIDAY - timedelta(days=len(pages) - place), count) for place, count in enumerate(pages)]


def test_a_five_day_week_is_walked_day_by_day() -> None:
    # Given AT-SUP-04: Friday close, 60 %, ten points a workday
    profile = (1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0)

    left = days_to_empty(60.0, 10.0, 1 / 1.4, profile, FRIDAY)

    assert left == pytest.approx(10.0)


def test_a_stepped_sensor_is_burned_on_from_its_last_edge() -> None:
    # Given AT-SUP-06
    position = a_position(percent=30.0, drops={"10": 6})

    level = level_now(position, 100 / 6_000, 50)
    left = days_to_empty(level, 100 / 6_000, 200.0, FLAT, FRIDAY)

    assert level == pytest.approx(29.17, abs=0.005)
    assert left == pytest.approx(8.75)


def test_a_stepped_sensor_is_never_burned_below_its_next_step() -> None:
    assert level_now(a_position(percent=30.0, drops={"10": 6}), 1.0, 500) == 20.0


def test_a_level_that_the_printer_hides_is_burned_on_to_nothing() -> None:
    assert level_now(a_position(percent=20.0, metered=False), 0.1, 150) == 5.0
    assert level_now(a_position(percent=20.0, metered=False), 0.1, 900) == 0.0


def test_the_reorder_level_is_demand_at_the_quantile_and_reserve() -> None:
    # Given AT-SUP-07: 2 %/day, daily deviation 1.2 %, five days, z 1.645, reserve 2
    needed = demand(1.0, 2.0, 1.2 * 7**0.5, uses(*[2.0] * 28), 5)

    assert needed is not None
    assert needed + 2 == pytest.approx(16.41, abs=0.005)


def test_an_intermittent_printers_demand_is_what_it_really_used() -> None:
    # Given seven days in eight without a page, and 800 pages on the eighth
    days = uses(*([0.0] * 7 + [800.0]) * 7)

    needed = demand(0.01, 100.0, 300.0, days, 7)

    assert needed == pytest.approx(8.0)


def test_burn_is_drawn_to_the_prior_yield_by_fifteen_points() -> None:
    assert burn_per_page(70, 4_150, 6_000) == pytest.approx(85 / 5_050)
    assert burn_per_page(70, 4_150, None) == pytest.approx(70 / 4_150)
    assert burn_per_page(0, 0, None) is None


def test_yield_is_learned_from_the_last_three_epochs_that_tell() -> None:
    def epoch(used: float, pages: int) -> PastEpoch:
        return PastEpoch(
            epoch=1, started_at=at(-90), ended_at=at(-60), start_percent=100, residual_percent=100 - used, pages=pages
        )

    past = [epoch(50, 3_000), epoch(5, 10), epoch(80, 4_000), epoch(90, 9_000), epoch(90, 90_000)]

    assert learned_yield(past) == pytest.approx(6_000)
    assert learned_yield([epoch(5, 10)]) is None


def test_recent_days_weigh_more_and_zero_days_count() -> None:
    assert weighted_mean(uses(0, 0, 100)) == pytest.approx(100 / 3, rel=0.05)
    assert (weighted_mean(uses(0, 100)) or 0) > (weighted_mean(uses(100, 0)) or 0)
    assert weighted_mean([]) is None


def test_the_weekday_profile_is_flat_until_two_weeks_are_known() -> None:
    assert weekday_profile(uses(*[10.0] * 13)) == FLAT
    profile = weekday_profile([DayUse(day.day, 0.0 if day.day.weekday() > 4 else 10.0) for day in uses(*[0.0] * 28)])
    assert profile[5:] == (0.0, 0.0)
    assert sum(profile) == pytest.approx(7)


def test_even_weeks_have_no_deviation() -> None:
    assert weekly_deviation(uses(*[10.0] * 28)) == 0.0


@pytest.mark.parametrize(
    ("readings", "start", "rated", "has_counter", "expected"),
    [
        (4, 100.0, None, True, Confidence.NONE),
        (5, 52.0, None, True, Confidence.NONE),
        (5, 52.0, 6_000.0, True, Confidence.HIGH),
        (5, 100.0, None, True, Confidence.HIGH),
        (5, 100.0, None, False, Confidence.LOW),
    ],
)
def test_confidence_follows_what_is_known(
    readings: int, start: float, rated: float | None, has_counter: bool, expected: Confidence
) -> None:
    position = a_position(start_percent=start, percent=50.0)
    usage = Usage(uses(*[100.0] * 10), readings, has_counter)

    snapshot = forecast(position, usage, pages_now=5_000, rated_yield=rated, today=FRIDAY, horizon_days=7)

    assert snapshot.confidence is expected


def test_a_printer_that_prints_nothing_never_runs_empty() -> None:
    usage = Usage(uses(*[0.0] * 28), 28, has_counter=True)

    snapshot = forecast(a_position(), usage, pages_now=5_000, rated_yield=None, today=FRIDAY, horizon_days=7)

    assert snapshot.days_to_empty is None


levels = st.floats(0.5, 100)
burns = st.floats(0.001, 1)
pages = st.floats(1, 1_000)


@given(low=levels, high=levels, burn=burns, per_day=pages)
def test_more_toner_never_lasts_shorter(low: float, high: float, burn: float, per_day: float) -> None:
    low, high = sorted((low, high))

    shorter = days_to_empty(low, burn, per_day, FLAT, FRIDAY)
    longer = days_to_empty(high, burn, per_day, FLAT, FRIDAY)

    assert longer is None or (shorter is not None and shorter <= longer + 1e-6)


@given(level=levels, burn=burns, few=pages, many=pages)
def test_more_pages_never_last_longer(level: float, burn: float, few: float, many: float) -> None:
    few, many = sorted((few, many))

    slow = days_to_empty(level, burn, few, FLAT, FRIDAY)
    fast = days_to_empty(level, burn, many, FLAT, FRIDAY)

    assert slow is None or (fast is not None and fast <= slow + 1e-6)


@given(level=levels, burn=burns, per_day=pages, weekday=st.integers(0, 6))
def test_with_even_use_the_walk_is_a_division(level: float, burn: float, per_day: float, weekday: int) -> None:
    left = days_to_empty(level, burn, per_day, FLAT, FRIDAY + timedelta(days=weekday))

    exact = level / (burn * per_day)
    assert left == pytest.approx(exact, rel=1e-6) if exact < 2_000 else left is None


@given(short=st.integers(1, 30), long=st.integers(1, 30), use=st.lists(st.floats(0, 500), min_size=21, max_size=56))
def test_a_longer_horizon_never_needs_less(short: int, long: int, use: list[float]) -> None:
    short, long = sorted((short, long))
    days = [DayUse(day.day, day.pages + 1) for day in uses(*use)]
    mean, deviation = weighted_mean(days), weekly_deviation(days)

    assert (demand(0.02, mean, deviation, days, short) or 0) <= (demand(0.02, mean, deviation, days, long) or 0)
