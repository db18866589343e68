"""`SupplyLow`: once for each cartridge and threshold, whatever readings come, how often and in which order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from functions.orders.supplies.evaluation import evaluate_printer
from functions.orders.table.announcing import position_events
from functions.orders.table.models import Decision, Position
from shared.directory.views import PrinterState
from shared.events import BusEvent, EventName
from tests.support.bus_events import assert_as_published
from tests.support.orders import (
    PRINTER,
    a_state,
    a_supply,
    an_alert,
    at,
    days_of_use,
)
from tests.support.orders_in_memory import FakeStore, FakeSurroundings, a_world

STAGES = {"predicted": 1, "floor": 2, "state": 2, "empty": 3}


@dataclass
class TellingStore(FakeStore):
    """A store whose stream is followed."""

    told: list[BusEvent] = field(default_factory=list)

    def _keep(self, position: Position, decisions: Sequence[Decision]) -> None:
        old = self.kept_positions.get((position.printer_id, position.position_id))
        events = position_events(old, position)
        self.told += [each for each in events if each.name is EventName.SUPPLY_LOW]
        super()._keep(position, decisions)


def told(*states: PrinterState, per_day: float = 0.01) -> list[BusEvent]:
    """What the readings, one after another, make known."""
    store, last = TellingStore(), None
    world = a_world(store, FakeSurroundings(days_kept=days_of_use(20, per_day=per_day)))
    for state in states:
        evaluate_printer(state, last, world=world, now=state.taken_at)
        last = state
    return store.told


def seen(percent: int | None, hours: float, serial: str | None = "A", **values: object) -> PrinterState:
    supply = a_supply(percent, serial=serial) if percent is not None else a_supply(-3, serial=serial)
    return a_state(supply, taken_at=at(hours=hours), pages=5_000, **values)  # type: ignore[arg-type] # any field


def triggers(events: list[BusEvent]) -> list[str]:
    return [each.data["trigger"] for each in events]


def test_a_cartridge_at_its_floor_is_told_once_and_again_only_when_it_is_empty() -> None:
    events = told(seen(30, 0), seen(4, 1), seen(4, 2), seen(3, 30), seen(0, 31), seen(0, 34), seen(0, 60))

    assert triggers(events) == ["floor", "empty"]
    assert [each.data["percent"] for each in events] == [4.0, 0.0]
    assert {(each.subject_id, each.data["cartridge"]) for each in events} == {(PRINTER, 1)}
    for each in events:
        assert_as_published(each)


def test_one_that_will_not_last_is_told_before_it_is_low() -> None:
    events = told(seen(10, 0), seen(9, 24), seen(4, 48), per_day=1.8)

    assert triggers(events) == ["predicted", "floor"]
    assert events[0].data["days_to_empty"] is not None


def test_one_that_is_empty_at_first_sight_is_told_once() -> None:
    alert = an_alert(1101)

    assert triggers(told(*(seen(0, hours, alerts=[alert]) for hours in range(3)))) == ["empty"]


def test_a_printer_without_numbers_is_believed_when_it_says_low() -> None:
    (event,) = told(seen(None, 0), seen(None, 1, alerts=[an_alert(1104)]), seen(None, 2, alerts=[an_alert(1104)]))

    assert (event.data["trigger"], event.data["percent"]) == ("state", None)


def test_the_next_cartridge_is_told_of_its_own() -> None:
    events = told(seen(4, 0), seen(100, 1, "B"), seen(90, 2, "B"), seen(5, 50, "B"))

    assert [(each.data["cartridge"], each.data["trigger"]) for each in events] == [(1, "floor"), (2, "floor")]


def test_a_low_cartridge_that_is_put_back_is_no_news() -> None:
    events = told(seen(4, 0), seen(100, 1, "B"), seen(4, 3, "A"), seen(3, 30, "A"))

    assert triggers(events) == ["floor"]


READINGS = st.lists(
    st.tuples(
        st.integers(0, 200), st.sampled_from([0, 1, 3, 5, 6, 20, 90, 100, None]), st.sampled_from([None, 1104, 1101])
    ),
    min_size=3,
    max_size=14,
)


@given(READINGS, st.randoms(use_true_random=False))
def test_no_cartridge_is_told_twice_of_a_threshold_however_readings_come(
    readings: list[tuple[int, int | None, int | None]], dice: Random
) -> None:
    states = [seen(percent, hours, None, alerts=[an_alert(code)] if code else []) for hours, percent, code in readings]
    again = [*states, *states]
    dice.shuffle(again)

    events = told(*again)

    ids = Counter(each.event_id for each in events)
    assert set(ids.values()) <= {1}
    for cartridge in {each.data["cartridge"] for each in events}:
        stages = [STAGES[each.data["trigger"]] for each in events if each.data["cartridge"] == cartridge]
        assert stages == sorted(set(stages))
