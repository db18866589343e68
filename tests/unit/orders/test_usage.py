from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.supplies.epoch import observe
from functions.orders.supplies.usage import daily_levels, daily_pages, daily_points, history
from shared.wire.reading import LIFE_COUNT
from tests.support.orders import a_day, a_position, at, days_of_use

FIRST = date(2026, 11, 2)


def test_pages_between_days_count_and_gaps_are_spread() -> None:
    days = [
        a_day(FIRST, first=100, last=150),
        a_day(FIRST + timedelta(days=1), first=160, last=200),
        a_day(FIRST + timedelta(days=4), first=480, last=500),
    ]

    assert [use.pages for use in daily_pages(days, LIFE_COUNT)] == [50, 50, 100, 100, 100]


def test_a_counter_that_was_reset_starts_again() -> None:
    days = [a_day(FIRST, first=9_000, last=9_050), a_day(FIRST + timedelta(days=1), first=5, last=25)]

    assert [use.pages for use in daily_pages(days, LIFE_COUNT)] == [50, 20]


def test_a_reset_inside_a_day_keeps_the_pages_of_both_sides() -> None:
    day = a_day(FIRST + timedelta(days=1), first=9_060, last=45).model_copy(
        update={"high_counters": {LIFE_COUNT: (9_090, "")}, "low_counters": {LIFE_COUNT: (5, "", -1)}}
    )

    uses = daily_pages([a_day(FIRST, first=9_000, last=9_050), day], LIFE_COUNT)

    assert [use.pages for use in uses] == [50, 10 + 30 + 40]


def test_a_counter_that_rolled_over_makes_no_jump() -> None:
    days = [
        a_day(FIRST + timedelta(days=n), first=(998_900 + 100 * n) % 10**6, last=(998_990 + 100 * n) % 10**6)
        for n in range(14)
    ]

    assert [use.pages for use in daily_pages(days, LIFE_COUNT)] == [90, *[100] * 13]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=40))
def test_no_series_of_counters_gives_negative_pages(counts: list[int]) -> None:
    days = [a_day(FIRST + timedelta(days=n), first=count, last=count) for n, count in enumerate(counts)]

    assert all(use.pages >= 0 for use in daily_pages(days, LIFE_COUNT))


def test_without_a_counter_the_falls_of_the_level_are_the_use() -> None:
    days = [
        a_day(FIRST + timedelta(days=n), first=0, last=0, percent=level) for n, level in enumerate((90, 85, 86, 80))
    ]

    assert [use.pages for use in daily_points(days, "1.1")] == [5, 0, 6]


def test_a_position_seen_for_the_first_time_learns_its_past() -> None:
    # Given a cartridge change a week ago in the day roll-ups
    old = days_of_use(10, start_percent=30, per_day=2, until=at(-7).date())
    new = [
        a_day(at(day).date(), first=1_000, last=1_000 + 100 * (day + 8), percent=100 - 2 * (day + 7))
        for day in range(-7, 0)
    ]
    position = a_position(
        percent=None, start_percent=None, edge_pages=None, epoch_pages=0, edge_at=at(-30), observed_at=at(-30)
    )

    for observation in history(old + new, position):
        position = observe(position, observation).position

    assert position.epoch == 2
    assert (position.start_percent, position.percent) == (100.0, 88.0)
    assert position.epoch_pages == pytest.approx(600)
    assert daily_levels(old + new, position) >= 7
