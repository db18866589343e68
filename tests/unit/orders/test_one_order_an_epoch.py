"""One open order a cartridge epoch (SUP-18), whatever breaks off and whoever else evaluates."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.orders.supplies.evaluation import evaluate_printer
from functions.orders.table.models import OrderState
from functions.orders.table.order import RELEASES_EPOCH, can_move, move
from shared.directory.views import PrinterState
from shared.errors import Unavailable
from tests.support.order_scenes import Scene, low
from tests.support.orders import NOW, PRINTER, TENANT
from tests.support.orders_in_memory import a_world

reading = st.tuples(st.sampled_from([0, 2, 4, 60, 100]), st.sampled_from("ABC"), st.integers(0, 72))


class Crash(Exception):
    """The process ended in mid-write."""


class Interference:
    """Before each write of an evaluation: nothing, a crash, or another evaluation of the same printer."""

    def __init__(self, scene: Scene, script: list[str], other: PrinterState) -> None:
        self._scene = scene
        self._script = list(script)
        self._other = other

    def __call__(self) -> None:
        act = self._script.pop(0) if self._script else "nothing"
        if act == "crash":
            raise Crash
        if act == "other":
            with suppress(Unavailable):
                self.evaluate(self._other, undisturbed=True)

    def evaluate(self, state: PrinterState, *, undisturbed: bool = False) -> None:
        store, before = self._scene.store, self._scene.store.before_write
        store.before_write = (lambda: None) if undisturbed else self
        try:
            evaluate_printer(state, None, world=a_world(store, self._scene.around), now=self._other.taken_at)
        finally:
            store.before_write = before


@settings(max_examples=100, deadline=None)
@given(
    readings=st.lists(reading, min_size=1, max_size=8),
    script=st.lists(st.sampled_from(["nothing", "crash", "other"]), max_size=40),
    repeats=st.lists(st.integers(0, 7), max_size=8),
    cancels=st.sets(st.integers(0, 15)),
)
def test_an_epoch_has_one_open_order_under_any_interleaving(
    readings: list[tuple[int, str, int]], script: list[str], repeats: list[int], cancels: set[int]
) -> None:
    # Given readings, some repeated and out of order
    scene, states, when = Scene(days_kept=[]), [], NOW
    for percent, serial, hours in readings:
        when += timedelta(hours=hours)
        states.append(low(percent, serial=serial, taken_at=when))
    interference = Interference(scene, script, states[-1])

    # When evaluations crash or meet another one before any write, and people cancel orders
    for number, state in enumerate(states + [states[place % len(states)] for place in repeats]):
        with suppress(Crash, Unavailable):
            interference.evaluate(state)
        for order in scene.orders if number in cancels else []:
            if can_move(order, OrderState.CANCELLED):
                scene.store.advance(move(order, OrderState.CANCELLED, at=when, cause="test"))

    # Then
    open_epochs = Counter((o.position_id, o.epoch) for o in scene.orders if o.state not in RELEASES_EPOCH)
    assert [epoch for epoch, orders in open_epochs.items() if orders > 1] == []
    for order in scene.orders:
        held = scene.store.order_of_epoch(TENANT, PRINTER, order.position_id, order.epoch)
        assert order.state in RELEASES_EPOCH or held == order
