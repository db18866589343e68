"""Suspending, resuming, deactivating and deleting agents as partners do it, on moto."""

from datetime import timedelta
from typing import Any

import pytest

from functions.ingest import activation_api, agent_authorizer
from functions.ingest.table import keys
from functions.ingest.table.outbox import publish_due
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import utc_now
from shared.directory import keys as directory
from shared.events import BusEvent, EventName
from shared.names import Scope
from shared.table import Table
from shared.wire.activation import ActivationGrant
from tests.support.api_events import ROOT_ORGANIZATION, body_of, foreign_partner, http_event, partner
from tests.support.fleet_door import (
    CONTEXT,
    activated,
    caller_of,
    fleet,
    issue_code,
    problem,
    send,
    sent_reading,
    tables,
)
from tests.support.ingest import activation, packed, private_key, reading, upload_body

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")
ACTIONS = ("suspensions", "resumptions", "deactivations")


def act(grant: ActivationGrant, action: str, body: object = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as rest_event
    given = {} if action == "suspensions" and body is None else body
    return fleet("POST", f"/v1/agents/{grant.agent_id}/{action}", given, **options)


def delete(agent_id: str) -> dict[str, Any]:
    return fleet("DELETE", f"/v1/agents/{agent_id}")


def redeemed(code: str) -> dict[str, Any]:
    request = activation(private_key(), code, now=utc_now())
    event = http_event("POST", "/v1/activations", request.model_dump(mode="json", exclude_none=True))
    return dict(activation_api.lambda_handler(event, CONTEXT))


def details(agent_id: str) -> dict[str, Any]:
    return dict(body_of(fleet("GET", f"/v1/agents/{agent_id}")))


def in_programme(tables: dict[str, Table], printer_id: str, status: str) -> None:
    keyed = {"pk": directory.enrolment_status(ROOT_ORGANIZATION), "sk": directory.managed_printer(printer_id)}
    names = {"tenant_id": ROOT_ORGANIZATION, "organization_id": "org_x", "printer_id": printer_id}
    tables["eligibility"].put({**keyed, **names, "status": status, "enrolment_id": "enr_x"})


def upload_answer(grant: ActivationGrant) -> dict[str, Any]:
    return send(grant, packed(upload_body(reading("late", taken_at=utc_now()), seq=9, sent_at=utc_now())))


def told(tables: dict[str, Table]) -> list[BusEvent]:
    found: list[BusEvent] = []
    publish_due(DynamoDocuments(tables["fleet"]), found.extend, utc_now() + timedelta(seconds=1))
    return found


def test_an_agent_is_pending_from_its_code_on_and_active_once_it_is_redeemed() -> None:
    code = issue_code(name="Basement")

    (before,) = body_of(fleet("GET", "/v1/agents", query={"state": "pending"}))["items"]
    redeemed(code["code"])
    (after,) = body_of(fleet("GET", "/v1/agents"))["items"]

    assert (before["agent_id"], before["status"], before["activated_at"]) == (code["for_agent_id"], "pending", None)
    assert (after["agent_id"], after["state"], after["name"]) == (before["agent_id"], "active", "Basement")
    assert body_of(fleet("GET", "/v1/agents", query={"state": "pending"}))["items"] == []


def test_what_is_changed_of_a_pending_agent_is_what_it_starts_with() -> None:
    code = issue_code()
    fleet("PATCH", f"/v1/agents/{code['for_agent_id']}", {"discovery": {"include": ["198.51.100.0/24"]}})

    grant = ActivationGrant.model_validate_json(redeemed(code["code"])["body"])

    assert grant.config.discovery.include == ["198.51.100.0/24"]


def test_a_pending_agent_goes_with_its_last_code_but_an_activated_one_stays(tables: dict[str, Table]) -> None:
    code = issue_code()
    before = tables["fleet"].get(*keys.agent(code["for_agent_id"]))

    redeemed(code["code"])

    after = tables["fleet"].get(*keys.agent(code["for_agent_id"]))
    assert before
    assert before["expires_at"] > (utc_now() + timedelta(days=90)).timestamp()
    assert after
    assert "expires_at" not in after


def test_a_suspended_agent_is_refused_at_once_and_heard_again_after_it_was_resumed() -> None:
    grant = activated()
    sent_reading(grant)

    suspended = act(grant, "suspensions", {"reason": "The computer was stolen"})
    refused = problem(upload_answer(grant), 403)
    resumed = act(grant, "resumptions")

    assert (suspended["statusCode"], resumed["statusCode"]) == (201, 201)
    shown = body_of(suspended)
    assert (shown["state"], shown["suspended_reason"], shown["printers"]) == (
        "suspended",
        "The computer was stolen",
        1,
    )
    assert refused["code"] == "agent_suspended"
    assert (body_of(resumed)["state"], body_of(resumed)["suspended_at"]) == ("active", None)
    assert upload_answer(grant)["statusCode"] == 200


def test_an_agent_with_managed_printers_can_be_suspended(tables: dict[str, Table]) -> None:
    grant = activated()
    in_programme(tables, sent_reading(grant), "managed")

    shown = body_of(act(grant, "suspensions"))

    assert (shown["status"], shown["managed_printers"], shown["pending_printers"]) == ("suspended", 1, 0)


def test_a_code_made_before_the_suspension_is_of_no_use_but_one_made_after_it_is() -> None:
    grant = activated()
    before = body_of(fleet("POST", f"/v1/agents/{grant.agent_id}/activation-codes", {}))["code"]
    act(grant, "suspensions")
    after = body_of(fleet("POST", f"/v1/agents/{grant.agent_id}/activation-codes", {}))["code"]

    assert problem(redeemed(before), 409)["code"] == "activation_code_expired"
    assert redeemed(after)["statusCode"] == 200
    assert details(grant.agent_id)["state"] == "active"
    assert details(grant.agent_id)["suspended_at"] is None


def test_a_suspect_agent_that_was_suspended_is_suspect_again(tables: dict[str, Table]) -> None:
    grant = activated()
    documents = DynamoDocuments(tables["fleet"])
    row = documents.load([keys.agent(grant.agent_id)])[keys.agent(grant.agent_id)]
    assert documents.save(row | {"status": "suspect", "suspect_since": "2026-11-22T18:20:21.000000Z"})

    act(grant, "suspensions")
    resumed = body_of(act(grant, "resumptions"))

    assert resumed["state"] == "suspect"


def test_only_a_suspended_agent_is_resumed_and_suspending_twice_is_suspending_once(tables: dict[str, Table]) -> None:
    grant = activated()

    refused = problem(act(grant, "resumptions"), 409)
    first, second = body_of(act(grant, "suspensions")), body_of(act(grant, "suspensions", {"reason": "again"}))

    assert refused["code"] == "agent_not_suspended"
    assert (second["suspended_at"], second["suspended_reason"]) == (first["suspended_at"], None)
    assert [event.name for event in told(tables)].count(EventName.AGENT_SUSPENDED) == 1


@pytest.mark.parametrize("status", ["managed", "pending"])
def test_an_agent_with_one_such_printer_is_neither_deactivated_nor_deleted(
    tables: dict[str, Table], status: str
) -> None:
    """AT-AGT-01: refused, and the count of one is shown."""
    grant = activated()
    in_programme(tables, sent_reading(grant), status)
    sent_reading(grant, reading_id="other", serial_number="PHB7654321", mac_address="00:11:22:33:44:66")

    for answer in (act(grant, "deactivations"), delete(grant.agent_id)):
        refused = problem(answer, 409)
        assert refused["code"] == "agent_has_managed_printers"
        assert "1 managed or pending printer" in refused["detail"]
    shown = details(grant.agent_id)
    assert (shown["state"], shown["printers"]) == ("active", 2)
    assert shown[f"{status}_printers"] == 1
    assert shown["printers_by_state"] == {"reporting": 2, "stale": 0, "exception": 0, "lost": 0}


def test_a_deactivated_agent_stays_listed_and_is_refused() -> None:
    grant = activated()

    shown = body_of(act(grant, "deactivations"))

    assert (shown["state"], bool(shown["deactivated_at"])) == ("deactivated", True)
    assert problem(upload_answer(grant), 403)["code"] == "agent_not_active"
    assert problem(act(grant, "suspensions"), 409)["code"] == "agent_not_active"
    assert [each["state"] for each in body_of(fleet("GET", "/v1/agents"))["items"]] == ["deactivated"]


def test_a_deleted_agent_is_missing_everywhere_and_its_printers_are_not(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = sent_reading(grant)

    answer = delete(grant.agent_id)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert body_of(fleet("GET", "/v1/agents"))["items"] == []
    assert problem(fleet("GET", f"/v1/agents/{grant.agent_id}"), 404)["code"] == "not_found"
    assert problem(delete(grant.agent_id), 404)["code"] == "not_found"
    (listed,) = body_of(fleet("GET", "/v1/printers"))["items"]
    assert (listed["printer_id"], listed["communication"]) == (printer_id, "noncommunicating")
    assert problem(upload_answer(grant), 403)["code"] == "agent_not_active"
    row = tables["fleet"].get(*keys.agent(grant.agent_id))
    assert row
    assert {"name", "host_name", "platform", "config"} & row.keys() == set()
    agent_authorizer._agents.cache_clear()
    verdict = agent_authorizer.judge({"authorization": "Bearer x.y.z"}, agent_authorizer._agents(), utc_now())
    assert "refusal" in verdict


def test_deleting_a_pending_agent_ends_its_code() -> None:
    code = issue_code()

    assert delete(code["for_agent_id"])["statusCode"] == 204

    assert problem(redeemed(code["code"]), 409)["code"] == "activation_code_expired"
    assert body_of(fleet("GET", "/v1/agents"))["items"] == []


@pytest.mark.parametrize("action", ACTIONS)
def test_another_tenant_and_a_reading_key_change_nothing(action: str) -> None:
    grant = activated()

    foreign = act(grant, action, caller=foreign_partner())
    reader = act(grant, action, caller=partner(scopes=(Scope.FLEET_READ,)))

    assert problem(foreign, 404)["detail"] == f"No agent with id '{grant.agent_id}' is visible to this key."
    assert problem(reader, 403)["code"] == "scope_missing"
    assert details(grant.agent_id)["state"] == "active"


def test_each_step_of_an_agent_s_life_is_told_once_on_the_bus(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = sent_reading(grant)
    act(grant, "suspensions")
    act(grant, "resumptions")
    act(grant, "deactivations")
    delete(grant.agent_id)

    first, again = told(tables), told(tables)

    assert {(event.name, event.subject_id) for event in first} == {
        (EventName.PRINTER_DISCOVERED, printer_id),
        *(
            (name, grant.agent_id)
            for name in (
                EventName.AGENT_ACTIVATED,
                EventName.AGENT_SUSPENDED,
                EventName.AGENT_RESUMED,
                EventName.AGENT_DEACTIVATED,
                EventName.AGENT_DELETED,
            )
        ),
    }
    assert len({event.event_id for event in first}) == len(first)
    assert {event.tenant_id for event in first} == {ROOT_ORGANIZATION}
    assert again == []


def test_an_event_that_the_bus_refuses_waits_for_the_next_sweep(tables: dict[str, Table]) -> None:
    activated()

    def refuse(_events: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        publish_due(DynamoDocuments(tables["fleet"]), refuse, utc_now() + timedelta(seconds=1))

    assert [event.name for event in told(tables)] == [EventName.AGENT_ACTIVATED]


def test_an_old_agent_is_down_level_and_found_by_that(monkeypatch: pytest.MonkeyPatch) -> None:
    grant = activated()
    monkeypatch.setenv("REQUIRED_AGENT_VERSION", "0.10.0")

    (listed,) = body_of(fleet("GET", "/v1/agents", query={"state": "down_level"}))["items"]

    assert (listed["agent_id"], listed["down_level"]) == (grant.agent_id, True)
    assert caller_of(grant).agent_id == grant.agent_id
    assert body_of(fleet("GET", "/v1/agents", query={"state": "active"}))["items"] == []
