"""Agents that are heard every six hours or once a day: their printers' silence is noticed as soon as others'."""

from datetime import timedelta
from itertools import pairwise

import pytest

from shared.events import BusEvent  # noqa: TC001 - a plain model
from tests.support.ingest import NOW, FakeDocuments
from tests.unit.ingest.test_watch import DAY, HOUR, Site, names


@pytest.mark.parametrize("heartbeat", [6 * HOUR, DAY])
def test_the_printers_of_an_agent_that_is_seldom_heard_are_looked_at_each_day_all_the_same(
    fake: FakeDocuments, heartbeat: timedelta
) -> None:
    site, looks = Site(fake, heartbeat), list[timedelta]()
    site.daily = lambda _documents, _tenant_id, _ids, now: looks.append(now - NOW)

    for hour in range(10 * 24):
        if hour % (heartbeat // HOUR) == 0:
            site.send(hour * HOUR, "A")
        assert site.sweep(hour * HOUR) == []

    assert len(looks) >= 8
    assert all(later - earlier <= 28 * HOUR for earlier, later in pairwise([timedelta(0), *looks]))


@pytest.mark.parametrize("heartbeat", [6 * HOUR, DAY])
def test_a_printer_that_comes_back_is_told_within_hours_however_seldom_its_agent_is_heard(
    fake: FakeDocuments, heartbeat: timedelta
) -> None:
    site = Site(fake, heartbeat)
    site.send(HOUR, "A", "B")
    beats = range(1, 6 * 24 + 1, heartbeat // HOUR)
    silent: list[BusEvent] = []
    for hour in range(1, 6 * 24):
        if hour in beats:
            site.send(hour * HOUR, "A")
        silent += site.sweep(hour * HOUR)

    site.send(6 * DAY, "A", "B")
    heard = site.sweeps(6 * DAY, 6 * DAY + 7 * HOUR)

    assert (names(silent), names(heard)) == (["PrinterSilent"], ["PrinterHeard"])
    assert silent[0].occurred_at <= NOW + HOUR + 3 * DAY + 28 * HOUR
