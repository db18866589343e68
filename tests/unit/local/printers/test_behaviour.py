import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.printers.alerts import CRITICAL, FIELD_SERVICE, FUSER_THERMISTOR_FAILURE, GROUP_MARKER
from local.printers.behaviour import Behaviour
from local.printers.supplies import RECEPTACLE, SOME_REMAINS, WASTE_TONER, Supply
from tests.support.printers import HandClock, living, toner

FUSER = (CRITICAL, FIELD_SERVICE, GROUP_MARKER, 1, FUSER_THERMISTOR_FAILURE, "Fuser failure")


def test_pages_grow_and_toner_falls_by_its_yield() -> None:
    clock = HandClock()
    behaviour = living(clock, toner(percent=50, yield_pages=1_000))

    clock.pass_time(days=2)
    after = behaviour.snapshot()

    assert after.pages == 200
    assert after.supplies[1].percent == pytest.approx(30)


@given(st.lists(st.floats(-48, 96), max_size=12))
def test_pages_never_fall_and_toner_never_rises_whatever_the_clock_does(hours: list[float]) -> None:
    clock = HandClock()
    behaviour = living(clock, toner(percent=80, yield_pages=600))
    before = behaviour.snapshot()

    for step in hours:
        clock.pass_time(hours=step)
        now = behaviour.snapshot()
        assert now.pages >= before.pages
        assert now.uptime_ticks >= before.uptime_ticks
        assert 0 <= (now.supplies[1].percent or 0) <= (before.supplies[1].percent or 0)
        before = now


def test_uptime_runs_in_hundredths_of_a_second() -> None:
    clock = HandClock()
    behaviour = living(clock)

    clock.pass_time(seconds=90)

    assert behaviour.snapshot().uptime_ticks == 9_000


def test_held_printing_stops_and_is_not_made_up_for() -> None:
    clock = HandClock()
    behaviour = living(clock)

    behaviour.hold()
    clock.pass_time(days=2)
    held = behaviour.snapshot().pages
    behaviour.resume()
    clock.pass_time(days=1)

    assert (held, behaviour.snapshot().pages) == (0, 100)


def test_a_new_cartridge_is_full_and_has_its_own_serial_number() -> None:
    clock = HandClock()
    behaviour = living(clock, toner(percent=4, serial="OLD"))
    assert [standing.alert.code for standing in behaviour.snapshot().alerts.values()] == [1104]

    behaviour.replace_cartridge(1, "NEW")
    now = behaviour.snapshot()

    assert (now.supplies[1].percent, now.supplies[1].serial) == (100, "NEW")
    assert now.alerts == {}


def test_a_supply_warns_once_when_low_and_again_when_empty() -> None:
    behaviour = living(HandClock(), toner(percent=11, yield_pages=1_000))

    seen = []
    for _ in range(4):
        behaviour.print_pages(20)
        seen.append([(index, standing.alert.code) for index, standing in behaviour.snapshot().alerts.items()])
    behaviour.print_pages(40)
    seen.append([(index, standing.alert.code) for index, standing in behaviour.snapshot().alerts.items()])

    assert seen == [[(1, 1104)], [(1, 1104)], [(1, 1104)], [(1, 1104)], [(2, 1101)]]
    assert (behaviour.snapshot().events, behaviour.snapshot().critical_events) == (2, 1)


def test_the_space_in_a_waste_box_falls_and_is_reported_as_nearly_full() -> None:
    box = Supply(index=1, name="Waste", supply_type=WASTE_TONER, supply_class=RECEPTACLE, percent=12, yield_pages=1_000)
    behaviour = living(HandClock(), box)

    behaviour.print_pages(50)
    now = behaviour.snapshot()

    assert box.level(now.supplies[1].percent) == 7
    assert [standing.alert.code for standing in now.alerts.values()] == [1107]


def test_an_unmeasured_supply_stays_some_and_never_warns() -> None:
    behaviour = living(HandClock(), toner(percent=None))

    behaviour.print_pages(100_000)
    now = behaviour.snapshot()

    assert now.supplies[1].supply.level(now.supplies[1].percent) == SOME_REMAINS
    assert now.alerts == {}


def test_an_alert_stands_until_it_is_cleared_and_its_index_is_not_used_again() -> None:
    clock = HandClock()
    behaviour = living(clock)
    clock.pass_time(seconds=10)

    first = behaviour.raise_alert(*FUSER)
    standing = behaviour.snapshot().alerts[first]
    behaviour.clear_alert(first)
    second = behaviour.raise_alert(*FUSER)

    assert standing.raised_ticks == 1_000
    assert set(behaviour.snapshot().alerts) == {second}
    assert second > first


def test_a_level_can_be_set_within_its_bounds_only() -> None:
    behaviour = living(HandClock(), toner())

    behaviour.set_level(1, 140)

    assert behaviour.snapshot().supplies[1].percent == 100


def test_commands_for_what_is_not_there_are_refused() -> None:
    behaviour = Behaviour(clock=HandClock())

    with pytest.raises(KeyError, match="must be adopted"):
        behaviour.set_level(1, 10)
    with pytest.raises(KeyError, match="must be adopted"):
        behaviour.replace_cartridge(1, "NEW")
    with pytest.raises(ValueError, match="take pages back"):
        behaviour.print_pages(-1)


@given(st.floats(0, 100), st.integers(1, 70_000), st.integers(1, 500))
def test_a_sensor_never_shows_more_than_is_left(percent: float, capacity: int, step: int) -> None:
    supply = Supply(index=1, name="Toner", capacity=capacity, step=step)

    level = supply.level(percent)

    assert level % step == 0
    assert level <= capacity * percent / 100 + 1e-5
