"""The reader over a printer in memory: real requests and replies, faults on the way, no socket."""

from datetime import timedelta

import pytest

from edge.reading.reader import ReaderLimits, ReadError, new_reading_id
from local.printers.manners import EndlessView
from local.printers.messages import Operation
from local.printers.rows import integer, text, ticks
from tests.support.edge import NOON, MemoryTransport, plain_printer, printer_rows, read


def test_one_printer_is_read_in_few_requests() -> None:
    transport = MemoryTransport(plain_printer())

    reading = read(transport)

    assert len(transport.requests) <= 6
    assert (reading.identity.manufacturer, reading.identity.model) == ("HP", "LaserJet Test 500")
    assert reading.identity.serial_number == "CNBX123456"
    assert reading.identity.mac_address == "00:1b:78:01:02:03"
    assert reading.status.detected_errors == ["lowToner", "jammed"]
    assert [supply.percent for supply in reading.supplies or []] == [50.0, 25.0, 16.67, 12.5, 10.0]
    assert (reading.inputs, reading.missing["inputs"]) == ([], "not_supported")
    assert reading.address == "10.0.0.5"


def test_a_reading_names_the_set_that_was_answered_also_when_the_printer_is_read_by_its_shape() -> None:
    in_full, by_shape = (read(MemoryTransport(plain_printer()), times=times) for times in (1, 2))

    assert (in_full.credentials, by_shape.credentials) == ("community", "community")


def test_who_is_responsible_for_the_printer_is_never_asked() -> None:
    transport = MemoryTransport(plain_printer())

    reading = read(transport, times=2)

    asked = {name for request in transport.requests for name in request.oids}
    assert (1, 3, 6, 1, 2, 1, 1, 4) not in {name[:8] for name in asked}
    assert "somebody" not in reading.model_dump_json()


def test_alert_times_are_absolute_by_the_uptime_of_the_same_reply() -> None:
    [alert] = read(MemoryTransport(plain_printer())).alerts or []

    assert alert.raised_at == NOON - timedelta(seconds=60)


def test_the_printer_may_have_any_device_index() -> None:
    other_device = printer_rows(devices={"25.3.2.1.3.1": text("Ethernet"), "25.3.2.1.5.1": integer(5)})

    reading = read(MemoryTransport({**plain_printer(device=7), **other_device}))

    assert reading.identity.model == "LaserJet Test 500"
    assert reading.status.device_status == "running"
    assert [supply.index for supply in reading.supplies or []][:2] == ["7.1", "7.2"]


def test_small_responses_only_cost_more_requests() -> None:
    in_one = read(MemoryTransport(plain_printer()))
    in_many = read(MemoryTransport(plain_printer(), max_response=484))

    assert in_many.model_dump(exclude={"reading_id"}) == in_one.model_dump(exclude={"reading_id"})


def test_a_printer_that_cannot_answer_large_requests_is_asked_for_less() -> None:
    transport = MemoryTransport(plain_printer())
    transport.lose = lambda request: (
        request.operation is Operation.GET_BULK
        and (len(request.oids) - request.non_repeaters) * request.max_repetitions > 5
    )

    reading = read(transport)

    assert [supply.percent for supply in reading.supplies or []] == [50.0, 25.0, 16.67, 12.5, 10.0]
    assert reading.alerts is not None


def test_a_printer_that_falls_silent_in_mid_reading_clears_nothing() -> None:
    transport = MemoryTransport(plain_printer())
    transport.lose = lambda _request: len(transport.requests) > 2

    reading = read(transport)

    assert reading.identity.serial_number == "CNBX123456"
    assert reading.alerts is None
    assert reading.missing["alerts"] == "not_answered"
    assert reading.missing["inputs"] == "not_answered"


def test_an_alert_table_longer_than_is_kept_counts_as_not_read() -> None:
    reading = read(MemoryTransport(plain_printer(alerts=80)))

    assert reading.alerts is None
    assert reading.missing["alerts"] == "not_answered"


def test_a_silent_printer_is_an_error_that_says_so() -> None:
    transport = MemoryTransport({})
    transport.lose = lambda _request: True

    with pytest.raises(ReadError, match=r"10\.0\.0\.5: no answer") as failed:
        read(transport)

    assert failed.value.stage == "answer"
    assert len(transport.requests) == 2


def test_garbage_is_an_error_of_its_own_kind() -> None:
    transport = MemoryTransport(plain_printer())
    transport.mangle = lambda datagram: datagram[:-3]

    with pytest.raises(ReadError) as failed:
        read(transport)

    assert failed.value.stage == "decode"


def test_a_name_that_does_not_increase_ends_the_walk_and_costs_only_its_own_value() -> None:
    transport = MemoryTransport(plain_printer())
    level = (1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 9)

    def repeat_first_row(datagram: bytes) -> bytes:
        return datagram.replace(bytes((43, 11, 1, 1, 9, 1, 3)), bytes((43, 11, 1, 1, 9, 1, 1)))

    transport.mangle = repeat_first_row
    reading = read(transport)

    assert [supply.level for supply in reading.supplies or []] == [500, 500, None, 500, 500]
    assert reading.missing["prtMarkerSuppliesLevel"] == "not_answered"
    assert sum(request.oids.count((*level, 1, 2)) for request in transport.requests) <= 1


def test_a_table_of_which_two_columns_never_end_counts_as_not_read() -> None:
    transport = MemoryTransport(plain_printer())
    entry = (1, 3, 6, 1, 2, 1, 43, 11, 1, 1)
    transport.view = EndlessView(plain_printer(supplies=3), (*entry, 9))
    rows = {(*entry, 6, 1, row): text("Supply") for row in range(1, 90)}
    for name, value in rows.items():
        transport.view.put(name, value)

    reading = read(transport)

    assert reading.supplies is None
    assert reading.missing["supplies"] == "not_answered"
    assert reading.alerts is not None


def test_a_printer_costs_no_more_octets_than_it_may() -> None:
    transport = MemoryTransport(plain_printer())

    reading = read(transport, limits=ReaderLimits(octets_per_printer=1_000))

    assert len(transport.requests) <= 3
    assert reading.missing["alerts"] == "not_answered"


def test_a_device_without_printer_mib_can_be_listed() -> None:
    transport = MemoryTransport(printer_rows(system={"1.1.0": text("HP SNMP Agent"), "1.3.0": ticks(5)}))

    reading = read(transport)

    assert len(transport.requests) <= 4
    assert reading.identity.manufacturer == "HP"
    assert (reading.supplies, reading.alerts) == (None, None)
    assert set(reading.missing.values()) == {"not_supported"}


def test_reading_ids_are_ordered_by_time() -> None:
    ids = [new_reading_id(NOON + timedelta(milliseconds=step)) for step in range(5)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 5
    assert all(len(made) == 30 for made in ids)


def test_printing_of_many_alerts_walks_on_past_one_reply() -> None:
    reading = read(MemoryTransport(plain_printer(alerts=20)))

    assert reading.alerts is not None
    assert [alert.index for alert in reading.alerts] == [f"1.{row}" for row in range(1, 21)]
