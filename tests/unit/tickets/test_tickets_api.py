"""The partner API of service calls on a real table: what a key sees and may decide."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.tickets import tickets_api, wiring
from functions.tickets.alerts.classify import classify
from functions.tickets.alerts.problem import new_problem
from functions.tickets.calls.call import open_call
from functions.tickets.calls.repository import DynamoTicketStore
from functions.tickets.clocks.calendar import calendar_of
from functions.tickets.table.models import CallState, ServiceCall
from shared.directory import keys
from shared.ids import new_id
from shared.names import DUE_INDEX, GSI1, Scope
from shared.tenancy import Caller
from tests.support.api_events import body_of, foreign_partner, function_context, operator, partner, rest_event
from tests.support.tables import make_idempotency_table, make_table
from tests.support.tickets import CUSTOMER, MONDAY, PATH, PRINTER_ID, SITE, TENANT, a_fuser_failure, a_state

SISTER = "org_01jd2x00000000000000000003"
OTHER_PRINTER = "prn_01jd2x00000000000000000002"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoTicketStore]:
    for name in ("TICKETS", "FLEET", "ACCOUNTS", "ELIGIBILITY", "IDEMPOTENCY"):
        monkeypatch.setenv(f"{name}_TABLE", name.lower())
    wiring.tickets.cache_clear()
    with mock_aws():
        client = boto3.client("dynamodb")
        make_idempotency_table(client)
        _, accounts, _ = (make_table(client, name) for name in ("fleet", "accounts", "eligibility"))
        for organization_id, path in ((TENANT, f"/{TENANT}/"), (CUSTOMER, PATH), (SISTER, f"/{TENANT}/{SISTER}/")):
            organization = {"tenant_id": TENANT, "organization_id": organization_id, "path": path, "name": "Example"}
            key = {"pk": keys.tenant(TENANT), "sk": keys.organization(organization_id)}
            accounts.put(organization | key)
        site = {"pk": keys.tenant(TENANT), "sk": keys.site(SITE.site_id)}
        accounts.put(SITE.model_dump() | site)
        yield DynamoTicketStore(make_table(client, "tickets", (GSI1, DUE_INDEX)))
    wiring.tickets.cache_clear()


def a_call(store: DynamoTicketStore, *, printer_id: str = PRINTER_ID, organization_id: str = CUSTOMER) -> ServiceCall:
    alert = a_fuser_failure()
    path = f"/{TENANT}/{organization_id}/"
    state = a_state(alert, printer_id=printer_id, organization_id=organization_id, organization_path=path)
    problem = new_problem(state, alert, classify(alert), None, MONDAY)
    call = open_call(new_id("sc"), problem, MONDAY, calendar_of(SITE), {"model": "Laser 100"})
    assert store.create_call(call)
    return call


def ask(
    method: str,
    path: str,
    body: object = None,
    *,
    caller: Caller | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    event = rest_event(method, path, body, caller=caller or partner(), query=query, headers=headers)
    answer = tickets_api.lambda_handler(event, function_context())
    return answer["statusCode"], body_of(answer)


def listed(caller: Caller | None = None, **query: str) -> list[str]:
    status, page = ask("GET", "/v1/service-calls", caller=caller, query=query)
    assert status == 200, page
    return [call["call_id"] for call in page["items"]]


def test_a_call_is_read_with_its_alerts_clocks_and_history(store: DynamoTicketStore) -> None:
    call = a_call(store)

    status, body = ask("GET", f"/v1/service-calls/{call.call_id}")

    assert status == 200
    assert (body["call_type"], body["family"], body["priority"], body["model"]) == (
        "CM",
        "fuser_thermal",
        2,
        "Laser 100",
    )
    assert body["clocks"]["on_site"]["due_at"] == "2026-05-11T18:00:00Z"
    assert set(body["clocks"]["on_site"]) == {
        "target_minutes",
        "started_at",
        "due_at",
        "state",
        "ended_at",
        "notified_pct",
    }
    assert [evidence["code"] for evidence in body["evidence"]] == [1004]
    assert [entry["what"] for entry in body["history"]] == ["opened"]


def test_a_list_pages_to_its_end_without_gap_or_repetition(store: DynamoTicketStore) -> None:
    made = [a_call(store, printer_id=new_id("prn")).call_id for _ in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}

    while True:
        _, page = ask("GET", "/v1/service-calls", query=query)
        seen += [call["call_id"] for call in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert seen == sorted(made, reverse=True)


def test_filters_by_printer_and_state_can_be_combined(store: DynamoTicketStore) -> None:
    mine, other = a_call(store), a_call(store, printer_id=OTHER_PRINTER)
    store.save_call(other.changed(state=CallState.TRIAGE))

    assert listed(printer_id=PRINTER_ID) == [mine.call_id]
    assert listed(state="triage") == [other.call_id]
    assert listed(printer_id=PRINTER_ID, state="triage") == []


def test_a_filter_that_leaves_little_still_fills_its_page_or_says_where_to_go_on(store: DynamoTicketStore) -> None:
    oldest = a_call(store, printer_id=OTHER_PRINTER).call_id
    for _ in range(12):
        a_call(store, printer_id=new_id("prn"))
    found: list[str] = []
    query = {"limit": "1", "printer_id": OTHER_PRINTER}
    asked = 0

    while asked < 5:
        _, page = ask("GET", "/v1/service-calls", query=query)
        found += [call["call_id"] for call in page["items"]]
        asked += 1
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert found == [oldest]
    assert asked <= 3


def test_an_organisation_filter_shows_it_and_what_is_below(store: DynamoTicketStore) -> None:
    mine, sister = a_call(store), a_call(store, printer_id=OTHER_PRINTER, organization_id=SISTER)

    assert listed(organization_id=CUSTOMER) == [mine.call_id]
    assert sorted(listed(organization_id=TENANT)) == sorted([mine.call_id, sister.call_id])


def test_a_customers_key_sees_its_own_calls_and_cannot_name_a_sister(store: DynamoTicketStore) -> None:
    sister = a_call(store, organization_id=SISTER)
    customer = partner(CUSTOMER)

    assert listed(customer) == []
    for path in (f"/v1/service-calls/{sister.call_id}", f"/v1/service-calls?organization_id={SISTER}"):
        bare, _, query = path.partition("?organization_id=")
        status, body = ask("GET", bare, caller=customer, query={"organization_id": query} if query else None)
        assert (status, body["code"]) == (404, "not_found")


def test_another_tenants_call_is_answered_exactly_as_a_missing_one(store: DynamoTicketStore) -> None:
    call, missing = a_call(store), new_id("sc")

    answers = []
    for call_id in (call.call_id, missing):
        status, body = ask("GET", f"/v1/service-calls/{call_id}", caller=foreign_partner())
        answers.append((status, str(body).replace(call_id, "it")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    status, _ = ask("POST", f"/v1/service-calls/{call.call_id}/transitions", {"to": "triage"}, caller=foreign_partner())
    assert status == 404


def test_the_operator_names_the_partner(store: DynamoTicketStore) -> None:
    call = a_call(store)

    assert listed(operator()) == []
    assert listed(operator(), organization_id=TENANT) == [call.call_id]
    query = {"organization_id": TENANT}
    assert ask("GET", f"/v1/service-calls/{call.call_id}", caller=operator(), query=query)[0] == 200


def test_a_legal_move_answers_the_call_after_it(store: DynamoTicketStore) -> None:
    call = a_call(store)
    body = {"to": "cancelled", "reason": "A duplicate of an older call"}

    status, answer = ask("POST", f"/v1/service-calls/{call.call_id}/transitions", body)

    assert (status, answer["state"]) == (200, "cancelled")
    assert answer["history"][-1] | {"at": ""} == {
        "at": "",
        "what": "cancelled",
        "by": partner().key_id,
        "detail": "A duplicate of an older call",
    }
    stored = store.call(TENANT, call.call_id)
    assert stored is not None
    assert stored.state is CallState.CANCELLED


def test_an_illegal_move_is_a_conflict_that_names_the_legal_ones(store: DynamoTicketStore) -> None:
    call = a_call(store)

    status, body = ask("POST", f"/v1/service-calls/{call.call_id}/transitions", {"to": "closed"})

    assert (status, body["code"]) == (409, "illegal_transition")
    assert "cancelled, resolved, triage" in body["detail"]


def test_an_idempotency_key_makes_a_repeated_move_harmless(store: DynamoTicketStore) -> None:
    call = a_call(store)
    path, headers = f"/v1/service-calls/{call.call_id}/transitions", {"Idempotency-Key": "move-1"}

    first = ask("POST", path, {"to": "triage"}, headers=headers)
    second = ask("POST", path, {"to": "triage"}, headers=headers)

    assert first == second
    assert first[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "scopes"),
    [
        ("GET", "/v1/service-calls", None, (Scope.TICKETS_WRITE,)),
        ("GET", "/v1/service-calls/{id}", None, (Scope.FLEET_READ,)),
        ("POST", "/v1/service-calls/{id}/transitions", {"to": "triage"}, (Scope.TICKETS_READ,)),
    ],
)
def test_a_key_without_the_scope_is_refused(
    store: DynamoTicketStore, method: str, path: str, body: object, scopes: tuple[str, ...]
) -> None:
    call = a_call(store)

    status, answer = ask(method, path.format(id=call.call_id), body, caller=partner(scopes=scopes))

    assert (status, answer["code"]) == (403, "scope_missing")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"state": "lost"}, "state"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"printer_id": "p" * 50}, "printer_id"),
        ({"organization_id": "../org"}, "organization_id"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(store: DynamoTicketStore, query: dict[str, str], named: str) -> None:
    status, body = ask("GET", "/v1/service-calls", query=query)

    assert status == 422
    assert named in str(body["errors"])


@pytest.mark.parametrize(
    "body", [{"to": "lost"}, {}, {"to": "triage", "by": "me"}, {"to": "triage", "reason": "x" * 501}]
)
def test_a_move_that_does_not_fit_its_schema_changes_nothing(store: DynamoTicketStore, body: object) -> None:
    call = a_call(store)

    status, _ = ask("POST", f"/v1/service-calls/{call.call_id}/transitions", body)

    assert status == 422
    assert store.call(TENANT, call.call_id) == call


def test_a_cursor_of_another_tenants_list_is_refused(store: DynamoTicketStore) -> None:
    for _ in range(2):
        a_call(store, printer_id=new_id("prn"))
    _, page = ask("GET", "/v1/service-calls", query={"limit": "1"})

    status, body = ask(
        "GET", "/v1/service-calls", caller=foreign_partner(), query={"cursor": page["next_cursor"], "limit": "1"}
    )

    assert (status, body["code"]) == (400, "invalid_cursor")
