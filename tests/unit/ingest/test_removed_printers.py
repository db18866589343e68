"""A printer that was registered by mistake is removed; one that something rests on is not."""

from typing import Any

import pytest

from functions.ingest import settings
from functions.ingest.table.holdings import Holding
from functions.ingest.table.repository import DynamoDocuments
from shared.directory import keys as directory
from shared.table import Table
from tests.support.api_events import ROOT_ORGANIZATION, body_of, foreign_partner, partner
from tests.support.fleet_door import OTHER_CHILD, fleet, problem, tables
from tests.unit.ingest.test_registered_printers import (
    BESIDE_USB,
    another_site,
    found_by_agent,
    read_by_hand,
    register,
    told,
)

__all__ = ["tables"]  # the fixture


@pytest.fixture(autouse=True)
def held(tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch) -> set[Holding]:
    """What other contexts have of the printer."""
    assert tables
    found: set[Holding] = set()
    monkeypatch.setattr(settings, "holdings", lambda: lambda *_: frozenset(found))
    return found


def remove(printer_id: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as rest_event
    return fleet("DELETE", f"/v1/printers/{printer_id}", **options)


def tag_counts() -> dict[str, int]:
    items = body_of(fleet("GET", "/v1/printer-tags"))["items"]
    return {each["tag"]: each["printers"] for each in items}


def test_a_removed_printer_is_on_no_list_and_can_be_registered_again(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    fleet("POST", "/v1/printer-tag-changes", {"printer_ids": [printer_id], "add": ["usb"]})
    before = tag_counts()

    removed, again = remove(printer_id), remove(printer_id)

    assert (removed["statusCode"], again["statusCode"]) == (204, 404)
    assert body_of(fleet("GET", "/v1/printers"))["items"] == []
    assert (before["usb"], tag_counts().get("usb", 0)) == (1, 0)
    assert sorted(each.name for each in told(tables)) == ["PrinterRegistered", "PrinterRemoved"]
    assert register()["printer_id"] != printer_id
    assert found_by_agent() != printer_id


def test_the_question_that_was_asked_of_it_ends_with_it(tables: dict[str, Table]) -> None:
    there = register(site_id=another_site(tables, OTHER_CHILD))["printer_id"]
    here = register()["printer_id"]
    asked = body_of(fleet("GET", "/v1/printer-questions"))["items"]

    remove(here)
    remove(there)

    assert [each["printer_id"] for each in asked] == [here]
    assert body_of(fleet("GET", "/v1/printer-questions"))["items"] == []
    assert register()["identity_conflict"] is None


def test_one_that_an_agent_reads_stays() -> None:
    register()
    found = found_by_agent()

    assert problem(remove(found), 409)["code"] == "printer_read_by_agent"
    assert fleet("GET", f"/v1/printers/{found}")["statusCode"] == 200


def test_one_whose_counts_were_entered_stays() -> None:
    printer_id = register()["printer_id"]
    read_by_hand(printer_id, 3, 100)

    assert problem(remove(printer_id), 409)["code"] == "printer_has_counts"


@pytest.mark.parametrize("holding", list(Holding))
def test_one_that_is_in_use_stays(held: set[Holding], holding: Holding) -> None:
    printer_id = register()["printer_id"]
    held.add(holding)

    refused = problem(remove(printer_id), 409)

    assert refused["code"] == "printer_in_use"
    assert holding.value.replace("_", " ") in refused["detail"]
    held.clear()
    assert remove(printer_id)["statusCode"] == 204


def test_one_with_a_delivery_contact_stays_until_that_is_taken_away(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    key = {"pk": directory.tenant(ROOT_ORGANIZATION), "sk": directory.delivery_contact(printer_id)}
    tables["accounts"].put(key | {"printer_id": printer_id, "contact_id": "ctc_x"})

    assert "a delivery contact" in problem(remove(printer_id), 409)["detail"]


def test_one_out_of_sight_is_not_found() -> None:
    printer_id = register()["printer_id"]

    for caller in (foreign_partner(), partner(OTHER_CHILD)):
        problem(remove(printer_id, caller=caller), 404)
    assert fleet("GET", f"/v1/printers/{printer_id}")["statusCode"] == 200


def test_one_that_an_agent_finds_at_that_moment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    printer_id, commit = register()["printer_id"], DynamoDocuments.commit

    def overtaken(self: DynamoDocuments, items: list[Any], **more: Any) -> bool:  # noqa: ANN401 - as commit
        monkeypatch.setattr(DynamoDocuments, "commit", commit)
        assert found_by_agent() == printer_id
        return commit(self, items, **more)

    monkeypatch.setattr(DynamoDocuments, "commit", overtaken)

    assert problem(remove(printer_id), 409)["code"] == "printer_busy"
    assert fleet("GET", f"/v1/printers/{printer_id}")["statusCode"] == 200
    assert problem(fleet("POST", "/v1/printers", BESIDE_USB), 409)["code"] == "printer_exists"
