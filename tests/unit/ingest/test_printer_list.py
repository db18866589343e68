"""The list of printers against the plainest list there is: every printer looked at, one after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.identities.questions import Question
from functions.ingest.printers import listing as printer_list
from functions.ingest.printers.filter import PrinterFilter, Sort
from functions.ingest.printers.listing import Wanted
from functions.ingest.printers.models import Printer, PrinterPage
from functions.ingest.printers.place import LOW_STEPS
from functions.ingest.table.pages_order import STEPS
from shared.directory.views import ManagedStatus
from shared.eligibility.statuses import EligibilityStatus
from shared.errors import Invalid, Malformed
from shared.table import Item
from shared.visibility import Visible
from tests.support.api_events import SITE
from tests.support.ingest import NOW
from tests.support.listed import ROOT, Fleet, customer, printer_id

AGES: Final = {
    timedelta(minutes=5): {"communicating"},
    timedelta(days=2): {"noncommunicating"},
    timedelta(days=4): {"noncommunicating", "stale"},
    timedelta(days=8): {"noncommunicating", "exception"},
    timedelta(days=40): {"noncommunicating", "lost"},
}
MODELS: Final = ("Example Laser 500", "EXAMPLE LASER 500", "Other", None)
SERIALS: Final = ("AB1", "ab12", "XY9", None)
TAGS: Final = ("lease-2024", "stock")
COMMUNICATION: Final = ("communicating", "noncommunicating", "stale", "exception", "lost")
_ASKED_AT: Final = {"question_id": "qst_01jd2x00000000000000000001", "asked_at": "2026-11-20T08:00:00.000Z"}
ASKED: Final[dict[str, Item]] = {
    "site_move": _ASKED_AT | {"from_site_id": SITE, "to_site_id": SITE},
    "identity_conflict": _ASKED_AT | {"kind": "identity_conflict", "reason": "duplicate_serial"},
}


@dataclass(frozen=True, slots=True)
class Known:
    """A printer as the test knows it."""

    number: int
    of: int
    model: str | None
    serial: str | None
    tags: tuple[str, ...]
    level: float | None
    age: timedelta
    managed: ManagedStatus
    eligibility: EligibilityStatus
    questions: tuple[str, ...]
    pages: int | None

    def fits(self, wanted: PrinterFilter) -> bool:
        """Whether it is one of those, said without the code under test."""
        serial = (self.serial or "").lower()
        return all(
            (
                not wanted.model or (self.model or "").lower() in [each.lower() for each in wanted.model],
                not wanted.search or any(serial.startswith(each.lower()) for each in wanted.search),
                not wanted.tag or any(each in self.tags for each in wanted.tag),
                wanted.supply_below is None or (self.level is not None and self.level < wanted.supply_below),
                not wanted.communication or any(each in AGES[self.age] for each in wanted.communication),
                not wanted.managed_status or self.managed in wanted.managed_status,
                not wanted.eligibility_status or self.eligibility in wanted.eligibility_status,
                not wanted.question or any(each.value in self.questions for each in wanted.question),
            )
        )


def some(values: Any) -> st.SearchStrategy[list[Any]]:  # noqa: ANN401 - any values
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


FLEETS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(MODELS),
        st.sampled_from(SERIALS),
        st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
        st.none() | st.floats(0, 100),
        st.sampled_from(list(AGES)),
        st.sampled_from(list(ManagedStatus)),
        st.sampled_from(list(EligibilityStatus)),
        st.lists(st.sampled_from(sorted(ASKED)), unique=True).map(tuple),
        st.none() | st.integers(0, 200_000),
    ),
    max_size=25,
).map(lambda rows: [Known(number, *row) for number, row in enumerate(rows)])
FILTERS = st.builds(
    PrinterFilter,
    model=some(MODELS[:3]),
    search=some(("a", "AB12", "xy", "b")),
    tag=some(TAGS),
    supply_below=st.none() | st.sampled_from(LOW_STEPS),
    communication=some(COMMUNICATION),
    managed_status=some(list(ManagedStatus)),
    eligibility_status=some(list(EligibilityStatus)),
    question=some(list(Question)),
)


def fleet_of(printers: list[Known]) -> Fleet:
    fleet = Fleet()
    for each in printers:
        add(fleet, each)
    return fleet


def add(fleet: Fleet, each: Known) -> None:
    fleet.add(
        each.number,
        of=each.of,
        level=each.level,
        age=each.age,
        managed=each.managed,
        eligibility=each.eligibility,
        model=each.model,
        serial_number=each.serial,
        tags=list(each.tags),
        **{question: ASKED[question] for question in each.questions},
        **({} if each.pages is None else {"pages_per_month": each.pages}),
    )


def pages(fleet: Fleet, wanted: Wanted, limit: int) -> Iterator[PrinterPage]:
    cursor: str | None = None
    for _ in range(200):
        page = fleet.printers.page(wanted, limit=limit, cursor=cursor, now=NOW)
        assert len(page.items) <= limit
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
    raise AssertionError("the list does not end")


def listed(fleet: Fleet, wanted: Wanted, limit: int) -> list[Printer]:
    return [each for page in pages(fleet, wanted, limit) for each in page.items]


@given(
    printers=FLEETS, wanted=FILTERS, sort=st.sampled_from(Sort), limit=st.integers(1, 7), only=st.none() | st.just(2)
)
@settings(max_examples=60, deadline=None)
def test_pages_hold_each_printer_that_fits_once_and_no_other(
    printers: list[Known], wanted: PrinterFilter, sort: Sort, limit: int, only: int | None
) -> None:
    visible = ROOT if only is None else customer(only)

    found = [each.printer_id for each in listed(fleet_of(printers), Wanted(visible, wanted, sort), limit)]

    expected = [printer_id(each.number) for each in printers if each.fits(wanted) and only in {None, each.of}]
    assert sorted(found) == sorted(expected)


@given(printers=FLEETS, limit=st.integers(1, 7), read=st.integers(1, 9), wanted=FILTERS)
@settings(max_examples=30, deadline=None)
def test_a_page_that_ends_early_loses_nothing(
    printers: list[Known], limit: int, read: int, wanted: PrinterFilter
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printer_list, "MOST_READ", read)
        patch.setattr(printer_list, "MOST_JOINED", read)
        found = list(pages(fleet_of(printers), Wanted(ROOT, wanted, Sort.ORGANIZATION), limit))

    expected = [printer_id(each.number) for each in printers if each.fits(wanted)]
    assert sorted(each.printer_id for page in found for each in page.items) == sorted(expected)
    assert all(page.scanned <= read for page in found)


@given(printers=FLEETS, changes=st.lists(st.integers(0, 24), max_size=20), sort=st.sampled_from(Sort))
@settings(max_examples=40, deadline=None)
def test_printers_that_come_and_go_meanwhile_cost_no_other_its_place(
    printers: list[Known], changes: list[int], sort: Sort
) -> None:
    fleet = fleet_of(printers)
    wanted = Wanted(ROOT, PrinterFilter(), sort)
    todo, touched, found = list(changes), set(), []

    for page in pages(fleet, wanted, 2):
        found += [each.printer_id for each in page.items]
        if todo:
            number = todo.pop()
            touched |= {number, number + 100}
            fleet.remove(number)
            fleet.add(number + 100, of=number % 3 + 1, level=float(number))

    stayed = [printer_id(each.number) for each in printers if each.number not in touched]
    assert sorted(each for each in found if each in stayed) == sorted(stayed)


def step_of(pages: int) -> int:
    return max(step for step in STEPS if step <= pages)


@given(printers=FLEETS)
@settings(max_examples=30, deadline=None)
def test_the_orders_are_what_they_are_called(printers: list[Known]) -> None:
    fleet = fleet_of(printers)

    def values(sort: Sort, name: str) -> list[Any]:
        rows = listed(fleet, Wanted(ROOT, PrinterFilter(), sort), 3)
        return [getattr(row, name) for row in rows if getattr(row, name) is not None]

    assert values(Sort.ORGANIZATION, "organization_id") == sorted(values(Sort.ORGANIZATION, "organization_id"))
    low = [each for each in values(Sort.LOWEST_SUPPLY, "lowest_supply") if each < 30]
    assert [each // 5 for each in low] == sorted(each // 5 for each in low)
    rows = listed(fleet, Wanted(ROOT, PrinterFilter(), Sort.PAGES_PER_MONTH), 3)
    steps = [-1 if row.pages_per_month is None else STEPS.index(step_of(row.pages_per_month)) for row in rows]
    assert steps == sorted(steps, reverse=True)
    for sort, name in (
        (Sort.LAST_READING, "last_reading_at"),
        (Sort.MODEL, "model"),
        (Sort.SERIAL_NUMBER, "serial_number"),
    ):
        folded = [each.casefold() if isinstance(each, str) else each for each in values(sort, name)]
        assert folded == sorted(folded)
    newest = values(Sort.NEWEST, "first_seen_at")
    assert newest == sorted(newest, reverse=True)


def test_a_page_without_filters_looks_at_what_it_shows_whatever_the_fleet() -> None:
    fleet = Fleet()
    for number in range(120):
        fleet.add(number, of=number % 3 + 1, level=float(number % 100), pages_per_month=number**2)

    for sort in (Sort.ORGANIZATION, Sort.LOWEST_SUPPLY, Sort.PAGES_PER_MONTH):
        page = fleet.printers.page(Wanted(ROOT, PrinterFilter(), sort), limit=50, cursor=None, now=NOW)
        assert (len(page.items), page.scanned) == (50, 50)
    low = Wanted(customer(2), PrinterFilter(supply_below=20), Sort.LOWEST_SUPPLY)
    page = fleet.printers.page(low, limit=5, cursor=None, now=NOW)
    assert (len(page.items), page.scanned) == (5, 5)


def test_an_order_without_index_is_refused_for_more_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printer_list, "MOST_SORTED", 3)
    fleet = Fleet()
    for number in range(4):
        fleet.add(number, model="a" if number else "b")

    def page(wanted: PrinterFilter) -> PrinterPage:
        return fleet.printers.page(Wanted(ROOT, wanted, Sort.MODEL), limit=50, cursor=None, now=NOW)

    with pytest.raises(Invalid, match="More than 3 printers") as refused:
        page(PrinterFilter())
    assert refused.value.errors[0].pointer == "query:sort"
    assert len(page(PrinterFilter(model=["A"])).items) == 3


def other_lists() -> list[Wanted]:
    return [
        Wanted(customer(1), PrinterFilter(), Sort.ORGANIZATION),
        Wanted(Visible("org_x", "/org_x/"), PrinterFilter(), Sort.ORGANIZATION),
        Wanted(ROOT, PrinterFilter(tag=["a"]), Sort.ORGANIZATION),
        Wanted(ROOT, PrinterFilter(), Sort.LOWEST_SUPPLY),
        Wanted(ROOT, PrinterFilter(), Sort.MODEL),
    ]


@pytest.mark.parametrize("wanted", other_lists(), ids=lambda wanted: f"{wanted.sort} {wanted.filter.tag}")
def test_a_cursor_is_good_for_its_own_list_only(wanted: Wanted) -> None:
    fleet = Fleet()
    for number in range(3):
        fleet.add(number)
    page = fleet.printers.page(Wanted(ROOT, PrinterFilter(), Sort.ORGANIZATION), limit=1, cursor=None, now=NOW)

    with pytest.raises(Malformed, match="not one of this list"):
        fleet.printers.page(wanted, limit=1, cursor=page.next_cursor, now=NOW)
