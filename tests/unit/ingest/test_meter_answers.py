"""What partners read of the ledger: as of a day, usage by page, files, gaps with their reasons."""

import csv
import io
import json
from datetime import date, timedelta

import pytest

from functions.ingest.meters import usage as meter_usage
from functions.ingest.meters.file import COLUMNS, FileFormat, file_of
from functions.ingest.meters.gaps import meter_gaps
from functions.ingest.meters.models import PrinterUsage, TotalCheck, UsagePage
from functions.ingest.meters.site_days import is_closed
from functions.ingest.meters.usage import Span
from functions.ingest.table import keys
from functions.ingest.uploads.accept_upload import accept_upload
from shared.clock import key_time
from shared.directory.views import PrinterView, SiteView
from shared.errors import Invalid
from shared.wire.reading import Counter, PrinterReading
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, FakeDocuments, sender, upload
from tests.support.meters import LATER, at_day, counted, day_of, meta_of, stored

SITE = SiteView.model_validate(
    {
        "tenant_id": "org_t",
        "organization_id": "org_o",
        "organization_path": "/org_t/",
        "site_id": "site_x",
        "name": "Head office",
        "address": {"address1": "x", "city": "Berlin", "postal_code": "1", "country": "DE"},
        "time_zone": "Europe/Berlin",
    }
)


def usage_of(documents: FakeDocuments, first: int, last: int) -> UsagePage:
    span = Span(date.fromisoformat(day_of(first)), date.fromisoformat(day_of(last)))
    return meter_usage.usage_of([PrinterView.model_validate(meta_of(documents))], documents, span, None, LATER)


def three_counters(total: int, mono: int, colour: int) -> TotalCheck:
    before = {"total_impressions": 1_000, "mono_impressions": 800, "color_impressions": 200}
    after = {"total_impressions": 1_000 + total, "mono_impressions": 800 + mono, "color_impressions": 200 + colour}
    documents = stored([counted(1, at_day(3), before), counted(2, at_day(1), after)])
    return usage_of(documents, 2, 0).items[0].sums


def test_mono_and_colour_are_the_total_within_half_a_percent() -> None:
    assert three_counters(1_000, 700, 300) == TotalCheck(total=1_000, mono=700, colour=300, agrees=True)
    assert three_counters(1_000, 700, 295).agrees is True
    assert three_counters(1_000, 700, 294).agrees is False


def test_a_life_count_in_sheets_is_no_total_of_sides() -> None:
    """A printer that counts its life in sheets, and prints on both sides: 600 sheets, 1,000 sides."""

    def read(number: int, days_ago: int, sheets: int, mono: int, colour: int) -> PrinterReading:
        each = counted(number, at_day(days_ago), {"mono_impressions": mono, "color_impressions": colour})
        life = Counter(name="life_count", value=sheets, unit="sheets")
        return each.model_copy(update={"counters": [life, *(each.counters or [])]})

    documents = stored([read(1, 3, 1_000, 800, 200), read(2, 1, 1_600, 1_500, 500)])

    assert usage_of(documents, 2, 0).items[0].sums == TotalCheck(total=None, mono=700, colour=300, agrees=None)


def test_a_total_is_not_checked_without_all_three() -> None:
    documents = stored([counted(1, at_day(3), {"life_count": 5}), counted(2, at_day(1), {"life_count": 9})])

    assert usage_of(documents, 2, 0).items[0].sums == TotalCheck(total=4, mono=None, colour=None, agrees=None)


def test_as_of_tells_how_old_a_reading_is_and_its_unit() -> None:
    documents = stored([counted(1, at_day(9), {"life_count": 1_000, "scan_count": 3})])

    answer = meter_usage.as_of(documents, meta_of(documents), date.fromisoformat(day_of(2)), LATER)

    told = [(each.counter, each.value, each.age_days, each.unit, each.kind) for each in answer.readings]
    assert told == [
        ("life_count", 1_000, 7, "impressions", "automatic"),
        ("scan_count", 3, 7, "impressions", "automatic"),
    ]


def test_days_that_are_not_kept_any_more_are_refused_by_name() -> None:
    today = NOW.date()
    for first, last, pointer in (
        (today - timedelta(days=401), None, "query:from"),
        (today, today - timedelta(days=1), "query:from"),
        (date.max, date.max, "query:from"),
        (None, date.min, "query:to"),
    ):
        with pytest.raises(Invalid) as refused:
            Span.of(first, last, NOW)
        assert refused.value.errors[0].pointer == pointer


