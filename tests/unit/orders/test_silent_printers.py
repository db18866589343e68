"""A silent printer goes on printing: its supplies are burned forward, what runs out is held, and told (SUP-30)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.supplies.forecast import Unheard, burned_forward, days_to_empty
from functions.orders.supplies.unheard import follow_silence
from functions.orders.table.announcing import order_events
from functions.orders.table.models import DecisionKind, HoldReason, OrderState, SilentPrinter, Trigger
from functions.orders.table.order import move
from shared.directory.inherited import SettingName
from shared.directory.views import PrinterState, SilenceView
from tests.support.order_scenes import Scene, low
from tests.support.orders import PRINTER, TENANT, at, days_of_use
from tests.support.orders_in_memory import FakeSilentPrinters, a_world

PER_DAY = 1.8
"""Points that a day's hundred pages take; what seven days take, and the reserve, are 15.6."""


class Silence(Scene):
    """A printer that was read at `NOW`, and then no more."""

    def __init__(self, percent: int = 22, **around: Any) -> None:  # noqa: ANN401 - any field of the surroundings
        length = round((100 - percent) / PER_DAY)
        super().__init__(**({"days_kept": days_of_use(length, per_day=PER_DAY)} | around))
        self.silent = FakeSilentPrinters()
        self.read(low(percent, pages=100 * length))
        self.around.latest = self.last

    def look(self, days: float) -> None:
        """The printer is silent, and so many days later it is looked at."""
        assert self.last is not None
        self.around.episode = SilenceView(since=self.last.taken_at)
        self.follow(at(days))

    def heard(self, days: float, state: PrinterState | None = None) -> None:
        """It is heard again, with another reading or with what it said last."""
        assert self.around.episode is not None
        self.around.episode = SilenceView(since=self.around.episode.since, heard_at=at(days))
        if state is not None:
            self.around.latest = self.last = state
        self.follow(at(days))

    def follow(self, now: datetime) -> None:
        follow_silence(TENANT, PRINTER, world=a_world(self.store, self.around), silent=self.silent, now=now)

    @property
    def kept(self) -> SilentPrinter:
        (kept,) = self.silent.kept.values()
        return kept


def test_what_runs_out_by_its_forecast_while_nobody_reads_the_printer_is_held_and_told() -> None:
    silence = Silence()
    silence.look(3)
    assert silence.orders == []

    silence.look(5)

    order = silence.order
    assert (order.state, order.trigger, order.hold_reasons) == (OrderState.HELD, Trigger.PREDICTED, [HoldReason.STALE])
    assert order.forecast.level == pytest.approx(22 - 5 * PER_DAY, abs=0.3)
    assert order.forecast.unheard_days == 5
    assert order.ship_to is not None
    (event,) = order_events(None, order)
    assert (event.name, event.data["hold_reasons"]) == ("SuppliesOrderHeld", ["stale"])
    assert DecisionKind.HELD in silence.kinds()


def test_it_is_looked_at_each_day_until_it_is_lost() -> None:
    silence = Silence(percent=90)

    silence.look(3)
    assert silence.kept.look_at == at(4)
    silence.look(30.1)

    assert (silence.orders, silence.silent.kept) == ([], {})


def test_when_a_printer_is_lost_is_what_its_site_has_set() -> None:
    silence = Silence(percent=90, settings={SettingName.SILENCE_LOST: 60})

    silence.look(45)

    assert silence.order.hold_reasons == [HoldReason.STALE]


def test_a_level_without_a_forecast_holds_nothing() -> None:
    silence = Silence(days_kept=[])

    silence.look(20)

    assert silence.orders == []


def test_the_same_look_twice_and_events_told_twice_make_one_order() -> None:
    silence = Silence()

    for _ in range(3):
        silence.look(6)

    assert len(silence.orders) == 1
    assert silence.kept.asked == ["1.1"]


def test_what_people_made_of_it_is_not_asked_again_in_this_silence() -> None:
    silence = Silence()
    silence.look(5)
    assert silence.store.advance(move(silence.order, OrderState.CANCELLED, at=at(5.5), cause="person"))

    silence.look(6)

    assert [order.state for order in silence.orders] == [OrderState.CANCELLED]


