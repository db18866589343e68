"""Whatever succeeds, fails, dies, is lost or doubled: each event is taken, or held, and none after the deletion."""

from hypothesis import given
from hypothesis import strategies as st

from functions.webhooks.on_sweep import hand_out
from functions.webhooks.partner_desk.resending import new_replay
from functions.webhooks.sending.delivering import attempt
from functions.webhooks.sending.fanout import hand_over
from functions.webhooks.sending.replaying import step
from functions.webhooks.table.models import Delivery, DeliveryState, Replay, ReplayOf
from tests.support.api_events import partner
from tests.support.webhooks import HOOK, TENANT, CutOff, PostOffice, a_webhook, an_event

ANSWERS = st.sampled_from([204, 500, 500, 404, 410, None])
ACTS = st.one_of(
    st.tuples(st.just("event"), st.none()),
    st.tuples(st.just("work"), ANSWERS),
    st.tuples(st.just("again"), ANSWERS),
    st.tuples(st.just("lose"), st.none()),
    st.tuples(st.just("sweep"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 61, 3_600, 86_400])),
    st.tuples(st.just("unpark"), st.none()),
)


def act(office: PostOffice, name: str, value: int | None, events: list[Delivery]) -> None:
    if name == "event":
        made = hand_over(
            an_event(len(events), at=office.clock.at),
            a_webhook(),
            deliveries=office.deliveries,
            dispatch=office.queue,
            now=office.clock.at,
        )
        assert made is not None
        events.append(made)
    elif name in {"work", "again"} and office.queue.messages:
        office.endpoint.script = [value]
        work(office, office.queue.messages[0] if name == "again" else office.queue.messages.pop(0))
    elif name == "lose" and office.queue.messages:
        office.queue.messages.pop()
    elif name == "sweep":
        hand_out(office.deliveries, office.queue, office.clock.at)
    elif name == "wait":
        office.clock.turn(seconds=value or 0)
    elif name == "unpark":
        unpark(office)


def work(office: PostOffice, message: Delivery | Replay) -> None:
    try:
        if isinstance(message, Replay):
            step(TENANT, HOOK, message.replay_id, post=office.post)
        else:
            attempt(TENANT, HOOK, message.delivery_id, post=office.post)
    except CutOff:
        pass


def unpark(office: PostOffice) -> None:
    webhook = office.webhooks.webhook(TENANT, HOOK)
    if webhook is not None and webhook.parked_at is not None:
        office.webhooks.unpark(webhook, new_replay(partner(), webhook, ReplayOf.HELD, after="", now=office.clock.at))


def settle(office: PostOffice) -> None:
    """Only the sweep and the queue, and an endpoint that is well."""
    office.endpoint.script = []
    office.queue.messages.clear()
    for _ in range(12):
        office.clock.turn(hours=7)
        hand_out(office.deliveries, office.queue, office.clock.at)
        while office.queue.messages:
            work(office, office.queue.messages.pop(0))


@given(st.lists(ACTS, min_size=4, max_size=40))
def test_each_event_is_taken_or_held_by_its_parked_webhook(acts: list[tuple[str, int | None]]) -> None:
    office, events = run(acts)

    settle(office)

    webhook = office.webhooks.webhook(TENANT, HOOK)
    for each in events:
        found = office.deliveries.delivery(TENANT, HOOK, each.delivery_id)
        assert found is not None
        if found.state is DeliveryState.HELD:
            assert webhook is not None
            assert webhook.parked_at is not None
        elif found.state is DeliveryState.GIVEN_UP:
            assert office.endpoint.taken, "given up although nothing else was taken"
        else:
            assert found.state is DeliveryState.DELIVERED
            assert each.delivery_id in office.endpoint.taken


@given(st.lists(ACTS, min_size=4, max_size=40))
def test_nothing_is_sent_after_the_deletion(acts: list[tuple[str, int | None]]) -> None:
    office, events = run(acts)
    sent = len(office.endpoint.posts)

    office.webhooks.remove(a_webhook())
    settle(office)

    assert len(office.endpoint.posts) == sent
    states = [office.deliveries.delivery(TENANT, HOOK, each.delivery_id) for each in events]
    assert [each for each in states if each is None or each.state is DeliveryState.PENDING] == []


def run(acts: list[tuple[str, int | None]]) -> tuple[PostOffice, list[Delivery]]:
    office, events = PostOffice.in_memory(), list[Delivery]()
    office.webhooks.add(a_webhook(), None)
    for name, value in acts:
        act(office, name, value, events)
    return office, events
