"""What a printer counted is its site's of that day, wherever the printer is now."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.identities.stays import MOST_STAYS, at_site, sites_between
from functions.ingest.meters.usage import Span, usage_of
from shared.directory.views import PrinterView, Stay
from shared.table import Item
from tests.support.api_events import AGENT, SITE
from tests.support.ingest import FakeDocuments
from tests.support.meters import LATER, at_day, counted, day_of, meta_of
from tests.support.printer_lives import OTHER_SITE, THIRD_AGENT, Fleet

BEGAN = date(2026, 1, 1)
DAY = timedelta(days=1)
SITES = ("site_a", "site_b", "site_c")


def printer(site_id: str = "site_a") -> Item:
    return {"site_id": site_id, "first_seen_at": "2026-01-01T08:00:00.000000Z"}


def site_on(meta: Item, day: date) -> str:
    ((site_id, first, last),) = sites_between(
        [Stay.model_validate(each) for each in meta.get("stays", [])], meta["site_id"], day, day
    )
    assert first == last == day
    return site_id


moves = st.lists(st.tuples(st.sampled_from(SITES), st.integers(0, 60)), max_size=MOST_STAYS)


@given(moves)
def test_each_day_is_of_the_site_that_was_said_last_of_it(said: list[tuple[str, int]]) -> None:
    meta = printer()
    truth = dict.fromkeys(range(62), "site_a")
    for site_id, since in said:
        meta = at_site(meta, site_id, BEGAN + since * DAY)
        truth |= dict.fromkeys(range(since, 62), site_id)

    assert {day: site_on(meta, BEGAN + day * DAY) for day in truth} == truth
    assert meta["site_id"] == truth[61]


@given(moves, st.integers(0, 61), st.integers(0, 61))
def test_the_stays_of_a_span_are_the_whole_span_one_after_the_other(
    said: list[tuple[str, int]], one: int, other: int
) -> None:
    meta = printer()
    for site_id, since in sorted(said, key=lambda each: each[1]):
        meta = at_site(meta, site_id, BEGAN + since * DAY)
    stays = [Stay.model_validate(each) for each in meta.get("stays", [])]
    first, last = (BEGAN + each * DAY for each in sorted((one, other)))

    found = list(sites_between(stays, meta["site_id"], first, last))

    assert (found[0][1], found[-1][2]) == (first, last)
    assert all(before[2] + DAY == after[1] and before[0] != after[0] for before, after in pairwise(found))


def test_a_printer_that_was_always_where_it_is_has_no_stays() -> None:
    assert at_site(printer(), "site_a", BEGAN + 5 * DAY) == printer()
    assert at_site(printer(), "site_b", BEGAN) == printer("site_b")


def living(*readings: tuple[str, int, int]) -> FakeDocuments:
    """A printer that agents read so many days ago, with such a life count."""
    documents = FakeDocuments()
    fleet = Fleet(documents)
    for number, (agent_id, days_ago, count) in enumerate(readings):
        at = at_day(days_ago)
        fleet.send(agent_id, counted(number, at, {"life_count": count}, mac_address=None), now=at)
    return documents


MOVED = ((AGENT, 30, 1_000), (AGENT, 20, 1_400), (AGENT, 15, 1_500), (THIRD_AGENT, 10, 1_600), (THIRD_AGENT, 6, 2_500))
"""It was at its first agent's site until ten days ago, and at another since."""


def usage(documents: FakeDocuments, first: int, last: int, site_id: str | None = None) -> list[tuple[str, str, int]]:
    """Site, first day and pages of each row."""
    span = Span(date.fromisoformat(day_of(first)), date.fromisoformat(day_of(last)))
    view = PrinterView.model_validate(meta_of(documents))
    page = usage_of([view], documents, span, None, LATER, site_id=site_id)
    assert page.totals.get("life_count", 0) == sum(row.counters[0].usage for row in page.items)
    return [(row.site_id, row.first_day.isoformat(), row.counters[0].usage) for row in page.items]


def test_pages_are_of_the_site_at_which_they_were_printed() -> None:
    documents = living(*MOVED, (THIRD_AGENT, 1, 2_500))

    both = usage(documents, 25, 0)

    assert both == [(SITE, day_of(25), 500), (OTHER_SITE, day_of(10), 1_000)]
    assert usage(documents, 25, 0, SITE) == both[:1]
    assert usage(documents, 25, 0, OTHER_SITE) == both[1:]
    assert usage(documents, 9, 0) == [(OTHER_SITE, day_of(9), 900)]


def test_a_stay_that_is_over_is_complete_though_nothing_was_read_at_its_end() -> None:
    documents = living(*MOVED, (THIRD_AGENT, 1, 2_500))
    span = Span(date.fromisoformat(day_of(25)), date.fromisoformat(day_of(0)))

    rows = usage_of([PrinterView.model_validate(meta_of(documents))], documents, span, None, LATER).items

    assert [row.is_complete for row in rows] == [True, True]


def test_a_printer_that_comes_back_has_a_row_for_each_stay() -> None:
    documents = living(*MOVED, (AGENT, 1, 2_600))

    assert usage(documents, 25, 0) == [(SITE, day_of(25), 500), (OTHER_SITE, day_of(10), 1_000), (SITE, day_of(1), 100)]
    assert usage(documents, 25, 0, SITE) == [(SITE, day_of(25), 500), (SITE, day_of(1), 100)]
