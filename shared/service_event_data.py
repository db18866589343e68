"""What the events of accounts, eligibility, orders and tickets say; `shared.event_data` lists all events."""

from pydantic import Field

from shared.events import EventData
from shared.ids import EntityId


class PrinterEnrolled(EventData):
    """A printer became managed; its id is the subject."""

    enrolment_id: EntityId
    model: str | None
    serial_number: str | None


class EnrolmentRejected(PrinterEnrolled):
    """A printer was not taken into the programme."""

    status: str | None = Field(description="The first reason why not, one of the nine statuses")
    blockers: list[str] = Field(description="Every reason why not")


class SuppliesOrderChanged(EventData):
    """A supplies order came into the state that the event's name says; its id is the subject."""

    order_id: EntityId
    purchase_order: str
    state: str
    printer_id: EntityId
    position_id: str
    description: str | None
    part_number: str | None
    colorant: str | None
    supply_type: str | None
    trigger: str
    tracking_number: str | None
    hold_reasons: list[str] = Field(
        default=[],
        description="Why it waits for a person, the most telling first: stale (the printer is silent, and by its "
        "forecast the cartridge runs out), no_delivery_contact, site_move and the like; empty unless it is held",
    )


class SupplyLow(EventData):
    """A cartridge of a managed printer, whose id is the subject, will run out, is low, or is empty.

    Each is told once a cartridge. Of what fills up, a waste box, it says: nearly full, or full.
    """

    printer_id: EntityId
    position_id: str
    cartridge: int = Field(description="Which cartridge of the position: counted from the first that was seen")
    trigger: str = Field(
        description="predicted: will run out before another could be there; floor: its level is low; state: its "
        "printer says it is low; empty: it is"
    )
    percent: float | None = Field(description="The level then; null where the printer tells none")
    days_to_empty: float | None = Field(description="By the forecast, where there is one")
    description: str | None
    part_number: str | None
    colorant: str | None
    supply_type: str | None


class CartridgeReplaced(EventData):
    """A printer shows another cartridge than before; the numbers are of the one that went."""

    printer_id: EntityId
    position_id: str
    colorant: str | None
    supply_type: str | None
    residual_percent: float | None
    premature: bool | None
    pages: int | None


class ServiceCallOpened(EventData):
    """A service call was opened; its id is the subject."""

    printer_id: EntityId
    state: str
    priority: int
    title: str


class ServiceCallResolved(EventData):
    """A service call was resolved."""

    printer_id: EntityId
    state: str
    cause: str | None = Field(description="self_cleared, by_person or left_programme")


class SlaNotice(EventData):
    """A clock of a service call has run for this share of its target."""

    printer_id: EntityId
    state: str
    target: str = Field(description="The clock: response, resolution, ...")
    pct: int = Field(description="Percent of the target's time that are over")


class ContactAssigned(EventData):
    """The supplies of a printer, whose id is the subject, are delivered to another contact from now on."""

    printer_id: EntityId
    contact_id: EntityId
    previous_contact_id: EntityId | None = Field(description="Null where there was none")
    assigned_by: str = Field(description="Id of the key")


class ContactUnassigned(EventData):
    """The supplies of a printer, whose id is the subject, have no contact that they are delivered to."""

    printer_id: EntityId
    previous_contact_id: EntityId


class OrganizationDeleted(EventData):
    """An organisation, whose id is the subject, was deleted with its webhooks and settings; told to the one above."""

    name: str
    parent_id: EntityId | None = Field(description="The organisation above it; null for a partner")
