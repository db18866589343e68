from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.spool.age import LONGEST_GAP_SECONDS, SpoolAge
from tests.support.edge_sending import NOON


def an_age(facts: dict[str, str], now: datetime = NOON) -> SpoolAge:
    return SpoolAge(facts, now, monotonic=lambda: 1_000.0)


def test_while_the_agent_runs_the_age_follows_a_clock_that_nobody_can_set() -> None:
    ticks = iter([50.0, 53.5])

    age = SpoolAge({}, NOON, monotonic=lambda: next(ticks))

    assert age.seconds() == 3.5


@pytest.mark.parametrize(
    ("away", "counted"),
    [
        (timedelta(minutes=5), 300),
        (timedelta(days=1), 86_400),
        (timedelta(days=60), 86_400),
        (timedelta(days=11_000), 86_400),
        (timedelta(days=-11_000), 0),
    ],
)
def test_the_time_between_two_runs_counts_up_to_a_day_and_never_backwards(away: timedelta, counted: int) -> None:
    facts = an_age({"age_seconds": "100"}).facts(NOON)

    assert an_age(facts, NOON + away).seconds() == 100 + counted


@pytest.mark.parametrize("value", ["", "x", "nan", "inf", "-5", "1e999"])
def test_a_damaged_age_begins_anew(value: str) -> None:
    assert an_age({"age_seconds": value, "age_at": value}).seconds() == 0


def test_a_time_without_a_zone_is_no_time() -> None:
    assert an_age({"age_seconds": "1", "age_at": "2026-01-01T00:00:00"}).seconds() == 1


@given(st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), max_size=20))  # noqa: DTZ001  made aware below
def test_it_never_falls_and_no_restart_adds_more_than_a_day(clocks: list[datetime]) -> None:
    facts: dict[str, str] = {}
    before = 0.0
    for clock in clocks:
        now = clock.replace(tzinfo=UTC)
        age = an_age(facts, now)
        assert before <= age.seconds() <= before + LONGEST_GAP_SECONDS
        before, facts = age.seconds(), age.facts(now)
