"""Retired printers that come back: with their next reading, at whatever agent, or because people say so."""

from datetime import timedelta

import pytest

from shared.clock import utc_now
from shared.table import Table
from tests.support.api_events import SITE, body_of
from tests.support.fleet_door import activated, fleet, tables
from tests.unit.ingest.test_registered_printers import another_site, details, found_by_agent, history, register
from tests.unit.ingest.test_retired_printers import (
    bring_back,
    held,
    listed,
    names,
    printers_on,
    read_at,
    read_now,
    retired,
    tag_counts,
)

__all__ = ["held", "tables"]  # the fixtures
pytestmark = pytest.mark.usefixtures("tables")
HOUR = timedelta(hours=1)


def test_the_next_reading_brings_it_back_on_all_lists(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = read_now(grant)
    fleet("POST", "/v1/printer-tag-changes", {"printer_ids": [printer_id], "add": ["lease-2024"]})
    retired(printer_id)

    assert read_now(grant) == printer_id

    assert all(listed(sort=sort) == [printer_id] for sort in ("organization", "lowest_supply", "pages_per_month"))
    assert listed(retired="true") == []
    assert tag_counts() == {"lease-2024": 1}
    assert details(printer_id)["retirement"] is None
    assert history(printer_id) == ["discovered", "retired", "returned"]
    assert names(tables)[-2:] == ["PrinterRetired", "PrinterReturned"]
    assert printers_on(grant) == 1


def test_it_goes_out_of_service_and_back_any_number_of_times(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = read_now(grant)
    for _ in range(3):
        retired(printer_id)
        assert listed() == []
        read_now(grant)
        assert listed() == [printer_id]

    assert names(tables).count("PrinterReturned") == 3


def test_a_reading_that_was_taken_before_and_comes_late_is_kept_and_brings_nobody_back() -> None:
    grant = activated()
    printer_id = read_at(grant, utc_now() - 5 * HOUR)
    retired(printer_id)

    assert read_at(grant, utc_now() - HOUR) == printer_id
    late = details(printer_id)
    assert (late["retirement"] is not None, listed()) == (True, [])
    assert late["communication_age_seconds"] < 2 * HOUR.total_seconds()

    # What the late one said of itself is what the next one says: that one still brings it back.
    assert read_now(grant) == printer_id
    assert listed() == [printer_id]


def test_an_agent_at_another_site_that_reads_it_has_it_at_once(tables: dict[str, Table]) -> None:
    former, there = activated(), another_site(tables)
    printer_id = read_now(former)
    retired(printer_id)
    new = activated()

    assert read_at(new, utc_now(), site_id=there) == printer_id

    shown = details(printer_id)
    assert (shown["agent_id"], shown["site_id"]) == (new.agent_id, there)
    assert shown["site_move"]["from_site_id"] == SITE
    assert listed(question="site_move") == [printer_id]
    assert printers_on(former) == 0


def test_one_that_was_registered_by_hand_is_found_by_its_first_agent_all_the_same(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    retired(printer_id)

    assert found_by_agent() == printer_id

    assert listed() == [printer_id]
    assert {"PrinterDiscovered", "PrinterReturned"} <= set(names(tables))


def test_its_retirement_is_taken_back_by_people(tables: dict[str, Table]) -> None:
    grant = activated()
    printer_id = read_now(grant)
    retired(printer_id)

    back, again = bring_back(printer_id), bring_back(printer_id)

    assert [(each["statusCode"], body_of(each)["retirement"]) for each in (back, again)] == [(200, None)] * 2
    assert listed() == [printer_id]
    assert printers_on(grant) == 1
    assert names(tables).count("PrinterReturned") == 1
