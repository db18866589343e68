"""What people wrote of a printer that no agent reads is corrected; not of one that an agent reads."""

import pytest

from shared.clock import utc_now
from shared.table import Table
from tests.support.api_events import SITE, body_of
from tests.support.fleet_door import OTHER_CHILD, fleet, problem, tables
from tests.unit.ingest.test_registered_printers import (
    DAY,
    OTHER_SITE,
    Json,
    another_site,
    details,
    found_by_agent,
    history,
    read_by_hand,
    register,
    registered_days_ago,
)

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")


def correct(printer_id: str, if_match: str = "*", **changes: object) -> Json:
    return fleet("PATCH", f"/v1/printers/{printer_id}", changes, headers={"If-Match": if_match})


def tag_of(printer_id: str) -> str:
    tag: str = fleet("GET", f"/v1/printers/{printer_id}")["multiValueHeaders"]["ETag"][0]
    return tag


def test_a_mistyped_serial_number_is_corrected_and_the_printer_is_found_by_the_right_one() -> None:
    printer_id = register(serial_number="E78283K2N7")["printer_id"]

    corrected = correct(printer_id, serial_number="E78283K2N1")
    other = register(serial_number="E78283K2N7")["printer_id"]

    assert (corrected["statusCode"], body_of(corrected)["serial_number"]) == (200, "E78283K2N1")
    assert found_by_agent() == printer_id
    assert found_by_agent(reading_id="r9", serial_number="E78283K2N7") == other
    assert history(printer_id) == ["registered", "corrected", "discovered"]


def test_a_printer_is_not_corrected_into_another_one() -> None:
    known, printer_id = register()["printer_id"], register(serial_number="E78283K2N7")["printer_id"]

    refused = problem(correct(printer_id, serial_number="E78283K2N1"), 409)

    assert (refused["code"], known in refused["detail"]) == ("printer_exists", True)
    assert details(printer_id)["serial_number"] == "E78283K2N7"


def test_notes_and_the_site_are_written_anew_and_what_is_left_out_stays(tables: dict[str, Table]) -> None:
    printer_id = register(location="Reception", asset_tag="A-17")["printer_id"]

    after = body_of(correct(printer_id, location=None, site_id=another_site(tables)))
    before = tag_of(printer_id)
    correct(printer_id, asset_tag="A-17")

    assert (after["location"], after["asset_tag"], after["site_id"], after["site_name"]) == (
        None,
        "A-17",
        OTHER_SITE,
        "Annex",
    )
    assert details(printer_id) == after
    assert tag_of(printer_id) == before
    assert history(printer_id) == ["registered", "corrected"]


def test_of_two_who_saw_the_same_version_the_second_is_told() -> None:
    printer_id = register()["printer_id"]
    seen = tag_of(printer_id)

    won, lost = (correct(printer_id, seen, location=where) for where in ("Here", "There"))
    without = fleet("PATCH", f"/v1/printers/{printer_id}", {"location": "x"}, headers={})

    assert won["statusCode"] == 200
    assert problem(lost, 412)["code"] == "version_changed"
    assert problem(without, 428)["code"] == "if_match_required"
    assert details(printer_id)["location"] == "Here"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"model": None}, 422, "name_missing"),
        ({"serial_number": "none"}, 422, "serial_number_not_reliable"),
        ({"site_id": "site_01jd2x00000000000000000077"}, 404, "not_found"),
        ({"site_since": "2099-01-01"}, 422, "invalid_day"),
        ({"site_since": "yesterday"}, 422, "invalid_request"),
    ],
)
def test_a_correction_that_cannot_be_changes_nothing(changes: Json, status: int, code: str) -> None:
    made = register()

    assert problem(correct(made["printer_id"], **changes), status)["code"] == code
    assert details(made["printer_id"]) == made


def test_a_printer_stays_with_its_organisation(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]

    refused = problem(correct(printer_id, site_id=another_site(tables, OTHER_CHILD)), 422)

    assert (refused["code"], refused["errors"][0]["pointer"]) == ("site_elsewhere", "/site_id")


def test_what_a_printer_says_of_itself_counts_once_an_agent_has_read_it() -> None:
    register()

    refused = problem(correct(found_by_agent(), location="x"), 409)

    assert refused["code"] == "printer_read_by_agent"


def test_what_it_counted_before_it_was_moved_is_its_former_sites(tables: dict[str, Table]) -> None:
    printer_id, there = registered_days_ago(tables, 60), another_site(tables)
    for days_ago, count in ((50, 1_000), (30, 1_300), (10, 1_600), (1, 1_700)):
        read_by_hand(printer_id, days_ago, count)
    since = (utc_now() - 20 * DAY).date()

    moved = correct(printer_id, site_id=there, site_since=since.isoformat())

    assert moved["statusCode"] == 200
    by_site = {site: usages(site, 45) for site in (SITE, there)}
    assert by_site == {SITE: [(printer_id, SITE, 300)], there: [(printer_id, there, 400)]}
    assert usages(None, 45) == [*by_site[SITE], *by_site[there]]
    assert usages(SITE, 15) == []
    correct(printer_id, site_id=SITE, site_since=since.isoformat())
    assert usages(None, 45) == [(printer_id, SITE, 700)]


def usages(site_id: str | None, days: int) -> list[tuple[str, str, int]]:
    """Printer, site and pages of each row from so many days ago on."""
    asked = {"from": (utc_now() - days * DAY).date().isoformat()} | ({"site_id": site_id} if site_id else {})
    items = body_of(fleet("GET", "/v1/meters/usages", query=asked))["items"]
    return [(each["printer_id"], each["site_id"], each["counters"][0]["usage"]) for each in items]
