"""Finding out what is at fault: a lost datagram teaches nothing, and what was learnt is tried again in time."""

import asyncio
from datetime import datetime, timedelta

import pytest

from edge.reading.access import ASKED_AGAIN_AFTER, AccessPlan
from edge.reading.access_memory import AccessMemory
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.oids import PRT_MARKER_SUPPLIES_LEVEL
from local.printers.messages import Operation, Request
from shared.wire.reading import PrinterReading
from tests.support.edge import NOON, PRINTER, MemoryTransport, plain_printer

SECOND_LEVEL = (*PRT_MARKER_SUPPLIES_LEVEL, 1, 2)


class Site:
    """One printer, one reader, and a clock that the test moves."""

    def __init__(self) -> None:
        self.at = NOON
        self.transport = MemoryTransport(plain_printer())
        self.memory = AccessMemory()
        self.reader = Reader(self, limits=ReaderLimits(retries=1), memory=self.memory)
        self.reader._transport = self.transport

    def now(self) -> datetime:
        return self.at

    @property
    def plan(self) -> AccessPlan:
        return self.memory.plan_of(str(PRINTER))

    def read(self) -> PrinterReading:
        return asyncio.run(self.reader.read(PRINTER))


def hangs(request: Request) -> bool:
    """Whatever would have the second supply's level in its reply."""
    level = PRT_MARKER_SUPPLIES_LEVEL
    if request.operation is Operation.GET:
        return SECOND_LEVEL in request.oids
    rows = request.max_repetitions if request.operation is Operation.GET_BULK else 1
    reached = range(len(level), len(level) + 3)
    return any(
        name[: len(level)] == level
        and len(name) in reached
        and (name[-1] if len(name) > len(level) else 0) < 2
        and (name[-1] if len(name) > len(level) else 0) + rows >= 2
        for name in request.oids
    )


@pytest.mark.parametrize(
    ("first_lost", "lost_in_a_row"),
    [(first, many) for first in range(8) for many in (1, 2) if (first, many) != (0, 2)],  # that printer is silent
)
def test_lost_datagrams_teach_nothing(first_lost: int, lost_in_a_row: int) -> None:
    site = Site()
    lost = range(first_lost, first_lost + lost_in_a_row)
    site.transport.lose = lambda _request: len(site.transport.requests) - 1 in lost

    reading = site.read()

    assert site.plan.learnt_at is None
    assert "not_answered" not in reading.missing.values()


def test_an_object_that_hangs_is_left_out_and_asked_for_again_after_a_week() -> None:
    site = Site()
    site.transport.lose = hangs
    first = site.read()
    assert first.missing["prtMarkerSuppliesLevel"] == "not_answered"
    assert SECOND_LEVEL in site.plan.skipped

    site.transport.lose = lambda _request: False
    site.at = NOON + ASKED_AGAIN_AFTER - timedelta(minutes=1)
    site.reader._shapes.clear()
    assert site.read().missing["prtMarkerSuppliesLevel"] == "not_answered"
    site.at = NOON + ASKED_AGAIN_AFTER
    site.reader._shapes.clear()
    again = site.read()

    assert "prtMarkerSuppliesLevel" not in again.missing
    assert [supply.level for supply in again.supplies or []] == [500] * 5


def test_an_object_that_begins_to_hang_later_is_found_and_left_out_then() -> None:
    site = Site()
    site.read()
    site.read()
    site.transport.lose = hangs
    site.reader._shapes[PRINTER].proven = False

    reading = site.read()
    before = len(site.transport.requests)
    again = site.read()

    for each in (reading, again):
        assert [supply.level for supply in each.supplies or []] == [500, None, 500, 500, 500]
        assert each.missing["prtMarkerSuppliesLevel"] == "not_answered"
    assert len(site.transport.requests) - before <= 3


def test_a_printer_that_is_silent_costs_two_datagrams_a_reading() -> None:
    site = Site()
    site.transport.lose = lambda _request: True

    for _ in range(3):
        before = len(site.transport.requests)
        with pytest.raises(ReadError, match="no answer"):
            site.read()
        assert len(site.transport.requests) - before == 2
