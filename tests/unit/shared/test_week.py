"""A printer's days, stored by the week."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.meters.readings import sections_of
from functions.ingest.meters.rollup import expiry, roll_up
from shared.directory.keys import printer_week, printer_weeks
from shared.directory.lineage import FIRST, LAST
from shared.directory.week import day_in, days_of, week_of, weeks_between, with_day
from shared.table import Item, from_attributes, to_attributes
from tests.support.ingest import BERLIN, reading

MONDAY = "2026-11-16"
DATES = st.dates(date(2024, 1, 1), date(2032, 12, 31)).map(date.isoformat)


def day_of(day: str, count: int = 1_000) -> Item:
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=BERLIN)
    return roll_up(None, sections_of(reading(taken_at=noon, life_count=count)), noon, BERLIN)


@given(DATES)
def test_a_week_begins_on_its_monday(day: str) -> None:
    monday = date.fromisoformat(week_of(day))

    assert monday.weekday() == 0
    assert timedelta(0) <= date.fromisoformat(day) - monday < timedelta(days=7)


@given(st.permutations(range(7)), st.sets(st.integers(0, 6)))
def test_a_week_tells_its_days_in_order_however_they_came(order: list[int], again: set[int]) -> None:
    days = {number: day_of((date.fromisoformat(MONDAY) + timedelta(days=number)).isoformat()) for number in order}
    week: Item = {"printer_id": "prn_1"}

    for number in [*order, *again]:
        week = from_attributes(to_attributes(with_day(week, days[number])))

    assert days_of([week]) == [days[number] | {"printer_id": "prn_1"} for number in range(7)]


def test_days_between_two_dates_are_told_and_no_others() -> None:
    weeks = [with_day({"printer_id": "prn_1"}, day_of(day)) for day in ("2026-11-15", "2026-11-16", "2026-11-23")]

    assert [day["day"] for day in days_of(weeks, "2026-11-16", "2026-11-22")] == ["2026-11-16"]
    assert day_in(weeks[0], "2026-11-16") is None
    assert day_in(None, "2026-11-16") is None


@given(DATES, DATES)
def test_the_bounds_of_a_span_hold_the_weeks_of_its_days_and_none_that_are_over(one: str, other: str) -> None:
    first, last = sorted((one, other))
    low, high = printer_weeks(first, last)

    assert low <= printer_week(week_of(first)) <= printer_week(week_of(last)) <= high
    assert printer_week(week_of((date.fromisoformat(week_of(first)) - timedelta(days=1)).isoformat())) < low
    mondays = list(weeks_between(first, last))
    assert (mondays[0], mondays[-1]) == (week_of(first), week_of(last))


def test_the_bounds_of_all_days_hold_every_week() -> None:
    low, high = printer_weeks(FIRST, LAST)

    assert low < printer_week("1970-01-05") < printer_week("2199-12-30") < high


def test_a_cursor_behind_a_day_still_finds_the_rest_of_its_week() -> None:
    assert printer_weeks("2026-11-18\0", LAST)[0] == printer_week(MONDAY)


def test_a_week_is_kept_for_four_hundred_days_from_its_sunday() -> None:
    assert expiry(MONDAY) == int(datetime.fromisoformat("2026-11-22T00:00:00+00:00").timestamp()) + 400 * 86_400


def test_a_full_week_takes_one_unit_of_writing() -> None:
    week: Item = {"pk": "TENANT#" + "t" * 30 + "#PRN#" + "p" * 30, "sk": printer_week(MONDAY), "printer_id": "p" * 30}

    for number in range(7):
        week = with_day(week, day_of((date.fromisoformat(MONDAY) + timedelta(days=number)).isoformat(), 1_000 + number))

    stored = to_attributes(week | {"expires_at": expiry(MONDAY), "version": 9})
    size = sum(len(name) + sum(len(value) for value in typed.values()) for name, typed in stored.items())
    assert size < 1_024
