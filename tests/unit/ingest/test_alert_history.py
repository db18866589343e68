"""The alerts of a printer that are over: with those of printers that were merged into it, a page at a time."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import boto3
import pytest
from moto import mock_aws

from functions.ingest.printers.alert_history import past_alerts
from functions.ingest.printers.cursor import Place
from shared.directory import keys
from shared.directory.lineage import FIRST, LAST, Span, with_spans
from shared.directory.reader import TicketsDirectory
from shared.errors import Malformed
from shared.names import DUE_INDEX, GSI1
from shared.table import Item, Table
from tests.support.printer_lives import TENANT
from tests.support.tables import make_table
from tests.unit.ingest.test_merging import merged, two

ONE, OTHER = "prn_01jd2x00000000000000000001", "prn_01jd2x00000000000000000002"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        yield make_table(boto3.client("dynamodb"), "tickets", (GSI1, DUE_INDEX))


def over(table: Table, printer_id: str, cleared_at: str, code: int) -> None:
    """An alert that ended then, as the tickets keep it."""
    at = f"{cleared_at}.000000Z"
    key = {"pk": keys.printer_calls(TENANT, printer_id), "sk": keys.past_alert(at, f"code-{code % 10}")}
    table.put({**key, "tenant_id": TENANT, "printer_id": printer_id, "cleared_at": at, "alert": {"code": code}})


def printer(*spans: Span) -> Item:
    return with_spans({"tenant_id": TENANT, "printer_id": ONE}, spans, ONE)


def pages(table: Table, of: Item, limit: int) -> list[list[int | None]]:
    """The codes, page by page."""
    found, cursor = [], None
    while True:
        page = past_alerts(TicketsDirectory(table), of, BERLIN, limit=limit, cursor=cursor)
        found.append([each.code for each in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 200])
def test_alerts_of_a_merged_printer_are_among_the_survivors_in_their_order(table: Table, limit: int) -> None:
    for number, day in enumerate(("01", "03", "05", "07")):
        over(table, ONE, f"2026-11-{day}T12:00:00", 10 + number)
    for number, day in enumerate(("02", "06", "08")):
        over(table, OTHER, f"2026-11-{day}T12:00:00", 20 + number)

    found = pages(table, printer(Span(ONE), Span(OTHER)), limit)

    assert [code for page in found for code in page] == [22, 13, 21, 12, 11, 20, 10]
    assert all(len(page) == limit for page in found[:-1])


def test_a_merger_brings_the_alerts_of_the_printer_that_is_no_more(table: Table) -> None:
    """ENT-01."""
    fleet, first, second = two()
    survivor = merged(fleet, first, second)
    for number, printer_id in enumerate((first, second)):
        over(table, printer_id, f"2026-11-0{number + 1}T12:00:00", 10 + number)

    assert pages(table, fleet.meta(survivor["printer_id"]), 50) == [[11, 10]]


def test_a_printer_of_its_own_shows_no_others(table: Table) -> None:
    over(table, ONE, "2026-11-01T12:00:00", 10)
    over(table, OTHER, "2026-11-02T12:00:00", 20)

    assert pages(table, printer(), 50) == [[10]]
    assert pages(table, {"tenant_id": TENANT, "printer_id": "prn_other"}, 50) == [[]]


def test_after_a_split_each_alert_is_that_printers_whose_local_day_it_ended_in(table: Table) -> None:
    """Midnight in Berlin is 23:00 UTC in winter."""
    for hour, code in (("22:59:59", 10), ("23:00:00", 11)):
        over(table, ONE, f"2026-11-09T{hour}", code)

    assert pages(table, printer(Span(ONE, FIRST, "2026-11-09")), 50) == [[10]]
    assert pages(table, printer(Span(ONE, "2026-11-10", LAST)), 50) == [[11]]
    assert pages(table, printer(Span(ONE, FIRST, "2026-11-08"), Span(ONE, "2026-11-10", LAST)), 1) == [[11]]


def test_alerts_that_ended_in_one_moment_stay_on_one_page_and_none_is_lost(table: Table) -> None:
    for printer_id, code in ((ONE, 11), (OTHER, 21)):
        over(table, printer_id, "2026-11-05T12:00:00", code)
        over(table, printer_id, "2026-11-04T12:00:00", code + 1)

    assert pages(table, printer(Span(ONE), Span(OTHER)), 1) == [[21, 11], [22, 12]]


@pytest.mark.parametrize("cursor", ["nonsense", "AAAA", "é"])
def test_a_cursor_of_no_list_is_refused(table: Table, cursor: str) -> None:
    with pytest.raises(Malformed):
        past_alerts(TicketsDirectory(table), printer(), BERLIN, limit=5, cursor=cursor)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("alerts of prn_other", Place(0, "2026-11-04T12:00:00.000000Z#code-1")),
        (f"alerts of {ONE}", Place(1, "2026-11-04T12:00:00.000000Z#code-1")),
        (f"alerts of {ONE}", Place(0, "9" * 2_000)),
    ],
)
def test_a_cursor_that_this_list_never_gave_is_refused(table: Table, name: str, place: Place) -> None:
    with pytest.raises(Malformed) as refused:
        past_alerts(TicketsDirectory(table), printer(), BERLIN, limit=5, cursor=place.written(name))

    assert refused.value.errors[0].pointer == "query:cursor"
