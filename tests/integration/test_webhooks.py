"""Webhooks of the deployed template: a partner's HTTPS endpoint is told what happens, whatever it does at first."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import jsonschema
import pytest

from local.schemas import FOLDER
from shared.event_data import schema_name
from shared.events import EventName
from tests.support.deployed import Json, Tenant, World, another_agent, eventually, fresh, problem_of
from tests.support.webhook_receiver import Received, Receiver

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

ENROLLED: Final = "PrinterEnrolled"


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


@pytest.fixture
def path(receiver: Receiver) -> str:
    """A path of this test's own; the endpoint answers well unless told otherwise."""
    receiver.answers.clear()
    return f"/{uuid4().hex}"


def made(tenant: Tenant, receiver: Receiver, path: str, *event_types: str, organization: str = "root") -> Json:
    wanted = {"organization_id": tenant.ids[organization], "url": receiver.url + path}
    return tenant.door.made("/v1/webhooks", wanted | ({"event_types": list(event_types)} if event_types else {}))


def enrol_another(tenant: Tenant) -> str:
    """A new printer is managed: its id."""
    door, serial = tenant.door, uuid4().hex[:12]
    agent = another_agent(tenant)
    printer = str(agent.send(fresh(serial, serial), seq=1)["outcomes"][0]["printer_id"])
    door.made(f"/v1/contact-assignments/{printer}", {"contact_id": tenant.ids["contact_id"]}, method="PUT")
    wanted = {"organization_id": tenant.ids["organization_id"], "printer_ids": [printer]}
    door.made("/v1/enrolments", wanted | {"terms_version": door.got("/v1/terms")["version"]})
    return printer


def pinged(tenant: Tenant, hook: Json) -> str:
    """The path of a test event's delivery."""
    answer = tenant.door.ask("POST", f"/v1/webhooks/{hook['webhook_id']}/pings")
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def state_of(tenant: Tenant, delivery: str) -> str:
    return str(tenant.door.got(delivery)["state"])


def first(receiver: Receiver, path: str) -> Received:
    return eventually(lambda: receiver.of(path), "a message")[0]


