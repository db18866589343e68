"""Readings by the shape known of a printer: fewer requests, and nothing missed."""

import pytest

from local.printers.messages import Operation
from local.printers.rows import Value, counter, integer, ticks
from tests.support.edge import MemoryTransport, memory_reader, plain_printer, printer_rows, read


def test_a_second_reading_asks_only_for_what_is_there() -> None:
    transport = MemoryTransport(plain_printer())
    reader = memory_reader(transport)

    first = read(transport, reader=reader)
    before = len(transport.requests)
    again = read(transport, reader=reader)

    assert len(transport.requests) - before <= 3
    assert again.model_dump(exclude={"reading_id"}) == first.model_dump(exclude={"reading_id"})


def test_a_changed_level_and_a_new_alert_are_seen_by_the_known_shape() -> None:
    transport = MemoryTransport(plain_printer(alerts=0))
    reader = memory_reader(transport)
    first = read(transport, reader=reader)

    transport.view = MemoryTransport(plain_printer(alerts=2)).view
    transport.view.put((1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 9, 1, 1), integer(-3))
    again = read(transport, reader=reader)

    assert first.alerts == []
    assert again.alerts is not None
    assert [alert.index for alert in again.alerts] == ["1.1", "1.2"]
    assert again.supplies is not None
    assert (again.supplies[0].level, again.supplies[0].percent, again.supplies[0].level_state) == (-3, None, "some")


@pytest.mark.parametrize(
    "change",
    [
        {"1.3.0": ticks(100)},  # restarted
        {"43.5.1.1.1.1": counter(5)},  # says that its configuration changed
    ],
)
def test_a_printer_that_may_have_changed_is_read_in_full(change: dict[str, Value]) -> None:
    transport = MemoryTransport(plain_printer(supplies=2))
    reader = memory_reader(transport)
    read(transport, reader=reader)

    transport.view = MemoryTransport({**plain_printer(supplies=3), **printer_rows(changed=change)}).view
    again = read(transport, reader=reader)

    assert [supply.index for supply in again.supplies or []] == ["1.1", "1.2", "1.3"]


def test_a_supply_that_went_away_is_noticed() -> None:
    transport = MemoryTransport(plain_printer(supplies=3))
    reader = memory_reader(transport)
    read(transport, reader=reader)

    transport.view = MemoryTransport(plain_printer(supplies=2)).view
    again = read(transport, reader=reader)

    assert [supply.index for supply in again.supplies or []] == ["1.1", "1.2"]


def test_a_known_printer_that_loses_its_alert_reply_clears_nothing() -> None:
    transport = MemoryTransport(plain_printer())
    reader = memory_reader(transport)
    read(transport, reader=reader)

    transport.lose = lambda request: request.operation is not Operation.GET
    again = read(transport, reader=reader)

    assert again.alerts is None
    assert again.supplies is not None


def test_a_printer_with_small_replies_is_asked_accordingly_from_then_on() -> None:
    transport = MemoryTransport(plain_printer(), max_response=484)
    reader = memory_reader(transport)
    first = read(transport, reader=reader, times=4)
    before = len(transport.requests)

    again = read(transport, reader=reader)

    assert again.model_dump(exclude={"reading_id"}) == first.model_dump(exclude={"reading_id"})
    kinds = [request.operation for request in transport.requests[before:]]
    assert Operation.GET_NEXT not in kinds
    assert kinds.count(Operation.GET) <= 6
