"""Printers that no agent reads, on the deployed template: registered, read by hand, judged, merged, found."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.integration.test_printer_lives import printer_of, story, taken
from tests.support.deployed import Json, Tenant, World, another_agent, problem_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def beside_usb(tenant: Tenant, **changes: object) -> Json:
    wanted = {"site_id": tenant.ids["site_id"], "manufacturer": "HP", "model": "HP LaserJet M507"}
    made: Json = tenant.door.made("/v1/printers", wanted | {"serial_number": uuid4().hex} | changes)
    return made


def read_by_hand(tenant: Tenant, printer_id: str, days_ago: int, count: int) -> None:
    said = {"read_by": "Ada", "reason": "Behind USB", "counters": {"life_count": count}}
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    tenant.door.made("/v1/meters/reads", {"printer_id": printer_id, "taken_at": at, **said})


def usage_of(tenant: Tenant, printer_id: str, days: int) -> int:
    first, last = ((datetime.now(UTC) - timedelta(days=each)).date().isoformat() for each in (days, 0))
    span = {"from": first, "to": last}
    (row,) = tenant.door.got("/v1/meters/usages", printer_id=printer_id, **span)["items"]
    (counter,) = (each for each in row["counters"] if each["counter"] == "life_count")
    return int(counter["usage"])


def test_a_printer_behind_usb_is_read_by_hand_until_an_agent_finds_it(tenant: Tenant) -> None:
    made = beside_usb(tenant, location="Reception")
    printer_id, serial = made["printer_id"], made["serial_number"]
    read_by_hand(tenant, printer_id, 20, 400)
    read_by_hand(tenant, printer_id, 5, 900)
    tenant.door.ask("POST", "/v1/printer-tag-changes", {"printer_ids": [printer_id], "add": ["usb"]})
    (tagged,) = tenant.door.got("/v1/printers", tag="usb")["items"]
    before = usage_of(tenant, printer_id, 25)

    agent = another_agent(tenant)
    found = printer_of(agent.send(taken("u1", serial_number=serial, life_count=1_000), seq=1))
    again = printer_of(agent.send(taken("u2", serial_number=serial, life_count=1_010), seq=2))
    shown = tenant.door.got(f"/v1/printers/{printer_id}")

    assert (tagged["printer_id"], tagged["agent_id"], before) == (printer_id, None, 500)
    assert found == again == printer_id
    assert (shown["agent_id"], shown["communication"], shown["tags"]) == (agent.agent_id, "communicating", ["usb"])
    assert usage_of(tenant, printer_id, 25) == 610
    assert story(tenant, printer_id)[:2] == ["registered", "discovered"]
    assert tenant.door.got(f"/v1/agents/{agent.agent_id}")["printers"] == 1


def test_a_printer_that_no_agent_reads_is_judged_like_the_others(tenant: Tenant) -> None:
    printer_id = beside_usb(tenant)["printer_id"]

    wanted = {"organization_id": tenant.ids["organization_id"], "printer_ids": [printer_id]}
    answer = tenant.door.ask("POST", "/v1/eligibility-evaluations", wanted)
    (judged,) = answer.json()["printers"]

    assert answer.status_code == 200
    assert judged["status"] != "eligible"
    listed = tenant.door.got("/v1/printers", eligibility_status=judged["status"])["items"]
    assert printer_id in {each["printer_id"] for each in listed}


def test_one_that_was_registered_under_another_name_becomes_part_of_the_one_that_is_read(tenant: Tenant) -> None:
    serial = uuid4().hex
    by_hand = beside_usb(tenant, manufacturer="Hewlett Packard", serial_number=serial)["printer_id"]
    read = printer_of(another_agent(tenant).send(taken("m1", serial_number=serial), seq=1))
    merges = "/v1/printers/{}/merges"

    other_way = problem_of(tenant.door.ask("POST", merges.format(by_hand), {"other_printer_id": read}))
    tenant.door.made(merges.format(read), {"other_printer_id": by_hand})
    together = tenant.door.got(f"/v1/printers/{by_hand}")["printer_id"]
    tenant.door.made(f"/v1/printers/{read}/splits", {"other_printer_id": by_hand})

    assert (other_way["status"], other_way["code"]) == (409, "printer_not_read")
    assert together == read
    assert tenant.door.got(f"/v1/printers/{by_hand}")["agent_id"] is None


def test_one_that_was_registered_by_mistake_is_removed(tenant: Tenant) -> None:
    made, contact = beside_usb(tenant), {"contact_id": tenant.ids["contact_id"]}
    path, assignment = (f"/v1/{kind}/{made['printer_id']}" for kind in ("printers", "contact-assignments"))
    tenant.door.made(assignment, contact, method="PUT")

    refused = problem_of(tenant.door.ask("DELETE", path))
    tenant.door.ask("DELETE", assignment)
    removed = tenant.door.ask("DELETE", path)

    assert (refused["status"], refused["code"]) == (409, "printer_in_use")
    assert removed.status_code == 204
    assert problem_of(tenant.door.ask("GET", path))["status"] == 404
    assert beside_usb(tenant, serial_number=made["serial_number"])["printer_id"] != made["printer_id"]


def test_it_is_not_transferred_from_an_agent_that_does_not_read_it(tenant: Tenant) -> None:
    printer_id = beside_usb(tenant)["printer_id"]
    source, target = another_agent(tenant), another_agent(tenant)
    wanted = {"to_agent_id": target.agent_id, "printer_ids": [printer_id]}

    asked = tenant.door.ask("POST", f"/v1/agents/{source.agent_id}/transfers", wanted)
    (result,) = tenant.door.got(f"{asked.headers['location']}/results")["items"]

    assert (result["ok"], result["error_code"]) == (False, "not_on_agent")
