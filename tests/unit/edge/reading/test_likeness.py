"""Printers of one kind: read with fewer questions, and each as if it were the only one."""

import asyncio

import pytest

from edge.reading.kinds import MOST_FAULTS
from edge.reading.reader import Reader
from edge.snmp.targets import Target
from local.printers.messages import Request
from local.printers.rows import MibView, Oid, Value, integer, octets, text, ticks
from shared.wire.reading import PrinterReading
from tests.support.edge import FixedClock, MemoryTransport, plain_printer, printer_rows

FIRST, SECOND, THIRD = (Target(f"192.0.2.{number}") for number in (101, 102, 103))


class Site:
    """Some printers, one after another at one transport, and one reader for all of them."""

    def __init__(self) -> None:
        self.transport = MemoryTransport(plain_printer())
        self.reader = self._reader()

    def read(self, target: Target, rows: dict[Oid, Value]) -> PrinterReading:
        self.transport.view = MibView(rows)
        self.transport.requests.clear()
        return asyncio.run(self.reader.read(target))

    def read_alone(self, target: Target, rows: dict[Oid, Value]) -> PrinterReading:
        """By a reader that knows no other printer."""
        kept, self.reader = self.reader, self._reader()
        try:
            return self.read(target, rows)
        finally:
            self.reader = kept

    def _reader(self) -> Reader:
        reader = Reader(FixedClock())
        reader._transport = self.transport
        return reader


def other_printer(serial: str, changes: dict[str, Value] | None = None, **rows: int) -> dict[Oid, Value]:
    """Of the same model, with a serial number of its own."""
    own = {"1.1.0": text(f"HP ETHERNET MULTI-ENVIRONMENT,SN:{serial}"), "43.5.1.1.17.1": text(serial)}
    return plain_printer(**rows) | printer_rows(own=own | (changes or {}))


def told(reading: PrinterReading) -> dict[str, object]:
    return reading.model_dump(exclude={"reading_id"})


CHANGES: dict[str, dict[str, Value]] = {
    "nothing": {},
    "other values": {
        "43.11.1.1.9.1.2": integer(77),
        "43.10.2.1.4.1.1": integer(123_456_789),
        "43.11.1.1.6.1.1": text("A much longer description of the first supply"),
        "2.2.1.6.2": octets(b"\x00\x1b\x78\x0a\x0b\x0c"),
    },
    "a row more at the end": {"43.11.1.1.9.1.6": integer(1)},
    "a row more in between": {"43.11.1.1.9.1.2.7": integer(1)},
    "a column more": {"43.11.1.1.7.1.1": integer(7)},
    "a table more": {"43.8.2.1.10.1.1": integer(250)},
    "a maker's object more": {"43.12.1.1.4.1.1": text("black")},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_reads_as_if_it_were_the_only_one(change: dict[str, Value]) -> None:
    site = Site()
    for target, serial in ((FIRST, "CNBX000001"), (SECOND, "CNBX000002")):
        site.read(target, other_printer(serial))
    rows = other_printer("CNBX000003", change)

    reading = site.read(THIRD, rows)
    again = site.read(THIRD, rows)

    assert told(reading) == told(site.read_alone(THIRD, rows))
    assert told(again) == told(reading)


@pytest.mark.parametrize("gone", ["43.11.1.1.9.1.5", "43.11.1.1.9.1.2", "43.10.2.1.4.1.1"])
def test_a_row_less_is_noticed(gone: str) -> None:
    site = Site()
    site.read(FIRST, other_printer("CNBX000001"))
    rows = other_printer("CNBX000002")
    [name] = printer_rows(gone={gone: integer(0)})
    del rows[name]

    reading = site.read(SECOND, rows)

    assert told(reading) == told(site.read_alone(SECOND, rows))


def test_the_second_of_a_kind_is_asked_less() -> None:
    site = Site()
    site.read(FIRST, other_printer("CNBX000001", supplies=9))
    before = len(site.transport.requests)

    site.read(SECOND, other_printer("CNBX000002", supplies=9))

    assert len(site.transport.requests) < before


@pytest.mark.parametrize("alerts", [0, 1, 2, 5])
def test_each_has_its_own_alerts_with_their_time(alerts: int) -> None:
    site = Site()
    site.read(FIRST, other_printer("CNBX000001", alerts=1))
    rows = other_printer("CNBX000002", {"1.3.0": ticks(600_000)}, alerts=alerts)

    reading = site.read(SECOND, rows)

    assert told(reading) == told(site.read_alone(SECOND, rows))
    assert len(reading.alerts or []) == alerts


def test_a_printer_that_leaves_the_questions_unanswered_is_read_in_the_usual_way() -> None:
    site = Site()
    site.read(FIRST, other_printer("CNBX000001"))
    rows = other_printer("CNBX000002")
    alone = site.read_alone(SECOND, rows)
    usual = [request.oids for request in site.transport.requests]

    def too_many(request: Request) -> bool:
        return request.oids not in usual and len(request.oids) > 20

    site.transport.lose = too_many
    reading = site.read(SECOND, rows)

    assert told(reading) == told(alone)


def test_after_some_that_are_not_alike_no_more_are_taken_to_be() -> None:
    site = Site()
    different = range(1, MOST_FAULTS + 2)
    for number in different:
        rows = other_printer(f"CNBX00000{number}", supplies=number)
        reading = site.read(Target(f"192.0.2.{number}"), rows)
        assert told(reading) == told(site.read_alone(Target(f"192.0.2.{number}"), rows))
    rows = other_printer("CNBX000009", supplies=different[-1])

    site.read(THIRD, rows)
    asked = [request.oids for request in site.transport.requests]
    site.read_alone(THIRD, rows)

    assert asked == [request.oids for request in site.transport.requests]
