import pytest

from functions.orders.supplies.position import (
    alarm_of,
    described,
    is_receptacle,
    known_serial,
    new_position,
    observations,
    rated_pages,
    relevant_pages,
)
from functions.orders.table.models import Alarm
from shared.wire.reading import COLOR_IMPRESSIONS, LIFE_COUNT, Counter
from tests.support.orders import a_position, a_state, a_supply, an_alert, at

BLACK = a_supply(index="1.1")
CYAN = a_supply(index="1.2", colorant="cyan")
WASTE = a_supply(100, index="1.3", supply_type="wasteToner", colorant=None, receptacle=True)


@pytest.mark.parametrize(
    ("code", "alarm"),
    [(1101, Alarm.EMPTY), (1104, Alarm.LOW), (13, Alarm.EMPTY), (12, Alarm.LOW), (8, Alarm.NONE), (1115, Alarm.NONE)],
)
def test_an_alert_that_names_the_row_is_its_alarm(code: int, alarm: Alarm) -> None:
    state = a_state(BLACK, CYAN, alerts=[an_alert(code, group_index=2)])

    assert [alarm_of(supply, state) for supply in (BLACK, CYAN)] == [Alarm.NONE, alarm]


def test_an_alert_without_a_row_counts_only_where_one_supply_can_be_meant() -> None:
    alert = an_alert(1104, group_index=None)

    assert alarm_of(BLACK, a_state(BLACK, WASTE, alerts=[alert])) is Alarm.LOW
    assert alarm_of(BLACK, a_state(BLACK, CYAN, alerts=[alert])) is Alarm.NONE


def test_a_generic_code_of_another_group_is_nobodys_alarm() -> None:
    assert alarm_of(BLACK, a_state(BLACK, alerts=[an_alert(13, group="input")])) is Alarm.NONE


def test_the_no_toner_bit_means_the_only_toner() -> None:
    assert alarm_of(BLACK, a_state(BLACK, WASTE, errors=["noToner"])) is Alarm.EMPTY
    assert alarm_of(BLACK, a_state(BLACK, CYAN, errors=["noToner"])) is Alarm.NONE


def test_a_receptacles_level_is_not_observed() -> None:
    observed = {one.position_id: one.percent for one in observations(a_state(BLACK, WASTE), None)}

    assert observed == {"1.1": 50.0, "1.3": None}
    assert is_receptacle(WASTE)


def test_a_cleared_alarm_or_a_moved_cover_supports_a_replacement() -> None:
    low = a_state(BLACK, alerts=[an_alert(1104)], taken_at=at(-1))
    open_cover = a_state(BLACK, alerts=[an_alert(3, group="cover")], taken_at=at(-1))
    now = a_state(BLACK)

    assert [observations(now, before)[0].supported for before in (low, open_cover, now, None)] == [
        True,
        True,
        False,
        False,
    ]


def test_colour_supplies_burn_colour_pages_and_black_burns_all() -> None:
    counters = [Counter(name=LIFE_COUNT, value=900), Counter(name=COLOR_IMPRESSIONS, value=300)]
    state = a_state(BLACK, CYAN, counters=counters)

    assert [relevant_pages(supply, state) for supply in (BLACK, CYAN)] == [900, 300]
    assert relevant_pages(CYAN, a_state(CYAN, pages=900)) == 900


def test_a_column_that_a_reading_lacks_keeps_its_value() -> None:
    position = described(new_position(a_state(BLACK), BLACK, at(0)), BLACK)

    again = described(position, a_supply(supply_type=None, colorant=None, part_number=None))

    assert (again.supply_type, again.colorant, again.part_number) == ("tonerCartridge", "black", "PN-1")


@pytest.mark.parametrize("word", ["", " unknown ", "N/A", "0", None])
def test_the_words_for_no_serial_are_no_serial(word: str | None) -> None:
    assert known_serial(word) is None


def test_a_capacity_in_pages_is_the_rated_yield() -> None:
    assert rated_pages(a_position(supply_unit="impressions", max_capacity=6_000)) == 6_000
    assert rated_pages(a_position(supply_unit="percent", max_capacity=100)) is None
    assert rated_pages(a_position(supply_unit="sheets", max_capacity=-2)) is None
