"""The partner API of orders on real tables: what a key sees, makes and may report."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.orders import fulfilment_api, orders_api, settings
from functions.orders.supplies.placing import Proposal, decision_of
from functions.orders.table.models import DecisionKind, HoldReason, OrderState
from functions.orders.table.repository import OrderRepository
from shared.directory import keys
from shared.names import DUE_INDEX, GSI1, Scope
from shared.tenancy import Caller
from tests.support.api_events import body_of, foreign_partner, function_context, operator, partner, rest_event
from tests.support.orders import (
    CUSTOMER,
    NOW,
    PATH,
    PRINTER,
    SITE,
    TENANT,
    a_forecast,
    a_partner,
    a_position,
    a_state,
    an_order,
)
from tests.support.tables import make_idempotency_table, make_table

ORDER = an_order().order_id
PARTNER_BODY = {"organization_id": TENANT, "name": "Example", "url": "https://partner.example.com/hook"}
OTHER_KEY = partner(key_id="key_01jd2x00000000000000000077")
SIBLING = partner("org_01jd2x00000000000000000003")


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[OrderRepository]:
    names = {"ORDERS_TABLE": "orders", "FLEET_TABLE": "fleet", "ACCOUNTS_TABLE": "accounts"}
    for name, value in (names | {"IDEMPOTENCY_TABLE": "idempotency"}).items():
        monkeypatch.setenv(name, value)
    settings.api_settings.cache_clear()
    settings.settings.cache_clear()
    with mock_aws():
        client = boto3.client("dynamodb")
        make_idempotency_table(client)
        accounts, fleet = make_table(client, "accounts"), make_table(client, "fleet")
        for organization_id, path in ((TENANT, f"/{TENANT}/"), (CUSTOMER, PATH)):
            organization = {"tenant_id": TENANT, "organization_id": organization_id, "path": path, "name": "Example"}
            key = {"pk": keys.tenant(TENANT), "sk": keys.organization(organization_id)}
            accounts.put(organization | key)
        fleet.put(
            {
                "pk": keys.printer(TENANT, PRINTER),
                "sk": keys.PRINTER_META,
                "tenant_id": TENANT,
                "organization_id": CUSTOMER,
                "organization_path": PATH,
                "site_id": SITE,
                "agent_id": "agt_01jd2x00000000000000000001",
                "printer_id": PRINTER,
                "first_seen_at": NOW,
            }
        )
        yield OrderRepository(make_table(client, "orders", (GSI1, DUE_INDEX)))


def call(
    method: str,
    path: str,
    body: object = None,
    *,
    caller: Caller | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    event = rest_event(method, path, body, caller=caller or partner(), query=query, headers=headers)
    handler = fulfilment_api.lambda_handler if "fulfilment-events" in path else orders_api.lambda_handler
    answer = handler(event, function_context())
    return answer["statusCode"], body_of(answer)


def place(repository: OrderRepository, state: OrderState = OrderState.SUBMITTED, **values: object) -> None:
    decision = decision_of(a_position(), a_state(), NOW, DecisionKind.ORDERED, proposal=Proposal(a_forecast()))
    assert repository.place(an_order(state, **values), a_position(version=1), [decision]) == "created"


def report(**values: object) -> dict[str, object]:
    given = {"order_id": ORDER, "event_id": "e-1", "type": "shipped", "occurred_at": "2026-11-21T08:00:00Z"}
    return given | values


def test_an_order_is_read_with_its_history_and_listed(repository: OrderRepository) -> None:
    place(repository)

    status, order = call("GET", f"/v1/orders/{ORDER}")
    _, page = call("GET", "/v1/orders")

    assert status == 200
    assert (order["state"], order["history"][0]["state"], order["ship_to"]["last_name"]) == (
        "submitted",
        "submitted",
        "King",
    )
    assert [item["order_id"] for item in page["items"]] == [ORDER]
    assert "history" not in page["items"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "submitted"}, 1),
        ({"state": "closed"}, 0),
        ({"printer_id": PRINTER}, 1),
        ({"printer_id": PRINTER, "state": "closed"}, 0),
        ({"organization_id": CUSTOMER}, 1),
    ],
)
def test_orders_are_filtered(repository: OrderRepository, query: dict[str, str], found: int) -> None:
    place(repository)

    status, page = call("GET", "/v1/orders", query=query)

    assert (status, len(page["items"])) == (200, found)


@pytest.mark.parametrize("caller", [foreign_partner(), SIBLING])
def test_anothers_order_is_missing(repository: OrderRepository, caller: Caller) -> None:
    place(repository)

    assert call("GET", f"/v1/orders/{ORDER}", caller=caller)[0] == 404
    assert call("GET", "/v1/orders", caller=caller)[1]["items"] == []
    assert call("GET", "/v1/orders", caller=caller, query={"printer_id": PRINTER})[0] == 404
    assert call("GET", "/v1/supply-decisions", caller=caller, query={"printer_id": PRINTER})[0] == 404
    assert call("POST", "/v1/fulfilment-events", report(), caller=caller)[0] == 404
    moved = call("POST", f"/v1/orders/{ORDER}/transitions", {"to": "cancelled", "reason": "x"}, caller=caller)
    assert moved[0] == 404
    assert call("POST", "/v1/fulfilment-partners", PARTNER_BODY, caller=caller)[0] == 404


def test_the_operator_reaches_a_tenant_by_its_root(repository: OrderRepository) -> None:
    place(repository)

    _, page = call("GET", "/v1/orders", caller=operator(), query={"organization_id": TENANT})

    assert len(page["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/orders", None),
        ("GET", f"/v1/orders/{ORDER}", None),
        ("POST", f"/v1/orders/{ORDER}/transitions", {"to": "cancelled", "reason": "x"}),
        ("GET", "/v1/fulfilment-partners", None),
        ("POST", "/v1/fulfilment-partners", PARTNER_BODY),
        ("POST", "/v1/fulfilment-events", report()),
    ],
)
def test_a_key_without_the_scope_is_refused(repository: OrderRepository, method: str, path: str, body: object) -> None:
    place(repository)

    status, problem = call(method, path, body, caller=partner(scopes=(Scope.FLEET_READ,)))

    assert (status, problem["code"]) == (403, "scope_missing")


def test_decisions_are_listed_with_their_forecast(repository: OrderRepository) -> None:
    place(repository)

    status, page = call("GET", "/v1/supply-decisions", query={"printer_id": PRINTER})

    assert status == 200
    assert page["items"][0]["kind"] == "ordered"
    assert page["items"][0]["forecast"]["demand"] == 9.0


def test_a_held_order_is_approved_by_a_person_once(repository: OrderRepository) -> None:
    place(repository, OrderState.HELD, hold_reasons=[HoldReason.LOW_USAGE])
    decision = {"to": "approved", "reason": "posters"}

    status, order = call("POST", f"/v1/orders/{ORDER}/transitions", decision)
    again, problem = call("POST", f"/v1/orders/{ORDER}/transitions", decision)

    assert (status, order["state"], order["hold_reasons"]) == (200, "approved", [])
    assert (again, problem["code"]) == (409, "illegal_transition")


def test_a_partner_is_made_with_a_secret_that_is_shown_once(repository: OrderRepository) -> None:
    status, made = call("POST", "/v1/fulfilment-partners", PARTNER_BODY)
    _, page = call("GET", "/v1/fulfilment-partners")
    _, read = call("GET", f"/v1/fulfilment-partners/{made['fulfilment_partner_id']}")

    assert status == 201
    assert made["signing_secret"].startswith("whsec_")
    assert page["items"] == [read]
    assert "signing_secret" not in read
    assert "whsec_" not in repr(a_partner())


def test_a_partner_made_twice_with_one_key_is_one_partner(repository: OrderRepository) -> None:
    headers = {"Idempotency-Key": "partner-1"}

    answers = [call("POST", "/v1/fulfilment-partners", PARTNER_BODY, headers=headers) for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(call("GET", "/v1/fulfilment-partners")[1]["items"]) == 1


def test_the_key_of_one_partner_makes_no_other(repository: OrderRepository) -> None:
    headers = {"Idempotency-Key": "partner-1"}
    call("POST", "/v1/fulfilment-partners", PARTNER_BODY, headers=headers)

    status, problem = call("POST", "/v1/fulfilment-partners", PARTNER_BODY | {"name": "Other"}, headers=headers)
    others, made = call("POST", "/v1/fulfilment-partners", PARTNER_BODY, caller=OTHER_KEY, headers=headers)

    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert others == 201
    assert {made["fulfilment_partner_id"]} < {
        item["fulfilment_partner_id"] for item in call("GET", "/v1/fulfilment-partners")[1]["items"]
    }


def test_a_partners_secret_is_kept_in_the_orders_table_alone(repository: OrderRepository) -> None:
    _, made = call("POST", "/v1/fulfilment-partners", PARTNER_BODY, headers={"Idempotency-Key": "partner-1"})

    client = repository.table.client
    holding = [
        name
        for name in client.list_tables()["TableNames"]
        if made["signing_secret"] in json.dumps(client.scan(TableName=name)["Items"], default=str)
    ]
    assert holding == [repository.table.name]


@pytest.mark.parametrize("url", ["http://partner.example.com", "https://127.0.0.1/", "https://169.254.169.254/x"])
def test_a_partner_at_an_address_we_would_not_call_is_refused_by_field(repository: OrderRepository, url: str) -> None:
    status, problem = call("POST", "/v1/fulfilment-partners", PARTNER_BODY | {"url": url})

    assert (status, problem["errors"][0]["pointer"]) == (422, "/url")


def test_an_unknown_field_is_named(repository: OrderRepository) -> None:
    status, problem = call("POST", "/v1/fulfilment-partners", PARTNER_BODY | {"secret": "x"})

    assert (status, problem["errors"][0]["pointer"]) == (422, "/secret")


def test_a_report_moves_the_order_once(repository: OrderRepository) -> None:
    place(repository)

    answers = [call("POST", "/v1/fulfilment-events", report()) for _ in range(2)]
    late = call("POST", "/v1/fulfilment-events", report(event_id="e-0", type="acknowledged"))

    assert [(status, body["outcome"], body["state"]) for status, body in [*answers, late]] == [
        (200, "applied", "shipped"),
        (200, "duplicate", "shipped"),
        (200, "ignored", "shipped"),
    ]


@pytest.mark.parametrize(
    "change", [{"type": "teleported"}, {"event_id": "no spaces"}, {"occurred_at": "yesterday"}, {"order_id": "x"}]
)
def test_a_report_that_does_not_fit_is_refused(repository: OrderRepository, change: dict[str, str]) -> None:
    assert call("POST", "/v1/fulfilment-events", report(**change))[0] == 422


def test_the_routes_are_documented() -> None:
    for app in (orders_api.app, fulfilment_api.app):
        schema = app.get_openapi_schema(title="Platen", version="1")
        operations = [
            operation
            for item in (schema.paths or {}).values()
            for operation in (item.get, item.post)
            if operation is not None
        ]
        assert operations
        assert all(operation.summary and operation.description and operation.tags for operation in operations)
