"""One attempt after another: what is sent, counted, tried again, parked, held and given up."""

import json
from datetime import timedelta

import pytest

from functions.webhooks.on_sweep import hand_out
from functions.webhooks.partner_desk.resending import new_replay
from functions.webhooks.sending.backoff import GIVE_UP_AFTER, LONGEST_DELAY, Verdict
from functions.webhooks.sending.delivering import LEASE, attempt
from functions.webhooks.sending.fanout import fan_out, hand_over
from functions.webhooks.sending.replaying import step
from functions.webhooks.table.models import LOG_KEPT, Delivery, DeliveryState, ParkReason, ReplayOf, ReplayState, Secret
from shared.errors import Conflict, TooLarge
from shared.events import EventName
from tests.support.api_events import partner
from tests.support.webhooks import CUSTOMER, HOOK, NOW, SECRET, TENANT, CutOff, PostOffice, Tree, a_webhook, an_event


def handed(office: PostOffice, number: int = 1) -> Delivery:
    made = hand_over(
        an_event(number), a_webhook(), deliveries=office.deliveries, dispatch=office.queue, now=office.clock.at
    )
    assert made is not None
    return made


def tried(office: PostOffice, delivery: Delivery) -> Verdict | None:
    return attempt(TENANT, HOOK, delivery.delivery_id, post=office.post)


def now_of(office: PostOffice, delivery: Delivery) -> Delivery:
    found = office.deliveries.delivery(TENANT, HOOK, delivery.delivery_id)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def webhook(office: PostOffice) -> None:
    office.webhooks.add(a_webhook(), None)


def fanned(office: PostOffice, **values: object) -> int:
    return fan_out(
        an_event(**values),  # type: ignore[arg-type] # any field
        organizations=Tree(),
        webhooks=office.webhooks,
        deliveries=office.deliveries,
        dispatch=office.queue,
        now=office.clock.at,
    )


def test_an_event_is_one_delivery_however_often_it_comes(office: PostOffice) -> None:
    assert [fanned(office), fanned(office)] == [1, 0]
    assert len(office.queue.messages) == 1


def test_an_event_goes_to_its_organisation_and_to_those_above_it_and_to_nobody_else(office: PostOffice) -> None:
    above = a_webhook(webhook_id=HOOK[:-1] + "2", organization_id=TENANT, organization_path=f"/{TENANT}/")
    other = a_webhook(webhook_id=HOOK[:-1] + "3", event_types=[EventName.SLA_BREACHED])
    for each in (above, other):
        office.webhooks.add(each, None)

    assert fanned(office) == 2
    assert fanned(office, number=2, organization_id=TENANT) == 1
    assert fanned(office, number=3, tenant_id=CUSTOMER) == 0
    assert fanned(office, number=4, organization_id="org_01jd2x00000000000000000077") == 1  # gone: the root's


def test_an_event_that_is_too_large_is_refused(office: PostOffice) -> None:
    with pytest.raises(TooLarge):
        fanned(office, data={"x": "y" * 70_000})


def test_what_is_sent_is_the_event_signed_by_every_live_secret(office: PostOffice) -> None:
    old = Secret(secret=SECRET, created_at=NOW, ends_at=NOW + timedelta(hours=1))
    gone = Secret(secret=SECRET, created_at=NOW, ends_at=NOW)
    webhook = office.webhooks.webhook(TENANT, HOOK)
    assert webhook is not None
    office.webhooks.change(webhook, {"secrets": [each.model_dump() for each in (webhook.secrets[0], old, gone)]})
    delivery = handed(office)

    assert tried(office, delivery) is Verdict.DELIVERED

    ((_, headers, body),) = office.endpoint.posts
    assert json.loads(body) == an_event().model_dump(mode="json") | {"occurred_at": "2026-11-20T12:00:00.000000Z"}
    assert headers["webhook-id"] == delivery.delivery_id
    assert headers["webhook-signature"].count("v1,") == 2
    assert now_of(office, delivery).state is DeliveryState.DELIVERED
    assert tried(office, delivery) is None


def test_two_workers_never_send_the_same_attempt(office: PostOffice) -> None:
    delivery = handed(office)
    seen = now_of(office, delivery)
    claimed = seen.model_copy(update={"claimed": True, "not_before": NOW + LEASE, "version": seen.version + 1})

    assert [office.deliveries.save(claimed, NOW + LEASE) for _ in range(2)] == [True, False]
    assert tried(office, delivery) is None
    assert office.endpoint.posts == []


def test_a_worker_that_dies_leaves_a_delivery_that_is_sent_again_under_the_same_id(office: PostOffice) -> None:
    delivery = handed(office)
    office.endpoint.script = [None]
    with pytest.raises(CutOff):
        tried(office, delivery)

    assert tried(office, delivery) is None
    office.clock.turn(seconds=LEASE.total_seconds())
    assert hand_out(office.deliveries, office.queue, office.clock.at) == {"asked": 1, "failed": 0}
    assert tried(office, delivery) is Verdict.DELIVERED
    assert len({headers["webhook-id"] for _, headers, _ in office.endpoint.posts}) == 1


