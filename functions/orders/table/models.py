"""What the orders context keeps: orders, supply positions with their epochs, decisions, fulfilment partners."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.directory.views import Address
from shared.wire.base import UtcDatetime

MAX_HISTORY = 40
MAX_PAST_EPOCHS = 6


class Stored(BaseModel):
    """A stored item; key attributes and attributes of later versions are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class OrderState(StrEnum):
    """SUP-35."""

    PROPOSED = "proposed"
    HELD = "held"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"
    BACKORDERED = "backordered"
    SHIPPED = "shipped"
    LOST = "lost"
    DELIVERED = "delivered"
    INSTALLED = "installed"
    UNVERIFIED = "unverified"
    RETURNED = "returned"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Trigger(StrEnum):
    """Why an order is proposed: T1 to T4 of SUP-14."""

    PREDICTED = "predicted"
    FLOOR = "floor"
    STATE = "state"
    EMPTY = "empty"


class HoldReason(StrEnum):
    """Why a proposed order waits (SUP-20, 30, 34)."""

    STALE = "stale"
    LOW_USAGE = "low_usage"
    SITE_MOVE = "site_move"
    """The printer was found at another site, and nobody has confirmed where its supplies go now."""
    NO_DELIVERY_CONTACT = "no_delivery_contact"
    NO_FULFILMENT_PARTNER = "no_fulfilment_partner"
    TECHNICIAN_INSTALLED = "technician_installed"
    RECENT_ORDER = "recent_order"


class Confidence(StrEnum):
    """How far a forecast may be trusted (SUP-11)."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"


class Alarm(StrEnum):
    """What the printer says of a supply in words instead of numbers."""

    NONE = "none"
    LOW = "low"
    EMPTY = "empty"


class ShipTo(Stored):
    """The delivery contact as it was when the order was approved."""

    contact_id: str
    first_name: str
    last_name: str
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address


class ForecastSnapshot(Stored):
    """The forecast a decision was taken on. Levels in percent, burn in percentage points."""

    level: float | None = None
    burn_per_page: float | None = None
    pages_per_day: float | None = None
    weekly_deviation: float | None = None
    days_to_empty: float | None = None
    demand: float | None = None
    horizon_days: int
    confidence: Confidence
    daily_readings: int = 0
    basis: str = "pages"
    unheard_days: int = 0
    """Days of silence for which the level was burned forward (SUP-30)."""


class HistoryEntry(Stored):
    """One transition. ``number`` counts an order's transitions from 1 and never repeats."""

    number: int
    state: OrderState
    at: UtcDatetime
    cause: str
    detail: str | None = None


class Order(Stored):
    """One cartridge for one position in one epoch (SUP-18)."""

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    order_id: str
    purchase_order: str
    state: OrderState
    printer_id: str
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    position_id: str
    epoch: int
    description: str | None = None
    part_number: str | None = None
    colorant: str | None = None
    supply_type: str | None = None
    quantity: int = 1
    ship_to: ShipTo | None = None
    fulfilment_partner_id: str | None = None
    trigger: Trigger
    hold_reasons: list[HoldReason] = []
    forecast: ForecastSnapshot
    partner_reference: str | None = None
    tracking_number: str | None = None
    created_at: UtcDatetime
    state_times: dict[str, UtcDatetime] = {}
    history: list[HistoryEntry] = []
    transitions: int = 0
    version: int = 1

    @property
    def hold_reason(self) -> HoldReason | None:
        """The first reason of a hold."""
        return self.hold_reasons[0] if self.hold_reasons else None


class Candidate(Stored):
    """A rise that may be a replacement; ``percent`` is None where the printer only took its alarm back."""

    percent: float | None = None
    seen_at: UtcDatetime
    before_at: UtcDatetime
    pages: int | None = None
    supported: bool = False


class LowMark(Stored):
    """That a cartridge will run out, is low or is empty, as others were told; ``trigger`` is the worst so far."""

    trigger: Trigger
    at: UtcDatetime
    percent: float | None = None
    days_to_empty: float | None = None


