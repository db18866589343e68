"""More silent printers of one agent than are followed: each episode ends all the same."""

from datetime import timedelta

import pytest

from functions.ingest.silence import printers_look
from functions.ingest.table import keys
from tests.support.ingest import FakeDocuments
from tests.unit.ingest.test_watch import DAY, HOUR, Site, names

SERIALS = ("a", "b", "c", "d", "e")


@pytest.fixture
def site(fake: FakeDocuments, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An agent with five printers of which two are followed, all told as silent."""
    monkeypatch.setattr(printers_look, "MOST_FOLLOWED", 2)
    made = Site(fake)
    made.send(HOUR, *SERIALS)
    told = made.sweeps(2 * HOUR, 5 * DAY, 6 * HOUR)
    assert names(told) == ["AgentSilent"] + ["PrinterSilent"] * 5
    return made


def kept_alive(site: Site, first: timedelta, last: timedelta, *serials: str) -> list[str]:
    """Subjects told as heard while the agent reports these printers every two hours."""
    told = []
    while first <= last:
        site.send(first, *serials)
        told += [event.subject_id for event in site.sweep(first) if event.name == "PrinterHeard"]
        first += 2 * HOUR
    return told


def test_each_printer_that_comes_back_is_told_once_within_a_day_however_many_are_followed(site: Site) -> None:
    told = kept_alive(site, 5 * DAY + HOUR, 6 * DAY + 8 * HOUR, *SERIALS)

    assert sorted(told) == sorted(site.printer_ids)
    assert kept_alive(site, 6 * DAY + 10 * HOUR, 9 * DAY, *SERIALS) == []
    assert site.failed == []


def test_those_that_stay_silent_are_not_told_while_others_come_back(site: Site) -> None:
    told = kept_alive(site, 5 * DAY + HOUR, 8 * DAY, "a", "e")
    rest = kept_alive(site, 8 * DAY + 2 * HOUR, 10 * DAY, *SERIALS)

    assert (len(told), len(rest)) == (2, 3)
    assert sorted(told + rest) == sorted(site.printer_ids)


def test_a_watch_that_does_not_say_whether_it_follows_all_is_looked_at_whole_once(site: Site) -> None:
    key = keys.watch(site.agent_id)
    row = site.documents.load([key])[key]
    assert row.pop("more_silent") is True
    assert site.documents.save(row)

    told = kept_alive(site, 5 * DAY + HOUR, 6 * DAY + 8 * HOUR, *SERIALS)

    assert sorted(told) == sorted(site.printer_ids)
    assert site.documents.load([key])[key]["more_silent"] is False
