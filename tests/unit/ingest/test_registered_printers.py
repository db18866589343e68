"""Printers that are registered by hand, because no agent reads them; and what becomes of one that an agent finds."""

from datetime import timedelta
from typing import Any

import pytest

from functions.ingest.lineages.chores import do_chores
from functions.ingest.table.outbox import publish_due
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import key_time, utc_now
from shared.directory import keys as directory
from shared.events import BusEvent
from shared.table import Table
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE, body_of, foreign_partner, partner
from tests.support.fleet_door import OTHER_CHILD, PATH, activated, fleet, problem, sent_reading, tables

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")
BESIDE_USB = {"site_id": SITE, "manufacturer": "Brother", "model": "HL-L2350DW", "serial_number": "E78283K2N1"}
OTHER_SITE = "site_01jd2x00000000000000000009"
DAY = timedelta(days=1)
Json = dict[str, Any]


def register(**changes: object) -> Json:
    answer = fleet("POST", "/v1/printers", BESIDE_USB | changes)
    assert answer["statusCode"] == 201, answer["body"]
    return dict(body_of(answer))


def details(printer_id: str) -> Json:
    return dict(body_of(fleet("GET", f"/v1/printers/{printer_id}")))


def read_by_hand(printer_id: str, days_ago: int, count: int) -> Json:
    body = {
        "printer_id": printer_id,
        "taken_at": (utc_now() - days_ago * DAY).isoformat(),
        "counters": {"life_count": count},
        "read_by": "Ada",
        "reason": "Behind USB",
    }
    answer = fleet("POST", "/v1/meters/reads", body)
    assert answer["statusCode"] == 201, answer["body"]
    return dict(body_of(answer))


def usage_of(printer_id: str, days: int) -> Json:
    first, last = ((utc_now() - each * DAY).date().isoformat() for each in (days, 0))
    (row,) = body_of(fleet("GET", "/v1/meters/usages", query={"printer_id": printer_id, "from": first, "to": last}))[
        "items"
    ]
    return dict(row)


def found_by_agent(**fields: Any) -> str:  # noqa: ANN401 - as `reading`
    said = {name: BESIDE_USB[name] for name in ("manufacturer", "model", "serial_number")}
    return sent_reading(activated(), **said | {"mac_address": None} | fields)


def history(printer_id: str) -> list[str]:
    return [each["what"] for each in body_of(fleet("GET", f"/v1/printers/{printer_id}/history"))["items"]]


def told(tables: dict[str, Table]) -> list[BusEvent]:
    found: list[BusEvent] = []
    publish_due(DynamoDocuments(tables["fleet"]), found.extend, utc_now() + timedelta(seconds=1))
    return found


def test_a_printer_that_no_agent_reads_is_listed_with_the_others(tables: dict[str, Table]) -> None:
    made = register(location="Reception", asset_tag="A-17")

    (listed,) = body_of(fleet("GET", "/v1/printers"))["items"]
    in_order = [
        [each["printer_id"] for each in body_of(fleet("GET", "/v1/printers", query={"sort": sort}))["items"]]
        for sort in ("lowest_supply", "pages_per_month", "last_reading", "model")
    ]
    (event,) = told(tables)

    by_whom = [len(body_of(fleet("GET", "/v1/printers", query={"read_by": who}))["items"]) for who in ("hand", "agent")]
    assert by_whom == [1, 0]
    silent = body_of(fleet("GET", "/v1/printers", query={"communication": "noncommunicating"}))["items"]
    assert silent == []
    without = body_of(fleet("GET", "/v1/printers", query={"communication": "not_connected"}))["items"]
    assert [each["printer_id"] for each in without] == [made["printer_id"]]
    assert details(made["printer_id"]) == made
    assert (listed["agent_id"], listed["communication"], listed["registration"]) == (
        None,
        "not_connected",
        "registered",
    )
    assert (listed["location"], listed["asset_tag"], listed["last_reading_at"]) == ("Reception", "A-17", None)
    assert in_order == [[made["printer_id"]]] * 4
    assert history(made["printer_id"]) == ["registered"]
    assert (event.name, event.subject_id, event.organization_id) == (
        "PrinterRegistered",
        made["printer_id"],
        CHILD_ORGANIZATION,
    )


