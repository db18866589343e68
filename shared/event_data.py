"""What each event of the bus says of its subject: one model for each, so that nobody has to guess a field.

A field may be added; none is taken away, renamed or given another meaning without a new ``schema_version``.
"""

from typing import Any, Final, Literal

from pydantic import Field, create_model

from shared.events import BusEvent, EventData, EventName
from shared.ids import EntityId
from shared.names import Scope
from shared.service_event_data import (
    CartridgeReplaced,
    ContactAssigned,
    ContactUnassigned,
    EnrolmentRejected,
    OrganizationDeleted,
    PrinterEnrolled,
    ServiceCallOpened,
    ServiceCallResolved,
    SlaNotice,
    SuppliesOrderChanged,
    SupplyLow,
)
from shared.wire.base import UtcDatetime


class AgentActivated(EventData):
    """An agent showed a good activation code and has a key; its id is the subject."""

    site_id: EntityId
    name: str | None
    agent_version: str | None
    platform: str | None


class AgentStatusChanged(EventData):
    """A partner changed the standing of an agent, whose id is the subject."""

    site_id: EntityId
    status: str = Field(description="The agent's standing now: pending, active, suspended, suspect, deactivated, ...")


class AgentSuspected(EventData):
    """Two holders of one agent's key were seen; nothing is taken from it until it is activated again."""

    site_id: EntityId
    cause: str = Field(description="generation_split, generation_behind or exchanged_key_used")


class SilenceCause(EventData):
    """What the silent have in common."""

    kind: str = Field(description="agent, subnet, credential or printer")
    subnet: str | None = Field(None, description="The subnet none of whose printers answers, in CIDR notation")
    credential: str | None = Field(
        None, description="The name, at the agent's site, of the credential set none of whose printers answers"
    )
    printers: int | None = Field(None, description="How many are silent for this cause")


class AgentSilent(EventData):
    """An agent is late by two heartbeats, or by two hours where that is less."""

    since: UtcDatetime
    site_id: EntityId
    name: str | None
    cause: SilenceCause


class AgentHeard(EventData):
    """A silent agent is heard again."""

    silent_since: UtcDatetime
    site_id: EntityId
    name: str | None


class PrinterRegistered(EventData):
    """A printer that no agent reads was registered by hand; its id is the subject."""

    site_id: EntityId
    manufacturer: str
    model: str
    serial_number: str


class PrinterRemoved(EventData):
    """A printer that was registered by hand, and never read, was taken off the lists: it was a mistake."""

    site_id: EntityId
    manufacturer: str
    model: str
    serial_number: str
    key_id: EntityId = Field(description="The key that asked for it")


class PrinterRetired(EventData):
    """A printer is out of service: off the lists, with its history."""

    site_id: EntityId
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    retired_at: UtcDatetime
    reason: str = Field(description="replaced, scrapped, returned, sold, lost or other")
    key_id: EntityId = Field(description="The key that asked for it")


class PrinterReturned(EventData):
    """A retired printer is in service again: it was read, or a key took its retirement back."""

    site_id: EntityId
    agent_id: EntityId | None
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    retired_at: UtcDatetime = Field(description="Since when it was out of service")
    key_id: EntityId | None = Field(description="The key that took it back; null when it was read")


class PrinterDiscovered(EventData):
    """A printer was seen for the first time, perhaps one that was registered by hand; its id is the subject."""

    site_id: EntityId
    agent_id: EntityId
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    registration: str | None


class PrinterMoved(EventData):
    """A printer belongs to another agent than before."""

    from_agent_id: EntityId
    to_agent_id: EntityId
    from_site_id: EntityId
    to_site_id: EntityId
    cause: str = Field(description="moved: its agent fell silent and another reads it; transferred: by people")
    site_move: str | None = Field(description="to_confirm when somebody must say where its supplies go now")


class PrintersMerged(EventData):
    """Another printer's history is part of the subject's from now on; its id answers with the subject."""

    merged_printer_id: EntityId
    merged_manufacturer: str | None
    merged_model: str | None
    merged_serial_number: str | None
    merged_mac_address: str | None


class PrinterSplit(EventData):
    """A printer turned out to be two: the other goes its own way."""

    other_printer_id: EntityId
    days_from: str | None = Field(description="From which day (2026-11-22) on the subject's days went to the other")


class PrinterIdentityConflict(EventData):
    """People are asked which printer this is."""

    site_id: EntityId
    agent_id: EntityId
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    question_id: EntityId
    asked_at: UtcDatetime
    kind: str = Field(description="What is in question: duplicate_serial and the like")
    reason: str | None = Field(None, description="What showed it")


class CounterReset(EventData):
    """A counter of a printer went back (MTR-05); told once, with what is known by then."""

    break_id: str
    counter: str
    cause: str = Field(description="reset, board_swap, roll_over or unknown")
    last_before: int
    first_after: int
    from_at: UtcDatetime
    to_at: UtcDatetime
    usage: int | None = Field(description="What was counted across the break; null while that is not known")
    status: str = Field(description="accepted, or held until a person decides")


