from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.supplies.epoch import Change, Step, observe, sensor_step
from functions.orders.supplies.position import Observation
from functions.orders.table.models import Alarm, Position
from tests.support.orders import a_position, at


def seen(
    percent: float | None,
    when: datetime,
    *,
    pages: int | None = None,
    serial: str | None = None,
    supported: bool = False,
    alarm: Alarm = Alarm.NONE,
    previous: datetime | None = None,
) -> Observation:
    return Observation(
        position_id="1.1",
        at=when,
        percent=percent,
        pages=pages,
        serial_number=serial,
        supported=supported,
        alarm=alarm,
        previous_at=previous,
    )


def fold(position: Position, *observed: Observation) -> list[Step]:
    steps = []
    for one in observed:
        steps.append(observe(position, one))
        position = steps[-1].position
    return steps


def test_a_rise_to_ninety_eight_that_holds_a_day_after_a_cover_is_a_replacement() -> None:
    # Given AT-SUP-14: 12, 11, 98, 97 a day apart, a cover opened and closed ten minutes before 98
    position = a_position(percent=12.0, edge_at=at(-3), edge_pages=9_000, observed_at=at(-3))

    steps = fold(
        position,
        seen(11, at(0), pages=9_100),
        seen(11, at(1, -1 / 6), pages=9_200, supported=True),
        seen(98, at(1), pages=9_210, previous=at(1, -1 / 6)),
        seen(97, at(2), pages=9_300),
    )

    assert [step.change for step in steps] == [Change.NONE, Change.NONE, Change.SUSPECTED, Change.CONFIRMED]
    ended = steps[-1].ended
    assert ended is not None
    assert (ended.residual_percent, ended.premature, ended.ended_at) == (11.0, True, at(1, -1 / 6))
    assert ended.pages == 5_000 + 210
    fresh = steps[-1].position
    assert (fresh.epoch, fresh.start_percent, fresh.percent, fresh.epoch_pages) == (2, 98.0, 97.0, 90)
    assert steps[-1].seen_at == at(1)


def test_a_rise_that_reverts_within_two_days_is_a_shaken_cartridge() -> None:
    # Given AT-SUP-15
    position = a_position(percent=34.0)

    steps = fold(position, seen(52, at(0)), seen(33, at(0, 20)))

    assert [step.change for step in steps] == [Change.NONE, Change.SHAKEN]
    assert (steps[-1].position.epoch, steps[-1].position.percent) == (1, 33.0)


def test_one_full_reading_with_the_same_serial_is_only_suspected() -> None:
    # Given AT-SUP-16
    steps = fold(a_position(percent=40.0, serial_number="A"), seen(100, at(0), serial="A"))

    assert steps[-1].change is Change.SUSPECTED
    assert (steps[-1].position.epoch, steps[-1].position.percent) == (1, 40.0)


def test_a_serial_that_comes_back_resumes_its_epoch() -> None:
    # Given AT-SUP-17
    steps = fold(
        a_position(percent=22.0, serial_number="A"),
        seen(90, at(0), serial="B", pages=5_100),
        seen(21, at(1), serial="A", pages=5_200),
    )

    assert [step.change for step in steps] == [Change.CONFIRMED, Change.RESUMED]
    resumed = steps[-1].position
    assert (resumed.epoch, resumed.percent, resumed.serial_number) == (1, 21.0, "A")
    assert [past.serial_number for past in resumed.past] == ["B"]


def test_a_third_cartridge_after_a_resumed_one_gets_a_number_of_its_own() -> None:
    steps = fold(
        a_position(percent=22.0, serial_number="A"),
        seen(90, at(0), serial="B"),
        seen(21, at(1), serial="A"),
        seen(100, at(2), serial="C"),
    )

    assert steps[-1].position.epoch == 3


