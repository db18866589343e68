"""The partner API of the fleet on moto: codes, agents, printers, meters."""

from datetime import timedelta

import pytest

from functions.ingest import fleet_api
from functions.ingest.agent_desk import printer_counts
from functions.ingest.agents import agent_printers
from functions.ingest.meters.readings import CLOCK_TOLERANCE
from functions.ingest.table import keys
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import utc_now
from shared.directory import keys as directory
from shared.names import Scope
from shared.table import Table
from tests.support.api_events import (
    AGENT,
    CHILD_ORGANIZATION,
    ROOT_ORGANIZATION,
    SITE,
    body_of,
    foreign_partner,
    operator,
    partner,
    rest_event,
)
from tests.support.fleet_door import (
    CONTEXT,
    OTHER_CHILD,
    activated,
    fleet,
    issue_code,
    problem,
    send,
    sent_reading,
    tables,
)
from tests.support.ingest import reading, upload_body

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")


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


@pytest.mark.parametrize("status", ["managed", "pending"])
def test_an_agent_with_managed_or_pending_printers_stays_active(tables: dict[str, Table], status: str) -> None:
    grant = activated()
    printer_id = sent_reading(grant)
    enrol(tables, printer_id, status)

    answer = problem(fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "deactivated"}), 409)

    assert answer["code"] == "agent_has_managed_printers"
    assert "1 managed or pending" in answer["detail"]
    assert body_of(fleet("GET", f"/v1/agents/{grant.agent_id}"))["status"] == "active"


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
    monkeypatch.setattr(agent_printers, "PAGE", 1)
    monkeypatch.setattr(printer_counts, "MOST_PRINTERS", 1)
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
