"""Arithmetic of counters that go back (MTR-02, MTR-05, MTR-06)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.meters.epochs import BreakCause, Entries, epochs_of, usage_of
from functions.ingest.meters.ledger import ReadVerdict
from functions.ingest.meters.reads import judged
from functions.ingest.meters.review import break_items
from shared.directory.meters import (
    MODULI,
    Point,
    counted_within,
    expected_pages,
    modulus_of,
    points_of,
    replaced,
    rolled_over,
)
from shared.directory.views import PrinterDay
from shared.table import Item

DAY = date(2026, 11, 1)


def a_day(number: int, first: int, last: int, *, high: int | None = None, low: int | None = None) -> PrinterDay:
    """A day of life counts: first at 08:00, highest at 12:00, lowest at 13:00, last at 17:00 UTC."""
    day = (DAY + timedelta(days=number)).isoformat()
    return PrinterDay(
        printer_id="prn_x",
        day=day,
        first_counters={"life_count": first},
        first_counters_at=f"{day}T08:00:00.000000Z",
        last_counters={"life_count": last},
        last_counters_at=f"{day}T17:00:00.000000Z",
        high_counters={} if high is None else {"life_count": (high, f"{day}T12:00:00.000000Z")},
        low_counters={} if low is None else {"life_count": (low, f"{day}T13:00:00.000000Z", 500)},
        readings=4,
        last_reading_at=f"{day}T17:00:00Z",
    )


def a_break(days: list[PrinterDay]) -> Item:
    (item,) = break_items("org_t", "prn_x", days, "2026-01-01")
    return item


def test_at_mtr_03_a_roll_over_near_its_modulus_counts_across_it() -> None:
    assert rolled_over(999_850, 320, expected=400) == 470
    assert modulus_of(999_850) == 10**6


def test_at_mtr_04_a_decrease_without_an_event_is_held() -> None:
    item = a_break([a_day(0, 84_000, 84_210), a_day(1, 12, 30)])

    (epoch,) = epochs_of(Entries([item], [], {}), "life_count")
    assert (epoch.status, epoch.usage, epoch.cause) == ("held", None, "unknown")
    assert 12 + epoch.offset == 84_210  # the logical meter stands still


def test_at_mtr_05_a_documented_change_of_board_counts_to_the_end_and_from_the_start() -> None:
    assert replaced(95_210, 1_905, final=98_440, start=105) == 5_030


def test_a_roll_over_that_is_too_much_or_has_no_history_is_not_accepted() -> None:
    assert rolled_over(999_850, 320, expected=156) is None
    assert rolled_over(999_850, 320, expected=None) is None
    assert rolled_over(899_999, 320, expected=10**6) is None


@given(st.sampled_from(MODULI), st.integers(0, 5_000), st.integers(0, 5_000))
def test_a_roll_over_counts_what_was_printed(modulus: int, left: int, current: int) -> None:
    pages = rolled_over(modulus - 1 - left, current, expected=10_000)

    assert pages == left + 1 + current


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_decision_gives_negative_pages(previous: int, current: int, final: int, start: int) -> None:
    assert usage_of({"final_value": final, "start_value": start}, previous, current) >= 0
    assert usage_of({"modulus": final + 1}, previous, current) >= 0


def test_what_is_expected_is_the_daily_mean_of_ninety_days_for_a_week_at_least() -> None:
    series = [Point("", 100 * number, (DAY + timedelta(days=number)).isoformat()) for number in range(11)]

    assert expected_pages(series, "2026-11-12") == 700
    assert expected_pages(series, "2026-11-21") == 1_000
    assert expected_pages(series, "2026-11-12", least_days=1) == 100
    assert expected_pages(series[:7], "2026-11-12") is None


@pytest.mark.parametrize(
    ("usage", "expected", "outcome"),
    [
        (1_600, 1_000.0, (ReadVerdict.ACCEPTED, "as_expected")),
        (1_601, 1_000.0, (ReadVerdict.HELD, "unexpected_volume")),
        (399, 1_000.0, (ReadVerdict.HELD, "unexpected_volume")),
        (400, 1_000.0, (ReadVerdict.ACCEPTED, "as_expected")),
        (10**6, None, (ReadVerdict.ACCEPTED, "no_history")),
    ],
)
def test_a_volume_is_plausible_within_sixty_percent(
    usage: int, expected: float | None, outcome: tuple[ReadVerdict, str]
) -> None:
    assert judged(usage, expected) == outcome


def test_a_break_inside_a_day_keeps_what_was_counted_before_and_after() -> None:
    day = a_day(0, 1_000, 50, high=1_200, low=5)

    assert [point.value for point in points_of(day, "life_count")] == [1_000, 1_200, 5, 50]
    assert counted_within(day, "life_count") == 245


def test_a_printer_that_was_switched_on_between_two_readings_was_reset() -> None:
    item = a_break([a_day(0, 1_000, 50, high=1_200, low=5)])

    assert (item["cause"], item["last_before"], item["first_after"]) == (BreakCause.RESET, 1_200, 5)
    assert item["break_id"] == "2026-11-01.1.life_count"


def test_at_mtr_03_a_plausible_roll_over_is_accepted_by_rule_with_its_history() -> None:
    days = [a_day(number, 998_050 + 150 * number, 998_200 + 150 * number) for number in range(12)]
    days.append(a_day(12, 320, 400))

    item = a_break(days)
    (epoch,) = epochs_of(Entries([item], [], {}), "life_count")

    assert (item["last_before"], item["first_after"]) == (999_850, 320)
    assert (epoch.cause, epoch.status, epoch.usage, epoch.offset) == ("roll_over", "accepted", 470, 10**6)
