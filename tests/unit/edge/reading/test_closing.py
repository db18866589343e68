"""The last question of a reading by shape: alerts that come, go and change, told by one datagram."""

import pytest

from local.printers.messages import Operation, Request
from local.printers.rows import Value, counter, integer, text, ticks
from shared.wire.reading import PrinterReading
from tests.support.edge import MemoryTransport, memory_reader, plain_printer, printer_rows, read

BEHIND_THE_ALERTS = "43.19.1.1.2.1.1"


class Site:
    """One printer that is known by its shape."""

    def __init__(self, *, alerts: int) -> None:
        self.alerts = alerts
        self.changes: dict[str, Value] = {BEHIND_THE_ALERTS: counter(1_000)}
        self.transport = MemoryTransport({})
        self.reader = memory_reader(self.transport)
        for _ in range(3):
            self.read()

    def read(self) -> PrinterReading:
        rows = plain_printer(alerts=self.alerts) | printer_rows(changed=self.changes)
        self.transport.view = MemoryTransport(rows).view
        self.transport.requests.clear()
        return read(self.transport, reader=self.reader)

    def read_alone(self) -> PrinterReading:
        """By a reader that has never seen it."""
        return read(self.transport, reader=memory_reader(self.transport))


def told(reading: PrinterReading) -> dict[str, object]:
    return reading.model_dump(exclude={"reading_id"})


@pytest.mark.parametrize("alerts", [0, 1, 3, 7])
def test_a_small_printer_is_read_by_one_datagram(alerts: int) -> None:
    site = Site(alerts=alerts)

    reading = site.read()

    assert len(site.transport.requests) <= 2
    assert (len(site.transport.requests) == 1) == (alerts < 3)
    assert told(reading) == told(site.read_alone())


@pytest.mark.parametrize("before", [0, 1, 2, 6])
@pytest.mark.parametrize("after", [0, 1, 2, 9])
def test_alerts_come_and_go(before: int, after: int) -> None:
    site = Site(alerts=before)
    site.alerts = after

    reading = site.read()
    again = site.read()

    assert len(reading.alerts or []) == after
    assert told(reading) == told(again) == told(site.read_alone())


def test_an_alert_of_the_same_length_in_the_place_of_another_is_seen() -> None:
    site = Site(alerts=1)
    site.changes |= {"43.18.1.1.8.1.1": text("Tray 2 empty"), "43.18.1.1.5.1.1": integer(2)}

    reading = site.read()

    assert [alert.description for alert in reading.alerts or []] == ["Tray 2 empty"]
    assert told(reading) == told(site.read_alone())
    assert [alert.description for alert in site.read().alerts or []] == ["Tray 2 empty"]


def test_what_stands_behind_the_alert_table_may_change_at_no_cost() -> None:
    site = Site(alerts=0)
    site.changes |= {BEHIND_THE_ALERTS: counter(1_001), "1.3.0": ticks(500_100)}

    reading = site.read()

    assert len(site.transport.requests) == 1
    assert reading.alerts == []
    assert reading.uptime_ticks == 500_100


def test_the_time_of_an_alert_is_reckoned_by_the_uptime_of_the_same_reply() -> None:
    site = Site(alerts=1)
    site.changes |= {"1.3.0": ticks(506_000)}

    [alert] = site.read().alerts or []
    [alone] = site.read_alone().alerts or []

    assert alert.raised_at == alone.raised_at


def test_a_printer_that_leaves_the_joint_question_unanswered_is_asked_for_its_parts() -> None:
    site = Site(alerts=1)

    def joint(request: Request) -> bool:
        return request.operation is Operation.GET_BULK and request.non_repeaters > 1

    site.transport.lose = joint
    site.reader._shapes[next(iter(site.reader._shapes))].proven = False

    reading = site.read()
    again = site.read()

    assert told(reading) == told(again)
    assert len(reading.alerts or []) == 1
    assert len(site.transport.requests) == 2


def test_a_cell_that_went_away_makes_the_printer_be_read_in_full() -> None:
    site = Site(alerts=0)
    rows = plain_printer(alerts=0, supplies=4) | printer_rows(changed=site.changes)
    site.transport.view = MemoryTransport(rows).view

    reading = read(site.transport, reader=site.reader)

    assert [supply.index for supply in reading.supplies or []] == ["1.1", "1.2", "1.3", "1.4"]
    assert told(reading) == told(site.read_alone())