class PastEpoch(Stored):
    """A cartridge that was taken out, and what was left in it (SUP-26)."""

    epoch: int
    serial_number: str | None = None
    started_at: UtcDatetime
    ended_at: UtcDatetime
    start_percent: float | None = None
    residual_percent: float | None = None
    residual_estimated: bool = False
    pages: int = 0
    premature: bool = False
    ordered_at: UtcDatetime | None = None
    low: LowMark | None = None


class Position(Stored):
    """A slot of a printer and the cartridge in it now. Survives cartridge changes.

    ``percent`` is the last believed level, first seen at ``edge_at`` when the relevant page counter stood at
    ``edge_pages``; ``epoch_pages`` were printed from the epoch's first reading to that edge.
    """

    tenant_id: str
    organization_id: str
    organization_path: str
    printer_id: str
    position_id: str
    description: str | None = None
    supply_class: str | None = None
    supply_type: str | None = None
    supply_unit: str | None = None
    colorant: str | None = None
    part_number: str | None = None
    max_capacity: int | None = None
    receptacle: bool = False
    serial_number: str | None = None
    epoch: int = 1
    epochs_made: int = 1
    epoch_started_at: UtcDatetime
    start_percent: float | None = None
    percent: float | None = None
    edge_at: UtcDatetime
    edge_pages: int | None = None
    epoch_pages: int = 0
    metered: bool = False
    alarm: Alarm = Alarm.NONE
    zero_since: UtcDatetime | None = None
    support_at: UtcDatetime | None = None
    candidate: Candidate | None = None
    drops: dict[str, int] = {}
    past: list[PastEpoch] = Field(default=[], max_length=MAX_PAST_EPOCHS)
    ordered_at: UtcDatetime | None = None
    previous_order_at: UtcDatetime | None = None
    order_held: bool = False
    low: LowMark | None = None
    evaluated_day: str | None = None
    observed_at: UtcDatetime
    version: int = 0


class SilentPrinter(Stored):
    """A managed printer that is silent: since when, which positions people were asked about, when to look again."""

    tenant_id: str
    printer_id: str
    since: UtcDatetime
    asked: list[str] = []
    look_at: UtcDatetime


class DecisionKind(StrEnum):
    """What an evaluation came to (D19)."""

    ORDERED = "ordered"
    HELD = "held"
    RELEASED = "released"
    ALREADY_ORDERED = "already_ordered"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"
    """What was foreseen of a silent printer did not come true: it was heard again, and its cartridge lasts."""
    REPLACEMENT_CONFIRMED = "replacement_confirmed"
    REPLACEMENT_SUSPECTED = "replacement_suspected"
    CARTRIDGE_RESUMED = "cartridge_resumed"
    LEVEL_SHAKEN = "level_shaken"


class Decision(Stored):
    """What was decided about a position, from which inputs, by which version of the rules."""

    tenant_id: str
    organization_id: str
    organization_path: str
    printer_id: str
    position_id: str
    epoch: int
    kind: DecisionKind
    decided_at: UtcDatetime
    reading_id: str
    reading_taken_at: UtcDatetime
    rule_version: str
    percent: float | None = None
    level_state: str | None = None
    alarm: Alarm = Alarm.NONE
    trigger: Trigger | None = None
    hold_reasons: list[HoldReason] = []
    order_id: str | None = None
    detail: str | None = None
    forecast: ForecastSnapshot | None = None
    settings: dict[str, int] = {}
    """The order settings in force (ENT-02)."""


class FulfilmentPartner(Stored):
    """Who ships the supplies. ``signing_secret`` signs what we send; it leaves this context only when it is made."""

    tenant_id: str
    organization_id: str
    organization_path: str
    fulfilment_partner_id: str
    name: str
    url: str
    signing_secret: str = Field(repr=False)
    lead_time_days: int
    created_at: UtcDatetime
