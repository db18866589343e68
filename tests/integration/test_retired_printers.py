"""Printers out of service, on the deployed template: refused while in use, retired, counted, and back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.integration.test_printer_lives import printer_of, story, taken
from tests.integration.test_registered_printers import beside_usb, read_by_hand, usage_of
from tests.support.deployed import Json, Tenant, World, another_agent, fresh, problem_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]
REPLACED = {"reason": "replaced", "note": "By the one beside it"}


@pytest.fixture
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def retire(tenant: Tenant, printer_id: str) -> Json:
    made: Json = tenant.door.made(f"/v1/printers/{printer_id}/retirement", REPLACED, "PUT")
    return made


def listed(tenant: Tenant, **query: str) -> set[str]:
    return {each["printer_id"] for each in tenant.door.got("/v1/printers", **query)["items"]}


def test_a_printer_is_retired_and_comes_back_with_its_next_reading(tenant: Tenant) -> None:
    agent, serial = another_agent(tenant), uuid4().hex
    printer_id = printer_of(agent.send(taken("r1", serial_number=serial, life_count=1_000), seq=1))

    shown = retire(tenant, printer_id)
    named = {"organization_id": tenant.ids["organization_id"], "printer_ids": [printer_id]}
    (judged,) = tenant.door.ask("POST", "/v1/eligibility-evaluations", named).json()["printers"]
    contact = {"contact_id": tenant.ids["contact_id"]}
    assigned = problem_of(tenant.door.ask("PUT", f"/v1/contact-assignments/{printer_id}", contact))
    lists = listed(tenant, search=serial), listed(tenant, search=serial, retired="true")
    counted = tenant.door.got(f"/v1/agents/{agent.agent_id}")["printers"]
    back = printer_of(agent.send(fresh("r2", serial, ago=timedelta(0), life_count=1_010), seq=2))

    assert shown["retirement"]["reason"] == "replaced"
    assert judged["status"] != "eligible"
    assert assigned["code"] == "printer_retired"
    assert (lists, counted) == ((set(), {printer_id}), 0)
    assert back == printer_id
    assert listed(tenant, search=serial) == {printer_id}
    assert story(tenant, printer_id) == ["discovered", "retired", "returned"]
    assert tenant.door.got(f"/v1/agents/{agent.agent_id}")["printers"] == 1


def test_a_managed_printer_is_not_retired(tenant: Tenant) -> None:
    printer_id = tenant.ids["printer_id"]

    refused = problem_of(tenant.door.ask("PUT", f"/v1/printers/{printer_id}/retirement", REPLACED))

    assert (refused["code"], "managed" in refused["detail"]) == ("printer_in_use", True)


def test_the_usage_of_a_retired_printer_stays_in_its_organisations(tenant: Tenant) -> None:
    printer_id = beside_usb(tenant)["printer_id"]
    read_by_hand(tenant, printer_id, 5, 100)
    read_by_hand(tenant, printer_id, 2, 400)
    retire(tenant, printer_id)

    page = tenant.door.got("/v1/meters/usages", limit="5")
    rows = page["items"]
    while page["next_cursor"]:
        page = tenant.door.got("/v1/meters/usages", limit="5", cursor=page["next_cursor"])
        rows += page["items"]

    assert [each["printer_id"] for each in rows].count(printer_id) == 1
    assert usage_of(tenant, printer_id, 10) == 300


def test_an_organisation_whose_printers_are_all_retired_can_be_deleted(tenant: Tenant) -> None:
    parent = {"parent_id": tenant.ids["organization_id"], "name": f"Closing {uuid4().hex[:8]}"}
    organization_id = tenant.door.made("/v1/organizations", parent)["organization_id"]
    address = {"address1": "1 Way", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    office = {"organization_id": organization_id, "name": "Office", "time_zone": "Europe/Berlin", "address": address}
    site_id = tenant.door.made("/v1/sites", office)["site_id"]
    printer_id = beside_usb(tenant, site_id=site_id)["printer_id"]
    organization, site = f"/v1/organizations/{organization_id}", f"/v1/sites/{site_id}"

    refused = tenant.door.ask("DELETE", site)
    retire(tenant, printer_id)
    ended = [tenant.door.ask("DELETE", path, headers={"If-Match": "*"}).status_code for path in (site, organization)]
    shown = tenant.door.got(f"/v1/printers/{printer_id}")

    assert refused.status_code == 409
    assert ended == [204, 204]
    assert (shown["retirement"]["reason"], shown["organization_name"]) == ("replaced", None)
