"""A maker's own tables and a finisher's supplies, read in full and again by the shape learnt, over real octets."""

import asyncio

import pytest

from edge.reading.plan import FINISHER_COLUMNS
from edge.reading.reader import Reader
from edge.reading.walk import name_before
from edge.snmp.codec import Oid
from edge.snmp.oids import FIN_SUPPLY_ENTRY, parse_oid
from local.printers.rows import Value, integer, object_id, text
from shared.wire.reading import PrinterReading
from tests.support.edge import PRINTER, MemoryTransport, memory_reader, plain_printer

MPS = parse_oid("1.3.6.1.4.1.641.6.4")
LEVEL, SERIAL = (*MPS, 4, 1, 1, 16, 1, 1), (*MPS, 4, 1, 1, 6, 1, 1)
MONO = (*MPS, 2, 1, 1, 4, 1, 2)
STAPLES = (*FIN_SUPPLY_ENTRY, 8, 1, 1)


def table(root: tuple[int, ...], columns: dict[int, list[Value]]) -> dict[Oid, Value]:
    return {(*MPS, *root, c, 1, r): value for c, values in columns.items() for r, value in enumerate(values, 1)}


def lexmark() -> dict[Oid, Value]:
    rows = plain_printer(supplies=0) | {
        parse_oid("1.3.6.1.2.1.1.1.0"): text("Lexmark MX711 version NH62 kernel 3"),
        parse_oid("1.3.6.1.2.1.1.2.0"): object_id(parse_oid("1.3.6.1.4.1.641.2.71107164")),
    }
    standard = {4: integer(3), 5: integer(3), 6: text("Black"), 7: integer(7), 8: integer(25_000), 9: integer(-3)}
    rows |= {(1, 3, 6, 1, 2, 1, 43, 11, 1, 1, column, 1, 1): value for column, value in standard.items()}
    rows |= table((2, 1, 1), {2: [integer(2), integer(3)], 3: [integer(4)] * 2, 4: [integer(900), integer(700)]})
    rows |= table((2, 2, 1), {2: [integer(68), integer(67), integer(14)], 6: [integer(600), integer(5), integer(7)]})
    rows |= table((2, 3, 1), {2: [integer(68), integer(67)], 5: [integer(300), integer(9)]})
    rows |= table(
        (4, 1, 1), {3: [integer(6)], 4: [text("black")], 6: [text("CAB1")], 14: [integer(25_000)], 16: [integer(2_500)]}
    )
    finisher = [integer(3), integer(32), text("Staples"), integer(18), integer(5_000), integer(1_250)]
    return rows | {(*column, 1, 1): value for column, value in zip(FINISHER_COLUMNS, finisher, strict=True)}


def facts(reading: PrinterReading) -> tuple[object, ...]:
    [toner] = reading.supplies or []
    [staples] = reading.finisher_supplies or []
    mono = reading.counter("mono_impressions")
    return toner.percent, toner.serial_number, staples.percent, mono.value if mono else None


def read_twice(transport: MemoryTransport, reader: Reader, changes: dict[Oid, Value]) -> list[PrinterReading]:
    async def run() -> list[PrinterReading]:
        first = await reader.read(PRINTER)
        transport.requests.clear()
        transport.view = type(transport.view)(lexmark() | changes)
        return [first, await reader.read(PRINTER)]

    return asyncio.run(run())


def test_what_changes_in_the_makers_tables_is_seen_by_the_shape_and_labels_are_not_asked_for_again() -> None:
    transport = MemoryTransport(lexmark())
    changed = {LEVEL: integer(25_000), SERIAL: text("CAB2"), MONO: integer(701), STAPLES: integer(1_000)}

    first, again = read_twice(transport, memory_reader(transport), changed)

    assert facts(first) == (10.0, "CAB1", 25.0, 700)
    assert facts(again) == (100.0, "CAB2", 20.0, 701)
    asked = [name for request in transport.requests for name in request.oids]
    assert {LEVEL, name_before(LEVEL)} & set(asked)
    assert not [name for name in asked if name[: len(MPS) + 4] in {(*MPS, 2, 1, 1, 2), (*MPS, 4, 1, 1, 3)}]


def test_large_paper_is_counted_by_its_rows_and_the_others_are_not_asked_for_again() -> None:
    transport = MemoryTransport(lexmark())
    changed = {(*MPS, 2, 2, 1, 6, 1, 3): integer(8)}

    first, again = read_twice(transport, memory_reader(transport), changed)

    large = [each.counter(f"lexmark.large_{what}") for each in (first, again) for what in ("mono_sides", "sheets")]
    assert [counter and (counter.value, counter.unit) for counter in large] == [
        *[(12, "impressions"), (9, "sheets")],
        *[(13, "impressions"), (9, "sheets")],
    ]
    column = (*MPS, 2, 2, 1, 6)
    asked = [name for request in transport.requests for name in request.oids if name[: len(column)] == column]
    assert len(asked) == 2, "the rows of A3 and of tabloid, not that of A4"


@pytest.mark.parametrize("max_response", [300, 484, 1_400])
def test_a_weak_printer_tells_the_same_in_smaller_pieces(max_response: int) -> None:
    transport = MemoryTransport(lexmark(), max_response=max_response)

    first, again = read_twice(transport, memory_reader(transport), {})

    assert facts(first) == facts(again) == (10.0, "CAB1", 25.0, 700)


def test_a_printer_without_a_finisher_is_not_asked_for_its_columns() -> None:
    rows = {name: value for name, value in lexmark().items() if name[: len(FIN_SUPPLY_ENTRY)] != FIN_SUPPLY_ENTRY}
    transport = MemoryTransport(rows)

    reading = asyncio.run(memory_reader(transport).read(PRINTER))

    asked = {name for request in transport.requests for name in request.oids}
    assert reading.finisher_supplies is None
    assert asked & set(FINISHER_COLUMNS) == {FINISHER_COLUMNS[0]}
