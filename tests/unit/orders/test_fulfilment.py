import pytest

from functions.orders.fulfilment.progress import (
    Ending,
    EventOutcome,
    FulfilmentEvent,
    FulfilmentEventType,
    apply_event,
    close_order,
    end_order,
    submit_order,
    transition_order,
)
from functions.orders.table.models import Order, OrderState
from functions.orders.table.ports import Submission
from shared.errors import Conflict, NotFound, Unavailable
from tests.support.orders import TENANT, a_position, an_order, at
from tests.support.orders_in_memory import FakeGateway, FakeStore, FakeSurroundings

ORDER = an_order().order_id


def stored(state: OrderState, **values: object) -> FakeStore:
    store = FakeStore()
    store.place(an_order(state, **values), a_position(version=1))
    return store


def event(kind: str, event_id: str = "e-1", *, days: float = 1) -> FulfilmentEvent:
    return FulfilmentEvent(event_id, FulfilmentEventType(kind), at(days), "REF-9", "TRACK-1", "because")


def apply(store: FakeStore, one: FulfilmentEvent) -> tuple[Order, EventOutcome]:
    return apply_event(TENANT, ORDER, one, store=store, now=at(2))


def submit(store: FakeStore, gateway: FakeGateway) -> str:
    return submit_order(TENANT, ORDER, store=store, partners=FakeSurroundings(), gateway=gateway, now=at(0))[1]


def test_an_approved_order_is_submitted_and_keeps_the_partners_reference() -> None:
    store, gateway = stored(OrderState.APPROVED), FakeGateway()

    assert submit(store, gateway) == "submitted"

    order = store.orders[ORDER]
    assert (order.state, order.partner_reference) == (OrderState.SUBMITTED, "REF-1")


def test_an_order_is_submitted_before_it_is_sent_for_the_partner_may_answer_faster_than_its_answer() -> None:
    store, gateway = stored(OrderState.APPROVED), FakeGateway([Unavailable("partner_unavailable", "busy")])
    with pytest.raises(Unavailable):
        submit(store, gateway)

    _, outcome = apply(store, event("shipped"))

    assert outcome is EventOutcome.APPLIED
    assert submit(store, gateway) == "submitted"


def test_an_order_with_a_reference_is_not_sent_again() -> None:
    store, gateway = stored(OrderState.SUBMITTED, partner_reference="REF-1"), FakeGateway()

    assert submit(store, gateway) == "submitted"
    assert gateway.sent == []


def test_a_refusal_fails_the_order_with_its_reason() -> None:
    store = stored(OrderState.APPROVED)

    assert submit(store, FakeGateway([Submission(accepted=False, reason="partner answered 400")])) == "refused"
    assert (store.orders[ORDER].state, store.orders[ORDER].history[-1].detail) == ("failed", "partner answered 400")


@pytest.mark.parametrize(("state", "outcome"), [(OrderState.CANCELLED, "cancelled"), (OrderState.FAILED, "refused")])
def test_an_order_given_up_is_not_sent(state: OrderState, outcome: str) -> None:
    gateway = FakeGateway()

    assert submit(stored(state), gateway) == outcome
    assert gateway.sent == []


def test_an_order_without_a_partner_is_refused() -> None:
    assert submit(stored(OrderState.APPROVED, fulfilment_partner_id=None), FakeGateway()) == "refused"


def test_a_report_is_applied_once() -> None:
    store = stored(OrderState.SUBMITTED)

    first, second = apply(store, event("shipped")), apply(store, event("shipped"))

    assert [first[1], second[1]] == [EventOutcome.APPLIED, EventOutcome.DUPLICATE]
    order = store.orders[ORDER]
    assert (order.partner_reference, order.tracking_number) == ("REF-9", "TRACK-1")
    assert order.state_times["shipped"] == at(1)


@pytest.mark.parametrize("kind", ["acknowledged", "backordered", "shipped", "rejected"])
def test_a_late_report_is_ignored(kind: str) -> None:
    store = stored(OrderState.DELIVERED)

    order, outcome = apply(store, event(kind))

    assert (order.state, outcome) == (OrderState.DELIVERED, EventOutcome.IGNORED)


