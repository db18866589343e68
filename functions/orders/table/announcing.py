"""What a change in the orders table means to others: events of the bus, each with an id that a repeat shares."""

from collections.abc import Mapping
from typing import Any, Final

from functions.orders.table.models import Order, OrderState, Position
from shared.events import BusEvent, EventName

_NAMES: Final[Mapping[OrderState, EventName]] = {
    OrderState.HELD: EventName.SUPPLIES_ORDER_HELD,
    OrderState.SUBMITTED: EventName.SUPPLIES_ORDER_PLACED,
    OrderState.SHIPPED: EventName.SUPPLIES_ORDER_SHIPPED,
    OrderState.DELIVERED: EventName.SUPPLIES_ORDER_DELIVERED,
    OrderState.INSTALLED: EventName.SUPPLIES_ORDER_INSTALLED,
    OrderState.CLOSED: EventName.SUPPLIES_ORDER_CLOSED,
    OrderState.FAILED: EventName.SUPPLIES_ORDER_FAILED,
}


def order_events(old: Order | None, new: Order) -> list[BusEvent]:
    """One event for each transition that the change made and others care for."""
    known = old.transitions if old else 0
    return [
        BusEvent(
            event_id=f"{new.order_id}:{entry.state}:{entry.number}",
            name=_NAMES[entry.state],
            occurred_at=entry.at,
            tenant_id=new.tenant_id,
            organization_id=new.organization_id,
            subject_id=new.order_id,
            data=_order_data(new),
        )
        for entry in new.history
        if entry.number > known and entry.state in _NAMES
    ]


def position_events(old: Position | None, new: Position) -> list[BusEvent]:
    """What a change of a position tells: that another cartridge is there, that the one that is there runs out."""
    return [*_replacement(old, new), *_shortage(old, new)]


def _shortage(old: Position | None, new: Position) -> list[BusEvent]:
    """`SupplyLow` when the cartridge's mark got worse; one that came back with its old mark is no news."""
    mark = new.low
    if mark is None or (old is not None and old.epoch == new.epoch and old.low == mark):
        return []
    if old is not None and any(each.epoch == new.epoch and each.low == mark for each in old.past):
        return []
    return [
        BusEvent(
            event_id=f"{new.printer_id}:{new.position_id}:{new.epoch}:low:{mark.trigger}",
            name=EventName.SUPPLY_LOW,
            occurred_at=mark.at,
            tenant_id=new.tenant_id,
            organization_id=new.organization_id,
            subject_id=new.printer_id,
            data={
                "printer_id": new.printer_id,
                "position_id": new.position_id,
                "cartridge": new.epoch,
                "trigger": mark.trigger.value,
                "percent": mark.percent,
                "days_to_empty": mark.days_to_empty,
                "description": new.description,
                "part_number": new.part_number,
                "colorant": new.colorant,
                "supply_type": new.supply_type,
            },
        )
    ]


def _replacement(old: Position | None, new: Position) -> list[BusEvent]:
    """`CartridgeReplaced` when a new epoch began; what a first sight found in the past is no news."""
    if old is None or new.epochs_made == old.epochs_made or not new.past:
        return []
    ended = new.past[0]
    return [
        BusEvent(
            event_id=f"{new.printer_id}:{new.position_id}:{new.epochs_made}",
            name=EventName.CARTRIDGE_REPLACED,
            occurred_at=ended.ended_at,
            tenant_id=new.tenant_id,
            organization_id=new.organization_id,
            subject_id=new.printer_id,
            data={
                "printer_id": new.printer_id,
                "position_id": new.position_id,
                "colorant": new.colorant,
                "supply_type": new.supply_type,
                "residual_percent": ended.residual_percent,
                "premature": ended.premature,
                "pages": ended.pages,
            },
        )
    ]


def _order_data(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "purchase_order": order.purchase_order,
        "state": order.state.value,
        "printer_id": order.printer_id,
        "position_id": order.position_id,
        "description": order.description,
        "part_number": order.part_number,
        "colorant": order.colorant,
        "supply_type": order.supply_type,
        "trigger": order.trigger.value,
        "tracking_number": order.tracking_number,
        "hold_reasons": [reason.value for reason in order.hold_reasons],
    }
