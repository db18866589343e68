"""Use cases of an order on its way: sent, reported on by the partner, closed, or ended another way (SUP-35, 37)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from functions.orders.table.models import Order, OrderState
from functions.orders.table.order import can_move, move
from functions.orders.table.ports import Gateway, PartnerStore, SupplyStore
from shared.errors import Conflict, NotFound, Unavailable

ATTEMPTS: Final = 5


class FulfilmentEventType(StrEnum):
    """What a partner may report."""

    ACKNOWLEDGED = "acknowledged"
    BACKORDERED = "backordered"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    LOST = "lost"
    REJECTED = "rejected"


class EventOutcome(StrEnum):
    """What became of a partner's report."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class Ending(StrEnum):
    """Why an execution gives an order up."""

    REFUSED = "refused"
    FAULT = "fault"
    ACKNOWLEDGEMENT_TIMEOUT = "acknowledgement_timeout"
    SHIPMENT_TIMEOUT = "shipment_timeout"
    DELIVERY_TIMEOUT = "delivery_timeout"
    INSTALLATION_TIMEOUT = "installation_timeout"


@dataclass(frozen=True, slots=True)
class FulfilmentEvent:
    """A partner's report on an order."""

    event_id: str
    type: FulfilmentEventType
    occurred_at: datetime
    reference: str | None = None
    tracking_number: str | None = None
    reason: str | None = None


_ENDS_IN: Final = {
    Ending.REFUSED: {OrderState.APPROVED: OrderState.CANCELLED, OrderState.SUBMITTED: OrderState.FAILED},
    Ending.FAULT: {
        OrderState.APPROVED: OrderState.CANCELLED,
        OrderState.SUBMITTED: OrderState.FAILED,
        OrderState.ACKNOWLEDGED: OrderState.FAILED,
    },
    Ending.ACKNOWLEDGEMENT_TIMEOUT: {OrderState.SUBMITTED: OrderState.FAILED},
    Ending.SHIPMENT_TIMEOUT: {
        OrderState.SUBMITTED: OrderState.FAILED,
        OrderState.ACKNOWLEDGED: OrderState.FAILED,
        OrderState.BACKORDERED: OrderState.CANCELLED,
    },
    Ending.DELIVERY_TIMEOUT: {OrderState.SHIPPED: OrderState.LOST},
    Ending.INSTALLATION_TIMEOUT: {OrderState.DELIVERED: OrderState.UNVERIFIED},
}
"""The state an order is given up in, by the state it is found in; an order that moved on is not given up."""


_GIVEN_UP: Final = {OrderState.CANCELLED: "cancelled", OrderState.FAILED: "refused"}


def submit_order(
    tenant_id: str, order_id: str, *, store: SupplyStore, partners: PartnerStore, gateway: Gateway, now: datetime
) -> tuple[Order, str]:
    """Send an approved order; the outcome is ``submitted``, ``refused`` or ``cancelled``.

    The state changes before the order is sent, for the partner may report on it before its answer is here.
    Safe to repeat: the partner knows the order by its purchase-order number. `Unavailable` is worth a retry.
    """
    order = _change(store, tenant_id, order_id, lambda found: _sent(found, now))
    if order.state is not OrderState.SUBMITTED or order.partner_reference:
        return order, _GIVEN_UP.get(order.state, "submitted")
    partner = partners.fulfilment_partner(tenant_id, order.fulfilment_partner_id or "")
    if partner is None:
        return order, "refused"
    answer = gateway.submit(order, partner, now)
    if not answer.accepted:
        return _change(store, tenant_id, order_id, lambda found: _failed(found, answer.reason, now)), "refused"
    reference = answer.reference or order.purchase_order
    return _change(store, tenant_id, order_id, lambda found: _referenced(found, reference)), "submitted"


def apply_event(
    tenant_id: str, order_id: str, event: FulfilmentEvent, *, store: SupplyStore, now: datetime
) -> tuple[Order, EventOutcome]:
    """Apply a partner's report at most once, never backward (SUP-37); `NotFound` for an unknown order."""
    for _ in range(ATTEMPTS):
        order = _found(store, tenant_id, order_id)
        if store.has_event(tenant_id, order_id, event.event_id):
            return order, EventOutcome.DUPLICATE
        after = _reported(order, event, now)
        if after is None:
            return order, EventOutcome.IGNORED
        if store.advance(after, event_id=event.event_id):
            return after, EventOutcome.APPLIED
    raise _contended()


