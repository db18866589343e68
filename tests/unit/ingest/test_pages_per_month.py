"""Pages per month: what they are counted from, and how seldom that writes a printer's own item."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.printers.pages_per_month import EVERY_DAYS, refresh, refresh_in_turn
from functions.ingest.table.pages_order import STEPS, step_text
from functions.ingest.table.ports import Documents
from tests.support.ingest import NOW, FakeDocuments
from tests.support.printer_lives import TENANT, Fleet

DAY: Final = timedelta(days=1)


def read_daily(
    fleet: Fleet, first: int, last: int, *, pages: int, begin: int = 10_000, without: range = range(0)
) -> str:
    """A reading on each day from ``first`` to ``last``, but on those ``without`` one."""
    printer_id = ""
    for day in range(first, last + 1):
        if day not in without:
            printer_id = fleet.read(after=day * DAY, serial_number="ONE1", life_count=begin + pages * day)
    return printer_id


def counted(fleet: Fleet, printer_id: str, day: int) -> int | None:
    """The figure after that day's look."""
    refresh(fleet.documents, TENANT, [printer_id], NOW + day * DAY + timedelta(minutes=5))
    pages: int | None = fleet.meta(printer_id).get("pages_per_month")
    return pages


def test_pages_of_a_month_are_those_of_the_last_thirty_days(documents: Documents) -> None:
    fleet = Fleet(documents)
    printer_id = read_daily(fleet, 0, 40, pages=10)
    assert counted(fleet, printer_id, 40) == 300

    read_daily(fleet, 41, 70, pages=50, begin=10_000 - 40 * 40)

    assert counted(fleet, printer_id, 70) == pytest.approx(1_500, abs=5)
    assert fleet.meta(printer_id)["pagessk"].startswith("001500#")


def test_a_young_printer_has_a_figure_after_a_week() -> None:
    fleet = Fleet()
    printer_id = read_daily(fleet, 0, 6, pages=20)
    assert (counted(fleet, printer_id, 6), fleet.meta(printer_id)["pagessk"][:8]) == (None, "unknown#")

    read_daily(fleet, 7, 10, pages=20)

    assert counted(fleet, printer_id, 10) == pytest.approx(600, abs=5)


@pytest.mark.parametrize("without", [range(9, 13), range(8, 25)], ids=["a long weekend", "a long holiday"])
def test_days_without_readings_do_not_hide_the_figure(without: range) -> None:
    fleet = Fleet()
    printer_id = read_daily(fleet, 0, 40, pages=20, without=without)

    assert counted(fleet, printer_id, 40) == pytest.approx(600, abs=10)


def test_counters_that_go_back_say_nothing_of_a_month_until_a_week_after() -> None:
    fleet = Fleet()
    printer_id = read_daily(fleet, 0, 30, pages=20)
    assert counted(fleet, printer_id, 30) == 600

    read_daily(fleet, 31, 35, pages=20, begin=-600)
    assert counted(fleet, printer_id, 35) is None

    read_daily(fleet, 36, 42, pages=20, begin=-600)
    assert counted(fleet, printer_id, 42) == pytest.approx(600, abs=5)


def test_a_printer_that_is_not_read_for_a_month_has_no_figure() -> None:
    fleet = Fleet()
    printer_id = read_daily(fleet, 0, 31, pages=20)
    assert counted(fleet, printer_id, 31) == 600

    assert counted(fleet, printer_id, 62) is None


def test_a_figure_that_hardly_moves_is_not_written() -> None:
    fleet = Fleet()
    printer_id = read_daily(fleet, 0, 40, pages=100)
    before = [counted(fleet, printer_id, 40), fleet.meta(printer_id)["version"]]

    read_daily(fleet, 41, 44, pages=150, begin=10_000 - 50 * 40)

    assert [counted(fleet, printer_id, 44), fleet.meta(printer_id)["version"]] == before
    read_daily(fleet, 45, 50, pages=150, begin=10_000 - 50 * 40)
    assert counted(fleet, printer_id, 50) == pytest.approx(3_500, abs=10)
    assert fleet.meta(printer_id)["version"] == before[1] + 1


def test_an_item_that_an_upload_wrote_meanwhile_is_left_for_the_next_day(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet()
    printer_id = read_daily(fleet, 0, 20, pages=100)
    assert isinstance(fleet.documents, FakeDocuments)
    monkeypatch.setattr(fleet.documents, "save", lambda _item: False)

    assert counted(fleet, printer_id, 20) is None


@given(st.lists(st.integers(0, 2_000_000), min_size=2, max_size=20))
@settings(deadline=None)
def test_more_pages_are_never_a_lower_step(pages: list[int]) -> None:
    ordered = sorted(pages)

    assert [step_text(each) for each in ordered] == sorted(step_text(each) for each in ordered)
    assert all(step_text(step) == f"{step:06d}" for step in STEPS)


def test_each_printer_has_its_turn_and_a_like_share_of_them_each_day() -> None:
    fleet = Fleet()
    printer_ids = [
        fleet.read(after=day * DAY, serial_number=f"ONE{number}", life_count=1_000 + 20 * day)
        for number in range(12)
        for day in (0, 10)
    ][1::2]

    written = [
        refresh_in_turn(fleet.documents, TENANT, printer_ids, NOW + (10 * DAY) + each * DAY)
        for each in range(EVERY_DAYS)
    ]

    assert sum(written) == len(printer_ids)
    assert [fleet.meta(each)["pages_per_month"] for each in printer_ids] == [pytest.approx(600, abs=60)] * 12
    assert max(written) < len(printer_ids)
