"""Use case: one attempt to deliver. Claimed first, counted once, and safe to be cut off at any place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from functions.webhooks.sending.backoff import Verdict, delay_after, verdict, wait_for_sender
from functions.webhooks.sending.fanout import GRACE
from functions.webhooks.table.models import MAX_ATTEMPTS_KEPT, Attempt, Delivery, DeliveryState, ParkReason, Webhook
from functions.webhooks.table.ports import Answer, Deliveries, Dispatch, Endpoint, Senders, Webhooks
from shared.errors import Unavailable
from shared.signature import signed_headers

LEASE: Final = timedelta(seconds=60)
"""For how long an attempt has its delivery to itself: longer than a function lives."""
SOON: Final = timedelta(seconds=60)
"""Waits up to this are the queue's; longer ones the sweep's."""
_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Post:
    """The ports of these use cases, the clock, and the dice of the back-off."""

    webhooks: Webhooks
    deliveries: Deliveries
    dispatch: Dispatch
    senders: Senders
    endpoint: Endpoint
    now: Callable[[], datetime]
    draw: Callable[[], float]


def attempt(tenant_id: str, webhook_id: str, delivery_id: str, *, post: Post) -> Verdict | None:
    """Send the delivery once if it is ready, and write what came of it; None when there was nothing to send.

    Safe to repeat: who does not get the claim leaves it alone. A claim whose holder died runs out, and the delivery
    is sent again under the same id: at least once, never less. It waits while its webhook has all the senders that
    it may have, so that no endpoint and no tenant keeps the senders from others.
    """
    delivery = post.deliveries.delivery(tenant_id, webhook_id, delivery_id)
    if delivery is None or not delivery.is_ready(now := post.now()):
        return None
    slot = post.senders.take(tenant_id, webhook_id, now=now, until=now + LEASE)
    if slot is None:
        return _wait(delivery, now, post)
    try:
        claimed = _claimed(delivery, post)
        return _go_on(claimed, post) if claimed else None
    finally:
        post.senders.give_back(slot)


def _wait(delivery: Delivery, now: datetime, post: Post) -> Verdict | None:
    """Come again when a sender may be free; None when another worker has it meanwhile."""
    wait = wait_for_sender(delivery.waits, post.draw())
    waiting = _next(delivery, waits=delivery.waits + 1, not_before=now + wait)
    if not post.deliveries.save(waiting, waiting.not_before + GRACE):
        return None
    post.dispatch.send(waiting, delay_seconds=ceil(wait.total_seconds()))
    return Verdict.WAIT


def _go_on(claimed: Delivery, post: Post) -> Verdict | None:
    for _ in range(_TRIES):
        webhook = post.webhooks.webhook(claimed.tenant_id, claimed.webhook_id)
        if webhook is None:
            post.deliveries.save(_next(claimed, state=DeliveryState.CANCELLED, claimed=False), None)
            return None
        if webhook.parked_at is None:
            return _send(claimed, webhook, post)
        if post.deliveries.hold(_next(claimed, state=DeliveryState.HELD, claimed=False), webhook):
            return None
    raise Unavailable("webhook_busy", "The webhook is being parked and unparked; the delivery stays due.")


def _claimed(delivery: Delivery, post: Post) -> Delivery | None:
    until = post.now() + LEASE
    claimed = _next(delivery, claimed=True, not_before=until)
    return claimed if post.deliveries.save(claimed, until) else None


def _send(delivery: Delivery, webhook: Webhook, post: Post) -> Verdict:
    at = post.now()
    body = delivery.body.encode()
    live = [each.secret for each in webhook.live_secrets(at)]
    answer = post.endpoint.post(webhook.url, signed_headers(delivery.delivery_id, body, at, *live), body, at)
    counted = _counted(delivery, answer, at)
    if not answer.is_success:
        counted = _next_failure(counted, at)
    if (webhook.failing_since is None) is not answer.is_success:
        since = None if answer.is_success else at
        post.webhooks.note_health(webhook, since)
        webhook = webhook.model_copy(update={"failing_since": since})
    outcome = verdict(answer, counted, webhook, at)
    _write(outcome, counted, webhook, answer, post)
    return outcome


def _write(outcome: Verdict, delivery: Delivery, webhook: Webhook, answer: Answer, post: Post) -> None:
    """What the outcome makes of the delivery, and of its webhook before it: cut off between, it is sent again."""
    now = post.now()
    if outcome in {Verdict.GONE, Verdict.PARK}:
        because = ParkReason.GONE if outcome is Verdict.GONE else ParkReason.FAILING
        last = delivery.attempts[-1].model_dump()
        post.webhooks.change(webhook, {"parked_at": now, "parked_because": because.value, "parked_after": last})
    if outcome is Verdict.DELIVERED:
        post.deliveries.save(delivery.model_copy(update={"state": DeliveryState.DELIVERED, "delivered_at": now}), None)
    elif outcome is Verdict.GIVE_UP:
        post.deliveries.save(delivery.model_copy(update={"state": DeliveryState.GIVEN_UP}), None)
    else:
        # After parking it is due at once: its worker finds the webhook parked and holds it.
        wait = delay_after(delivery.failures, post.draw(), answer.retry_after)
        again = now if outcome is not Verdict.RETRY else now + wait
        waiting = delivery.model_copy(update={"not_before": again})
        if post.deliveries.save(waiting, again) and again - now <= SOON:
            post.dispatch.send(waiting, delay_seconds=ceil((again - now).total_seconds()))


def _counted(delivery: Delivery, answer: Answer, at: datetime) -> Delivery:
    made = delivery.attempts_made + 1
    noted = Attempt(**answer.model_dump(exclude={"number", "at", "retry_after"}), number=made, at=at)
    kept = [*delivery.attempts, noted][-MAX_ATTEMPTS_KEPT:]
    return _next(delivery, claimed=False, waits=0, attempts_made=made, attempts=kept)


def _next_failure(delivery: Delivery, at: datetime) -> Delivery:
    return delivery.model_copy(
        update={"failures": delivery.failures + 1, "failing_since": delivery.failing_since or at}
    )


def _next(delivery: Delivery, **fields: object) -> Delivery:
    return delivery.model_copy(update=fields | {"version": delivery.version + 1})