def close_order(tenant_id: str, order_id: str, *, store: SupplyStore, now: datetime) -> Order:
    """Close an installed order once its time of confirmation is over. Safe to repeat: a closed one stays closed."""

    def closed(order: Order) -> Order | None:
        is_over = order.state in {OrderState.INSTALLED, OrderState.RETURNED}
        return move(order, OrderState.CLOSED, at=now, cause="confirmed") if is_over else None

    return _change(store, tenant_id, order_id, closed)


def end_order(tenant_id: str, order_id: str, ending: Ending, *, store: SupplyStore, now: datetime) -> Order:
    """Give an order up in the state that SUP-35 has for it; one that moved on meanwhile stays as it is."""

    def ended(order: Order) -> Order | None:
        target = _ENDS_IN[ending].get(order.state)
        return move(order, target, at=now, cause=ending.value) if target else None

    return _change(store, tenant_id, order_id, ended)


def transition_order(order: Order, target: OrderState, *, store: SupplyStore, reason: str, now: datetime) -> Order:
    """A person's decision about an order; `Conflict` when SUP-35 or a missing address does not allow it."""

    def moved(found: Order) -> Order:
        if target is OrderState.APPROVED and (found.ship_to is None or found.fulfilment_partner_id is None):
            raise Conflict("not_deliverable", "Assign a delivery contact and a fulfilment partner first.")
        decided = move(found, target, at=now, cause="person", detail=reason)
        return decided.model_copy(update={"hold_reasons": []})

    return _change(store, order.tenant_id, order.order_id, moved)


def _sent(order: Order, now: datetime) -> Order | None:
    if order.state is not OrderState.APPROVED:
        return None
    return move(order, OrderState.SUBMITTED, at=now, cause="sent to the fulfilment partner")


def _failed(order: Order, reason: str | None, now: datetime) -> Order | None:
    if order.state is not OrderState.SUBMITTED:
        return None
    return move(order, OrderState.FAILED, at=now, cause=Ending.REFUSED.value, detail=reason)


def _referenced(order: Order, reference: str) -> Order | None:
    if order.partner_reference:
        return None
    return order.model_copy(update={"partner_reference": reference, "version": order.version + 1})


def _reported(order: Order, event: FulfilmentEvent, now: datetime) -> Order | None:
    """The order after a report, None when the report comes too late or too early."""
    target = _target(order, event.type)
    if target is None or not can_move(order, target):
        return None
    known = {"partner_reference": event.reference, "tracking_number": event.tracking_number}
    told = order.model_copy(update={name: value for name, value in known.items() if value})
    happened_at = max(order.created_at, min(event.occurred_at, now))
    return move(told, target, at=happened_at, cause=f"partner event {event.type}", detail=event.reason)


def _target(order: Order, event_type: FulfilmentEventType) -> OrderState | None:
    if event_type is not FulfilmentEventType.REJECTED:
        return OrderState(event_type.value)
    rejected = {
        OrderState.SUBMITTED: OrderState.FAILED,
        OrderState.ACKNOWLEDGED: OrderState.FAILED,
        OrderState.BACKORDERED: OrderState.CANCELLED,
    }
    return rejected.get(order.state)


def _change(store: SupplyStore, tenant_id: str, order_id: str, change: Callable[[Order], Order | None]) -> Order:
    """Apply a change to the order as it is stored; one that changes nothing writes nothing."""
    for _ in range(ATTEMPTS):
        order = _found(store, tenant_id, order_id)
        after = change(order)
        if after is None:
            return order
        if store.advance(after):
            return after
    raise _contended()


def _found(store: SupplyStore, tenant_id: str, order_id: str) -> Order:
    order = store.order(tenant_id, order_id)
    if order is None:
        raise NotFound("order", order_id)
    return order


def _contended() -> Unavailable:
    return Unavailable("order_contended", "The order is changed by others at this moment; try again.")
