"""`POST /v1/agents/{agent_id}/activation-codes` as partners call it, on moto."""

from typing import Any

import pytest

from functions.ingest import activation_api
from shared.clock import utc_now
from shared.names import Scope
from shared.table import Table
from shared.wire.activation import ActivationGrant
from tests.support.api_events import body_of, foreign_partner, http_event, partner
from tests.support.fleet_door import CONTEXT, activated, fleet, problem, sent_reading, tables
from tests.support.ingest import activation, private_key

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")


def path_of(agent_id: str) -> str:
    return f"/v1/agents/{agent_id}/activation-codes"


def redeemed(code: str) -> dict[str, Any]:
    request = activation(private_key(), code, now=utc_now())
    event = http_event("POST", "/v1/activations", request.model_dump(mode="json", exclude_none=True))
    return dict(activation_api.lambda_handler(event, CONTEXT))


def test_an_agent_is_activated_again_as_itself_with_its_printers_and_configuration() -> None:
    grant = activated()
    sent_reading(grant)
    fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"name": "Cellar", "poll_interval_seconds": 77})

    answer = fleet("POST", path_of(grant.agent_id), {"valid_hours": 1})
    issued = body_of(answer)
    again = ActivationGrant.model_validate_json(redeemed(issued["code"])["body"])

    assert answer["statusCode"] == 201
    assert (issued["for_agent_id"], issued["status"], issued["site_id"]) == (grant.agent_id, "unused", grant.site_id)
    assert (again.agent_id, again.site_id, again.config.poll_interval_seconds) == (grant.agent_id, grant.site_id, 77)
    shown = body_of(fleet("GET", f"/v1/agents/{grant.agent_id}"))
    assert (shown["name"], shown["printers"], shown["status"], len(shown["keys"])) == ("Cellar", 1, "active", 1)
    assert len(body_of(fleet("GET", "/v1/agents"))["items"]) == 1


def test_the_list_tells_which_code_is_for_which_agent_and_that_the_older_one_is_over() -> None:
    agent_id = activated().agent_id
    first, second = (body_of(fleet("POST", path_of(agent_id), {}))["code_id"] for _ in range(2))

    listed = {item["code_id"]: item for item in body_of(fleet("GET", "/v1/activation-codes"))["items"]}

    assert {code_id: listed[code_id]["status"] for code_id in (first, second)} == {first: "expired", second: "unused"}
    assert {listed[code_id]["for_agent_id"] for code_id in (first, second)} == {agent_id}


def test_the_code_is_kept_nowhere_and_a_repeated_request_is_refused(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id
    headers = {"Idempotency-Key": "attempt-1"}

    code = body_of(fleet("POST", path_of(agent_id), {}, headers=headers))["code"]
    again = problem(fleet("POST", path_of(agent_id), {}, headers=headers), 409)

    other = problem(fleet("POST", path_of(agent_id), {"valid_hours": 9}, headers=headers), 422)

    assert again["code"] == "activation_code_already_issued"
    assert other["code"] == "idempotency_key_reused"
    client = tables["fleet"].client
    held = repr([client.scan(TableName=name)["Items"] for name in ("fleet", "idempotency")])
    assert code not in held
    assert code.replace("-", "") not in held
    assert redeemed(code)["statusCode"] == 200


@pytest.mark.parametrize("agent_id", [None, "agt_01jd2x00000000000000000007"])
def test_another_tenant_s_agent_is_answered_as_a_missing_one(agent_id: str | None) -> None:
    asked = agent_id or activated().agent_id

    answer = problem(fleet("POST", path_of(asked), {}, caller=foreign_partner()), 404)

    assert answer["detail"] == f"No agent with id '{asked}' is visible to this key."


def test_a_key_without_the_scope_makes_no_code() -> None:
    caller = partner(scopes=(Scope.FLEET_READ, Scope.FLEET_WRITE))

    answer = problem(fleet("POST", path_of(activated().agent_id), {}, caller=caller), 403)

    assert answer["code"] == "scope_missing"


@pytest.mark.parametrize("body", [{"valid_hours": 0}, {"valid_hours": 169}, {"site_id": "site_1"}])
def test_a_wrong_field_is_named(body: dict[str, object]) -> None:
    answer = problem(fleet("POST", path_of(activated().agent_id), body), 422)

    assert answer["errors"][0]["pointer"] == f"/{next(iter(body))}"


def test_a_deactivated_agent_stays_so() -> None:
    agent_id = activated().agent_id
    fleet("PATCH", f"/v1/agents/{agent_id}", {"status": "deactivated"})

    assert problem(fleet("POST", path_of(agent_id), {}), 409)["code"] == "agent_not_active"
