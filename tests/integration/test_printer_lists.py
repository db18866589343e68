"""The list of printers as a dealer uses it, on the deployed template."""

import csv
import io
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urljoin

import pytest

from shared.eligibility.statuses import EligibilityStatus
from shared.wire.reading import Alert
from tests.support.deployed import Json, Tenant, World, another_agent, eventually, fresh, problem_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]
LIST: Final = "/v1/printers"
MODEL: Final = "Listed 500"


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


@pytest.fixture(scope="module")
def printers(tenant: Tenant) -> list[str]:
    """Five printers of one model: levels 90, 70, 50, 15 and 5 percent; the last was read two days ago."""
    agent = another_agent(tenant)
    levels = (90, 70, 50, 15, 5)
    ages = (timedelta(seconds=1),) * 4 + (timedelta(days=2),)
    readings = [
        fresh(f"listed-{number}", f"LIST-{number}", level=level, ago=ago, model=MODEL)
        for number, (level, ago) in enumerate(zip(levels, ages, strict=True))
    ]
    return [each["printer_id"] for each in agent.send(*readings, seq=1)["outcomes"]]


def found(tenant: Tenant, **query: Any) -> list[str]:  # noqa: ANN401 - any parameter
    response = tenant.door.ask("GET", LIST, params={"model": MODEL, **query})
    assert response.status_code == 200, response.text
    return [each["printer_id"] for each in response.json()["items"]]


def test_values_of_a_category_are_alternatives_and_categories_narrow_each_other(
    tenant: Tenant, printers: list[str]
) -> None:
    assert found(tenant, search=["list-1", "LIST-3", "nobody"]) == sorted([printers[1], printers[3]])
    assert found(tenant, search=["list-1", "LIST-3"], communication="noncommunicating") == []
    assert found(tenant, communication=["noncommunicating", "lost"]) == [printers[4]]
    assert found(tenant, managed_status="managed") == []
    assert len(found(tenant, managed_status=["managed", "unmanaged"])) == 5
    assert found(tenant, supply_below="20", sort="lowest_supply") == [printers[4], printers[3]]
    assert found(tenant, sort="last_reading")[0] == printers[4]


def test_a_row_says_what_a_dealer_looks_for(tenant: Tenant, printers: list[str]) -> None:
    (row,) = tenant.door.got(LIST, search="LIST-3", model=MODEL)["items"]

    assert row["organization_name"] == f"{tenant.name} customer"
    assert row["site_name"] == "Head office"
    assert (row["managed_status"], row["communication"], row["lowest_supply"]) == ("unmanaged", "communicating", 15.0)
    assert row["communication_age_seconds"] < 600


def test_eligibility_questions_and_pages_narrow_and_order_the_list(tenant: Tenant, printers: list[str]) -> None:
    by_status = {each: found(tenant, eligibility_status=each.value) for each in EligibilityStatus}

    assert sorted(each for ids in by_status.values() for each in ids) == sorted(printers)
    wanted = {"organization_id": tenant.ids["organization_id"], "printer_ids": printers}
    evaluation = tenant.door.made("/v1/eligibility-evaluations", wanted)
    assert {each["printer_id"]: each["status"] for each in evaluation["printers"]} == {
        printer_id: status.value for status, ids in by_status.items() for printer_id in ids
    }
    assert found(tenant, question=["site_move", "identity_conflict"]) == []
    assert found(tenant, sort="pages_per_month", limit="200") == sorted(printers)


def test_an_alert_that_is_over_is_in_the_printers_history(tenant: Tenant) -> None:
    agent = another_agent(tenant)
    jam = Alert(index="1.1", severity="critical", group="mediaPath", code=8, description="Jam in tray 1")
    (sent,) = agent.send(fresh("jam-1", "JAMMED", ago=timedelta(minutes=2), alerts=[jam]), seq=1)["outcomes"]
    agent.send(fresh("jam-2", "JAMMED", alerts=[]), seq=2)

    history = f"{LIST}/{sent['printer_id']}/alerts"
    (alert,) = eventually(lambda: tenant.door.got(history)["items"], "the alert that is over")

    assert (alert["code"], alert["description"]) == (8, "Jam in tray 1")
    assert alert["opened_at"] < alert["cleared_at"]
    assert problem_of(tenant.door.ask("GET", f"{LIST}/prn_{'0' * 26}/alerts"))["status"] == 404