class PrinterSilent(EventData):
    """A printer was not read for days; told once an episode (SUP-30)."""

    since: UtcDatetime
    stage: str | None = Field(description="stale after 3 days, exception after 7, lost after 30, unless set otherwise")
    cause: SilenceCause
    site_id: EntityId
    agent_id: EntityId
    manufacturer: str | None
    model: str | None
    serial_number: str | None


class PrinterHeard(EventData):
    """A silent printer was read again."""

    silent_since: UtcDatetime
    stage: str | None
    site_id: EntityId


class WebhookPing(EventData):
    """A test that somebody asked for; it is sent to one webhook and is never on the bus."""

    webhook_id: EntityId


_AGENT, _ORDER = AgentStatusChanged, SuppliesOrderChanged
MODELS: Final[dict[EventName, type[EventData]]] = {
    EventName.AGENT_ACTIVATED: AgentActivated,
    EventName.AGENT_SUSPENDED: _AGENT,
    EventName.AGENT_RESUMED: _AGENT,
    EventName.AGENT_DEACTIVATED: _AGENT,
    EventName.AGENT_DELETED: _AGENT,
    EventName.AGENT_SUSPECTED: AgentSuspected,
    EventName.AGENT_SILENT: AgentSilent,
    EventName.AGENT_HEARD: AgentHeard,
    EventName.PRINTER_REGISTERED: PrinterRegistered,
    EventName.PRINTER_REMOVED: PrinterRemoved,
    EventName.PRINTER_RETIRED: PrinterRetired,
    EventName.PRINTER_RETURNED: PrinterReturned,
    EventName.PRINTER_DISCOVERED: PrinterDiscovered,
    EventName.PRINTER_MOVED: PrinterMoved,
    EventName.PRINTERS_MERGED: PrintersMerged,
    EventName.PRINTER_SPLIT: PrinterSplit,
    EventName.PRINTER_IDENTITY_CONFLICT: PrinterIdentityConflict,
    EventName.COUNTER_RESET: CounterReset,
    EventName.PRINTER_SILENT: PrinterSilent,
    EventName.PRINTER_HEARD: PrinterHeard,
    EventName.PRINTER_ENROLLED: PrinterEnrolled,
    EventName.ENROLMENT_REJECTED: EnrolmentRejected,
    EventName.SUPPLIES_ORDER_HELD: _ORDER,
    EventName.SUPPLIES_ORDER_PLACED: _ORDER,
    EventName.SUPPLIES_ORDER_SHIPPED: _ORDER,
    EventName.SUPPLIES_ORDER_DELIVERED: _ORDER,
    EventName.SUPPLIES_ORDER_INSTALLED: _ORDER,
    EventName.SUPPLIES_ORDER_CLOSED: _ORDER,
    EventName.SUPPLIES_ORDER_FAILED: _ORDER,
    EventName.SUPPLY_LOW: SupplyLow,
    EventName.CARTRIDGE_REPLACED: CartridgeReplaced,
    EventName.SERVICE_CALL_OPENED: ServiceCallOpened,
    EventName.SERVICE_CALL_RESOLVED: ServiceCallResolved,
    EventName.SLA_WARNING: SlaNotice,
    EventName.SLA_BREACHED: SlaNotice,
    EventName.CONTACT_ASSIGNED: ContactAssigned,
    EventName.CONTACT_UNASSIGNED: ContactUnassigned,
    EventName.ORGANIZATION_DELETED: OrganizationDeleted,
    EventName.WEBHOOK_PING: WebhookPing,
}

_SCOPES: Final = {
    "Agent": Scope.FLEET_READ,
    "PrinterEnrolled": Scope.ELIGIBILITY_READ,
    "Printer": Scope.FLEET_READ,
    "Counter": Scope.FLEET_READ,
    "Enrolment": Scope.ELIGIBILITY_READ,
    "SuppliesOrder": Scope.ORDERS_READ,
    "Supply": Scope.ORDERS_READ,
    "Cartridge": Scope.ORDERS_READ,
    "ServiceCall": Scope.TICKETS_READ,
    "Sla": Scope.TICKETS_READ,
    "Contact": Scope.ACCOUNTS_READ,
    "Organization": Scope.ACCOUNTS_READ,
    "Webhook": Scope.WEBHOOKS_READ,
}


def scope_of(name: EventName) -> str:
    """The scope that a key needs to be told of such an event: the one with which it could read the same."""
    return next(scope for beginning, scope in _SCOPES.items() if name.startswith(beginning))


def schema_name(name: EventName, version: int = 1) -> str:
    """The name of the event's published schema: ``event-PrinterEnrolled.v1``."""
    return f"event-{name}.v{version}"


def event_model(name: EventName) -> type[BusEvent]:
    """The whole event of that name as a model: the envelope, with what it says typed."""
    fields: dict[str, Any] = {"name": (Literal[name], ...), "data": (MODELS[name], ...)}
    model: type[BusEvent] = create_model(name.value, __base__=BusEvent, __doc__=MODELS[name].__doc__, **fields)
    return model
