from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from local.printers.usage import Usage
from tests.support.printers import MONDAY_MORNING, steady

minutes = st.integers(0, 60 * 24 * 21)


@given(minutes, minutes, minutes)
def test_a_span_cut_in_two_prints_the_same_pages(first: int, second: int, third: int) -> None:
    start, middle, end = (MONDAY_MORNING + timedelta(minutes=each) for each in sorted((first, second, third)))
    usage = Usage(pages_per_day=240, seed="any")

    parts = usage.pages(start, middle) + usage.pages(middle, end)

    assert abs(parts - usage.pages(start, end)) < 1e-6


def test_a_working_day_prints_its_pages_within_the_opening_hours() -> None:
    usage = steady(100)

    assert usage.pages(MONDAY_MORNING, MONDAY_MORNING + timedelta(hours=5)) == 50
    assert usage.pages(MONDAY_MORNING, MONDAY_MORNING + timedelta(days=1)) == 100
    assert usage.pages(MONDAY_MORNING + timedelta(hours=11), MONDAY_MORNING + timedelta(hours=23)) == 0


def test_nothing_is_printed_at_the_weekend() -> None:
    saturday = MONDAY_MORNING + timedelta(days=5)

    assert steady(100).pages(saturday, saturday + timedelta(days=2)) == 0
    assert steady(100).pages(MONDAY_MORNING, MONDAY_MORNING + timedelta(days=7)) == 500


def test_days_differ_but_never_for_the_same_seed() -> None:
    usage = Usage(pages_per_day=100, seed="a", week=(1.0,) * 7)
    days = [
        usage.pages(MONDAY_MORNING + timedelta(days=day), MONDAY_MORNING + timedelta(days=day, hours=10))
        for day in range(10)
    ]

    assert len({round(pages) for pages in days}) > 3
    assert all(70 <= pages <= 130 for pages in days)
    assert usage.pages(MONDAY_MORNING, MONDAY_MORNING + timedelta(hours=10)) == days[0]


def test_time_that_goes_back_prints_nothing() -> None:
    assert steady(100).pages(MONDAY_MORNING, MONDAY_MORNING - timedelta(days=3)) == 0
