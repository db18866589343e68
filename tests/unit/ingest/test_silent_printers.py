"""Silent printers as partners see them, on moto."""

from datetime import timedelta
from typing import Any

import pytest

from functions.ingest import settings
from functions.ingest.agent_desk import printer_counts
from functions.ingest.agents import agent_printers
from functions.ingest.silence import printers_look
from functions.ingest.silence.watch import due_watches, look_after
from functions.ingest.wiring import managed_statuses
from shared.clock import utc_now
from shared.table import Table
from tests.support.api_events import body_of
from tests.support.fleet_door import activated, fleet, problem, send, sent_reading, tables
from tests.support.ingest import packed, reading, upload_body
from tests.unit.ingest.test_agent_life import details, in_programme

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")


def test_a_printer_without_a_reading_for_days_is_listed_with_its_stage_and_found_by_it(
    tables: dict[str, Table],
) -> None:
    """AT-AGT-02: its address was taken out of the search, so nothing reads it; it stays listed, and managed."""
    grant = activated()
    fresh = sent_reading(grant)
    old_at = utc_now() - timedelta(days=8)
    body = upload_body(
        reading("old", taken_at=old_at, serial_number="PHB7654321", mac_address="00:11:22:33:44:66"),
        seq=2,
        sent_at=utc_now(),
    )
    old = body_of(send(grant, packed(body)))["outcomes"][0]["printer_id"]
    in_programme(tables, old, "managed")
    fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"discovery": {"include": ["198.51.100.0/24"]}})

    def found(communication: str) -> list[dict[str, Any]]:
        return list(body_of(fleet("GET", "/v1/printers", query={"communication": communication}))["items"])

    assert [each["printer_id"] for each in found("communicating")] == [fresh]
    assert [each["printer_id"] for each in found("noncommunicating")] == [old]
    (listed,) = found("exception")
    assert (listed["printer_id"], listed["managed_status"]) == (old, "managed")
    assert (listed["silence"]["stage"], listed["silence"]["cause"]) == ("exception", None)
    assert found("stale") == found("lost") == []
    assert details(grant.agent_id)["printers_by_state"] == {"reporting": 1, "stale": 0, "exception": 1, "lost": 0}
    refused = problem(fleet("GET", "/v1/printers", query={"communication": "gone"}), 422)
    assert refused["errors"][0]["pointer"] == "query:communication/0"


@pytest.mark.parametrize(("most", "shown"), [(1, (1, False)), (2, (2, True)), (3, (2, True))])
def test_details_say_when_an_agent_reads_more_printers_than_they_count(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch, most: int, shown: tuple[int, bool]
) -> None:
    monkeypatch.setattr(printer_counts, "MOST_PRINTERS", most)
    grant = activated()
    for n in (1, 2):
        printer = sent_reading(grant, reading_id=f"r{n}", serial_number=f"PHB00{n}", mac_address=None)
        in_programme(tables, printer, "managed")

    counts = details(grant.agent_id)

    assert (counts["printers"], counts["is_complete"]) == shown
    assert counts["managed_printers"] == counts["printers_by_state"]["reporting"] == counts["printers"]


def test_details_of_an_agent_with_many_printers_count_the_silent_as_the_daily_look_did(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_counts, "MOST_JUDGED", 1)
    monkeypatch.setattr(agent_printers, "PAGE", 1)
    grant = activated()
    for n in (1, 2, 3):
        sent_reading(grant, reading_id=f"r{n}", serial_number=f"PHB00{n}", mac_address=None)
    before = details(grant.agent_id)

    documents, later = settings.documents(), utc_now() + timedelta(days=4)
    for watches in list(due_watches(documents, later)):
        look_after(documents, watches, later, fail)
    after = details(grant.agent_id)

    assert (before["printers"], before["is_complete"], before["printers_by_state"]["reporting"]) == (3, True, 1)
    assert (after["printers"], after["is_complete"]) == (3, True)
    assert after["printers_by_state"] == {"reporting": 0, "stale": 3, "exception": 0, "lost": 0}
    assert after["managed_printers"] == after["pending_printers"] == 0


@pytest.mark.parametrize(("most", "is_of_the_look"), [(2, True), (3, False)])
def test_details_of_an_agent_with_very_many_printers_are_those_of_the_daily_look(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch, most: int, is_of_the_look: bool
) -> None:
    # Given three printers, looked at two at a time; one managed, one pending
    monkeypatch.setattr(printers_look, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(printer_counts, "MOST_PRINTERS", most)
    grant, began = activated(), utc_now() + timedelta(days=4)
    ids = [sent_reading(grant, reading_id=f"r{n}", serial_number=f"PHB00{n}", mac_address=None) for n in (1, 2, 3)]
    in_programme(tables, ids[0], "managed")
    in_programme(tables, ids[1], "pending")
    documents = settings.documents()
    before = details(grant.agent_id)

    # When every part was looked at, and a printer becomes managed afterwards
    for minute in range(4):
        now = began + timedelta(minutes=minute)
        for watches in list(due_watches(documents, now)):
            look_after(documents, watches, now, fail, statuses_of=managed_statuses)
    in_programme(tables, ids[2], "managed")
    after = details(grant.agent_id)

    # Then the details are those of the look where there are more than are counted, else those of now
    assert (before["is_complete"], before["counted_at"]) == (not is_of_the_look, None)
    assert (after["printers"], after["is_complete"]) == (3, True)
    assert (after["managed_printers"], after["pending_printers"]) == ((1 if is_of_the_look else 2), 1)
    assert (after["counted_at"] is not None) == is_of_the_look

    # And each look counts anew
    for minute in range(4):
        now = began + timedelta(days=2, minutes=minute)
        for watches in list(due_watches(documents, now)):
            look_after(documents, watches, now, fail, statuses_of=managed_statuses)
    assert details(grant.agent_id)["managed_printers"] == 2


def fail(_agent_id: str, error: Exception) -> None:
    raise error
