"""An agent with more printers than are looked at in one go: told as those of a small one are, part by part."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from functions.ingest.silence import printers_look
from functions.ingest.table import keys
from shared.events import BusEvent
from shared.table import Item
from tests.support.ingest import NOW, FakeDocuments
from tests.unit.ingest.test_watch import DAY, HOUR, Site, names

SERIALS = ("a", "b", "c", "d", "e", "f", "g")
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=[1, 2, 3, 50], ids=lambda most: f"{most} at once")
def site(fake: FakeDocuments, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Site:
    monkeypatch.setattr(printers_look, "MOST_AT_ONCE", request.param)
    return Site(fake)


def watch_of(site: Site) -> Item:
    key = keys.watch(site.agent_id)
    return site.documents.load([key])[key]


def swept(site: Site, first: timedelta, last: timedelta, *alive: str, subnet: str = "192.0.2") -> list[BusEvent]:
    """What is told while these printers report every two hours and each look is gone on with minute by minute."""
    told = []
    while first <= last:
        if alive:
            site.send(first, *alive, subnet=subnet)
        told += [each for minute in range(20) for each in site.sweep(first + minute * MINUTE)]
        first += 2 * HOUR
    assert site.failed == []
    return told


def test_every_printer_is_looked_at_and_told_once(site: Site) -> None:
    site.send(HOUR, *SERIALS)

    told = swept(site, 2 * HOUR, 6 * DAY, "g", subnet="198.51.100")

    assert names(told) == ["PrinterSilent"] * 6
    assert len({event.subject_id for event in told}) == 6
    assert {event.data["cause"]["kind"] for event in told} == {"subnet"}
    assert {event.data["cause"]["printers"] for event in told} == {6}
    counts = watch_of(site)["counts"]
    assert (int(counts["total"]), int(counts["reporting"])) == (7, 1)
    assert "look" not in watch_of(site)


def test_those_that_come_back_are_told_once_and_the_others_go_on(site: Site) -> None:
    site.send(HOUR, *SERIALS)
    swept(site, 2 * HOUR, 6 * DAY, "g")

    told = swept(site, 6 * DAY + 2 * HOUR, 9 * DAY, "b", "d", "g")

    assert names(told) == ["PrinterHeard"] * 2
    assert len(watch_of(site)["silent"]) == 4
    assert names(swept(site, 9 * DAY + 2 * HOUR, 11 * DAY, *SERIALS)) == ["PrinterHeard"] * 4


def test_a_part_that_fails_is_done_again_and_tells_nothing_twice(
    site: Site, fake: FakeDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.send(HOUR, *SERIALS)
    real, count = fake.save, [0]

    def save(item: Item) -> bool:
        count[0] += item["sk"] == "WATCH"
        return real(item) if item["sk"] != "WATCH" or count[0] % 3 else False

    monkeypatch.setattr(fake, "save", save)

    told = swept(site, 2 * HOUR, 6 * DAY, "g", subnet="198.51.100")

    assert names(told) == ["PrinterSilent"] * 6
    assert len({event.subject_id for event in told}) == 6


def test_a_printer_that_goes_to_another_agent_stays_in_its_episode(site: Site, fake: FakeDocuments) -> None:
    site.send(HOUR, *SERIALS)
    swept(site, 2 * HOUR, 5 * DAY, "g")
    gone = watch_of(site)["silent"][0]
    fake.remove(keys.agent_printer(site.agent_id, gone))

    told = swept(site, 5 * DAY + 2 * HOUR, 7 * DAY, "g")

    assert told == []
    assert gone in watch_of(site)["silent"]
    assert int(watch_of(site)["counts"]["total"]) == 6


def test_what_is_done_daily_is_done_with_each_printer_once_a_day(site: Site) -> None:
    looked: list[str] = []

    def daily(_documents: object, _tenant_id: str, printer_ids: Sequence[str], _now: datetime) -> None:
        looked.extend(printer_ids)

    site.send(HOUR, *SERIALS)
    site.daily = daily
    swept(site, 2 * HOUR, 2 * DAY, *SERIALS)

    assert {looked.count(each) for each in site.printer_ids} <= {1, 2}
    assert len(set(looked)) == len(SERIALS)


def test_the_day_of_a_look_is_the_one_it_began_on(site: Site) -> None:
    site.send(HOUR, *SERIALS)
    swept(site, 2 * HOUR, 3 * DAY, *SERIALS)
    began = datetime.fromisoformat(watch_of(site)["printers_at"])

    assert NOW + 2 * DAY <= began <= NOW + 3 * DAY + HOUR
