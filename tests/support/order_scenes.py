"""A printer whose supplies are looked at, reading by reading."""

from datetime import timedelta
from typing import Any

from functions.orders.supplies.evaluation import evaluate_printer
from functions.orders.table.models import DecisionKind, Order, OrderState
from functions.orders.table.order import move
from shared.directory.views import PrinterState
from tests.support.orders import a_state, a_supply, at, days_of_use
from tests.support.orders_in_memory import FakeStore, FakeSurroundings, a_world

# Fifty days of 100 pages and 1.8 points: 10 % left this morning, demand over seven days 12.6 %.
LOW_DAYS = days_of_use(50, per_day=1.8)


class Scene:
    """A printer, its store and its surroundings; readings come one after another."""

    def __init__(self, **around: Any) -> None:  # noqa: ANN401 - any field of the surroundings
        self.store = FakeStore()
        self.around = FakeSurroundings(**({"days_kept": LOW_DAYS} | around))
        self.last: PrinterState | None = None

    def read(self, state: PrinterState, *, hours_later: float = 0) -> None:
        world = a_world(self.store, self.around)
        evaluate_printer(state, self.last, world=world, now=state.taken_at + timedelta(hours=hours_later))
        self.last = state

    @property
    def orders(self) -> list[Order]:
        return list(self.store.orders.values())

    @property
    def order(self) -> Order:
        (order,) = self.orders
        return order

    def kinds(self) -> list[DecisionKind]:
        return [self.store.decisions[key].kind for key in sorted(self.store.decisions)]

    def ship(self, state: OrderState = OrderState.SHIPPED, *, days: float = 1) -> None:
        order = self.order
        for target in (OrderState.SUBMITTED, OrderState.ACKNOWLEDGED, state):
            order = move(order, target, at=at(days), cause="test")
            assert self.store.advance(order)


def low(percent: int = 10, **values: Any) -> PrinterState:  # noqa: ANN401 - any field of the state
    serial = values.pop("serial", None)
    return a_state(a_supply(percent, serial=serial), **({"pages": 5_000} | values))
