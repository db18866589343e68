"""How often an agent of the deployed template reports: by its printers, or as set; told with its next report."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.ingest.silence.watch import KIND
from functions.ingest.table import keys
from shared.clock import from_key_time, key_time
from shared.table import Table
from tests.integration.test_agent_life import swept
from tests.support.deployed import ApiAgent, Json, Tenant, World, another_agent, fresh, problem_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]
HEARTBEAT = "heartbeat_interval_minutes"


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[1]


@pytest.fixture(scope="module")
def agent(world: World, tenant: Tenant) -> ApiAgent:
    """An agent of three printers whose first day is over."""
    agent = another_agent(tenant)
    agent.send(*(fresh(f"beat-{number}", f"SN-BEAT-{number}") for number in range(3)), seq=1)
    assert told(agent)["heartbeat_interval_seconds"] == 3_600
    fleet = Table(world.stack.outputs["FleetTableName"], world.stack.client("dynamodb"))
    watch = fleet.get(*keys.watch(agent.agent_id))
    assert watch is not None
    due = keys.due(KIND, agent.agent_id, datetime.now(UTC) - timedelta(minutes=1))
    fleet.put(watch | {"printers_at": key_time(datetime.now(UTC) - timedelta(hours=27))} | due)
    assert swept(world)["looked_at"] >= 1
    return agent


def told(agent: ApiAgent, **headers: str) -> Json:
    answer = agent.ask("GET", "/v1/config", headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def changed(tenant: Tenant, path: str, body: Json) -> Any:  # noqa: ANN401 - any JSON
    tag = tenant.door.ask("GET", path).headers["etag"]
    answer = tenant.door.ask("PATCH", path, body, headers={"if-match": tag})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_agent_of_few_printers_is_told_to_report_each_six_hours_and_expected_then(
    tenant: Tenant, agent: ApiAgent
) -> None:
    before = tenant.door.got(f"/v1/agents/{agent.agent_id}")
    receipt = agent.send(fresh("beat-again", "SN-BEAT-0"), seq=2)
    config = agent.ask("GET", "/v1/config")
    after = tenant.door.got(f"/v1/agents/{agent.agent_id}")

    assert config.json()["heartbeat_interval_seconds"] == 6 * 3_600
    assert config.headers["etag"] == receipt["config_etag"]
    assert after["config"] == config.json()
    assert waits(before) == timedelta(hours=1, minutes=7.5)
    assert waits(after) == timedelta(hours=6, minutes=7.5)


def test_an_hour_that_is_set_for_its_customer_counts_and_may_be_left_to_platen_at_its_site(
    tenant: Tenant, agent: ApiAgent
) -> None:
    customer, site = tenant.ids["organization_id"], tenant.ids["site_id"]
    changed(tenant, f"/v1/settings/{site}", {"set": [{"name": HEARTBEAT, "value": 0}]})
    changed(tenant, f"/v1/settings/{customer}", {"set": [{"name": HEARTBEAT, "value": 60}]})
    listed = {each["name"]: each for each in tenant.door.got(f"/v1/settings/{agent.agent_id}")["settings"]}
    changed(tenant, f"/v1/settings/{site}", {"reset": [HEARTBEAT]})
    refused = tenant.door.ask(
        "PATCH", f"/v1/settings/{site}", {"set": [{"name": HEARTBEAT, "value": 1}]}, headers={"if-match": "*"}
    )

    hourly = changed(tenant, f"/v1/agents/{agent.agent_id}", {"name": "Cellar"})["config"]
    changed(tenant, f"/v1/settings/{customer}", {"reset": [HEARTBEAT]})

    assert (listed[HEARTBEAT]["value"], listed[HEARTBEAT]["source"]) == (0, {"level": "site", "id": site})
    assert hourly["heartbeat_interval_seconds"] == 3_600
    assert problem_of(refused)["errors"] == [
        {"pointer": "/set/0/value", "detail": "In minutes: 15 to 1440, or 0: automatic."}
    ]


def test_an_agent_that_is_told_a_shorter_heartbeat_is_looked_at_by_that(
    world: World, tenant: Tenant, agent: ApiAgent
) -> None:
    fleet = Table(world.stack.outputs["FleetTableName"], world.stack.client("dynamodb"))

    def waits_for_look() -> timedelta:
        watch = fleet.get(*keys.watch(agent.agent_id))
        assert watch is not None
        return from_key_time(watch["duesk"].partition("#")[0]) - datetime.now(UTC)

    agent.send(fresh("beat-before", "SN-BEAT-0"), seq=3)
    before = waits_for_look()
    changed(tenant, f"/v1/agents/{agent.agent_id}", {"heartbeat_interval_seconds": 900})
    untold = waits_for_look()
    assert told(agent)["heartbeat_interval_seconds"] == 900

    assert before == pytest.approx(untold, abs=timedelta(seconds=30))
    assert untold > timedelta(hours=1)
    assert waits_for_look() <= timedelta(minutes=45)
    changed(tenant, f"/v1/agents/{agent.agent_id}", {"heartbeat_interval_seconds": None})
    told(agent)


def test_an_interval_is_given_to_an_agent_and_taken_back(tenant: Tenant, agent: ApiAgent) -> None:
    path = f"/v1/agents/{agent.agent_id}"

    given = changed(tenant, path, {"heartbeat_interval_seconds": 3_600})
    back = changed(tenant, path, {"heartbeat_interval_seconds": None})
    record = tenant.door.got(f"{path}/changes")["items"]

    assert given["config"]["heartbeat_interval_seconds"] == 3_600
    assert (given["given_intervals"], back["given_intervals"]) == (["heartbeat_interval_seconds"], [])
    assert waits(given) == timedelta(hours=6, minutes=7.5)  # it cannot know before
    assert back["config"]["heartbeat_interval_seconds"] == 6 * 3_600
    assert [each["fields"] for each in record[:2]] == [
        [{"field": "heartbeat_interval_seconds", "before": 3_600, "after": None}],
        [{"field": "heartbeat_interval_seconds", "before": None, "after": 3_600}],
    ]


def waits(shown: Json) -> timedelta:
    """How long after its last report an agent is expected."""
    return datetime.fromisoformat(shown["expected_by"]) - datetime.fromisoformat(shown["last_seen_at"])
