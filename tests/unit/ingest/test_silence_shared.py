"""Silence that printers share, and silence that goes with a printer from one agent to another."""

from datetime import timedelta

import pytest

from functions.ingest.lineages import transfers
from functions.ingest.table import keys
from shared.clock import key_time
from shared.event_data import PrinterSilent
from shared.events import BusEvent
from tests.support.api_events import ROOT_ORGANIZATION
from tests.support.ingest import NOW, FakeDocuments
from tests.support.printer_lives import ALL, KEY, holding
from tests.unit.ingest.test_watch import DAY, HOUR, Site, keep_alive, names, site

__all__ = ["site"]  # the fixture


def test_a_set_whose_password_was_changed_is_the_cause_that_its_printers_share(site: Site) -> None:
    site.send(HOUR, "A", "B", credentials="office-v3")
    site.send(HOUR, "C", credentials="office-v2c")

    told = keep_alive(site, 2 * HOUR, 5 * DAY, "C")

    cause = {"kind": "credential", "credential": "office-v3", "printers": 2}
    assert names(told) == ["PrinterSilent", "PrinterSilent"]
    assert [event.data["cause"] for event in told] == [cause, cause]
    assert [PrinterSilent.model_validate(event.data).cause.credential for event in told] == ["office-v3"] * 2


def test_a_set_that_another_agent_told_says_nothing_of_the_printers_of_this_one(site: Site) -> None:
    site.send(HOUR, "A", "B", credentials="office-v3")
    site.send(HOUR, "C", credentials="office-v2c")
    for key, item in site.documents.load([keys.meta(ROOT_ORGANIZATION, each) for each in site.printer_ids]).items():
        assert site.documents.save(item | {"credentials": item["credentials"] | {"agent_id": "agt_another"}}), key

    told = keep_alive(site, 2 * HOUR, 5 * DAY, "C")

    assert [event.data["cause"]["kind"] for event in told] == ["printer", "printer"]


def both(old: Site, new: Site, first: timedelta, last: timedelta, *serials: str) -> list[BusEvent]:
    """Two agents go on reporting, the second these printers, and the sweep looks at both."""
    told = []
    while first <= last:
        old.send(first, "OLD")
        new.send(first, *serials, subnet="203.0.113")
        told += old.sweep(first)
        first += 2 * HOUR
    return told


@pytest.mark.parametrize("back_after", [timedelta(hours=10), 3 * DAY], ids=["before the next look", "long after it"])
def test_a_printer_that_is_transferred_while_it_is_silent_stays_in_one_episode(
    fake: FakeDocuments, back_after: timedelta
) -> None:
    old, new = Site(fake), Site(fake)
    old.send(HOUR, "OLD", "A")
    silent = both(old, new, 2 * HOUR, 5 * DAY, "NEW")
    wanted = transfers.ask(fake, old.row, new.row, [silent[0].subject_id], visible=ALL, key_id=KEY, now=NOW + 5 * DAY)
    moved = transfers.step(fake, wanted, holding(), NOW + 5 * DAY)

    waiting = both(old, new, 5 * DAY + HOUR, 5 * DAY + back_after, "NEW")
    heard = both(old, new, 5 * DAY + back_after + HOUR, 5 * DAY + back_after + 30 * HOUR, "NEW", "A")

    assert moved["state"] == "completed"
    assert (names(silent), names(waiting), names(heard)) == (["PrinterSilent"], ["PrinterMoved"], ["PrinterHeard"])
    assert heard[0].data["silent_since"] == silent[0].data["since"] == key_time(NOW + HOUR)
    assert old.failed == new.failed == []
