from collections.abc import Callable
from typing import Any

import pytest

from functions.orders.supplies.evaluation import is_worth_a_look
from functions.orders.table.models import DecisionKind, HoldReason, OrderState, Trigger
from functions.orders.table.order import move
from shared.directory.views import PrinterState
from shared.errors import Unavailable
from tests.support.order_scenes import LOW_DAYS, Scene, low
from tests.support.orders import PRINTER, a_state, a_supply, an_alert, at, days_of_use
from tests.support.orders_in_memory import FakeSurroundings

HEALTHY_DAYS = days_of_use(20, per_day=1.0)


def test_a_cartridge_that_will_not_last_is_ordered_with_all_that_it_takes() -> None:
    scene = Scene()

    scene.read(low())

    order = scene.order
    assert (order.state, order.trigger, order.epoch) == (OrderState.APPROVED, Trigger.PREDICTED, 1)
    assert order.ship_to is not None
    assert (order.ship_to.last_name, order.model, order.part_number) == ("King", "Laser 1", "PN-1")
    assert order.forecast.days_to_empty == pytest.approx(10 / 1.8, abs=0.6)
    assert scene.kinds() == [DecisionKind.ORDERED]


def test_a_decision_is_kept_with_its_inputs_and_the_rules_version() -> None:
    scene = Scene()

    scene.read(low())

    (decision,) = scene.store.decisions.values()
    assert (decision.reading_id, decision.percent, decision.order_id) == (
        "r-20261120120000",
        10.0,
        scene.order.order_id,
    )
    assert decision.rule_version
    assert decision.forecast == scene.order.forecast


def test_a_cartridge_that_lasts_is_left_alone() -> None:
    scene = Scene(days_kept=HEALTHY_DAYS)

    scene.read(low(80, pages=2_000))

    assert scene.orders == []
    assert scene.kinds() == [DecisionKind.NOTHING]


def test_a_second_low_reading_makes_no_second_order_and_the_forecast_goes_on() -> None:
    # Given AT-SUP-11
    scene = Scene()
    scene.read(low())
    scene.ship()

    scene.read(low(9, taken_at=at(1.5)))
    scene.read(low(8, taken_at=at(1.6)))

    assert len(scene.orders) == 1
    assert scene.kinds() == [DecisionKind.ORDERED, DecisionKind.ALREADY_ORDERED]


def test_the_same_reading_twice_changes_nothing() -> None:
    scene = Scene()
    scene.read(low())
    before = dict(scene.store.kept_positions)

    scene.read(low())

    assert scene.store.kept_positions == before
    assert len(scene.orders) == 1


def test_a_printer_outside_the_programme_is_not_looked_at() -> None:
    scene = Scene(is_in_programme=False)

    scene.read(low())

    assert (scene.orders, scene.store.kept_positions) == ([], {})


@pytest.mark.parametrize(
    ("around", "reason"),
    [({"has_contact": False}, HoldReason.NO_DELIVERY_CONTACT), ({"partner": None}, HoldReason.NO_FULFILMENT_PARTNER)],
)
def test_an_order_that_cannot_be_delivered_is_held_and_goes_once_it_can(
    around: dict[str, Any], reason: HoldReason
) -> None:
    scene = Scene(**around)
    scene.read(low())
    held = scene.order

    full = FakeSurroundings(days_kept=LOW_DAYS)
    scene.around = full
    scene.read(low(10, taken_at=at(0, 1)))

    assert (held.state, held.hold_reason) == (OrderState.HELD, reason)
    assert (scene.order.state, scene.order.hold_reasons) == (OrderState.APPROVED, [])
    assert scene.order.ship_to is not None
    assert scene.order.fulfilment_partner_id is not None
    assert scene.kinds() == [DecisionKind.HELD, DecisionKind.RELEASED]


def test_an_order_on_an_old_reading_is_held_until_a_fresh_one_says_the_same() -> None:
    scene = Scene()
    scene.read(low(), hours_later=24 * 4)
    assert scene.order.hold_reason is HoldReason.STALE

    scene.read(low(taken_at=at(4)), hours_later=0.1)

    assert scene.order.state is OrderState.APPROVED


def test_a_hold_that_stays_is_told_once() -> None:
    scene = Scene(has_contact=False)
    for hour in range(5):
        scene.read(low(taken_at=at(0, hour)))

    assert scene.kinds() == [DecisionKind.HELD]


def test_the_replacement_after_shipment_installs_the_order_and_opens_a_new_epoch() -> None:
    scene = Scene()
    scene.read(low(serial="A"))
    scene.ship()

    scene.read(low(100, serial="B", taken_at=at(3)))

    assert scene.order.state is OrderState.INSTALLED
    assert scene.order.state_times["installed"] == at(3)
    position = scene.store.kept_positions[(PRINTER, "1.1")]
    assert (position.epoch, position.past[0].residual_percent) == (2, 10.0)
    assert DecisionKind.REPLACEMENT_CONFIRMED in scene.kinds()