def test_a_span_without_days_is_the_last_month_and_none_ends_in_the_future() -> None:
    tomorrow = NOW.date() + timedelta(days=1)  # where the date line is near

    assert Span.of(None, None, NOW) == Span(tomorrow - timedelta(days=31), tomorrow)
    assert Span.of(None, date.max, NOW).last == tomorrow
    oldest = NOW.date() - timedelta(days=400)
    assert Span.of(None, oldest, NOW) == Span(oldest, oldest)


def test_a_file_has_the_same_columns_in_both_forms() -> None:
    documents = stored([counted(1, at_day(3), {"life_count": 1_000}), counted(2, at_day(1), {"life_count": 1_040})])
    page = usage_of(documents, 2, 0)

    (row,) = csv.DictReader(io.StringIO(file_of(page, FileFormat.CSV, with_header=True)))
    (line,) = file_of(page, FileFormat.JSON_LINES, with_header=True).splitlines()

    assert tuple(row) == tuple(json.loads(line)) == COLUMNS
    assert (row["usage"], row["is_complete"], row["opening_value"], row["held_breaks"]) == ("40", "true", "1000", "")
    assert file_of(page, FileFormat.CSV, with_header=False).count("\r\n") == 1


def test_usage_of_a_printer_that_was_not_read_at_the_end_of_a_span_is_not_complete() -> None:
    """Last read so many days ago; three days without a reading are silence (SUP-30)."""
    complete = {}
    for days_ago in (1, 2, 3, 20):
        before, last = counted(1, at_day(30), {"life_count": 100}), counted(2, at_day(days_ago), {"life_count": 900})
        complete[days_ago] = usage_of(stored([before, last]), 25, 0).items[0].is_complete
    assert complete == {1: True, 2: True, 3: False, 20: False}

    silent_all_the_while = usage_of(stored([counted(1, at_day(30), {"life_count": 100})]), 10, 0).items[0]
    assert ([each.usage for each in silent_all_the_while.counters], silent_all_the_while.is_complete) == ([0], False)


def test_a_span_that_is_over_is_complete_whatever_came_of_the_printer_afterwards() -> None:
    documents = stored([counted(1, at_day(30), {"life_count": 100}), counted(2, at_day(12), {"life_count": 900})])

    assert usage_of(documents, 25, 11).items[0].is_complete


def test_a_printer_that_was_never_counted_has_a_row_in_the_file() -> None:
    page = usage_of(stored([counted(1, at_day(1), {}).model_copy(update={"counters": None})]), 2, 0)

    (row,) = csv.DictReader(io.StringIO(file_of(page, FileFormat.CSV, with_header=True)))
    (line,) = file_of(page, FileFormat.JSON_LINES, with_header=True).splitlines()

    assert tuple(row) == tuple(json.loads(line)) == COLUMNS
    assert (row["serial_number"], row["counter"], row["usage"], row["is_complete"]) == ("PHB1234567", "", "", "false")
    assert (json.loads(line)["usage"], json.loads(line)["closing_at"]) == (None, None)


def test_what_a_spreadsheet_would_take_for_a_formula_is_text() -> None:
    documents = stored([counted(1, at_day(3), {"life_count": 1_000}), counted(2, at_day(1), {"life_count": 1_040})])
    page = usage_of(documents, 2, 0)
    evil = page.model_copy(update={"items": [PrinterUsage(**dict(page.items[0]) | {"model": "=1+1"})]})

    (row,) = csv.DictReader(io.StringIO(file_of(evil, FileFormat.CSV, with_header=True)))

    assert row["model"] == "'=1+1"


def reasons(
    documents: FakeDocuments, first: int, last: int, site: SiteView | None = SITE
) -> list[tuple[str, str, str]]:
    meta = next(item for item in documents.of_kind("META") if item.get("serial_number") == "PHB1234567")
    gaps = meter_gaps(documents, meta, site, date.fromisoformat(day_of(first)), date.fromisoformat(day_of(last)), LATER)
    return [(each.first_day.isoformat(), each.last_day.isoformat(), each.reason.value) for each in gaps.gaps]


def fleet_with_peer(documents: FakeDocuments | None = None) -> FakeDocuments:
    """Known since ten days ago; read nine and two days ago, another printer five and six days ago."""
    own = [counted(1, at_day(9), {"life_count": 1}), counted(2, at_day(2), {"life_count": 9})]
    documents = stored(own, documents)
    for number, days_ago in enumerate((6, 5)):
        peer = counted(50 + number, at_day(days_ago), {"life_count": 7}, serial_number="OTHER123", mac_address=None)
        accept_upload(upload(peer, seq=900 + number), sender=sender(), config_etag='"c"', documents=documents)
    return documents


