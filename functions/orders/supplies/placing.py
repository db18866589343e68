"""Making orders and decisions out of what an evaluation found; pure."""

from dataclasses import dataclass, field
from datetime import datetime

from functions.orders.supplies.facts import PrinterFacts
from functions.orders.supplies.limits import DEFAULT_LIMITS, OrderLimits
from functions.orders.supplies.triggers import RULE_VERSION
from functions.orders.table.models import (
    Decision,
    DecisionKind,
    ForecastSnapshot,
    HistoryEntry,
    HoldReason,
    Order,
    OrderState,
    Position,
    Trigger,
)
from functions.orders.table.order import move, purchase_order
from shared.directory.views import PrinterState
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Proposal:
    """The forecast, the settings in force, why to order (None: nothing to do), and what holds the order back."""

    forecast: ForecastSnapshot
    limits: OrderLimits = DEFAULT_LIMITS
    trigger: Trigger | None = None
    hold_reasons: list[HoldReason] = field(default_factory=list)


def propose(position: Position, proposal: Proposal, state: PrinterState, facts: PrinterFacts, now: datetime) -> Order:
    """A new order for the position's epoch: approved, or held with every reason."""
    if proposal.trigger is None:
        message = "an order needs a trigger"
        raise ValueError(message)
    order_id = new_id("ord")
    printer = facts.printer
    proposed = Order(
        tenant_id=position.tenant_id,
        organization_id=position.organization_id,
        organization_path=position.organization_path,
        site_id=state.site_id,
        order_id=order_id,
        purchase_order=purchase_order(order_id),
        state=OrderState.PROPOSED,
        printer_id=position.printer_id,
        manufacturer=printer.manufacturer if printer else None,
        model=printer.model if printer else None,
        serial_number=printer.serial_number if printer else None,
        position_id=position.position_id,
        epoch=position.epoch,
        description=position.description,
        part_number=position.part_number,
        colorant=position.colorant,
        supply_type=position.supply_type,
        ship_to=facts.ship_to,
        fulfilment_partner_id=facts.partner.fulfilment_partner_id if facts.partner else None,
        trigger=proposal.trigger,
        hold_reasons=proposal.hold_reasons,
        forecast=proposal.forecast,
        created_at=now,
        state_times={OrderState.PROPOSED.value: now},
        history=[HistoryEntry(number=1, state=OrderState.PROPOSED, at=now, cause=f"trigger {proposal.trigger}")],
        transitions=1,
        version=0,
    )
    if proposal.hold_reasons:
        return move(proposed, OrderState.HELD, at=now, cause=f"guard {proposal.hold_reasons[0]}")
    return move(proposed, OrderState.APPROVED, at=now, cause="policy")


def released(order: Order, facts: PrinterFacts, now: datetime) -> Order:
    """A held order whose guards are clear, with who receives and who ships as they are now."""
    current = order.model_copy(
        update={
            "hold_reasons": [],
            "ship_to": facts.ship_to,
            "fulfilment_partner_id": facts.partner.fulfilment_partner_id if facts.partner else None,
        }
    )
    return move(current, OrderState.APPROVED, at=now, cause="guard cleared")


def decision_of(  # noqa: PLR0913 - one argument for each part of the record
    position: Position,
    state: PrinterState,
    now: datetime,
    kind: DecisionKind,
    *,
    proposal: Proposal | None = None,
    order_id: str | None = None,
    detail: str | None = None,
) -> Decision:
    """The record of a decision with its inputs (D19)."""
    supply = next((supply for supply in state.supplies if supply.index == position.position_id), None)
    return Decision(
        tenant_id=position.tenant_id,
        organization_id=position.organization_id,
        organization_path=position.organization_path,
        printer_id=position.printer_id,
        position_id=position.position_id,
        epoch=position.epoch,
        kind=kind,
        decided_at=now,
        reading_id=state.reading_id,
        reading_taken_at=state.taken_at,
        rule_version=RULE_VERSION,
        percent=position.percent,
        level_state=supply.level_state if supply else None,
        alarm=position.alarm,
        trigger=proposal.trigger if proposal else None,
        hold_reasons=proposal.hold_reasons if proposal else [],
        order_id=order_id,
        detail=detail,
        forecast=proposal.forecast if proposal else None,
        settings=proposal.limits.as_inputs() if proposal else {},
    )
