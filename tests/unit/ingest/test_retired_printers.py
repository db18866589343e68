"""Printers out of service: off every list and count, with all their history; and back with their next reading."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.ingest import upload_api
from functions.ingest.silence.watch import due_watches, look_after
from functions.ingest.table import keys
from functions.ingest.table.outbox import publish_due
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import utc_now
from shared.ids import new_id
from shared.table import Table
from shared.wire.activation import ActivationGrant
from shared.wire.upload import UploadReceipt
from tests.support.api_events import SITE, body_of, foreign_partner, http_event, partner
from tests.support.fleet_door import CONTEXT, OTHER_CHILD, activated, caller_of, fleet, problem, tables
from tests.support.ingest import packed, reading, upload_body
from tests.unit.ingest.test_registered_printers import (
    BESIDE_USB,
    another_site,
    details,
    found_by_agent,
    history,
    read_by_hand,
    register,
    told,
    usage_of,
)
from tests.unit.ingest.test_removed_printers import held

__all__ = ["held", "tables"]  # the fixtures
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Json = dict[str, Any]


def retire(printer_id: str, reason: str = "replaced", **options: Any) -> Json:  # noqa: ANN401 - as rest_event
    body = {"reason": reason} | options.pop("said", {})
    return fleet("PUT", f"/v1/printers/{printer_id}/retirement", body, **options)


def retired(printer_id: str, **options: Any) -> Json:  # noqa: ANN401 - as rest_event
    answer = retire(printer_id, **options)
    assert answer["statusCode"] == 200, answer["body"]
    return dict(body_of(answer))


def bring_back(printer_id: str, **options: Any) -> Json:  # noqa: ANN401 - as rest_event
    return fleet("DELETE", f"/v1/printers/{printer_id}/retirement", **options)


def listed(**query: str) -> list[str]:
    return [each["printer_id"] for each in body_of(fleet("GET", "/v1/printers", query=query))["items"]]


def tag_counts() -> dict[str, int]:
    items = body_of(fleet("GET", "/v1/printer-tags"))["items"]
    return {each["tag"]: each["printers"] for each in items if each["printers"]}


def read_at(grant: ActivationGrant, moment: datetime, site_id: str = SITE, level: int = 80) -> str:
    taken = reading(taken_at=moment, reading_id=new_id("rdg"), level=level)
    body = packed(upload_body(taken, sent_at=utc_now()))
    caller, headers = replace(caller_of(grant), site_id=site_id), {"content-encoding": "gzip"}
    answer = upload_api.lambda_handler(http_event("POST", "/v1/uploads", body, caller=caller, headers=headers), CONTEXT)
    (outcome,) = UploadReceipt.model_validate_json(answer["body"]).outcomes
    assert outcome.printer_id is not None
    return outcome.printer_id


def read_now(grant: ActivationGrant) -> str:
    return read_at(grant, utc_now())


def printers_on(grant: ActivationGrant) -> int:
    return int(body_of(fleet("GET", f"/v1/agents/{grant.agent_id}"))["printers"])


def names(tables: dict[str, Table]) -> list[str]:
    return sorted(each.name for each in told(tables))


def test_a_retired_printer_is_on_no_list_and_in_no_count(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = read_now(grant)
    fleet("POST", "/v1/printer-tag-changes", {"printer_ids": [printer_id], "add": ["lease-2024"]})

    shown = retired(printer_id, said={"note": "By the C4500"})

    assert all(listed(sort=sort) == [] for sort in ("organization", "lowest_supply", "pages_per_month", "model"))
    assert tag_counts() == {}
    assert printers_on(grant) == 0
    assert shown["retirement"]["reason"] == "replaced"
    assert shown["retirement"]["note"] == "By the C4500"
    assert (shown["communication"], shown["silence"]) == ("noncommunicating", None)
    assert names(tables) == ["AgentActivated", "PrinterDiscovered", "PrinterRetired"]


def test_those_that_are_retired_have_a_list_of_their_own_with_the_same_filters() -> None:
    grant = activated()
    kept, gone = read_now(grant), found_by_agent()
    retired(gone)

    assert (listed(), listed(retired="true")) == ([kept], [gone])
    assert listed(retired="true", manufacturer="Brother") == [gone]
    assert listed(retired="true", manufacturer="HP") == []
    assert listed(retired="true", search="e78283", sort="last_reading") == [gone]
    for sort in ("lowest_supply", "pages_per_month"):
        refused = problem(fleet("GET", "/v1/printers", query={"retired": "true", "sort": sort}), 422)
        assert refused["errors"][0]["pointer"] == "query:sort"
    columns = {"retired": "true", "column": "retirement_reason"}
    assert fleet("GET", "/v1/printer-exports", query=columns)["body"] == "retirement_reason\r\nreplaced\r\n"


def test_its_history_stays_and_answers_under_its_id() -> None:
    printer_id = read_now(activated())
    retired(printer_id)

    assert details(printer_id)["life_count"] is not None
    assert body_of(fleet("GET", "/v1/meters/as-of", query={"printer_id": printer_id}))["readings"]
    assert history(printer_id) == ["discovered", "retired"]


def test_its_usage_is_in_the_usage_of_its_site_after_those_in_service(tables: dict[str, Table]) -> None:
    kept, gone = register()["printer_id"], register(serial_number="OTHER5512")["printer_id"]
    for printer_id in (kept, gone):
        read_by_hand(printer_id, 3, 1_000)
        read_by_hand(printer_id, 1, 1_300)
    retired(gone)

    first = (utc_now() - 9 * DAY).date().isoformat()
    whole = body_of(fleet("GET", "/v1/meters/usages", query={"site_id": SITE, "from": first}))
    pages: list[list[str]] = []
    cursor = None
    while cursor is not None or not pages:
        page = {"from": first, "limit": "1"} | ({"cursor": cursor} if cursor else {})
        answer = body_of(fleet("GET", "/v1/meters/usages", query=page))
        pages.append([each["printer_id"] for each in answer["items"]])
        cursor = answer["next_cursor"]

    assert [each["printer_id"] for each in whole["items"]] == [kept, gone]
    assert whole["totals"] == {"life_count": 600}
    assert pages == [[kept], [gone]]


def test_a_list_of_usage_without_retired_printers_ends_where_it_did() -> None:
    register()

    assert body_of(fleet("GET", "/v1/meters/usages", query={"limit": "1"}))["next_cursor"] is None
    assert problem(fleet("GET", "/v1/meters/usages", query={"cursor": "retired.x"}), 400)["code"] == "invalid_cursor"


def test_days_after_its_last_are_explained_and_its_last_count_may_be_entered(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer_id = register()["printer_id"]
    two_days_ago = utc_now() - 2 * DAY
    monkeypatch.setattr("functions.ingest.routes.registered_printers.utc_now", lambda: two_days_ago)
    last_day = retired(printer_id)["retirement"]["last_day"]

    read_by_hand(printer_id, 4, 500)
    read_by_hand(printer_id, 2, 700)
    late = {"printer_id": printer_id, "taken_at": utc_now().isoformat(), "counters": {"life_count": 800}}
    refused = problem(fleet("POST", "/v1/meters/reads", late | {"read_by": "Ada", "reason": "Late"}), 422)
    gaps = body_of(fleet("GET", "/v1/meters/gaps", query={"printer_id": printer_id}))["gaps"]

    assert (refused["code"], refused["errors"][0]["pointer"]) == ("printer_retired", "/taken_at")
    assert (gaps[-1]["reason"], gaps[-1]["first_day"] > last_day) == ("retired", True)
    assert usage_of(printer_id, 5)["last_day"] == last_day
    later = {"printer_id": printer_id, "from": (utc_now() - HOUR).date().isoformat()}
    assert body_of(fleet("GET", "/v1/meters/usages", query=later))["items"] == []


def test_it_stays_retired_since_the_first_time_and_the_reason_can_be_corrected(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    first = retired(printer_id)["retirement"]

    same, other = retired(printer_id)["retirement"], retired(printer_id, reason="sold")["retirement"]

    assert same == first
    assert other == first | {"reason": "sold"}
    assert history(printer_id) == ["registered", "retired", "retired"]
    assert names(tables).count("PrinterRetired") == 1


def test_what_is_asked_of_it_ends_and_its_serial_number_may_be_another_organisations(tables: dict[str, Table]) -> None:
    there = register(site_id=another_site(tables, OTHER_CHILD))["printer_id"]
    here = register()["printer_id"]

    retired(here)
    assert body_of(fleet("GET", "/v1/printer-questions"))["items"] == []

    back = body_of(bring_back(here))
    assert back["identity_conflict"]["kind"] == "other_organization"
    retired(there)
    retired(here)
    assert body_of(bring_back(there))["identity_conflict"] is None


def test_what_needs_a_printer_in_service_says_that_it_is_not() -> None:
    grant = activated()
    printer_id, other = read_now(grant), register()["printer_id"]
    retired(printer_id)
    retired(other)
    merger = fleet("POST", f"/v1/printers/{printer_id}/merges", {"other_printer_id": other})
    split = fleet("POST", f"/v1/printers/{printer_id}/splits", {"mac_address": "00:11:22:33:44:55"})
    correction = fleet("PATCH", f"/v1/printers/{other}", {"location": "First floor"})
    removal = fleet("DELETE", f"/v1/printers/{other}")
    tags = fleet("POST", "/v1/printer-tag-changes", {"printer_ids": [printer_id], "add": ["stock"]})

    codes = {problem(each, 409)["code"] for each in (merger, split, correction, removal)}

    assert codes == {"printer_retired"}
    assert body_of(tags)["items"][0]["code"] == "printer_retired"


def test_who_registers_it_again_learns_that_it_is_retired() -> None:
    printer_id = register()["printer_id"]
    retired(printer_id)

    refused = problem(fleet("POST", "/v1/printers", BESIDE_USB), 409)

    assert (refused["code"], printer_id in refused["detail"]) == ("printer_exists", True)
    assert "retired" in refused["detail"]


def test_one_out_of_sight_is_not_found() -> None:
    printer_id = read_now(activated())
    for caller in (foreign_partner(), partner(OTHER_CHILD)):
        problem(retire(printer_id, caller=caller), 404)
        problem(bring_back(printer_id, caller=caller), 404)

    assert listed() == [printer_id]


def test_a_reason_that_is_none_is_refused_by_name() -> None:
    printer_id = register()["printer_id"]

    assert problem(retire(printer_id, reason="bored"), 422)["errors"][0]["pointer"] == "/reason"


def test_nobody_tells_its_silence(tables: dict[str, Table]) -> None:
    grant, documents = activated(), DynamoDocuments(tables["fleet"])
    printer_id = read_at(grant, utc_now() - 5 * DAY)
    look(documents, utc_now())
    retired(printer_id)

    look(documents, utc_now() + 40 * DAY)

    events: list[Any] = []
    publish_due(documents, events.extend, utc_now() + 50 * DAY)
    of_silence = [each for each in events if each.name in {"PrinterSilent", "PrinterHeard"}]
    assert [(each.name, each.subject_id) for each in of_silence] == [("PrinterSilent", printer_id)]
    watch = documents.load([keys.watch(grant.agent_id)])[keys.watch(grant.agent_id)]
    assert (watch["silent"], watch["counts"]["total"]) == ([], 0)


def look(documents: DynamoDocuments, now: datetime) -> None:
    for watches in list(due_watches(documents, now + DAY)):
        look_after(documents, watches, now + DAY, lambda *_: None)