def test_a_cartridge_that_is_on_its_way_is_not_asked_for() -> None:
    silence = Silence(percent=10)
    silence.ship()

    silence.look(5)

    assert silence.order.state is OrderState.SHIPPED


def test_back_with_the_level_that_was_foreseen_the_order_goes() -> None:
    silence = Silence()
    silence.look(6)

    silence.heard(7, low(9, taken_at=at(7), pages=5_000))

    assert (silence.order.state, silence.order.hold_reasons) == (OrderState.APPROVED, [])
    assert silence.silent.kept == {}


@pytest.mark.parametrize("state", [None, low(21, taken_at=at(7), pages=4_350)])
def test_back_with_enough_left_the_order_is_withdrawn_and_leaves_the_next_one_free(state: PrinterState | None) -> None:
    """Switched off over the holidays: it says the same as before, or nearly."""
    silence = Silence()
    silence.look(6)

    silence.heard(7, state)
    assert silence.order.state is OrderState.CANCELLED
    silence.read(low(9, taken_at=at(12), pages=5_000))

    assert [order.state for order in silence.orders] == [OrderState.CANCELLED, OrderState.APPROVED]
    assert silence.orders[1].hold_reasons == []
    assert DecisionKind.WITHDRAWN in silence.kinds()


def test_what_people_let_go_while_it_was_silent_goes_on_whatever_it_says_afterwards() -> None:
    silence = Silence()
    silence.look(6)
    approved = move(silence.order, OrderState.APPROVED, at=at(6.5), cause="person")
    assert silence.store.advance(approved)

    silence.heard(7)

    assert silence.order == approved


def test_a_printer_outside_the_programme_is_forgotten() -> None:
    silence = Silence()
    silence.look(3)
    silence.around.is_in_programme = False

    silence.look(8)

    assert (silence.orders, silence.silent.kept) == ([], {})


def test_a_printer_that_joins_while_it_is_silent_is_followed_from_then_on() -> None:
    silence = Silence(is_in_programme=False)
    assert silence.store.kept_positions == {}
    silence.around.is_in_programme = True

    silence.look(5)

    assert silence.order.hold_reasons == [HoldReason.STALE]


def test_a_site_that_wants_to_know_after_a_day_is_told_what_a_day_of_silence_brings() -> None:
    silence = Silence(percent=17, settings={SettingName.SILENCE_STALE: 1})

    silence.look(1.2)

    assert silence.order.hold_reasons == [HoldReason.STALE]


def test_an_event_of_a_silence_that_is_over_comes_late() -> None:
    silence = Silence()
    silence.look(3)
    silence.heard(3.5)

    silence.follow(at(20))

    assert (silence.orders, silence.silent.kept) == ([], {})


def test_a_new_cartridge_that_was_put_in_meanwhile_ends_what_was_held() -> None:
    silence = Silence()
    silence.look(6)

    silence.heard(7, low(100, taken_at=at(7), serial="B"))

    assert silence.order.state is OrderState.CANCELLED


@given(
    level=st.floats(20, 100),
    rate=st.floats(0.01, 2),
    profile=st.lists(st.floats(0.05, 3), min_size=7, max_size=7),
    silent=st.integers(0, 30),
)
def test_a_burned_level_lasts_just_as_long_as_the_one_that_was_read(
    level: float, rate: float, profile: list[float], silent: int
) -> None:
    since = date(2026, 11, 20)
    until = since + timedelta(days=silent)
    before = days_to_empty(level, rate, 1.0, profile, since)

    burned = burned_forward(level, rate, 1.0, profile, Unheard(since, until))

    assert burned is not None
    assert 0 <= burned <= level
    if before is not None and before > silent + 1e-6:
        assert days_to_empty(burned, rate, 1.0, profile, until) == pytest.approx(before - silent, abs=1e-3)
    if before is not None and before < silent - 1e-6:
        assert burned == 0
