"""What is set for a partner reaches its customers' agents, on the deployed template (ENT-02)."""

import pytest

from tests.support.deployed import Door, Json, World, another_agent

pytestmark = [pytest.mark.emulator, pytest.mark.synth]
POLL, HEARTBEAT = "poll_interval_minutes", "heartbeat_interval_minutes"
STALE = "silence_stale_days"


def put(door: Door, place_id: str, reset: tuple[str, ...] = (), /, **values: int) -> Json:
    seen = door.ask("GET", f"/v1/settings/{place_id}")
    body = {"set": [{"name": name, "value": value} for name, value in values.items()], "reset": list(reset)}
    changed = door.ask("PATCH", f"/v1/settings/{place_id}", body, headers={"if-match": seen.headers["etag"]})
    assert changed.status_code == 200, changed.text
    return {each["name"]: each for each in changed.json()["settings"]}


def test_an_agent_works_as_its_partner_set_and_its_customer_set_otherwise(world: World) -> None:
    tenant = world.tenants[1]
    door, root, customer = tenant.door, tenant.ids["root"], tenant.ids["organization_id"]
    put(door, root, **{POLL: 30, HEARTBEAT: 120})
    put(door, customer, **{POLL: 60})
    agent = another_agent(tenant)

    told = agent.ask("GET", "/v1/config")
    again = agent.ask("GET", "/v1/config", headers={"if-none-match": told.headers["etag"]})
    shown = door.got(f"/v1/agents/{agent.agent_id}")["config"]

    assert (told.json()["poll_interval_seconds"], told.json()["heartbeat_interval_seconds"]) == (3_600, 7_200)
    assert told.json()["discovery_interval_seconds"] == 86_400
    assert again.status_code == 304
    assert shown == told.json()

    report = door.made(f"/v1/settings/{root}/resets", {"names": [POLL]})
    assert report == {"places": 1, "next_cursor": None}
    own = {each["name"]: each for each in door.got(f"/v1/settings/{agent.agent_id}")["settings"]}
    assert (own[POLL]["value"], own[POLL]["source"]) == (30, {"level": "organization", "id": root})

    put(door, root, (POLL, HEARTBEAT))
    log = door.got(f"/v1/settings/{root}/changes")["items"]
    assert [each["name"] for each in log[0]["changes"]] == [POLL, HEARTBEAT]
    assert {each["changed_by"] for each in log} == {tenant.ids["key_id"]}


def test_a_change_over_a_version_that_is_no_more_writes_nothing(world: World) -> None:
    tenant = world.tenants[1]
    place = f"/v1/settings/{tenant.ids['site_id']}"
    body = {"set": [{"name": POLL, "value": 45}]}

    late = tenant.door.ask("PATCH", place, body, headers={"if-match": '"99"'})
    blind = tenant.door.ask("PATCH", place, body)

    assert (late.status_code, blind.status_code) == (412, 428)
    assert not any(each["explicit"] for each in tenant.door.got(place)["settings"])


def test_the_days_of_silence_are_set_for_a_customer_and_resolve_at_its_site(world: World) -> None:
    tenant = world.tenants[1]
    door, customer, site = tenant.door, tenant.ids["organization_id"], tenant.ids["site_id"]
    refused = door.ask(
        "PATCH",
        f"/v1/settings/{customer}",
        {"set": [{"name": STALE, "value": 0}]},
        headers={"if-match": door.ask("GET", f"/v1/settings/{customer}").headers["etag"]},
    )
    put(door, customer, **{STALE: 1})

    own = {each["name"]: each for each in door.got(f"/v1/settings/{site}")["settings"]}
    put(door, customer, (STALE,))
    after = {each["name"]: each for each in door.got(f"/v1/settings/{site}")["settings"]}

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/set/0/value")
    assert (own[STALE]["value"], own[STALE]["source"]) == (1, {"level": "organization", "id": customer})
    assert (after[STALE]["value"], after[STALE]["source"]) == (3, None)