def test_a_replacement_before_shipment_does_not_install_the_order() -> None:
    scene = Scene()
    scene.read(low(serial="A"))
    scene.ship(days=5)

    scene.read(low(100, serial="B", taken_at=at(3)))

    assert scene.order.state is OrderState.SHIPPED


def test_another_part_than_the_ordered_one_does_not_install_the_order() -> None:
    scene = Scene()
    scene.read(low(serial="A"))
    scene.ship()

    scene.read(a_state(a_supply(100, serial="B", part_number="OTHER"), taken_at=at(3), pages=5_100))

    assert scene.order.state is OrderState.SHIPPED


def test_a_held_order_is_cancelled_when_the_cartridge_was_replaced_anyway() -> None:
    scene = Scene(has_contact=False)
    scene.read(low(serial="A"))

    scene.read(low(100, serial="B", taken_at=at(1)))

    assert scene.order.state is OrderState.CANCELLED


def test_the_next_cartridge_gets_an_order_of_its_own() -> None:
    scene = Scene()
    scene.read(low(serial="A"))
    scene.ship(OrderState.DELIVERED)
    scene.read(low(100, serial="B", taken_at=at(3)))

    scene.around.days_kept = [*LOW_DAYS, *days_of_use(30, start_percent=99, per_day=3.0, until=at(34).date())]
    scene.read(low(4, serial="B", taken_at=at(34), pages=60_000))

    assert [order.epoch for order in scene.orders] == [1, 2]
    assert scene.orders[1].state is OrderState.APPROVED


def test_after_a_failed_order_the_next_one_is_held_for_a_person() -> None:
    scene = Scene()
    scene.read(low())
    failed = move(move(scene.order, OrderState.SUBMITTED, at=at(0), cause="t"), OrderState.FAILED, at=at(0), cause="t")
    assert scene.store.advance(move(scene.order, OrderState.SUBMITTED, at=at(0), cause="t"))
    assert scene.store.advance(failed)

    for hour in (1, 2, 3):
        scene.read(low(9, taken_at=at(0, hour)))

    states = [order.state for order in scene.orders]
    assert states == [OrderState.FAILED, OrderState.HELD]
    assert scene.orders[1].hold_reasons == [HoldReason.RECENT_ORDER]


def test_a_level_without_numbers_is_ordered_by_its_alarm() -> None:
    # Given AT-SUP-12
    scene = Scene(days_kept=[])
    scene.read(a_state(a_supply(-3), taken_at=at(-1)))
    assert scene.orders == []

    scene.read(a_state(a_supply(-3), alerts=[an_alert(1104)]))

    assert (scene.order.trigger, scene.order.state) == (Trigger.STATE, OrderState.APPROVED)


def test_a_waste_box_is_ordered_by_its_alarm_and_never_by_its_level() -> None:
    box = a_supply(0, supply_type="wasteToner", colorant=None, receptacle=True)
    scene = Scene(days_kept=[])
    scene.read(a_state(box, taken_at=at(-1)))
    assert scene.orders == []

    scene.read(a_state(box, alerts=[an_alert(1109)]))

    assert scene.order.trigger is Trigger.EMPTY


def test_without_history_only_the_floor_orders() -> None:
    scene = Scene(days_kept=[])
    scene.read(low(6, taken_at=at(-1)))
    assert scene.orders == []

    scene.read(low(5))

    assert scene.order.trigger is Trigger.FLOOR


def test_two_low_supplies_make_two_orders() -> None:
    scene = Scene(days_kept=[])

    scene.read(a_state(a_supply(3), a_supply(2, index="1.2", colorant="cyan")))

    assert {order.position_id for order in scene.orders} == {"1.1", "1.2"}


def test_a_store_that_is_always_faster_elsewhere_asks_for_the_reading_again() -> None:
    scene = Scene()
    scene.store.place = lambda *_: "conflict"  # type: ignore[assignment, method-assign] # the race is always lost

    with pytest.raises(Unavailable):
        scene.read(low())


@pytest.mark.parametrize(
    ("change", "worth"),
    [
        (lambda: a_state(a_supply(49)), True),
        (lambda: a_state(pages=10_001), True),
        (lambda: a_state(alerts=[an_alert(1104)]), True),
        (lambda: a_state(errors=["noToner"]), True),
        (lambda: a_state(taken_at=at(0, 1)), False),
        (lambda: a_state(taken_at=at(1)), True),
    ],
)
def test_a_heartbeat_without_news_is_not_worth_a_look(change: Callable[[], PrinterState], *, worth: bool) -> None:
    assert is_worth_a_look(a_state(), change()) is worth
    assert is_worth_a_look(None, a_state())