def test_an_unseen_serial_is_decisive_at_once() -> None:
    step = observe(
        a_position(percent=4.0, serial_number="A"), seen(100, at(0), serial="B", pages=5_400, previous=at(0, -2))
    )

    assert step.change is Change.CONFIRMED
    assert step.ended is not None
    assert step.ended.ended_at == at(0, -1)
    assert (step.ended.residual_percent, step.ended.premature) == (4.0, False)


def test_a_rise_to_eighty_five_without_a_sign_of_hands_is_never_confirmed() -> None:
    steps = fold(a_position(percent=20.0), seen(85, at(0)), seen(85, at(1)), seen(85, at(2, 1)))

    assert {step.change for step in steps} == {Change.SUSPECTED, Change.NONE}
    assert (steps[-1].position.epoch, steps[-1].position.percent) == (1, 85.0)


def test_a_cartridge_without_numbers_is_replaced_when_its_alarm_stays_away_for_a_day() -> None:
    position = a_position(percent=None, start_percent=None, alarm=Alarm.LOW, metered=False)

    steps = fold(position, seen(None, at(0)), seen(None, at(1)))

    assert steps[-1].change is Change.CONFIRMED
    assert steps[-1].ended is not None
    assert steps[-1].ended.residual_estimated


def test_an_alarm_that_comes_back_is_no_replacement() -> None:
    position = a_position(percent=None, start_percent=None, alarm=Alarm.EMPTY, metered=False)

    steps = fold(position, seen(None, at(0)), seen(None, at(0, 5), alarm=Alarm.EMPTY))

    assert steps[-1].change is Change.SHAKEN
    assert steps[-1].position.alarm is Alarm.EMPTY


def test_a_level_that_hides_below_a_threshold_counts_as_replaced_when_it_is_full_again() -> None:
    position = a_position(percent=20.0)

    steps = fold(position, seen(None, at(0), alarm=Alarm.LOW), seen(100, at(1), supported=True), seen(99, at(2)))

    assert steps[-1].change is Change.CONFIRMED


def test_an_older_reading_changes_nothing() -> None:
    position = a_position(percent=50.0, observed_at=at(0))

    assert observe(position, seen(90, at(-1))) == Step(position)


def test_a_counter_that_starts_again_never_yields_negative_pages() -> None:
    steps = fold(a_position(percent=50.0), seen(49, at(0), pages=3), seen(48, at(1), pages=103))

    assert steps[-1].position.epoch_pages == 5_000 + 100


@pytest.mark.parametrize(
    ("levels", "step"),
    [
        ((90, 80, 70, 60, 50, 40), 10.0),
        ((99, 98, 95, 94, 93, 92), 1.0),
        ((90,), 1.0),
        ((80, 60), 20.0),
        ((80, 60, 55), 5.0),
        ((93, 87), 1.0),
    ],
)
def test_the_sensors_step_is_the_smallest_decrease_seen_twice(levels: tuple[int, ...], step: float) -> None:
    position = a_position(percent=100.0, observed_at=at(-1))

    steps = fold(position, *(seen(level, at(day)) for day, level in enumerate(levels)))

    assert sensor_step(steps[-1].position) == step


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 60)), min_size=1, max_size=40))
def test_a_reading_seen_twice_changes_nothing_the_second_time(readings: list[tuple[int, int]]) -> None:
    position, when = a_position(percent=50.0), at(0)
    for percent, hours in readings:
        when += timedelta(hours=hours)
        position = observe(position, seen(percent, when)).position

        again = observe(position, seen(percent, when))

        assert again.change in {Change.NONE, Change.SUSPECTED}
        assert again.position.epoch == position.epoch


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40))
def test_inside_an_epoch_the_believed_level_of_a_steady_sensor_never_rises(levels: list[int]) -> None:
    position = a_position(percent=100.0)
    for hour, level in enumerate(levels):
        after = observe(position, seen(level, at(0, hour / 2))).position
        assert (after.percent or 0) <= (position.percent or 0)
        position = after
