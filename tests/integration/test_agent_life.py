"""An agent's life on the deployed template: refused at once when suspended, counted, told on the bus by the sweep."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.deployed import World, another_agent, fresh, problem_of
from tests.support.ingest import packed, upload_body

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


def swept(world: World) -> dict[str, Any]:
    """What one run of the sweep says, with the rights and the code that it is deployed with."""
    client = world.stack.client("lambda")
    (name,) = [
        each["FunctionName"]
        for page in client.get_paginator("list_functions").paginate()
        for each in page["Functions"]
        if "IngestSweep" in each["FunctionName"]
    ]
    answer = client.invoke(FunctionName=name, Payload=b"{}")
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    return dict(result)


def test_an_agent_is_asked_for_its_next_key_by_the_answer_to_an_upload(world: World) -> None:
    tenant = world.tenants[0]
    agent, other = another_agent(tenant), world.tenants[1].door
    path = f"/v1/agents/{agent.agent_id}"
    kid = tenant.door.got(path)["keys"][0]["kid"]

    wanted = tenant.door.made(f"{path}/key-rotations", {})
    again = tenant.door.made(f"{path}/key-rotations", {})
    asked = agent.send(fresh("key-1", "SN-KEY-1"), seq=1)["key_to_exchange"]
    foreign = problem_of(other.ask("POST", f"{path}/key-rotations"))
    tenant.door.made(f"{path}/suspensions", {})
    refused = problem_of(tenant.door.ask("POST", f"{path}/key-rotations"))
    record = tenant.door.got(f"{path}/changes")["items"]

    assert asked == kid
    assert wanted["key_wanted_at"] == again["key_wanted_at"] is not None
    assert (foreign["code"], refused["code"]) == ("not_found", "agent_not_active")
    assert [each["deed"] for each in record] == ["suspended", "key_wanted", "activated"]


def test_a_suspended_agent_is_refused_resumed_deleted_and_each_is_told_by_the_sweep(world: World) -> None:
    tenant = world.tenants[0]
    agent = another_agent(tenant)
    path = f"/v1/agents/{agent.agent_id}"
    agent.send(fresh("life-1", "SN-LIFE-1"), seq=1)
    late = packed(upload_body(fresh("life-2", "SN-LIFE-1"), seq=2, sent_at=datetime.now(UTC)))

    suspended = tenant.door.made(f"{path}/suspensions", {"reason": "stolen"})
    refused = problem_of(agent.post(late))
    assert (suspended["state"], suspended["printers"], refused["code"]) == ("suspended", 1, "agent_suspended")
    assert tenant.door.ask("POST", f"{path}/resumptions").status_code == 201
    assert agent.post(late).status_code == 200

    assert tenant.door.ask("DELETE", path).status_code == 204
    assert problem_of(agent.post(late))["code"] == "agent_not_active"
    assert problem_of(tenant.door.ask("GET", path))["code"] == "not_found"
    listed = tenant.door.got("/v1/printers", communication="noncommunicating", agent_id=agent.agent_id)["items"]
    assert [each["serial_number"] for each in listed] == ["SN-LIFE-1"]

    swept(world)
    table = world.stack.client("dynamodb")
    (fleet,) = [name for name in table.list_tables()["TableNames"] if "Fleet" in name]
    events = [
        item
        for page in table.get_paginator("scan").paginate(TableName=fleet)
        for item in page["Items"]
        if item["pk"]["S"].startswith(f"EVENT#{agent.agent_id}:")
    ]
    assert {item["pk"]["S"].split(":")[1] for item in events} == {
        "activated",
        "AgentSuspended",
        "AgentResumed",
        "AgentDeleted",
    }
    assert [item["pk"]["S"] for item in events if "duepk" in item] == []