def test_every_day_without_a_count_has_its_reason() -> None:
    # 22 November 2026 is a Sunday
    documents = fleet_with_peer()

    assert reasons(documents, 12, 0) == [
        (day_of(12), day_of(10), "not_yet_discovered"),
        (day_of(8), day_of(7), "site_closed"),
        (day_of(6), day_of(5), "printer_silent"),
        (day_of(4), day_of(3), "agent_silent"),
        (day_of(1), day_of(0), "site_closed"),
    ]


def test_a_printer_that_is_its_agents_only_one_is_explained_by_the_agents_last_word() -> None:
    documents = stored([counted(1, at_day(6), {"life_count": 1})])
    contact = keys.agent_contact(AGENT)
    assert reasons(documents, 5, 3) == [(day_of(5), day_of(3), "unexplained")]

    documents.items[contact]["last_seen_at"] = f"{day_of(4)}T08:00:00.000000Z"
    assert reasons(documents, 5, 3) == [(day_of(5), day_of(4), "unexplained"), (day_of(3), day_of(3), "agent_silent")]


def test_printers_that_were_lost_long_ago_do_not_tell_that_their_agent_was_silent() -> None:
    """Twelve were read for the last time before the gap; one that was read all the while is asked before them."""
    documents = FakeDocuments()
    for number in range(12):
        lost = counted(100 + number, at_day(20), {"life_count": 5}, serial_number=f"LOST{number}", mac_address=None)
        accept_upload(upload(lost, seq=700 + number), sender=sender(), config_etag='"c"', documents=documents)
    fleet_with_peer(documents)

    assert reasons(documents, 6, 5) == [(day_of(6), day_of(5), "printer_silent")]


def test_a_printer_that_was_found_after_the_gap_does_not_tell_that_the_agent_was_silent() -> None:
    documents = stored([counted(1, at_day(9), {"life_count": 1}), counted(2, at_day(2), {"life_count": 9})])
    newcomer = counted(60, at_day(2), {"life_count": 8}, serial_number="NEW1", mac_address=None)
    accept_upload(upload(newcomer, seq=990), sender=sender(), config_etag='"c"', documents=documents)
    found = next(item for item in documents.of_kind("META") if item.get("serial_number") == "NEW1")
    documents.items[keys.meta(found["tenant_id"], found["printer_id"])]["first_seen_at"] = key_time(at_day(2))

    assert reasons(documents, 6, 5) == [(day_of(6), day_of(5), "unexplained")]


def test_today_is_no_gap_yet_whoever_else_was_read() -> None:
    """22 November 2026 is a Sunday: the site of the second case is open on Sundays."""
    documents = fleet_with_peer()
    peer = counted(60, at_day(0), {"life_count": 8}, serial_number="OTHER123", mac_address=None)
    accept_upload(upload(peer, seq=990), sender=sender(), config_etag='"c"', documents=documents)
    hours = {"weekday": 7, "opens": "00:00", "closes": "23:59"}
    always = SiteView.model_validate(SITE.model_dump() | {"opening_hours": [hours]})

    assert reasons(documents, 0, 0) == [(day_of(0), day_of(0), "site_closed")]
    assert reasons(documents, 0, 0, always) == [(day_of(0), day_of(0), "not_over")]


def test_the_last_word_of_an_agent_counts_for_the_day_it_had_at_the_site() -> None:
    """03:30 of a day in Greenwich is the evening before in New York."""
    documents = stored([counted(1, at_day(6), {"life_count": 1})])
    documents.items[keys.agent_contact(AGENT)]["last_seen_at"] = f"{day_of(3)}T03:30:00.000000Z"
    new_york = SITE.model_copy(update={"time_zone": "America/New_York"})

    assert reasons(documents, 3, 3, new_york) == [(day_of(3), day_of(3), "agent_silent")]


def test_a_day_that_was_read_without_a_counter_says_so() -> None:
    documents = stored(
        [
            counted(1, at_day(6), {"life_count": 1}),
            counted(2, at_day(4), {}).model_copy(update={"counters": None}),
            counted(3, at_day(3), {"life_count": 2}),
        ]
    )

    assert reasons(documents, 4, 3) == [(day_of(4), day_of(4), "no_counter")]


def test_a_site_is_closed_by_its_week_its_own_days_and_public_holidays() -> None:
    own = SITE.model_copy(update={"closed_days": ["2026-11-20"]})
    extra = SiteView.model_validate(
        SITE.model_dump() | {"extra_windows": [{"day": "2026-12-25", "opens": "08:00", "closes": "12:00"}]}
    )

    closed = [
        is_closed(each, date.fromisoformat(day))
        for each, day in (
            (SITE, "2026-11-20"),
            (SITE, "2026-11-21"),
            (own, "2026-11-20"),
            (SITE, "2026-12-25"),
            (extra, "2026-12-25"),
        )
    ]

    assert closed == [False, True, True, True, False]
