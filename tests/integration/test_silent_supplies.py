"""A silent printer of the deployed template: what it will need is held and told, and withdrawn when it is heard."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest

from shared.clock import key_time
from shared.directory import keys
from shared.events import BusEvent, EventName
from shared.table import to_attributes
from tests.support.deployed import Json, Tenant, World, another_agent, eventually, fresh
from tests.support.webhook_receiver import Receiver

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

DAYS_READ: Final = 25
SILENT_FOR: Final = timedelta(days=6)
PER_DAY: Final = 2


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def told_by_ingest(world: World, name: EventName, tenant: Tenant, printer: str, episode: dict[str, str]) -> None:
    """Ingest keeps the printer's episode of silence, and tells of it."""
    item = {"pk": keys.printer(tenant.ids["root"], printer), "sk": keys.PRINTER_SILENCE, "printer_id": printer}
    table = world.stack.outputs["FleetTableName"]
    world.stack.client("dynamodb").put_item(TableName=table, Item=to_attributes(item | episode))
    event = BusEvent(
        event_id=f"{printer}:{name}:{episode['since']}",
        name=name,
        occurred_at=datetime.now(UTC),
        tenant_id=tenant.ids["root"],
        organization_id=tenant.ids["organization_id"],
        subject_id=printer,
    )
    entry = {"Source": "platen.ingest", "DetailType": name.value, "Detail": event.model_dump_json()}
    bus = world.stack.outputs["EventBusName"]
    world.stack.client("events").put_events(Entries=[entry | {"EventBusName": bus}])


def order_of(tenant: Tenant, printer: str) -> Json:
    (order,) = eventually(lambda: tenant.door.got("/v1/orders", printer_id=printer)["items"], "an order")
    found: Json = tenant.door.got(f"/v1/orders/{order['order_id']}")
    return found


def test_what_a_silent_printer_will_need_is_held_and_told_and_withdrawn_when_it_was_only_switched_off(
    world: World, tenant: Tenant, receiver: Receiver
) -> None:
    # Given a managed printer that was read daily until six days ago, when 24 % were left at two points a day
    door, agent, serial = tenant.door, another_agent(tenant), uuid4().hex[:12]
    path = f"/{uuid4().hex}"
    hook = {"organization_id": tenant.ids["root"], "url": receiver.url + path, "event_types": ["SuppliesOrderHeld"]}
    door.made("/v1/webhooks", hook)
    readings = [
        fresh(
            f"{serial}-{number}",
            serial,
            ago=SILENT_FOR + timedelta(days=DAYS_READ - number),
            level=24 + PER_DAY * (DAYS_READ - number),
            life_count=1_000 + 100 * number,
            uptime_ticks=None,
        )
        for number in range(DAYS_READ + 1)
    ]
    printer = str(agent.send(*readings, seq=1)["outcomes"][0]["printer_id"])
    door.made(f"/v1/contact-assignments/{printer}", {"contact_id": tenant.ids["contact_id"]}, method="PUT")
    wanted = {"organization_id": tenant.ids["organization_id"], "printer_ids": [printer]}
    door.made("/v1/enrolments", wanted | {"terms_version": door.got("/v1/terms")["version"]})
    eventually(lambda: door.got("/v1/supply-decisions", printer_id=printer)["items"], "its first look")
    assert door.got("/v1/orders", printer_id=printer)["items"] == []
    since = {"since": key_time(readings[-1].taken_at)}

    told_by_ingest(world, EventName.PRINTER_SILENT, tenant, printer, since)
    held = order_of(tenant, printer)

    assert (held["state"], held["hold_reasons"][0]) == ("held", "stale")
    assert held["forecast"]["unheard_days"] in {5, 6, 7}
    assert held["forecast"]["level"] == pytest.approx(24 - PER_DAY * held["forecast"]["unheard_days"], abs=2)
    (message,) = eventually(
        lambda: [each for each in receiver.of(path) if printer in each.body.decode()], "the event of the held order"
    )
    assert json.loads(message.body)["data"]["hold_reasons"][0] == "stale"

    heard = since | {"heard_at": key_time(datetime.now(UTC))}
    told_by_ingest(world, EventName.PRINTER_HEARD, tenant, printer, heard)

    eventually(lambda: order_of(tenant, printer)["state"] == "cancelled", "the withdrawal")
    kinds = [each["kind"] for each in door.got("/v1/supply-decisions", printer_id=printer)["items"]]
    assert "withdrawn" in kinds
