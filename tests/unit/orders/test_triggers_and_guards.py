import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.supplies.guards import hold_reasons, is_stale
from functions.orders.supplies.triggers import trigger_of
from functions.orders.table.models import (
    Alarm,
    Candidate,
    Confidence,
    ForecastSnapshot,
    HoldReason,
    PastEpoch,
    Position,
    Trigger,
)
from shared.wire.printer_mib import LevelState
from tests.support.orders import NOW, a_forecast, a_position, at

PERCENT = LevelState.PERCENT


def reasons(position: Position, forecast: ForecastSnapshot | None = None, **facts: object) -> list[HoldReason]:
    given_facts = {
        "is_stale": False,
        "now": NOW,
        "pages_now": 5_000,
        "expected_yield": None,
        "has_contact": True,
        "has_partner": True,
        "is_moving": False,
    }
    snapshot = forecast or a_forecast(level=position.percent)
    return hold_reasons(position, snapshot, **(given_facts | facts))  # type: ignore[arg-type] # a keyword each


def test_a_level_that_no_longer_covers_demand_and_reserve_fires() -> None:
    position = a_position(percent=12.0)

    assert trigger_of(position, a_forecast(level=12.0, demand=9.0), PERCENT, NOW) is Trigger.PREDICTED
    assert trigger_of(position, a_forecast(level=12.1, demand=9.0), PERCENT, NOW) is None


def test_a_forecast_without_confidence_fires_nothing_but_the_floor_does() -> None:
    blind = a_forecast(level=5.0, confidence=Confidence.NONE)

    assert trigger_of(a_position(percent=5.5), blind, PERCENT, NOW) is None
    assert trigger_of(a_position(percent=5.0), blind, PERCENT, NOW) is Trigger.FLOOR


def test_a_low_alarm_without_a_number_fires_by_state() -> None:
    # Given AT-SUP-12: level -3 all month, then alert 1104
    position = a_position(percent=None, start_percent=None, alarm=Alarm.LOW, metered=False)

    fired = trigger_of(position, a_forecast(level=None, confidence=Confidence.NONE), LevelState.SOME, NOW)

    assert fired is Trigger.STATE
    assert Trigger.STATE.value == "state"


def test_a_low_alarm_beside_a_number_is_information_only() -> None:
    position = a_position(percent=30.0, alarm=Alarm.LOW)

    assert trigger_of(position, a_forecast(level=30.0), PERCENT, NOW) is None


def test_empty_beats_everything() -> None:
    assert trigger_of(a_position(alarm=Alarm.EMPTY), a_forecast(level=50.0), PERCENT, NOW) is Trigger.EMPTY


def test_zero_twice_two_hours_apart_is_empty_and_once_is_the_floor() -> None:
    position = a_position(percent=0.0, zero_since=at(0, -2))

    assert trigger_of(position, a_forecast(), PERCENT, NOW) is Trigger.EMPTY
    assert trigger_of(position, a_forecast(), PERCENT, at(0, -1)) is Trigger.FLOOR


def test_a_rise_in_question_asks_for_nothing() -> None:
    candidate = Candidate(percent=98, seen_at=at(0), before_at=at(-1))

    assert trigger_of(a_position(percent=2.0, candidate=candidate), a_forecast(), PERCENT, NOW) is None


@given(percent=st.one_of(st.none(), st.floats(0, 100)))
def test_a_receptacle_never_fires_on_its_level(percent: float | None) -> None:
    position = a_position(percent=percent, receptacle=True)

    assert trigger_of(position, a_forecast(level=percent, demand=100.0), PERCENT, NOW) is None


def test_a_receptacle_fires_on_its_alarm() -> None:
    # Given AT-SUP-19: a switch-type waste bottle with alert 1107
    nearly = a_position(percent=None, receptacle=True, alarm=Alarm.LOW)
    full = a_position(percent=None, receptacle=True, alarm=Alarm.EMPTY)

    assert trigger_of(nearly, a_forecast(level=None), PERCENT, NOW) is Trigger.STATE
    assert trigger_of(full, a_forecast(level=None), PERCENT, NOW) is Trigger.EMPTY


def test_an_order_that_nothing_holds_may_go() -> None:
    assert reasons(a_position(percent=8.0)) == []


def test_a_cartridge_that_fell_without_pages_is_held_for_low_usage() -> None:
    # Given AT-SUP-13: 100 to 8 after 900 pages, yield 10,000
    position = a_position(percent=8.0, epoch_pages=900, edge_pages=5_000)

    assert reasons(position, expected_yield=10_000.0) == [HoldReason.LOW_USAGE]
    assert reasons(position, expected_yield=None) == []
    assert reasons(a_position(percent=8.0, epoch_pages=5_600), expected_yield=10_000.0) == []


def test_what_was_burned_forward_without_a_counted_page_is_no_low_usage() -> None:
    # Given 100 to 80 after 2,000 pages, yield 10,000, and fifteen days of silence that take 75 points more
    position = a_position(percent=80.0, epoch_pages=2_000, edge_pages=5_000)
    burned = a_forecast(level=5.0, unheard_days=15)

    assert reasons(position, burned, expected_yield=10_000.0) == []


@pytest.mark.parametrize(("days", "held"), [(2.9, []), (3.1, [HoldReason.STALE])])
def test_a_reading_older_than_three_days_holds_the_order(days: float, held: list[HoldReason]) -> None:
    assert reasons(a_position(percent=8.0), is_stale=is_stale(NOW, at(days)), now=at(days)) == held


def test_every_reason_is_named() -> None:
    fuser = a_position(percent=4.0, supply_type="fuser")

    assert reasons(fuser, has_contact=False, has_partner=False, is_stale=True, now=at(9)) == [
        HoldReason.TECHNICIAN_INSTALLED,
        HoldReason.STALE,
        HoldReason.NO_DELIVERY_CONTACT,
        HoldReason.NO_FULFILMENT_PARTNER,
    ]


@pytest.mark.parametrize(("days", "held"), [(-13, [HoldReason.RECENT_ORDER]), (-15, [])])
def test_a_second_order_within_fourteen_days_is_held(days: float, held: list[HoldReason]) -> None:
    past = PastEpoch(epoch=1, started_at=at(-60), ended_at=at(-5), ordered_at=at(days))

    assert reasons(a_position(percent=8.0, past=[past])) == held
    assert reasons(a_position(percent=8.0, previous_order_at=at(days))) == held


def test_a_printer_at_another_site_gets_nothing_until_the_address_is_confirmed() -> None:
    assert reasons(a_position(percent=10.0), is_moving=True) == [HoldReason.SITE_MOVE]
