"""Use cases of what a partner asks to be sent: a test, one delivery again, all from a point of the log on."""

from datetime import datetime, timedelta
from typing import Final

from functions.webhooks.partner_desk.api_models import NewReplay
from functions.webhooks.partner_desk.desk import Desk, busy, visible_webhook
from functions.webhooks.sending.fanout import earliest_id, hand_over, latest_id
from functions.webhooks.sending.replaying import send_again
from functions.webhooks.table.models import Delivery, Replay, ReplayOf, Webhook
from shared.clock import key_time
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events import BusEvent, EventName
from shared.ids import new_id
from shared.tenancy import Caller

CLOCKS_DIFFER: Final = timedelta(minutes=5)


def begin_replay(caller: Caller, webhook_id: str, wanted: NewReplay, *, desk: Desk, now: datetime) -> Replay:
    """Send again what the log has from a point on. Safe to repeat: receivers know a message by its id.

    Raises:
        Invalid: ``since`` is ahead of us by more than clocks differ.
    """
    if wanted.since is not None and wanted.since > now + CLOCKS_DIFFER:
        field = FieldError("/since", f"A time that has passed: here it is {key_time(now)}.")
        raise Invalid("since_in_the_future", "Nothing has happened since a time to come.", (field,))
    webhook = visible_webhook(caller, webhook_id, desk=desk)
    if wanted.since is not None:
        after = earliest_id(wanted.since)
    else:
        after = wanted.after_delivery_id or ""
        if desk.deliveries.delivery(webhook.tenant_id, webhook_id, after) is None:
            raise NotFound("delivery", after)
    _refuse_parked(webhook)
    replay = new_replay(caller, webhook, wanted.of, after=after, now=now)
    desk.deliveries.add_replay(replay, now)
    desk.dispatch.send(replay)
    return replay


def ping(caller: Caller, webhook_id: str, *, desk: Desk, now: datetime) -> Delivery:
    """Send the webhook a test event, whatever it asked to be told of."""
    webhook = visible_webhook(caller, webhook_id, desk=desk)
    event = BusEvent(
        event_id=new_id("png"),
        name=EventName.WEBHOOK_PING,
        occurred_at=now,
        tenant_id=webhook.tenant_id,
        organization_id=webhook.organization_id,
        subject_id=webhook.webhook_id,
        data={"webhook_id": webhook.webhook_id},
    )
    made = hand_over(event, webhook, deliveries=desk.deliveries, dispatch=desk.dispatch, now=now)
    if made is None:
        raise busy()
    return made


def visible_delivery(caller: Caller, webhook_id: str, delivery_id: str, *, desk: Desk) -> Delivery:
    """A delivery of a webhook that the caller sees, or `NotFound`."""
    webhook = visible_webhook(caller, webhook_id, desk=desk)
    delivery = desk.deliveries.delivery(webhook.tenant_id, webhook.webhook_id, delivery_id)
    if delivery is None:
        raise NotFound("delivery", delivery_id)
    return delivery


def visible_replay(caller: Caller, webhook_id: str, replay_id: str, *, desk: Desk) -> Replay:
    """A replay of a webhook that the caller sees, or `NotFound`."""
    webhook = visible_webhook(caller, webhook_id, desk=desk)
    replay = desk.deliveries.replay(webhook.tenant_id, webhook.webhook_id, replay_id)
    if replay is None:
        raise NotFound("replay", replay_id)
    return replay


def retry(caller: Caller, webhook_id: str, delivery_id: str, *, desk: Desk, now: datetime) -> Delivery:
    """Send one delivery again, now. Safe to repeat: receivers know a message by its id."""
    delivery = visible_delivery(caller, webhook_id, delivery_id, desk=desk)
    _refuse_parked(visible_webhook(caller, webhook_id, desk=desk))
    return send_again(delivery, deliveries=desk.deliveries, dispatch=desk.dispatch, now=now)


def _refuse_parked(webhook: Webhook) -> None:
    if webhook.parked_at is not None:
        raise Conflict("webhook_parked", "Nothing is sent to a parked webhook: unpark it first.")


def new_replay(caller: Caller, webhook: Webhook, of: ReplayOf, *, after: str, now: datetime) -> Replay:
    """A replay of what follows ``after`` and has happened by now."""
    return Replay(
        tenant_id=webhook.tenant_id,
        webhook_id=webhook.webhook_id,
        replay_id=new_id("rpl"),
        of=of,
        after=after,
        until=latest_id(now),
        created_at=now,
        created_by=caller.key_id,
    )
