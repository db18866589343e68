"""Events on the bus: their names, their envelope, and how they are put there."""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from shared.clock import key_time
from shared.errors import Unavailable
from shared.ids import EntityId
from shared.names import EVENT_SOURCE_PREFIX, PRINTER_ENROLLED_EVENT, PRINTER_HEARD_EVENT, PRINTER_SILENT_EVENT
from shared.wire.base import UtcDatetime

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH: Final = 10  # PutEvents takes ten


class EventName(StrEnum):
    """Detail-types; the emitting context is in the source."""

    AGENT_ACTIVATED = "AgentActivated"
    AGENT_SUSPENDED = "AgentSuspended"
    AGENT_RESUMED = "AgentResumed"
    AGENT_DEACTIVATED = "AgentDeactivated"
    AGENT_DELETED = "AgentDeleted"
    AGENT_SUSPECTED = "AgentSuspected"
    AGENT_SILENT = "AgentSilent"
    AGENT_HEARD = "AgentHeard"
    PRINTER_REGISTERED = "PrinterRegistered"
    PRINTER_REMOVED = "PrinterRemoved"
    PRINTER_RETIRED = "PrinterRetired"
    PRINTER_RETURNED = "PrinterReturned"
    PRINTER_DISCOVERED = "PrinterDiscovered"
    PRINTER_MOVED = "PrinterMoved"
    PRINTERS_MERGED = "PrintersMerged"
    PRINTER_SPLIT = "PrinterSplit"
    PRINTER_IDENTITY_CONFLICT = "PrinterIdentityConflict"
    PRINTER_SILENT = PRINTER_SILENT_EVENT
    PRINTER_HEARD = PRINTER_HEARD_EVENT
    COUNTER_RESET = "CounterReset"
    PRINTER_ENROLLED = PRINTER_ENROLLED_EVENT
    ENROLMENT_REJECTED = "EnrolmentRejected"
    SUPPLIES_ORDER_HELD = "SuppliesOrderHeld"
    SUPPLIES_ORDER_PLACED = "SuppliesOrderPlaced"
    SUPPLIES_ORDER_SHIPPED = "SuppliesOrderShipped"
    SUPPLIES_ORDER_DELIVERED = "SuppliesOrderDelivered"
    SUPPLIES_ORDER_INSTALLED = "SuppliesOrderInstalled"
    SUPPLIES_ORDER_CLOSED = "SuppliesOrderClosed"
    SUPPLIES_ORDER_FAILED = "SuppliesOrderFailed"
    SUPPLY_LOW = "SupplyLow"
    CARTRIDGE_REPLACED = "CartridgeReplaced"
    SERVICE_CALL_OPENED = "ServiceCallOpened"
    SERVICE_CALL_RESOLVED = "ServiceCallResolved"
    SLA_WARNING = "SlaWarning"
    SLA_BREACHED = "SlaBreached"
    CONTACT_ASSIGNED = "ContactAssigned"
    CONTACT_UNASSIGNED = "ContactUnassigned"
    ORGANIZATION_DELETED = "OrganizationDeleted"
    WEBHOOK_PING = "WebhookPing"


class EventData(BaseModel):
    """The part of an event that differs by its name; readers ignore what they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class BusEvent(BaseModel):
    """The detail of every event. ``event_id`` is stable: the same fact published twice carries it twice."""

    model_config = ConfigDict(frozen=True)

    schema_version: int = 1
    event_id: str
    name: EventName
    occurred_at: UtcDatetime
    tenant_id: EntityId
    organization_id: EntityId
    subject_id: EntityId
    data: dict[str, Any] = {}


def publish(events: Sequence[BusEvent], *, context: str, bus: str, client: "EventBridgeClient") -> None:
    """Put the events of a context (source ``platen.<context>``), ten a call; `Unavailable` when the bus took only some.

    Safe to repeat: consumers know an event by its ``event_id``.
    """
    for entries in _tens([_entry(event, EVENT_SOURCE_PREFIX + context, bus) for event in events]):
        answer = client.put_events(Entries=list(entries))
        if answer["FailedEntryCount"]:
            raise Unavailable("bus_unavailable", f"The bus refused {answer['FailedEntryCount']} event(s).")


def parse(detail: object) -> BusEvent:
    """The event in a consumer's hands."""
    return BusEvent.model_validate(detail)


def _entry(event: BusEvent, source: str, bus: str) -> "PutEventsRequestEntryTypeDef":
    detail = event.model_dump(mode="json") | {"occurred_at": key_time(event.occurred_at)}
    return {
        "EventBusName": bus,
        "Source": source,
        "DetailType": event.name,
        "Detail": json.dumps(detail),
        "Time": event.occurred_at,
    }


def _tens(
    entries: "Sequence[PutEventsRequestEntryTypeDef]",
) -> "Iterator[Sequence[PutEventsRequestEntryTypeDef]]":
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH]