def test_its_counts_are_read_by_hand_and_are_in_the_usage() -> None:
    printer_id = register()["printer_id"]

    reads = [read_by_hand(printer_id, days_ago, count) for days_ago, count in ((40, 1_000), (10, 1_600))]
    usage = usage_of(printer_id, 45)
    since = (utc_now() - 2 * DAY).date().isoformat()
    gaps = body_of(fleet("GET", "/v1/meters/gaps", query={"printer_id": printer_id, "from": since}))["gaps"]

    assert [each["verdict"] for each in reads] == ["accepted", "accepted"]
    assert [(each["counter"], each["usage"]) for each in usage["counters"]] == [("life_count", 600)]
    assert {each["reason"] for each in gaps} == {"no_agent"}
    longer = (utc_now() - 12 * DAY).date().isoformat()
    all_gaps = body_of(fleet("GET", "/v1/meters/gaps", query={"printer_id": printer_id, "from": longer}))
    assert all_gaps["days_counted"] == 1
    exported = fleet("GET", "/v1/meters/exports", query={"format": "csv", "from": since, "to": since})["body"]
    assert printer_id in exported


def test_the_first_agent_that_reads_it_finds_it_with_all_its_history(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    read_by_hand(printer_id, 10, 1_000)

    found = found_by_agent(life_count=1_250)
    again = found_by_agent(reading_id="r2")
    shown = details(printer_id)

    assert found == again == printer_id
    assert shown["agent_id"] is not None
    assert (shown["site_id"], shown["site_move"], shown["communication"]) == (SITE, None, "communicating")
    assert [each["usage"] for each in usage_of(printer_id, 12)["counters"]] == [250]
    assert history(printer_id) == ["registered", "discovered"]
    assert [each.name for each in told(tables) if each.name.startswith("Printer")] == [
        "PrinterRegistered",
        "PrinterDiscovered",
    ]
    (agent,) = body_of(fleet("GET", "/v1/printers", query={"agent_id": shown["agent_id"]}))["items"]
    assert agent["printer_id"] == printer_id
    assert body_of(fleet("GET", "/v1/printers", query={"read_by": "hand"}))["items"] == []


def another_site(tables: dict[str, Table], organization_id: str = CHILD_ORGANIZATION) -> str:
    """A second site, of the same organisation or of another one below the same partner."""
    accounts = tables["accounts"]
    (site,) = (accounts.get(directory.tenant(ROOT_ORGANIZATION), directory.site(SITE)),)
    assert site is not None
    path = PATH if organization_id == CHILD_ORGANIZATION else f"/{ROOT_ORGANIZATION}/{organization_id}/"
    place = {"organization_id": organization_id, "organization_path": path, "site_id": OTHER_SITE, "name": "Annex"}
    accounts.put(site | place | {"sk": directory.site(OTHER_SITE)})
    return OTHER_SITE


def test_one_that_an_agent_knew_by_its_mac_address_alone_becomes_part_of_it(tables: dict[str, Table]) -> None:
    """Its serial number could not be read at first; the reading that has both tells that they are one."""
    grant, mac = activated(), "00:80:77:31:01:07"
    said = {name: BESIDE_USB[name] for name in ("manufacturer", "model")} | {"mac_address": mac}
    by_mac = sent_reading(grant, reading_id="r1", **said | {"serial_number": None})
    by_hand = register()["printer_id"]
    read_by_hand(by_hand, 10, 400)

    both = sent_reading(grant, reading_id="r2", **said | {"serial_number": BESIDE_USB["serial_number"]})
    documents = DynamoDocuments(tables["fleet"])
    do_chores(documents, lambda *_: frozenset(), utc_now(), failed=fail, has_time=lambda: True)

    assert by_mac != by_hand == both
    assert details(by_mac)["printer_id"] == by_hand
    assert details(by_hand)["merged_printer_ids"] == [by_mac]
    assert [each["usage"] for each in usage_of(by_hand, 12)["counters"]] == [600]


def fail(_subject: str, error: Exception) -> None:
    raise error


def test_an_agent_that_finds_it_at_another_site_asks_where_its_supplies_go_now(tables: dict[str, Table]) -> None:
    printer_id = register(site_id=another_site(tables))["printer_id"]

    found_by_agent()
    shown = details(printer_id)

    assert (shown["site_id"], shown["site_move"]["from_site_id"]) == (SITE, OTHER_SITE)
    (asked,) = body_of(fleet("GET", "/v1/printer-questions"))["items"]
    assert (asked["printer_id"], asked["kind"]) == (printer_id, "site_move")


def registered_days_ago(tables: dict[str, Table], days_ago: int) -> str:
    """A printer that was registered so many days ago."""
    printer_id: str = register()["printer_id"]
    meta = tables["fleet"].get(directory.printer(ROOT_ORGANIZATION, printer_id), directory.PRINTER_META)
    assert meta is not None
    tables["fleet"].put(meta | {"first_seen_at": key_time(utc_now() - days_ago * DAY)})
    return printer_id


def test_a_day_before_the_first_agent_read_it_is_no_fault_of_that_agent(tables: dict[str, Table]) -> None:
    printer_id = registered_days_ago(tables, 5)

    found_by_agent()
    since = (utc_now() - 3 * DAY).date().isoformat()
    gaps = body_of(fleet("GET", "/v1/meters/gaps", query={"printer_id": printer_id, "from": since}))["gaps"]

    assert [each["reason"] for each in gaps if each["reason"] != "not_over"] == ["no_agent"]


@pytest.mark.parametrize("serial_number", ["e78283k2n1", " E78283K2N1 "])
def test_a_printer_is_registered_once(serial_number: str) -> None:
    printer_id = register()["printer_id"]

    refused = problem(fleet("POST", "/v1/printers", BESIDE_USB | {"serial_number": serial_number}), 409)

    assert refused["code"] == "printer_exists"
    assert printer_id in refused["detail"]


def test_a_printer_that_an_agent_reads_is_not_registered_again() -> None:
    found = found_by_agent()

    refused = problem(fleet("POST", "/v1/printers", BESIDE_USB), 409)

    assert (refused["code"], found in refused["detail"]) == ("printer_exists", True)


def test_of_two_who_register_it_at_once_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = DynamoDocuments.commit

    def overtaken(self: DynamoDocuments, items: list[Json], **more: Any) -> bool:  # noqa: ANN401 - as commit
        monkeypatch.setattr(DynamoDocuments, "commit", commit)
        register()
        return commit(self, items, **more)

    monkeypatch.setattr(DynamoDocuments, "commit", overtaken)

    assert problem(fleet("POST", "/v1/printers", BESIDE_USB), 409)["code"] == "printer_exists"
    assert len(body_of(fleet("GET", "/v1/printers"))["items"]) == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"serial_number": "unknown"}, "/serial_number"),
        ({"serial_number": "0000000000"}, "/serial_number"),
        ({"serial_number": " "}, "/serial_number"),
        ({"manufacturer": ""}, "/manufacturer"),
        ({"model": "x" * 65}, "/model"),
        ({"location": "x" * 256}, "/location"),
        ({"agent_id": "agt_01jd2x00000000000000000001"}, "/agent_id"),
    ],
)
def test_what_names_no_printer_is_refused_by_its_field(wrong: Json, pointer: str) -> None:
    refused = problem(fleet("POST", "/v1/printers", BESIDE_USB | wrong), 422)

    assert [each["pointer"] for each in refused["errors"]] == [pointer]
    assert body_of(fleet("GET", "/v1/printers"))["items"] == []


def test_a_site_or_a_printer_out_of_sight_is_not_found(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    sideways = partner(OTHER_CHILD)

    assert problem(fleet("POST", "/v1/printers", BESIDE_USB, caller=foreign_partner()), 404)["code"] == "not_found"
    assert problem(fleet("POST", "/v1/printers", BESIDE_USB, caller=sideways), 404)["code"] == "not_found"
    for caller in (foreign_partner(), sideways):
        problem(fleet("PATCH", f"/v1/printers/{printer_id}", {"location": "x"}, caller=caller), 404)


def test_the_same_printer_of_another_organisation_is_a_question_to_people(tables: dict[str, Table]) -> None:
    register(site_id=another_site(tables, OTHER_CHILD))

    here = register()

    assert here["identity_conflict"]["kind"] == "other_organization"
    (asked,) = body_of(fleet("GET", "/v1/printer-questions"))["items"]
    assert (asked["printer_id"], asked["kind"]) == (here["printer_id"], "identity_conflict")
    assert sorted(history(here["printer_id"])) == ["identity_conflict", "registered"]