def test_a_failure_is_logged_and_tried_again_no_sooner_than_asked(office: PostOffice) -> None:
    delivery = handed(office)
    office.endpoint.script, office.endpoint.retry_after = [503], 40

    assert tried(office, delivery) is Verdict.RETRY

    waiting = now_of(office, delivery)
    assert waiting.not_before == NOW + timedelta(seconds=40)
    assert [(each.number, each.status, each.duration_ms) for each in waiting.attempts] == [(1, 503, 3)]
    assert office.queue.delays == [0, 40]
    assert tried(office, delivery) is None
    failing = office.webhooks.webhook(TENANT, HOOK)
    assert failing is not None
    assert failing.failing_since == NOW
    office.clock.turn(seconds=40)
    assert tried(office, delivery) is Verdict.DELIVERED
    well = office.webhooks.webhook(TENANT, HOOK)
    assert well is not None
    assert well.failing_since is None


def test_after_72_hours_of_failures_the_webhook_is_parked_and_its_events_are_held() -> None:
    office = PostOffice.in_memory()
    office.webhooks.add(a_webhook(), None)
    first, second = handed(office, 1), handed(office, 2)
    office.endpoint.script = [500] * 200
    began, verdicts = office.clock.at, []

    for _ in range(300):
        found = tried(office, first)
        verdicts.append(found)
        if found is Verdict.PARK:
            break
        office.clock.at = now_of(office, first).not_before
    parked_at = office.clock.at
    assert [tried(office, each) for each in (first, second)] == [None, None]

    webhook = office.webhooks.webhook(TENANT, HOOK)
    assert webhook is not None
    assert webhook.parked_because is ParkReason.FAILING
    assert GIVE_UP_AFTER <= parked_at - began <= GIVE_UP_AFTER + LONGEST_DELAY
    assert [now_of(office, each).state for each in (first, second)] == [DeliveryState.HELD] * 2
    assert len(now_of(office, first).attempts) <= 40


def test_what_was_held_is_sent_when_the_webhook_is_unparked(office: PostOffice) -> None:
    first, second = handed(office, 1), handed(office, 2)
    office.endpoint.script = [410]
    assert [tried(office, each) for each in (first, second)] == [Verdict.GONE, None]
    assert tried(office, first) is None
    webhook = office.webhooks.webhook(TENANT, HOOK)
    assert webhook is not None
    office.clock.turn(hours=1)

    replay = new_replay(partner(), webhook, ReplayOf.HELD, after="", now=office.clock.at)
    assert office.webhooks.unpark(webhook, replay)
    states = [step(TENANT, HOOK, replay.replay_id, post=office.post) for _ in range(3)]
    assert [each.state if each else None for each in states] == [ReplayState.RUNNING, ReplayState.COMPLETED, None]
    assert [tried(office, each) for each in (first, second)] == [Verdict.DELIVERED] * 2


def test_one_event_that_is_refused_while_others_are_taken_is_given_up_alone() -> None:
    office = PostOffice.in_memory()
    office.webhooks.add(a_webhook(), None)
    bad = handed(office, 1)
    for number in range(2, 400):
        office.endpoint.script = [400]
        outcome = tried(office, bad)
        if outcome is Verdict.GIVE_UP:
            break
        assert tried(office, handed(office, number)) is Verdict.DELIVERED
        office.clock.at = now_of(office, bad).not_before

    webhook = office.webhooks.webhook(TENANT, HOOK)
    assert webhook is not None
    assert webhook.parked_at is None
    assert now_of(office, bad).state is DeliveryState.GIVEN_UP


def test_an_endpoint_that_is_gone_is_parked_at_once(office: PostOffice) -> None:
    delivery = handed(office)
    office.endpoint.script = [410]

    assert [tried(office, delivery), tried(office, delivery)] == [Verdict.GONE, None]
    assert now_of(office, delivery).state is DeliveryState.HELD
    assert len(office.endpoint.posts) == 1


def test_nothing_is_sent_to_a_webhook_that_is_deleted(office: PostOffice) -> None:
    delivery = handed(office)
    office.webhooks.remove(a_webhook())

    assert tried(office, delivery) is None
    assert (now_of(office, delivery).state, office.endpoint.posts) == (DeliveryState.CANCELLED, [])
    assert fanned(office) == 0


def test_the_log_forgets_after_thirty_days(office: PostOffice) -> None:
    delivery = handed(office)

    office.clock.at = NOW + LOG_KEPT

    assert office.deliveries.delivery(TENANT, HOOK, delivery.delivery_id) is None
    assert office.deliveries.deliveries_page(TENANT, HOOK, state=None, limit=10, cursor=None) == ([], None)


def test_an_organisation_has_at_most_twenty_webhooks_and_a_deleted_one_makes_room(office: PostOffice) -> None:
    more = [a_webhook(webhook_id=f"{HOOK[:-2]}{number}") for number in range(10, 29)]
    for each in more:
        office.webhooks.add(each, None)
    with pytest.raises(Conflict, match="at most 20"):
        office.webhooks.add(a_webhook(webhook_id=f"{HOOK[:-2]}99"), None)

    office.webhooks.remove(more[0])

    office.webhooks.add(a_webhook(webhook_id=f"{HOOK[:-2]}99"), "request")
    with pytest.raises(Conflict, match="has made webhook"):
        office.webhooks.add(a_webhook(webhook_id=f"{HOOK[:-2]}98"), "request")
