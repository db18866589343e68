"""What an operator, and the owner of a webhook, is told when nothing is sent to it any more."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.webhooks import on_work
from functions.webhooks.partner_desk.api_models import shown_webhook
from functions.webhooks.partner_desk.desk import Desk
from functions.webhooks.partner_desk.subscriptions import unpark_webhook
from functions.webhooks.sending.backoff import GIVE_UP_AFTER
from functions.webhooks.sending.fanout import hand_over
from functions.webhooks.table.models import Webhook
from shared.names import DELIVERIES_GIVEN_UP_METRIC, WEBHOOKS_PARKED_METRIC
from shared.observability import metrics
from tests.support.api_events import partner
from tests.support.webhooks import HOOK, TENANT, PostOffice, Tree, a_webhook, an_event


@pytest.fixture(autouse=True)
def worker(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.webhooks.add(a_webhook(), None)
    monkeypatch.setattr("functions.webhooks.wiring.post", lambda: office.post)
    metrics("webhooks").clear_metrics()


def worked(office: PostOffice, status: int, number: int = 1) -> dict[str, Any]:
    """What is measured of one attempt of an event that the endpoint answers so."""
    made = hand_over(
        an_event(number), a_webhook(), deliveries=office.deliveries, dispatch=office.queue, now=office.clock.at
    )
    assert made is not None
    office.endpoint.script = [status]
    return again(made.delivery_id)


def again(delivery_id: str) -> dict[str, Any]:
    metrics("webhooks").clear_metrics()
    on_work.handle(json.dumps({"tenant_id": TENANT, "webhook_id": HOOK, "delivery_id": delivery_id}))
    return {name: each["Value"] for name, each in metrics("webhooks").provider.metric_set.items()}


def seen(office: PostOffice) -> Webhook:
    webhook = office.webhooks.webhook(TENANT, HOOK)
    assert webhook is not None
    return webhook


def test_an_endpoint_that_is_gone_is_measured_and_its_owner_sees_its_last_answer(office: PostOffice) -> None:
    measured = worked(office, 410)

    assert measured[WEBHOOKS_PARKED_METRIC] == [1.0]
    shown = shown_webhook(seen(office), office.clock.at)
    assert shown.parked_because == "gone"
    assert shown.parked_after is not None
    assert (shown.parked_after.number, shown.parked_after.status, shown.parked_after.error) == (1, 410, None)


def test_unparking_forgets_why(office: PostOffice) -> None:
    worked(office, 410)
    desk = Desk(Tree(), office.webhooks, office.deliveries, office.queue)

    answered = unpark_webhook(partner(), HOOK, desk=desk, now=office.clock.at)

    assert (answered.parked_after, seen(office).parked_after, seen(office).parked_because) == (None, None, None)


def test_an_event_that_is_given_up_is_measured(office: PostOffice) -> None:
    worked(office, 400)
    refused = office.queue.messages[0]
    worked(office, 204, number=2)
    office.clock.turn(seconds=(GIVE_UP_AFTER + timedelta(hours=1)).total_seconds())
    office.endpoint.script = [400]

    measured = again(getattr(refused, "delivery_id", ""))

    assert measured[DELIVERIES_GIVEN_UP_METRIC] == [1.0]
    assert WEBHOOKS_PARKED_METRIC not in measured


@pytest.mark.parametrize("status", [204, 500])
def test_an_attempt_that_ends_nothing_is_no_notice(office: PostOffice, status: int) -> None:
    measured = worked(office, status)

    assert not {WEBHOOKS_PARKED_METRIC, DELIVERIES_GIVEN_UP_METRIC} & set(measured)
    assert measured
