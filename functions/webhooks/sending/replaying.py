"""Use cases of sending again: one delivery, or all from a point of the log on."""

from datetime import datetime
from math import ceil
from typing import Final

from functions.webhooks.sending.backoff import wait_for_sender
from functions.webhooks.sending.delivering import LEASE, Post
from functions.webhooks.table.models import Delivery, DeliveryState, Replay, ReplayOf, ReplayState
from functions.webhooks.table.ports import Deliveries, Dispatch

PAGE: Final = 25
_SLOW: Final = 4
"""A page that finds no sender comes again within half a minute."""

_STATES: Final = {
    ReplayOf.ALL: frozenset(DeliveryState) - {DeliveryState.PENDING},
    ReplayOf.UNDELIVERED: frozenset({DeliveryState.HELD, DeliveryState.GIVEN_UP, DeliveryState.CANCELLED}),
    ReplayOf.HELD: frozenset({DeliveryState.HELD}),
}
"""What each kind of replay sends again; what is pending is on its way already."""


def send_again(delivery: Delivery, *, deliveries: Deliveries, dispatch: Dispatch, now: datetime) -> Delivery:
    """Set one delivery going now, whatever became of it; its 72 hours begin anew.

    Safe to repeat: one that is on its way is left to its worker.
    """
    if delivery.is_on_its_way(now):
        return delivery
    again = armed(delivery, now)
    if not deliveries.save(again, now + LEASE):
        return deliveries.delivery(delivery.tenant_id, delivery.webhook_id, delivery.delivery_id) or delivery
    dispatch.send(again)
    return again


def armed(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery as if its event had come now; the log of its attempts stays."""
    return delivery.model_copy(
        update={
            "state": DeliveryState.PENDING,
            "failures": 0,
            "failing_since": None,
            "claimed": False,
            "waits": 0,
            "armed_at": now,
            "not_before": now,
            "version": delivery.version + 1,
        }
    )


def step(tenant_id: str, webhook_id: str, replay_id: str, *, post: Post) -> Replay | None:
    """Go on with a replay by one page, and ask for the next; None when there is no such replay, or it is over.

    Safe to repeat: what was set going since the replay began is not set going again, and of two workers on one page
    only one moves the replay on. It takes a sender of the webhook's, as an attempt does, and comes again when none is
    free.
    """
    now = post.now()
    replay = post.deliveries.replay(tenant_id, webhook_id, replay_id)
    if replay is None or replay.state is not ReplayState.RUNNING:
        return None
    slot = post.senders.take(tenant_id, webhook_id, now=now, until=now + LEASE)
    if slot is None:
        post.dispatch.send(replay, delay_seconds=ceil(wait_for_sender(_SLOW, post.draw()).total_seconds()))
        return replay
    try:
        return _stepped(replay, now, post)
    finally:
        post.senders.give_back(slot)


def _stepped(replay: Replay, now: datetime, post: Post) -> Replay:
    if post.webhooks.webhook(replay.tenant_id, replay.webhook_id) is None:
        return _moved(replay, [], 0, ReplayState.CANCELLED, post, now)
    found = post.deliveries.deliveries_between(replay, limit=PAGE)
    wanted = [each for each in found if each.state in _STATES[replay.of] and each.armed_at <= replay.created_at]
    queued = 0
    for delivery in wanted:
        again = armed(delivery, now)
        if post.deliveries.save(again, now + LEASE):
            post.dispatch.send(again)
            queued += 1
    state = ReplayState.RUNNING if found else ReplayState.COMPLETED
    return _moved(replay, found, queued, state, post, now)


def _moved(replay: Replay, found: list[Delivery], queued: int, state: ReplayState, post: Post, now: datetime) -> Replay:
    moved = replay.model_copy(
        update={
            "after": found[-1].delivery_id if found else replay.after,
            "queued": replay.queued + queued,
            "state": state,
            "version": replay.version + 1,
        }
    )
    is_running = state is ReplayState.RUNNING
    if post.deliveries.save_replay(moved, now + LEASE if is_running else None) and is_running:
        post.dispatch.send(moved)
    return moved
