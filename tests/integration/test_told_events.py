"""Events that a webhook of the deployed template is told of: assigned contacts, low supplies, deleted organisations."""

import json
from typing import Any
from uuid import uuid4

import jsonschema
import pytest

from local.schemas import FOLDER
from shared.directory.inherited import Level
from shared.directory.keys import explicit_settings
from shared.directory.keys import tenant as tenant_key
from shared.event_data import schema_name
from shared.events import EventName
from tests.support.deployed import Json, Tenant, World, another_agent, eventually, fresh, problem_of
from tests.support.deployed_bodies import contact_body
from tests.support.webhook_receiver import Received, Receiver

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def hooked(tenant: Tenant, receiver: Receiver, organization: str, *names: EventName) -> tuple[Json, str]:
    """A webhook for these events and the path that it posts to."""
    path = f"/{uuid4().hex}"
    wanted = {"organization_id": organization, "url": receiver.url + path, "event_types": list(names)}
    return tenant.door.made("/v1/webhooks", wanted), path


def told(receiver: Receiver, path: str, hook: Json, subject: str, count: int = 1) -> list[dict[str, Any]]:
    """The events of that subject, each signed and as its schema says, in order of time."""

    def found() -> list[Received]:
        own = [each for each in receiver.of(path) if json.loads(each.body)["subject_id"] == subject]
        return own if len({each.message_id for each in own}) >= count else []

    messages = {each.message_id: each for each in eventually(found, f"{count} events of {subject}")}
    assert all(each.is_signed_with(hook["signing_secret"]) for each in messages.values())
    events = [json.loads(each.body) for each in messages.values()]
    for event in events:
        schema = json.loads((FOLDER / f"{schema_name(EventName(event['name']))}.json").read_text("utf-8"))
        jsonschema.validate(event, schema, cls=jsonschema.Draft202012Validator)
    return sorted(events, key=lambda event: str(event["occurred_at"]))


def test_each_contact_that_a_printer_is_given_is_told(tenant: Tenant, receiver: Receiver) -> None:
    names = (EventName.CONTACT_ASSIGNED, EventName.CONTACT_UNASSIGNED)
    hook, path = hooked(tenant, receiver, tenant.ids["organization_id"], *names)
    door, serial = tenant.door, uuid4().hex[:12]
    printer = str(another_agent(tenant).send(fresh(serial, serial), seq=1)["outcomes"][0]["printer_id"])
    second = door.made("/v1/contacts", contact_body(tenant.ids["organization_id"]) | {"email": f"{serial}@example.com"})
    contacts = [tenant.ids["contact_id"], second["contact_id"]]

    where = f"/v1/contact-assignments/{printer}"
    for contact in (contacts[0], contacts[0], contacts[1]):
        door.made(where, {"contact_id": contact}, method="PUT")
    assert door.ask("DELETE", where).status_code == 204

    first, changed, taken = told(receiver, path, hook, printer, 3)
    assert [each["name"] for each in (first, changed, taken)] == [*names[:1] * 2, names[1]]
    assert (first["data"]["contact_id"], first["data"]["previous_contact_id"]) == (contacts[0], None)
    assert (changed["data"]["contact_id"], changed["data"]["previous_contact_id"]) == (contacts[1], contacts[0])
    assert taken["data"]["previous_contact_id"] == contacts[1]


def test_a_supply_that_runs_low_is_told_once(tenant: Tenant, receiver: Receiver) -> None:
    hook, path = hooked(tenant, receiver, tenant.ids["root"], EventName.SUPPLY_LOW)
    door, serial = tenant.door, uuid4().hex[:12]
    agent = another_agent(tenant)
    printer = str(agent.send(fresh(serial, serial, level=4), seq=1)["outcomes"][0]["printer_id"])
    door.made(f"/v1/contact-assignments/{printer}", {"contact_id": tenant.ids["contact_id"]}, method="PUT")
    wanted = {"organization_id": tenant.ids["organization_id"], "printer_ids": [printer]}
    door.made("/v1/enrolments", wanted | {"terms_version": door.got("/v1/terms")["version"]})

    (event,) = told(receiver, path, hook, printer)

    assert event["name"] == EventName.SUPPLY_LOW
    assert (event["data"]["printer_id"], event["data"]["cartridge"]) == (printer, 1)
    eventually(lambda: door.got("/v1/orders", printer_id=printer)["items"], "its order")
    agent.send(fresh(f"{serial}-2", serial, level=3), seq=2)
    assert len({each.message_id for each in receiver.of(path) if printer in str(each.body)}) == 1


def test_a_deleted_organisation_is_told_above_and_takes_its_webhooks_and_settings_along(
    world: World, tenant: Tenant, receiver: Receiver
) -> None:
    door = tenant.door
    made = {"name": f"Leaving {uuid4().hex[:8]}", "parent_id": tenant.ids["root"]}
    leaving = door.made("/v1/organizations", made)["organization_id"]
    above, path = hooked(tenant, receiver, tenant.ids["root"], EventName.ORGANIZATION_DELETED)
    own, _ = hooked(tenant, receiver, leaving, EventName.ORGANIZATION_DELETED)
    setting = {"set": [{"name": "order_floor_percent", "value": 7}]}
    changed = door.ask("PATCH", f"/v1/settings/{leaving}", setting, headers={"if-match": "*"})
    assert changed.status_code == 200, changed.text

    assert door.ask("DELETE", f"/v1/organizations/{leaving}").status_code == 204

    (event,) = told(receiver, path, above, leaving)
    assert (event["data"]["name"], event["data"]["parent_id"]) == (made["name"], tenant.ids["root"])
    where = f"/v1/webhooks/{own['webhook_id']}"
    eventually(lambda: door.ask("GET", where).status_code == 404, "the end of its webhook")
    assert problem_of(door.ask("GET", where))["code"] == "not_found"
    table, client = world.stack.outputs["AccountsTableName"], world.stack.client("dynamodb")
    key = {"pk": {"S": tenant_key(tenant.ids["root"])}, "sk": {"S": explicit_settings(Level.ORGANIZATION, leaving)}}
    eventually(lambda: "Item" not in client.get_item(TableName=table, Key=key, ConsistentRead=True), "its settings")
