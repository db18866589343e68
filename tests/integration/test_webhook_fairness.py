"""Webhooks of the deployed template: one tenant's slow endpoint keeps no other from being told."""

from datetime import timedelta

import pytest

from functions.webhooks.table.senders import OF_A_WEBHOOK, SenderSlots
from local.adapter.environments import ENVIRONMENTS_PER_FUNCTION
from shared.clock import utc_now
from shared.table import Table
from tests.support.deployed import Tenant, World, eventually
from tests.support.webhook_receiver import Receiver

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

SLOW = 5.0
MANY = 8
LEFT = 2
"""Senders left to the slow webhook, for a local stack runs no more than four at once."""


def hooked(tenant: Tenant, receiver: Receiver, path: str) -> str:
    wanted = {"organization_id": tenant.ids["root"], "url": receiver.url + path, "event_types": ["SlaBreached"]}
    return str(tenant.door.made("/v1/webhooks", wanted)["webhook_id"])


def test_another_tenant_is_told_while_one_waits_for_its_slow_endpoint(world: World, receiver: Receiver) -> None:
    one, other = world.tenants
    slow, quick = hooked(one, receiver, "/slow"), hooked(other, receiver, "/quick")
    receiver.slow["/slow"] = SLOW
    slots = SenderSlots(Table(world.stack.outputs["WebhooksTableName"], world.stack.client("dynamodb")))
    until = utc_now() + timedelta(minutes=10)
    held = [slots.take(one.ids["root"], slow, now=utc_now(), until=until) for _ in range(OF_A_WEBHOOK - LEFT)]
    assert None not in held
    assert LEFT < ENVIRONMENTS_PER_FUNCTION

    pings = [one.door.made(f"/v1/webhooks/{slow}/pings", {})["delivery_id"] for _ in range(MANY)]
    eventually(lambda: receiver.of("/slow"), "the first slow message")
    other.door.made(f"/v1/webhooks/{quick}/pings", {})
    eventually(lambda: receiver.of("/quick"), "the other tenant's message")

    behind = MANY - len({each.message_id for each in receiver.of("/slow")})
    assert behind > 0, "nothing was waiting any more"
    receiver.slow.clear()
    eventually(lambda: {each.message_id for each in receiver.of("/slow")} >= set(pings), "all of the slow ones")
    assert receiver.most_at_once["/slow"] <= LEFT