def test_a_printer_that_is_enrolled_below_is_told_signed_and_as_its_schema_says(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    hook = made(tenant, receiver, path, ENROLLED)

    printer = enrol_another(tenant)

    message = first(receiver, path)
    event = json.loads(message.body)
    schema = json.loads((FOLDER / f"{schema_name(EventName(ENROLLED))}.json").read_text("utf-8"))
    jsonschema.validate(event, schema, cls=jsonschema.Draft202012Validator)
    assert (event["name"], event["subject_id"]) == (ENROLLED, printer)
    assert message.is_signed_with(hook["signing_secret"])
    log = tenant.door.got(f"/v1/webhooks/{hook['webhook_id']}/deliveries")["items"]
    assert [(each["delivery_id"], each["event_type"]) for each in log] == [(message.message_id, ENROLLED)]


def test_both_secrets_sign_until_the_old_one_ends(tenant: Tenant, receiver: Receiver, path: str) -> None:
    hook = made(tenant, receiver, path, ENROLLED)
    rotation = f"/v1/webhooks/{hook['webhook_id']}/secrets"

    new = tenant.door.made(rotation, {"overlap_hours": 24})["signing_secret"]
    pinged(tenant, hook)
    during = first(receiver, path)
    third = problem_of(tenant.door.ask("POST", rotation, {"overlap_hours": 24}))["code"]
    newest = tenant.door.made(rotation, {"overlap_hours": 0})["signing_secret"]
    pinged(tenant, hook)
    after = eventually(lambda: receiver.of(path)[1:], "the second message")[0]

    old = hook["signing_secret"]
    assert (during.is_signed_with(old), during.is_signed_with(new)) == (True, True)
    assert third == "two_secrets_alive"
    assert [after.is_signed_with(each) for each in (old, new, newest)] == [False, False, True]


def test_an_endpoint_that_fails_at_first_gets_the_same_message_again(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    hook = made(tenant, receiver, path, ENROLLED)
    receiver.answers.extend([500, 503])

    delivery = pinged(tenant, hook)

    eventually(lambda: state_of(tenant, delivery) == "delivered", "the delivery")
    told = tenant.door.got(delivery)
    assert [(each["status"], each["error"]) for each in told["attempts"]] == [
        (500, "refused"),
        (503, "refused"),
        (204, None),
    ]
    assert len({each.message_id for each in receiver.of(path)}) == 1
    assert len({each.body for each in receiver.of(path)}) == 1
    assert tenant.door.got(f"/v1/webhooks/{hook['webhook_id']}")["failing_since"] is None


def test_what_was_delivered_is_replayed_from_a_cursor_under_its_own_id(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    hook = made(tenant, receiver, path, ENROLLED)
    deliveries = [pinged(tenant, hook) for _ in range(3)]
    eventually(lambda: len(receiver.of(path)) == 3, "three messages")
    eventually(lambda: {state_of(tenant, each) for each in deliveries} == {"delivered"}, "their log")
    first_id = deliveries[0].rpartition("/")[2]

    answer = tenant.door.ask("POST", f"/v1/webhooks/{hook['webhook_id']}/replays", {"after_delivery_id": first_id})
    eventually(lambda: len(receiver.of(path)) == 5, "the two after it once more")
    eventually(lambda: tenant.door.got(answer.headers["location"])["state"] == "completed", "the replay")
    tenant.door.made(f"{deliveries[0]}/retries", {})

    eventually(lambda: len(receiver.of(path)) == 6, "the one that was asked for")
    ids = [each.message_id for each in receiver.of(path)]
    assert tenant.door.got(answer.headers["location"])["queued"] == 2
    assert sorted(ids[3:5]) == sorted(each.rpartition("/")[2] for each in deliveries[1:])
    assert ids[5] == first_id


def test_nothing_is_replayed_since_a_time_to_come(tenant: Tenant, receiver: Receiver, path: str) -> None:
    hook = made(tenant, receiver, path, ENROLLED)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    refused = problem_of(tenant.door.ask("POST", f"/v1/webhooks/{hook['webhook_id']}/replays", {"since": later}))

    assert (refused["status"], refused["code"]) == (422, "since_in_the_future")
    assert [each["pointer"] for each in refused["errors"]] == ["/since"]


def test_an_endpoint_that_is_gone_is_parked_and_what_was_held_comes_when_it_is_back(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    hook = made(tenant, receiver, path, ENROLLED)
    where = f"/v1/webhooks/{hook['webhook_id']}"
    receiver.answers.append(410)

    delivery = pinged(tenant, hook)
    parked = eventually(lambda: (now := tenant.door.got(where))["parked_at"] and now, "the parking")
    eventually(lambda: state_of(tenant, delivery) == "held", "the holding")
    meanwhile = pinged(tenant, hook)
    eventually(lambda: state_of(tenant, meanwhile) == "held", "the second holding")
    refused = problem_of(tenant.door.ask("POST", f"{where}/replays", {"since": "2026-01-01T00:00:00Z"}))
    assert len(receiver.of(path)) == 1

    unparked = tenant.door.made(f"{where}/parked", {}, method="DELETE")

    eventually(lambda: {state_of(tenant, each) for each in (delivery, meanwhile)} == {"delivered"}, "both")
    assert (parked["parked_because"], unparked["parked_at"]) == ("gone", None)
    assert refused["code"] == "webhook_parked"


def test_nothing_is_sent_to_a_webhook_that_was_deleted(tenant: Tenant, receiver: Receiver, path: str) -> None:
    hook = made(tenant, receiver, path, ENROLLED)
    receiver.answers.extend([500] * 3)
    delivery = pinged(tenant, hook)
    eventually(lambda: receiver.of(path), "the first attempt")

    assert tenant.door.ask("DELETE", f"/v1/webhooks/{hook['webhook_id']}").status_code == 204
    count = len(receiver.of(path))
    world_sees = tenant.door.ask("GET", delivery)

    assert problem_of(world_sees)["code"] == "not_found"
    other = made(tenant, receiver, f"{path}-other", ENROLLED)
    receiver.answers.clear()
    enrol_another(tenant)
    first(receiver, f"{path}-other")
    assert len(receiver.of(path)) <= count + 1  # one may have been in the air
    assert other["webhook_id"] != hook["webhook_id"]


def test_no_other_tenant_is_told(world: World, tenant: Tenant, receiver: Receiver, path: str) -> None:
    other = world.tenants[1]
    mine, theirs = made(tenant, receiver, f"{path}/mine"), made(other, receiver, f"{path}/theirs")

    enrol_another(tenant)

    eventually(
        lambda: [each for each in receiver.of(f"{path}/mine") if json.loads(each.body)["name"] == ENROLLED], "mine"
    )
    told = [json.loads(each.body)["tenant_id"] for each in receiver.of(f"{path}/theirs")]
    assert set(told) <= {other.ids["root"]}
    for hook, owner in ((mine, tenant), (theirs, other)):
        assert owner.door.ask("DELETE", f"/v1/webhooks/{hook['webhook_id']}").status_code == 204


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/", "insecure_url"),
        ("https://10.0.0.1/", "private_address"),
        ("https://169.254.169.254/latest/meta-data", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://user:secret@hooks.example.com/", "invalid_url"),
        ("ftp://hooks.example.com/", "insecure_url"),
    ],
)
def test_an_address_that_may_not_be_sent_to_is_refused(tenant: Tenant, url: str, code: str) -> None:
    problem = problem_of(tenant.door.ask("POST", "/v1/webhooks", {"organization_id": tenant.ids["root"], "url": url}))

    assert (problem["status"], problem["code"]) == (422, code)
    assert [each["pointer"] for each in problem["errors"]] == ["/url"]


def test_a_key_is_told_no_more_than_it_may_read(tenant: Tenant) -> None:
    key = tenant.door.made("/v1/api-keys", {"name": "hooks", "scopes": ["webhooks:read", "webhooks:write"]})
    narrow = tenant.door.as_(**{"x-api-key": key["api_key"]})
    wanted = {"organization_id": tenant.ids["root"], "url": "https://hooks.example.com/"}

    for event_types in (["SuppliesOrderPlaced"], None):
        problem = problem_of(narrow.ask("POST", "/v1/webhooks", wanted | {"event_types": event_types}))
        assert (problem["status"], problem["code"]) == (403, "scope_missing")


def test_an_edit_needs_the_version_that_was_seen(tenant: Tenant) -> None:
    wanted = {"organization_id": tenant.ids["root"], "url": "https://hooks.example.com/a?code=1"}
    hook = tenant.door.made("/v1/webhooks", wanted | {"event_types": [ENROLLED]})
    where = f"/v1/webhooks/{hook['webhook_id']}"
    details = {"url": "https://hooks.example.com/b", "event_types": [ENROLLED]}
    seen = tenant.door.ask("GET", where).headers["etag"]

    without = problem_of(tenant.door.ask("PUT", where, details))
    edited = tenant.door.ask("PUT", where, details, headers={"if-match": seen})
    late = problem_of(tenant.door.ask("PUT", where, details, headers={"if-match": seen}))

    assert (without["status"], late["status"]) == (428, 412)
    assert (edited.status_code, edited.json()["url"]) == (200, details["url"])
    assert "signing_secret" not in tenant.door.ask("GET", where).text
    assert datetime.fromisoformat(edited.json()["created_at"]) > datetime.now(UTC) - timedelta(hours=1)
