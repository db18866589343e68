"""The entry points on moto: requests as API Gateway sends them, answers as agents and partners see them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.ingest import activation_api, agent_authorizer, fleet_api, settings, upload_api
from functions.ingest.agents import life as agent_life
from functions.ingest.meters.readings import CLOCK_TOLERANCE
from functions.ingest.table import keys
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import utc_now
from shared.directory import keys as directory
from shared.names import DUE_INDEX, GSI1, Scope
from shared.table import Table
from shared.tenancy import AgentCaller
from shared.wire.activation import ActivationGrant
from shared.wire.upload import UploadReceipt
from tests.support.api_events import (
    AGENT,
    CHILD_ORGANIZATION,
    ROOT_ORGANIZATION,
    SITE,
    agent_caller,
    body_of,
    foreign_partner,
    function_context,
    http_event,
    operator,
    partner,
    rest_event,
)
from tests.support.ingest import activation, jwk_of, packed, private_key, reading, token, upload_body
from tests.support.tables import make_idempotency_table, make_table

CONTEXT = function_context()
KEY = private_key()
PATH = f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/"
OTHER_CHILD = "org_01jd2x00000000000000000003"
CACHED = (
    settings.documents,
    settings.accounts,
    settings.fleet,
    settings.eligibility,
    upload_api._zones,
    upload_api._contacts,
)


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Table]]:
    """Empty tables, an organisation and a site."""
    with mock_aws():
        client = boto3.client("dynamodb")
        made = {name: make_table(client, name) for name in ("accounts", "eligibility")}
        made["fleet"] = make_table(client, "fleet", (GSI1, DUE_INDEX))
        make_idempotency_table(client)
        for name in (*made, "idempotency"):
            monkeypatch.setenv(f"{name.upper()}_TABLE", name)
        for cached in (*CACHED, agent_authorizer._agents):
            cached.cache_clear()
        tenancy = {"tenant_id": ROOT_ORGANIZATION, "organization_id": CHILD_ORGANIZATION}
        pk = directory.tenant(ROOT_ORGANIZATION)
        accounts = made["accounts"]
        for organization_id, path in ((ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/"), (CHILD_ORGANIZATION, PATH)):
            organization = {"organization_id": organization_id, "path": path, "name": "One"}
            accounts.put({"pk": pk, "sk": directory.organization(organization_id), **tenancy, **organization})
        site = {"site_id": SITE, "organization_path": PATH, "name": "Office", "time_zone": "Europe/Berlin"}
        address = {"address1": "1 Way", "city": "Berlin", "postal_code": "10115", "country": "DE"}
        accounts.put({"pk": pk, "sk": directory.site(SITE), **tenancy, **site, "address": address})
        yield made


def fleet(method: str, path: str, body: object = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as rest_event
    options.setdefault("caller", partner())
    return dict(fleet_api.lambda_handler(rest_event(method, path, body, **options), CONTEXT))


def issue_code(**changes: object) -> dict[str, Any]:
    body = {"site_id": SITE, "discovery": {"include": ["192.0.2.0/24"]}, "poll_interval_seconds": 60} | changes
    answer = fleet("POST", "/v1/activation-codes", body)
    assert answer["statusCode"] == 201, answer["body"]
    return dict(body_of(answer))


def activated() -> ActivationGrant:
    request = activation(KEY, issue_code()["code"], now=utc_now())
    event = http_event("POST", "/v1/activations", request.model_dump(mode="json", exclude_none=True))
    answer = activation_api.lambda_handler(event, CONTEXT)
    assert answer["statusCode"] == 200, answer["body"]
    return ActivationGrant.model_validate_json(answer["body"])


def caller_of(grant: ActivationGrant) -> AgentCaller:
    return agent_caller(grant.agent_id, kid=jwk_of(KEY).kid)


def send(grant: ActivationGrant, body: object, **headers: str) -> dict[str, Any]:
    given = headers or {"content-encoding": "gzip"}
    content = body if isinstance(body, bytes) else packed(body)
    event = http_event("POST", "/v1/uploads", content, caller=caller_of(grant), headers=given)
    return dict(upload_api.lambda_handler(event, CONTEXT))


def sent_reading(grant: ActivationGrant, **fields: Any) -> str:  # noqa: ANN401 - as `reading`
    answer = send(grant, upload_body(reading(taken_at=utc_now(), **fields), sent_at=utc_now()))
    assert answer["statusCode"] == 200, answer["body"]
    printer_id = UploadReceipt.model_validate_json(answer["body"]).outcomes[0].printer_id
    assert printer_id is not None
    return printer_id


def problem(answer: dict[str, Any], status: int) -> dict[str, Any]:
    assert answer["statusCode"] == status, answer["body"]
    kind = answer.get("headers", {}).get("Content-Type") or answer["multiValueHeaders"]["Content-Type"][0]
    assert kind == "application/problem+json"
    return dict(body_of(answer))


def test_a_code_is_shown_once_and_listed_without_it() -> None:
    issued = issue_code(name="Basement")

    listed = body_of(fleet("GET", "/v1/activation-codes"))["items"]

    assert len(issued["code"]) == 21
    assert [(each["code_id"], each["status"], each["name"]) for each in listed] == [
        (issued["code_id"], "unused", "Basement")
    ]
    assert "code" not in listed[0]


def test_the_code_is_kept_in_no_table_even_when_asked_for_with_an_idempotency_key(tables: dict[str, Table]) -> None:
    body = {"site_id": SITE, "discovery": {"include": ["192.0.2.7"]}}
    headers = {"Idempotency-Key": "k1"}

    first = fleet("POST", "/v1/activation-codes", body, headers=headers)
    again = fleet("POST", "/v1/activation-codes", body, headers=headers)

    code = body_of(first)["code"]
    assert problem(again, 409)["code"] == "activation_code_already_issued"
    client = tables["fleet"].client
    kept = repr([client.scan(TableName=name)["Items"] for name in ("fleet", "idempotency")])
    assert code not in kept
    assert code.replace("-", "") not in kept


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"valid_hours": 169}, "/valid_hours"),
        ({"discovery": {"include": ["a b; reboot"]}}, "/discovery/include/0"),
        ({"community": "public"}, "/community"),
        ({"poll_interval_seconds": 0}, "/poll_interval_seconds"),
    ],
)
def test_a_wrong_field_of_a_code_is_named(changes: dict[str, object], pointer: str) -> None:
    body = {"site_id": SITE, "discovery": {"include": ["192.0.2.7"]}} | changes

    answer = problem(fleet("POST", "/v1/activation-codes", body), 422)

    assert answer["errors"][0]["pointer"] == pointer


def test_a_site_of_another_tenant_is_as_missing() -> None:
    body = {"site_id": SITE, "discovery": {"include": []}}

    answer = problem(fleet("POST", "/v1/activation-codes", body, caller=foreign_partner()), 404)

    assert answer["code"] == "not_found"


def test_activation_upload_and_configuration_end_to_end() -> None:
    grant = activated()

    answer = send(grant, upload_body(reading(taken_at=utc_now()), sent_at=utc_now()))
    receipt = UploadReceipt.model_validate_json(answer["body"])
    event = http_event("GET", "/v1/config", caller=caller_of(grant))
    config = upload_api.lambda_handler(event, CONTEXT)

    assert receipt.config_etag == grant.config_etag
    assert config["headers"]["ETag"] == grant.config_etag
    assert body_of(config) == grant.config.model_dump(mode="json")


def test_an_unchanged_configuration_is_not_sent_again_and_a_changed_one_is() -> None:
    grant = activated()
    event = http_event("GET", "/v1/config", caller=caller_of(grant), headers={"if-none-match": grant.config_etag})
    unchanged = upload_api.lambda_handler(event, CONTEXT)
    assert (unchanged["statusCode"], unchanged.get("body") or "") == (304, "")

    fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"poll_interval_seconds": 30})

    changed = upload_api.lambda_handler(event, CONTEXT)
    assert changed["statusCode"] == 200
    assert body_of(changed)["poll_interval_seconds"] == 30
    assert body_of(changed)["discovery"]["include"] == ["192.0.2.0/24"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "gzip"},
        {"content-type": "application/gzip"},
        {"content-type": "Application/GZIP; charset=binary"},
    ],
)
def test_a_packed_upload_says_so_by_content_type_or_encoding(headers: dict[str, str]) -> None:
    answer = send(activated(), upload_body(reading(taken_at=utc_now())), **headers)

    assert body_of(answer)["outcomes"][0]["outcome"] == "stored"


@pytest.mark.parametrize(
    ("content", "encoding", "status", "code"),
    [
        (b"not gzip", "gzip", 400, "damaged_gzip"),
        (packed("x" * 2_000_000), "gzip", 413, "upload_too_large"),
        (b"{", "identity", 400, "not_json"),
        (packed({"schema_version": 7}), "gzip", 422, "unknown_schema_version"),
        (packed({"boot_id": "b"}), "gzip", 422, "invalid_upload"),
    ],
)
def test_a_bad_upload_is_a_problem_and_stores_nothing(
    tables: dict[str, Table], content: bytes, encoding: str, status: int, code: str
) -> None:
    grant = activated()
    before = tables["fleet"].client.scan(TableName="fleet")["Count"]

    answer = send(grant, content, **{"content-encoding": encoding})

    assert problem(answer, status)["code"] == code
    assert tables["fleet"].client.scan(TableName="fleet")["Count"] == before


@pytest.mark.parametrize("refusal", [None, "invalid_token", "token_expired", "unknown_agent"])
def test_an_upload_without_a_good_token_is_refused_before_its_body_is_read(refusal: str | None) -> None:
    event = http_event("POST", "/v1/uploads", b"not gzip", refusal=refusal, headers={"content-encoding": "gzip"})

    assert problem(upload_api.lambda_handler(event, CONTEXT), 401)["code"] == (refusal or "no_credential")


def test_a_deactivated_agent_is_refused_at_once_even_with_a_cached_authorization() -> None:
    grant = activated()

    changed = fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "deactivated"})

    assert body_of(changed)["status"] == "deactivated"
    refused = send(grant, upload_body(reading(taken_at=utc_now())))
    assert problem(refused, 403)["code"] == "agent_not_active"


@pytest.mark.parametrize("status", ["managed", "pending"])
def test_an_agent_with_managed_or_pending_printers_stays_active(tables: dict[str, Table], status: str) -> None:
    grant = activated()
    printer_id = sent_reading(grant)
    enrol(tables, printer_id, status)

    answer = problem(fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "deactivated"}), 409)

    assert answer["code"] == "agent_has_managed_printers"
    assert "1 managed or pending" in answer["detail"]
    assert body_of(fleet("GET", f"/v1/agents/{grant.agent_id}"))["status"] == "active"


def test_the_authorizer_answers_the_agent_of_a_real_row() -> None:
    key = private_key()
    request = activation(key, issue_code()["code"], now=utc_now())
    answer = activation_api.lambda_handler(
        http_event("POST", "/v1/activations", request.model_dump(mode="json", exclude_none=True)), CONTEXT
    )
    agent_id = body_of(answer)["agent_id"]
    seconds = int(utc_now().timestamp())
    bearer = token(key, agent_id, iat=seconds, exp=seconds + 3_600)
    event = {"version": "2.0", "headers": {"Authorization": f"Bearer {bearer}"}}

    verdict = agent_authorizer.lambda_handler(event, CONTEXT)

    assert verdict["isAuthorized"] is True
    assert (verdict["context"]["agent_id"], verdict["context"]["site_id"]) == (agent_id, SITE)


def test_activating_too_often_from_one_address_is_slowed_down() -> None:
    event = http_event("POST", "/v1/activations", activation(private_key(), "nonsense").model_dump(mode="json"))

    answers = [activation_api.lambda_handler(event, CONTEXT)["statusCode"] for _ in range(21)]

    assert answers[0] == 422
    assert 429 in answers[20:] or 429 not in answers[:20]  # the minute may turn once


def enrol(tables: dict[str, Table], printer_id: str, status: str) -> None:
    tables["eligibility"].put(
        {
            "pk": directory.enrolment_status(ROOT_ORGANIZATION),
            "sk": directory.managed_printer(printer_id),
            "tenant_id": ROOT_ORGANIZATION,
            "organization_id": CHILD_ORGANIZATION,
            "printer_id": printer_id,
            "status": status,
            "enrolment_id": "enr_01jd2x00000000000000000001",
        }
    )


def test_agents_are_listed_with_when_they_were_heard_and_how_many_printers_they_read() -> None:
    grant = activated()
    sent_reading(grant)

    listed = body_of(fleet("GET", "/v1/agents"))["items"]
    details = body_of(fleet("GET", f"/v1/agents/{grant.agent_id}"))

    assert [each["agent_id"] for each in listed] == [grant.agent_id]
    assert listed[0]["last_seen_at"] is not None
    assert (details["printers"], details["agent_version"]) == (1, "0.1.0")


def test_printers_are_listed_in_short_with_their_place_in_the_programme(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = sent_reading(grant)
    enrol(tables, printer_id, "managed")

    listed = body_of(fleet("GET", "/v1/printers"))["items"]

    assert len(listed) == 1
    shown = listed[0]
    assert (shown["printer_id"], shown["serial_number"], shown["managed_status"]) == (
        printer_id,
        "PHB1234567",
        "managed",
    )
    assert (shown["life_count"], shown["supplies"][0]["percent"]) == (1_000, 80.0)
    assert shown["communication"] == "communicating"
    assert shown["communication_age_seconds"] < CLOCK_TOLERANCE.total_seconds()
    assert body_of(fleet("GET", "/v1/printers", query={"site_id": AGENT}))["items"] == []


def test_a_printer_is_shown_with_all_that_it_said() -> None:
    grant = activated()
    tray = [{"index": "1.1", "name": "Tray 1", "current_level": -3, "max_capacity": 550}]
    jam = [{"index": "7", "severity": "critical", "group": "mediaPath", "code": 8, "description": "Jam"}]
    printer_id = sent_reading(grant, inputs=tray, alerts=jam, covers=[])

    details = body_of(fleet("GET", f"/v1/printers/{printer_id}"))

    assert details["inputs"][0]["current_level"] == -3
    assert (details["alerts"], details["alert_rows"][0]["code"]) == (1, 8)
    assert (details["supply_rows"][0]["level"], details["supply_rows"][0]["max_capacity"]) == (80, 100)
    assert details["counters"][0]["value"] == 1_000


def test_meters_are_the_days_of_a_printer() -> None:
    grant = activated()
    yesterday = utc_now() - timedelta(days=1)
    printer_id = sent_reading(grant)
    older = reading("r0", taken_at=yesterday, life_count=950)
    send(grant, upload_body(older, seq=2, sent_at=utc_now()))

    answer = fleet("GET", "/v1/meters", query={"printer_id": printer_id})
    page = body_of(answer)

    assert [day["last_counters"]["life_count"] for day in page["items"]] == [950, 1_000]
    first = fleet("GET", "/v1/meters", query={"printer_id": printer_id, "limit": "1"})
    rest = {"printer_id": printer_id, "cursor": body_of(first)["next_cursor"]}
    assert body_of(first)["items"] + body_of(fleet("GET", "/v1/meters", query=rest))["items"] == page["items"]
    span = {"printer_id": printer_id, "from": "2026-01-02", "to": "2026-01-01"}
    assert problem(fleet("GET", "/v1/meters", query=span), 422)["errors"][0]["pointer"] == "query:from"


def test_another_tenants_things_are_as_missing_ones() -> None:
    grant = activated()
    printer_id = sent_reading(grant)
    paths = [f"/v1/agents/{grant.agent_id}", f"/v1/printers/{printer_id}", "/v1/meters"]
    sibling = partner(OTHER_CHILD, organization_path=f"/{ROOT_ORGANIZATION}/{OTHER_CHILD}/")

    for caller in (foreign_partner(), sibling):
        for path in paths:
            query = {"printer_id": printer_id} if path == "/v1/meters" else None
            assert problem(fleet("GET", path, caller=caller, query=query), 404)["code"] == "not_found"
        for path in ("/v1/agents", "/v1/printers", "/v1/activation-codes"):
            assert body_of(fleet("GET", path, caller=caller))["items"] == []
        patch = fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"name": "mine"}, caller=caller)
        assert problem(patch, 404)["code"] == "not_found"


def test_the_operator_works_on_a_partner_by_naming_its_root() -> None:
    grant = activated()
    sent_reading(grant)

    assert body_of(fleet("GET", "/v1/printers", caller=operator()))["items"] == []
    named = fleet("GET", "/v1/printers", caller=operator(), query={"organization_id": ROOT_ORGANIZATION})
    assert len(body_of(named)["items"]) == 1
    child = partner(CHILD_ORGANIZATION)
    for above in (ROOT_ORGANIZATION, OTHER_CHILD):
        answer = fleet("GET", "/v1/printers", caller=child, query={"organization_id": above})
        assert problem(answer, 404)["code"] == "not_found"
    stranger = fleet("GET", "/v1/printers", caller=foreign_partner(), query={"organization_id": ROOT_ORGANIZATION})
    assert problem(stranger, 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/activation-codes"),
        ("GET", "/v1/activation-codes"),
        ("GET", "/v1/agents"),
        ("GET", f"/v1/agents/{AGENT}"),
        ("PATCH", f"/v1/agents/{AGENT}"),
        ("GET", "/v1/printers"),
        ("GET", "/v1/printers/prn_01jd2x00000000000000000001"),
        ("GET", "/v1/meters"),
    ],
)
def test_every_operation_needs_a_credential_and_its_scope(method: str, path: str) -> None:
    body = {"site_id": SITE, "discovery": {"include": []}} if method == "POST" else {"name": "x"}
    sent = body if method != "GET" else None
    query = {"printer_id": "prn_01jd2x00000000000000000001"} if path == "/v1/meters" else None
    unscoped = partner(scopes=(Scope.ACCOUNTS_READ,))

    answer = fleet_api.lambda_handler(rest_event(method, path, sent, query=query), CONTEXT)
    assert problem(answer, 401)["code"] == "no_credential"
    assert problem(fleet(method, path, sent, caller=unscoped, query=query), 403)["code"] == "scope_missing"


def test_a_change_that_the_table_refused_is_read_and_made_again(tables: dict[str, Table]) -> None:
    grant = activated()
    key = keys.agent(grant.agent_id)
    row = tables["fleet"].get(*key)
    assert row is not None

    fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"name": "Renamed"})
    fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"name": "Renamed"})

    after = tables["fleet"].get(*key)
    assert after is not None
    assert (after["name"], after["version"]) == ("Renamed", row["version"] + 1)


@pytest.mark.parametrize("status", ["managed", "unmanaged"])
def test_an_agent_is_ended_after_every_page_of_its_printers_was_looked_at(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    # Given more printers than a page and than the details count, the last of them perhaps managed
    monkeypatch.setattr(agent_life, "_PAGE", 1)
    monkeypatch.setattr(agent_life, "MOST_PRINTERS", 1)
    grant = activated()
    ids = [sent_reading(grant, reading_id=f"r{n}", serial_number=f"PHB00{n}", mac_address=None) for n in (1, 2, 3)]
    if status == "managed":
        enrol(tables, max(ids), status)

    answer = fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "deactivated"})

    if status == "managed":
        refused = problem(answer, 409)
        assert refused["code"] == "agent_has_managed_printers"
        assert "1 managed" in refused["detail"]
    after = body_of(fleet("GET", f"/v1/agents/{grant.agent_id}"))["status"]
    assert after == ("active" if status == "managed" else "deactivated")


def test_a_code_that_the_store_did_not_take_is_not_said_to_be_issued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DynamoDocuments, "commit", lambda *_: False)
    body = {"site_id": SITE, "discovery": {"include": []}}

    answer = fleet("POST", "/v1/activation-codes", body, headers={"Idempotency-Key": "k1"})

    assert problem(answer, 503)["code"] == "store_busy"
