"""What happens to printers, on the deployed template: two agents, a transfer, a move to another site, a merger."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.wire.reading import PrinterReading
from tests.integration.test_agent_life import swept
from tests.support.deployed import ApiAgent, Json, Tenant, World, another_agent, problem_of, wanted_code
from tests.support.deployed_bodies import site_body
from tests.support.ingest import reading

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def taken(reading_id: str, *, days_ago: float = 0, **said: object) -> PrinterReading:
    """A reading of some days ago."""
    at = datetime.now(UTC) - timedelta(days=days_ago, seconds=1)
    return reading(reading_id, **({"taken_at": at, "address": None, "mac_address": None} | said))  # type: ignore[arg-type] # a keyword each


def agent_at_another_site(tenant: Tenant) -> ApiAgent:
    site = tenant.door.made("/v1/sites", site_body(tenant.ids["organization_id"]))["site_id"]
    code = tenant.door.made("/v1/activation-codes", wanted_code(site))["code"]
    return ApiAgent.activated(tenant.agent.door, code)


def printer_of(receipt: Json) -> str:
    return str(receipt["outcomes"][-1]["printer_id"])


def story(tenant: Tenant, printer_id: str) -> list[str]:
    return [each["what"] for each in tenant.door.got(f"/v1/printers/{printer_id}/history")["items"]]


def usage_by_site(tenant: Tenant, printer_id: str, **more: str) -> list[tuple[str, int]]:
    """Each stay of a printer in the last ten days, with its pages."""
    first = (datetime.now(UTC) - timedelta(days=10)).date().isoformat()
    rows = tenant.door.got("/v1/meters/usages", printer_id=printer_id, **{"from": first} | more)["items"]
    return [(row["site_id"], row["counters"][0]["usage"]) for row in rows]


def moved_to(tenant: Tenant, printer_id: str) -> str:
    return str(tenant.door.got(f"/v1/printers/{printer_id}")["site_id"])


def test_a_printer_of_two_agents_is_transferred_and_stays(tenant: Tenant) -> None:
    first, second, serial = another_agent(tenant), another_agent(tenant), uuid4().hex
    printer_id = printer_of(first.send(taken("a1", days_ago=0.3, serial_number=serial), seq=1))
    assert printer_of(second.send(taken("b1", days_ago=0.2, serial_number=serial), seq=1)) == printer_id
    path = f"/v1/printers/{printer_id}"

    shown = tenant.door.got(path)
    assert shown["agent_id"] == first.agent_id
    assert [each["agent_id"] for each in shown["seen_by"]] == [first.agent_id, second.agent_id]
    transfers, wanted = f"/v1/agents/{first.agent_id}/transfers", {"to_agent_id": second.agent_id}
    headers = {"idempotency-key": uuid4().hex}
    asked = tenant.door.ask("POST", transfers, wanted, headers=headers)
    again = tenant.door.ask("POST", transfers, wanted, headers=headers)
    assert (asked.status_code, again.json()) == (202, asked.json())
    assert tenant.door.got(asked.headers["location"])["state"] == "completed"
    late = problem_of(tenant.door.ask("POST", f"{asked.headers['location']}/cancellations"))
    assert (late["status"], late["code"]) == (409, "transfer_ended")
    results = tenant.door.got(f"{asked.headers['location']}/results")["items"]
    assert [(each["printer_id"], each["ok"]) for each in results] == [(printer_id, True)]
    assert {each["agent_id"]: each["last_seen_at"] for each in tenant.door.got(path)["seen_by"]} == {
        each["agent_id"]: each["last_seen_at"] for each in shown["seen_by"]
    }
    first.send(taken("a2", days_ago=0.1, serial_number=serial), seq=2)
    first.send(taken("a3", serial_number=serial), seq=3)

    shown = tenant.door.got(path)
    assert (shown["agent_id"], shown["site_move"]) == (second.agent_id, None)
    assert story(tenant, printer_id) == ["discovered", "transferred"]
    assert tenant.door.got(f"/v1/agents/{first.agent_id}")["printers"] == 0


def test_a_managed_printer_goes_only_to_an_agent_that_has_read_it(tenant: Tenant) -> None:
    blind, managed = another_agent(tenant), tenant.ids["printer_id"]
    wanted = {"to_agent_id": blind.agent_id, "printer_ids": [managed]}

    asked = tenant.door.made(f"/v1/agents/{tenant.agent.agent_id}/transfers", wanted)

    results = f"/v1/agents/{tenant.agent.agent_id}/transfers/{asked['transfer_id']}/results"
    assert (asked["state"], asked["refused"]) == ("failed", 1)
    assert [each["error_code"] for each in tenant.door.got(results)["items"]] == ["not_seen_by_target"]


def test_a_printer_at_another_site_asks_where_its_supplies_go_until_somebody_confirms(tenant: Tenant) -> None:
    here, there, serial = another_agent(tenant), agent_at_another_site(tenant), uuid4().hex
    printer_id = printer_of(here.send(taken("a1", days_ago=5, serial_number=serial, life_count=100), seq=1))

    there.send(taken("b1", serial_number=serial, life_count=150), seq=1)

    left, present = tenant.ids["site_id"], moved_to(tenant, printer_id)
    assert usage_by_site(tenant, printer_id) == [(left, 0), (present, 50)]
    assert usage_by_site(tenant, printer_id, site_id=left) == [(left, 0)]
    move = tenant.door.got(f"/v1/printers/{printer_id}")["site_move"]
    asked = tenant.door.got("/v1/printer-questions", kind="site_move")["items"]
    assert move["question_id"] in {each["question_id"] for each in asked}
    path = f"/v1/printers/{printer_id}/site-moves/{move['question_id']}/confirmations"
    answer = {"delivery_contact_id": tenant.ids["contact_id"]}
    assert problem_of(tenant.door.ask("POST", path, answer))["code"] == "not_found"
    tenant.door.made(f"/v1/contact-assignments/{printer_id}", {"contact_id": tenant.ids["contact_id"]}, method="PUT")
    assert problem_of(tenant.door.ask("POST", path, {"delivery_contact_id": None}))["status"] == 409
    assert tenant.door.ask("POST", path, answer).status_code == 204
    assert tenant.door.got(f"/v1/printers/{printer_id}")["site_move"] is None
    assert story(tenant, printer_id) == ["discovered", "moved", "site_move_confirmed"]


def test_two_printers_are_merged_and_split_again(tenant: Tenant) -> None:
    agent, serial = another_agent(tenant), uuid4().hex
    first = printer_of(agent.send(taken("a1", days_ago=3, serial_number=serial, life_count=10), seq=1))
    second = printer_of(agent.send(taken("b1", days_ago=1, serial_number=f"{serial}-2", life_count=20), seq=2))
    managed = tenant.ids["printer_id"]

    refused = tenant.door.ask("POST", f"/v1/printers/{first}/merges", {"other_printer_id": managed})
    assert problem_of(refused)["code"] == "merge_the_other_way"
    tenant.door.made(f"/v1/printers/{first}/merges", {"other_printer_id": second})

    assert tenant.door.got(f"/v1/printers/{second}")["printer_id"] == first
    meters = tenant.door.got("/v1/meters", printer_id=second)["items"]
    assert [day["last_counters"]["life_count"] for day in meters] == [10, 20]
    assert {day["printer_id"] for day in meters} == {first}
    assert printer_of(agent.send(taken("b2", serial_number=f"{serial}-2", life_count=21), seq=3)) == first
    assert story(tenant, second).count("merged") == 1

    tenant.door.made(f"/v1/printers/{first}/splits", {"other_printer_id": second})

    assert tenant.door.got(f"/v1/printers/{second}")["printer_id"] == second
    assert [
        day["last_counters"]["life_count"] for day in tenant.door.got("/v1/meters", printer_id=second)["items"]
    ] == [20]
    assert printer_of(agent.send(taken("b3", serial_number=f"{serial}-2", life_count=22), seq=4)) == second


def test_a_serial_number_that_appears_merges_by_the_sweep(world: World, tenant: Tenant) -> None:
    agent, serial = another_agent(tenant), uuid4().hex
    mac = ":".join(f"{uuid4().int % 256:02x}" for _ in range(6))
    by_serial = printer_of(agent.send(taken("a1", days_ago=3, serial_number=serial, life_count=10), seq=1))
    by_mac = printer_of(agent.send(taken("a2", days_ago=2, serial_number=None, mac_address=mac, life_count=11), seq=2))
    assert by_mac != by_serial

    agent.send(taken("a3", serial_number=serial, mac_address=mac, life_count=12), seq=3)
    swept(world)

    shown = tenant.door.got(f"/v1/printers/{by_mac}")
    assert (shown["printer_id"], shown["merged_printer_ids"]) == (by_serial, [by_mac])