def test_pages_go_on_where_the_last_one_ended(tenant: Tenant, printers: list[str]) -> None:
    seen, cursor = [], None
    while True:
        query = {"model": MODEL, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = tenant.door.got(LIST, **query)
        seen += [each["printer_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == sorted(printers)
    other = tenant.door.got(LIST, model=MODEL, limit="1")["next_cursor"]
    assert problem_of(tenant.door.ask("GET", LIST, params={"limit": "1", "cursor": other}))["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"sort": "colour"}, "query:sort"),
        ({"supply_below": "17"}, "query:supply_below"),
        ({"communication": "gone"}, "query:communication/0"),
        ({"managed_status": "MPS"}, "query:managed_status/0"),
        ({"eligibility_status": "perhaps"}, "query:eligibility_status/0"),
        ({"question": "why"}, "query:question/0"),
        ({"tag": "x" * 51}, "query:tag/0"),
        ({"search": "x" * 129}, "query:search/0"),
        ({"model": ["x"] * 21}, "query:model"),
        ({"site_id": "here"}, "query:site_id/0"),
    ],
)
def test_a_parameter_at_fault_is_named(tenant: Tenant, query: dict[str, Any], pointer: str) -> None:
    problem = problem_of(tenant.door.ask("GET", LIST, params=query))

    assert (problem["status"], [error["pointer"] for error in problem["errors"]]) == (422, [pointer])


def test_tags_are_set_in_bulk_counted_and_found(tenant: Tenant, printers: list[str]) -> None:
    def changed(**wanted: Any) -> list[Json]:  # noqa: ANN401 - any field
        return list(tenant.door.made("/v1/printer-tag-changes", {"printer_ids": printers[:3], **wanted})["items"])

    first = changed(add=["Lease-2024", "  two   words "])
    again = changed(add=["lease-2024"])
    some = {each["tag"]: each["printers"] for each in tenant.door.got("/v1/printer-tags")["items"]}

    assert [each["tags"] for each in first] == [each["tags"] for each in again] == [["lease-2024", "two words"]] * 3
    assert (some["lease-2024"], some["two words"]) == (3, 3)
    assert found(tenant, tag="LEASE-2024") == sorted(printers[:3])
    assert [each["tags"] for each in changed(set=[])] == [[]] * 3
    assert "lease-2024" not in {each["tag"] for each in tenant.door.got("/v1/printer-tags")["items"]}
    wrong = problem_of(tenant.door.ask("POST", "/v1/printer-tag-changes", {"printer_ids": printers}))
    assert (wrong["status"], wrong["code"]) == (422, "invalid_request")


def test_a_saved_view_lists_what_it_says_and_is_changed_by_who_has_seen_it(tenant: Tenant, printers: list[str]) -> None:
    wanted: Json = {
        "name": "Low here",
        "filter": {"model": [MODEL], "supply_below": 20},
        "sort": "lowest_supply",
        "columns": ["serial_number", "lowest_supply"],
        "shared": True,
    }
    made = tenant.door.made("/v1/printer-views", wanted)
    path = f"/v1/printer-views/{made['view_id']}"

    listed = tenant.door.got(LIST, view_id=made["view_id"])["items"]
    file = tenant.door.ask("GET", "/v1/printer-exports", params={"view_id": made["view_id"]}).text
    twice = problem_of(tenant.door.ask("POST", "/v1/printer-views", wanted | {"name": "LOW HERE"}))
    both = problem_of(tenant.door.ask("GET", LIST, params={"view_id": made["view_id"], "model": "x"}))
    unseen = problem_of(tenant.door.ask("PUT", path, wanted))
    etag = tenant.door.ask("GET", path).headers["etag"]
    changed = tenant.door.ask("PUT", path, wanted | {"sort": "organization"}, headers={"if-match": etag})
    late = problem_of(tenant.door.ask("DELETE", path, headers={"if-match": etag}))
    gone = tenant.door.ask("DELETE", path, headers={"if-match": changed.headers["etag"]})

    assert [each["printer_id"] for each in listed] == [printers[4], printers[3]]
    assert file == "serial_number,lowest_supply\r\nLIST-4,5.0\r\nLIST-3,15.0\r\n"
    assert (twice["code"], both["code"]) == ("name_taken", "view_and_filters")
    assert (unseen["status"], late["status"]) == (428, 412)
    assert (changed.status_code, gone.status_code) == (200, 204)
    assert problem_of(tenant.door.ask("GET", path))["status"] == 404


def test_the_file_comes_in_parts_that_make_one(tenant: Tenant, printers: list[str]) -> None:
    text, parts = "", 0
    url = "/v1/printer-exports"
    query: dict[str, Any] | None = {"model": MODEL, "limit": "2", "bom": "true", "column": ["serial_number", "managed"]}
    while url:
        response = tenant.door.ask("GET", url, params=query)
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        text, parts, query = text + response.content.decode(), parts + 1, None
        link = response.headers.get("link", "")
        assert bool(link) == ("x-next-cursor" in response.headers)
        url = urljoin("/v1/printer-exports", link.partition("<")[2].partition(">")[0]) if link else ""

    assert text.startswith("\ufeffserial_number,managed\r\n")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]
    assert sorted(rows) == [[f"LIST-{number}", ""] for number in range(5)]
    assert parts >= 3


def test_supply_levels_are_shown_by_day(tenant: Tenant, printers: list[str]) -> None:
    days = tenant.door.got(f"{LIST}/{printers[3]}/supply-levels")["items"]

    assert [(day["index"], day["percent"], day["replaced"]) for day in days] == [("1.1", 15.0, False)]