def test_a_report_from_the_future_happened_now() -> None:
    store = stored(OrderState.SUBMITTED)

    order, _ = apply(store, event("shipped", days=30))

    assert order.state_times["shipped"] == at(2)


@pytest.mark.parametrize(
    ("state", "ends_in"),
    [
        (OrderState.SUBMITTED, OrderState.FAILED),
        (OrderState.ACKNOWLEDGED, OrderState.FAILED),
        (OrderState.BACKORDERED, OrderState.CANCELLED),
    ],
)
def test_a_rejection_ends_an_order_that_was_not_shipped(state: OrderState, ends_in: OrderState) -> None:
    assert apply(stored(state), event("rejected"))[0].state is ends_in


def test_an_unknown_order_is_not_found() -> None:
    with pytest.raises(NotFound):
        apply(FakeStore(), event("shipped"))


def test_a_report_that_always_meets_another_change_is_worth_a_retry() -> None:
    store = stored(OrderState.SUBMITTED)
    store.advance = lambda *_, **__: False  # type: ignore[method-assign] # the race is always lost

    with pytest.raises(Unavailable):
        apply(store, event("shipped"))


def test_an_installed_order_is_closed_and_stays_closed() -> None:
    store = stored(OrderState.INSTALLED)

    closed = [close_order(TENANT, ORDER, store=store, now=at(8)) for _ in range(2)]

    assert [order.state for order in closed] == [OrderState.CLOSED] * 2
    assert closed[0].version == closed[1].version


def test_an_order_on_its_way_is_not_closed() -> None:
    assert close_order(TENANT, ORDER, store=stored(OrderState.SHIPPED), now=at(8)).state is OrderState.SHIPPED


@pytest.mark.parametrize(
    ("ending", "state", "ends_in"),
    [
        (Ending.FAULT, OrderState.APPROVED, OrderState.CANCELLED),
        (Ending.ACKNOWLEDGEMENT_TIMEOUT, OrderState.SUBMITTED, OrderState.FAILED),
        (Ending.ACKNOWLEDGEMENT_TIMEOUT, OrderState.SHIPPED, OrderState.SHIPPED),
        (Ending.SHIPMENT_TIMEOUT, OrderState.BACKORDERED, OrderState.CANCELLED),
        (Ending.DELIVERY_TIMEOUT, OrderState.SHIPPED, OrderState.LOST),
        (Ending.DELIVERY_TIMEOUT, OrderState.DELIVERED, OrderState.DELIVERED),
        (Ending.INSTALLATION_TIMEOUT, OrderState.DELIVERED, OrderState.UNVERIFIED),
        (Ending.INSTALLATION_TIMEOUT, OrderState.INSTALLED, OrderState.INSTALLED),
    ],
)
def test_an_order_is_given_up_only_in_the_state_that_was_waited_for(
    ending: Ending, state: OrderState, ends_in: OrderState
) -> None:
    assert end_order(TENANT, ORDER, ending, store=stored(state), now=at(90)).state is ends_in


def test_a_person_approves_a_held_order_that_can_be_delivered() -> None:
    store = stored(OrderState.HELD)

    order = transition_order(store.orders[ORDER], OrderState.APPROVED, store=store, reason="known", now=at(1))

    assert (order.state, order.history[-1].detail) == (OrderState.APPROVED, "known")


def test_nobody_approves_an_order_without_a_receiver() -> None:
    store = stored(OrderState.HELD, ship_to=None)

    with pytest.raises(Conflict, match="delivery contact"):
        transition_order(store.orders[ORDER], OrderState.APPROVED, store=store, reason="known", now=at(1))


def test_nobody_cancels_what_is_shipped() -> None:
    store = stored(OrderState.SHIPPED)

    with pytest.raises(Conflict):
        transition_order(store.orders[ORDER], OrderState.CANCELLED, store=store, reason="late", now=at(1))


def test_nothing_is_reported_to_have_happened_before_the_order_was_made() -> None:
    # Given a report that would let a cartridge changed long ago count as this order's installation (SUP-36)
    store = stored(OrderState.SUBMITTED)

    order, outcome = apply(store, event("shipped", days=-300))

    assert outcome is EventOutcome.APPLIED
    assert order.state_times["shipped"] == order.created_at
