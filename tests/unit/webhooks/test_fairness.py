"""No tenant and no endpoint keeps the senders from others."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

import pytest

from functions.webhooks.on_sweep import hand_out, in_turns
from functions.webhooks.partner_desk.resending import new_replay
from functions.webhooks.sending.backoff import LONGEST_WAIT, Verdict, wait_for_sender
from functions.webhooks.sending.delivering import LEASE, attempt
from functions.webhooks.sending.fanout import GRACE, hand_over
from functions.webhooks.sending.replaying import step
from functions.webhooks.table.models import Delivery, ReplayOf, ReplayState, Slot
from functions.webhooks.table.ports import Senders
from functions.webhooks.table.senders import OF_A_TENANT, OF_A_WEBHOOK, slots_of
from tests.support.api_events import partner
from tests.support.webhooks import HOOK, NOW, TENANT, MemorySenders, PostOffice, a_webhook, an_event

OTHER_TENANT = "org_01jd2x00000000000000000009"
SENDERS = 50
UNTIL = NOW + LEASE


def hook(number: int) -> str:
    return f"{HOOK[:-3]}{number:03}"


def taken(senders: Senders, webhook_id: str, tenant_id: str = TENANT, most: int = OF_A_WEBHOOK) -> list[Slot]:
    found = (senders.take(tenant_id, webhook_id, now=NOW, until=UNTIL) for _ in range(most))
    return [each for each in found if each is not None]


def handed(office: PostOffice, number: int = 1) -> Delivery:
    made = hand_over(
        an_event(number), a_webhook(), deliveries=office.deliveries, dispatch=office.queue, now=office.clock.at
    )
    assert made is not None
    return made


def test_a_webhook_has_four_senders_at_once_and_all_of_a_tenants_have_twelve(office: PostOffice) -> None:
    of_one = taken(office.senders, HOOK, most=6)
    of_many = [each for number in range(12) for each in taken(office.senders, hook(number), most=5)]

    assert len(of_one) == OF_A_WEBHOOK
    assert len(of_one + of_many) == OF_A_TENANT
    assert len({each.number for each in of_one + of_many}) == OF_A_TENANT
    assert len(taken(office.senders, HOOK, OTHER_TENANT, most=6)) == OF_A_WEBHOOK


def test_a_sender_that_ends_or_dies_makes_room_for_one(office: PostOffice) -> None:
    first, *_ = taken(office.senders, HOOK)

    office.senders.give_back(first)
    office.senders.give_back(first)
    assert len(taken(office.senders, HOOK, most=3)) == 1

    later = office.senders.take(TENANT, HOOK, now=UNTIL, until=UNTIL + LEASE)
    assert later is not None
    office.senders.give_back(first.model_copy(update={"number": later.number}))
    held = [office.senders.take(TENANT, HOOK, now=UNTIL, until=UNTIL + LEASE) for _ in range(OF_A_WEBHOOK)]
    assert sum(each is not None for each in held) == OF_A_WEBHOOK - 1, "what another holds was given back"


def test_webhooks_of_a_tenant_rarely_have_the_same_senders() -> None:
    drawn = [frozenset(slots_of(hook(number))) for number in range(200)]

    assert {len(each) for each in drawn} == {OF_A_WEBHOOK}
    assert len(set(drawn)) > 150
    assert set().union(*drawn) == set(range(OF_A_TENANT))


def test_a_delivery_without_a_sender_waits_untried_and_is_sent_when_one_is_free(office: PostOffice) -> None:
    office.webhooks.add(a_webhook(), None)
    delivery = handed(office)
    slots = taken(office.senders, HOOK)

    assert attempt(TENANT, HOOK, delivery.delivery_id, post=office.post) is Verdict.WAIT

    waiting = office.deliveries.delivery(TENANT, HOOK, delivery.delivery_id)
    assert waiting is not None
    assert (waiting.attempts_made, waiting.failures, waiting.waits) == (0, 0, 1)
    assert office.queue.delays == [0, 1]
    assert office.endpoint.posts == []
    assert attempt(TENANT, HOOK, delivery.delivery_id, post=office.post) is None, "not before its time"
    office.senders.give_back(slots[0])
    office.clock.turn(seconds=1)
    assert attempt(TENANT, HOOK, delivery.delivery_id, post=office.post) is Verdict.DELIVERED
    assert len(taken(office.senders, HOOK, most=3)) == 1, "its sender was given back"


def test_a_wait_whose_message_is_lost_is_found_by_the_sweep(office: PostOffice) -> None:
    office.webhooks.add(a_webhook(), None)
    delivery = handed(office)
    taken(office.senders, HOOK)
    attempt(TENANT, HOOK, delivery.delivery_id, post=office.post)

    office.clock.turn(seconds=1 + GRACE.total_seconds())

    assert hand_out(office.deliveries, office.queue, office.clock.at)["asked"] == 1


def test_a_replay_takes_a_sender_for_each_page(office: PostOffice) -> None:
    office.webhooks.add(a_webhook(), None)
    replay = new_replay(partner(), a_webhook(), ReplayOf.ALL, after="", now=NOW)
    office.deliveries.add_replay(replay, NOW)
    slots = taken(office.senders, HOOK)

    waiting = step(TENANT, HOOK, replay.replay_id, post=office.post)
    office.senders.give_back(slots[0])
    ended = step(TENANT, HOOK, replay.replay_id, post=office.post)

    assert waiting == replay
    assert ended is not None
    assert ended.state is ReplayState.COMPLETED
    assert len(taken(office.senders, HOOK, most=3)) == 1


@pytest.mark.parametrize("waits", [0, 1, 5, 12, 500])
def test_a_wait_for_a_sender_is_between_a_second_and_what_a_queue_can_delay(waits: int) -> None:
    waited = [wait_for_sender(waits, draw / 10) for draw in range(11)]

    assert waited == sorted(waited)
    assert timedelta(seconds=1) <= waited[0] <= waited[-1] <= LONGEST_WAIT <= timedelta(minutes=15)


def test_the_sweep_goes_from_tenant_to_tenant_and_inside_one_from_webhook_to_webhook() -> None:
    def due(tenant: str, webhook: str, name: str) -> Delivery:
        return Delivery.model_validate(
            {**PLAIN, "tenant_id": tenant, "webhook_id": webhook, "delivery_id": name, "event_id": name}
        )

    many = [due(TENANT, hook(1), f"a{number}") for number in range(4)]
    works = [*many, due(TENANT, hook(2), "b"), due(OTHER_TENANT, hook(3), "c")]

    turns = [each.event_id for each in in_turns(works) if isinstance(each, Delivery)]

    assert turns == ["a0", "c", "b", "a1", "a2", "a3"]


def test_a_sweep_that_runs_out_of_time_leaves_the_rest_due(office: PostOffice) -> None:
    office.webhooks.add(a_webhook(), None)
    for number in range(3):
        handed(office, number)
    office.clock.turn(minutes=5)
    seconds = iter([NOW, NOW, NOW + timedelta(seconds=20)])

    asked = hand_out(office.deliveries, office.queue, office.clock.at, lambda: next(seconds))

    assert asked == {"asked": 1, "failed": 0}
    assert len(office.deliveries.due(office.clock.at, limit=10)) == 2


PLAIN = {
    **dict.fromkeys(("organization_id", "subject_id"), TENANT),
    "event_type": "PrinterEnrolled",
    "body": "{}",
    **dict.fromkeys(("occurred_at", "armed_at", "not_before", "created_at"), NOW),
}


@dataclass(order=True)
class Message:
    """A delivery in the queue; ``seconds`` is how long its endpoint takes to answer."""

    at: datetime
    turn: int
    tenant_id: str = field(compare=False)
    webhook_id: str = field(compare=False)
    seconds: float = field(compare=False)
    born: datetime = field(compare=False)
    waits: int = field(compare=False, default=0)


def played(messages: list[Message], until: datetime) -> Iterator[tuple[Message, datetime, int]]:
    """What fifty senders send until then, and how many of the same tenant's are on their way; first in, first out.

    To look and find no sender free takes twenty milliseconds.
    """
    senders, dice, turns = MemorySenders(), Random(7), count(len(messages))  # noqa: S311 - no secret
    free_at, queue = [NOW] * SENDERS, sorted(messages)
    while queue and queue[0].at < until:
        message = heappop(queue)
        now = max(heappop(free_at), message.at)
        ends = now + timedelta(seconds=message.seconds)
        if senders.take(message.tenant_id, message.webhook_id, now=now, until=ends) is None:
            again = now + wait_for_sender(message.waits, dice.random())
            message.at, message.waits, message.turn = again, message.waits + 1, next(turns)
            heappush(queue, message)
            ends = now + timedelta(seconds=0.02)
        else:
            held = [key for key, end in senders.held.items() if key[0] == message.tenant_id and end > now]
            yield message, now, len(held)
        heappush(free_at, ends)


def test_thousands_due_to_slow_endpoints_hold_up_another_tenant_by_seconds_only() -> None:
    def due(number: int, tenant: str, webhook: str, seconds: float, at: datetime) -> Message:
        return Message(at, number, tenant, webhook, seconds, at)

    slow = [due(number, TENANT, hook(number % 30), 10.0, NOW) for number in range(5_000)]
    others = [
        due(5_000 + number, OTHER_TENANT, HOOK, 0.1, NOW + timedelta(seconds=number / 2)) for number in range(200)
    ]

    sent = list(played(slow + others, NOW + timedelta(minutes=10)))

    dwelt = [at - message.born for message, at, _ in sent if message.tenant_id == OTHER_TENANT]
    assert len(dwelt) == len(others)
    assert max(dwelt) < timedelta(seconds=5)
    assert max(held for message, _, held in sent if message.tenant_id == TENANT) == OF_A_TENANT
    busy = sum(message.seconds for message, _, _ in sent if message.tenant_id == TENANT)
    assert busy > 0.8 * OF_A_TENANT * 600, "those who wait leave their own senders idle"
