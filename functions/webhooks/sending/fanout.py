"""Use case: an event of the bus becomes one delivery for each webhook that wants it."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from ulid import ULID

from functions.webhooks.table.models import Delivery, Webhook
from functions.webhooks.table.ports import Deliveries, Dispatch, Organizations, Webhooks
from shared.clock import key_time
from shared.errors import TooLarge
from shared.events import BusEvent

MAX_BODY_BYTES: Final = 64 * 1024
_REST: Final = 10
"""Bytes of an id after its time."""
GRACE: Final = timedelta(minutes=2)
"""So long the queue has for a new delivery before the sweep asks again."""


def fan_out(
    event: BusEvent,
    *,
    organizations: Organizations,
    webhooks: Webhooks,
    deliveries: Deliveries,
    dispatch: Dispatch,
    now: datetime,
) -> int:
    """Keep a delivery for each webhook of the event's organisation, and of those above it, that wants it.

    Safe to repeat: a delivery's id is made of the event's, and is kept once. An event of an organisation that is gone
    is its partner's root's.

    Raises:
        TooLarge: The event is larger than any of ours may be.
    """
    place = organizations.organization(event.tenant_id, event.organization_id)
    path = place.path if place else f"/{event.tenant_id}/"
    made = 0
    for webhook in webhooks.subscribed(event.tenant_id, path):
        if webhook.wants(event.name):
            made += hand_over(event, webhook, deliveries=deliveries, dispatch=dispatch, now=now) is not None
    return made


def hand_over(
    event: BusEvent, webhook: Webhook, *, deliveries: Deliveries, dispatch: Dispatch, now: datetime
) -> Delivery | None:
    """Keep the event's delivery to this webhook and ask for it to be sent; None when it is kept already."""
    body = body_of(event)
    if len(body.encode()) > MAX_BODY_BYTES:
        raise TooLarge("event_too_large", f"An event is at most {MAX_BODY_BYTES} bytes.")
    delivery = Delivery(
        tenant_id=webhook.tenant_id,
        webhook_id=webhook.webhook_id,
        delivery_id=delivery_id(webhook.webhook_id, event),
        event_id=event.event_id,
        event_type=event.name,
        organization_id=event.organization_id,
        subject_id=event.subject_id,
        occurred_at=event.occurred_at,
        body=body,
        armed_at=now,
        not_before=now,
        created_at=now,
    )
    if not deliveries.add(delivery, now + GRACE):
        return None
    dispatch.send(delivery)
    return delivery


def body_of(event: BusEvent) -> str:
    """What is sent, byte by byte the same in every attempt: the event as it is on the bus."""
    told: dict[str, Any] = event.model_dump(mode="json") | {"occurred_at": key_time(event.occurred_at)}
    return json.dumps(told, separators=(",", ":"))


def delivery_id(webhook_id: str, event: BusEvent) -> str:
    """The one id of this event for this webhook: sorts by the event's time, and is the same whenever it is made."""
    return _id_of(event.occurred_at, sha256(f"{webhook_id}\n{event.event_id}".encode()).digest()[:_REST])


def earliest_id(at: datetime) -> str:
    """Sorts before the delivery of any event of that time or later, and after all earlier ones."""
    return _id_of(at, bytes(_REST))


def latest_id(at: datetime) -> str:
    """Sorts after the delivery of any event of that time or earlier."""
    return _id_of(at, b"\xff" * _REST)


def _id_of(at: datetime, rest: bytes) -> str:
    milliseconds = max(0, int(at.timestamp() * 1_000))
    return f"dlv_{ULID(milliseconds.to_bytes(6, 'big') + rest)}".lower()
