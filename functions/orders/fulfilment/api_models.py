"""Bodies of the partner API of orders."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.orders.fulfilment.progress import EventOutcome, FulfilmentEventType
from functions.orders.table.models import (
    Alarm,
    Confidence,
    DecisionKind,
    ForecastSnapshot,
    HistoryEntry,
    HoldReason,
    OrderState,
    ShipTo,
    Trigger,
)
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,100}$")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class OrderSummary(ApiModel):
    """A supplies order in a list."""

    order_id: str = Field(examples=["ord_01kam4w7v5r3f8e2t9q1n6b0xd"])
    purchase_order: str = Field(examples=["PO-01KAM4W7V5R3F8E2T9Q1N6B0XD"])
    state: OrderState
    organization_id: str
    site_id: str
    printer_id: str
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    position_id: str = Field(examples=["1.1"])
    description: str | None = Field(examples=["Black Toner"])
    part_number: str | None
    colorant: str | None
    supply_type: str | None
    quantity: int
    trigger: Trigger
    hold_reason: HoldReason | None
    created_at: UtcDatetime


class OrderDetails(OrderSummary):
    """A supplies order with the forecast it was made on and its history."""

    epoch: int
    hold_reasons: list[HoldReason]
    ship_to: ShipTo | None
    fulfilment_partner_id: str | None
    partner_reference: str | None
    tracking_number: str | None
    forecast: ForecastSnapshot
    state_times: dict[str, UtcDatetime] = Field(examples=[{"approved": "2026-11-22T18:20:21.000000Z"}])
    history: list[HistoryEntry]


class OrderPage(ApiModel):
    """A page of orders."""

    items: list[OrderSummary]
    next_cursor: str | None


class OrderMove(ApiModel):
    """A person's decision on an order."""

    to: Literal["approved", "cancelled"] = Field(examples=["approved"])
    reason: Reason = Field(examples=["Heavy coverage is normal for this department"])


class SupplyDecision(ApiModel):
    """What one evaluation decided about one supply position, with its inputs."""

    printer_id: str
    position_id: str
    epoch: int
    kind: DecisionKind
    decided_at: UtcDatetime
    reading_id: str
    reading_taken_at: UtcDatetime
    rule_version: str
    percent: float | None
    level_state: str | None
    alarm: Alarm
    trigger: Trigger | None
    hold_reasons: list[HoldReason]
    order_id: str | None
    detail: str | None
    forecast: ForecastSnapshot | None = Field(
        examples=[ForecastSnapshot(level=8.5, days_to_empty=6.2, horizon_days=7, confidence=Confidence.HIGH)]
    )


class SupplyDecisionPage(ApiModel):
    """A page of decisions."""

    items: list[SupplyDecision]
    next_cursor: str | None


class NewFulfilmentPartner(ApiModel):
    """Who ships for an organisation and, where they have none of their own, for those below it."""

    organization_id: EntityId
    name: Name = Field(examples=["Example Distribution"])
    url: Annotated[str, StringConstraints(min_length=8, max_length=2_000)] = Field(
        examples=["https://orders.example.com/platen"]
    )
    lead_time_days: Annotated[int, Field(ge=1, le=60), WRITTEN] = Field(
        default=6, description="Days within which 95 % of shipments arrive"
    )


class FulfilmentPartnerSummary(ApiModel):
    """A fulfilment partner; its secret is never shown again."""

    fulfilment_partner_id: str = Field(examples=["ful_01kam4w7v5r3f8e2t9q1n6b0xd"])
    organization_id: str
    name: str
    url: str
    lead_time_days: int
    created_at: UtcDatetime


class CreatedFulfilmentPartner(FulfilmentPartnerSummary):
    """A new fulfilment partner with the secret that signs what we send to it."""

    signing_secret: str = Field(repr=False, examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class FulfilmentPartnerPage(ApiModel):
    """A page of fulfilment partners."""

    items: list[FulfilmentPartnerSummary]
    next_cursor: str | None


class FulfilmentReport(ApiModel):
    """What a fulfilment partner reports of an order. ``event_id`` is the partner's own; a repeat changes nothing."""

    order_id: EntityId
    event_id: EventId = Field(examples=["ship-000123"])
    type: FulfilmentEventType
    occurred_at: UtcDatetime
    reference: Reference | None = None
    tracking_number: Reference | None = None
    reason: Reason | None = None


class FulfilmentAnswer(ApiModel):
    """What became of a report: applied now, applied before, or too late to change anything."""

    order_id: str
    event_id: str
    outcome: EventOutcome
    state: OrderState
