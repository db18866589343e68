"""Whatever a device answers, the reader gives a reading or its own error; nothing else ever escapes."""

import asyncio
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.reading.identity import profile_of
from edge.reading.plan import ALERT_GROUP, PROBE, TABLE_GROUPS, printer_device_index
from edge.reading.printer import compose
from edge.reading.reader import ReadError
from edge.snmp import oids
from edge.snmp.codec import Absent
from edge.snmp.targets import Target
from local.printers.rows import counter, integer, octets, text, ticks
from shared.wire.reading import PrinterReading
from shared.wire.upload import reading_body
from tests.support.edge import NOON, MemoryTransport, answers_with, memory_reader, printer_rows

COLUMNS = sorted({*PROBE, *(column for group in (*TABLE_GROUPS, ALERT_GROUP) for column in group.columns)})
PRIVATE = [(*oids.ENTERPRISES, 2435, 2, 3, 9, 4, 2, 1, 5, 5, 10, 0), (*oids.ENTERPRISES, 11, 2, 3, 9, 1, 1, 7, 0)]

arcs = st.integers(0, 2**32 - 1)
values = st.one_of(
    st.integers(-(2**31), 2**64 - 1),
    st.binary(max_size=400),
    st.lists(arcs, min_size=1, max_size=40).map(tuple),
    st.sampled_from(Absent),
)
indexes = st.one_of(st.sampled_from([(0,), (1,), (1, 1), (1, 2), (2, 1)]), st.lists(arcs, max_size=6).map(tuple))
cells = st.dictionaries(
    st.one_of(
        st.tuples(st.sampled_from(COLUMNS), indexes).map(lambda pair: pair[0] + pair[1]), st.sampled_from(PRIVATE)
    ),
    values,
    max_size=40,
)


@settings(max_examples=300)
@given(cells, st.one_of(st.none(), st.integers(0, 2**32 - 1)), st.booleans())
def test_any_values_in_any_cells_make_a_reading_that_travels(
    found: dict[tuple[int, ...], int | bytes | tuple[int, ...] | Absent], uptime: int | None, finished: bool
) -> None:
    answers = answers_with(found, finished=finished, uptime=uptime)
    answers.device_index = printer_device_index(answers)
    answers.columns.update({name: {(): value} for name, value in found.items() if name in PRIVATE})

    reading = compose(answers, profile_of(answers), reading_id="rdg_1", taken_at=NOON, address="10.0.0.5")

    assert PrinterReading.model_validate(reading_body(reading)) == reading


ROWS = printer_rows(
    system={"1.1.0": text("Brother NC-8700w"), "1.3.0": ticks(500)},
    supplies={f"43.11.1.1.{column}.1.{row}": integer(50) for column in (4, 5, 7, 8, 9) for row in (1, 2, 3)},
    more={"43.10.2.1.4.1.1": counter(7), "43.11.1.1.6.1.1": text("Toner"), "25.3.5.1.2.1": octets(b"\x20")},
)


def mutation(changes: list[tuple[int, int, int]]) -> Callable[[bytes], bytes]:
    count = 0

    def change(reply: bytes) -> bytes:
        nonlocal count
        count += 1
        changed = bytearray(reply)
        for packet, at, value in changes:
            if packet == count:
                changed[at % len(changed)] = value
        return bytes(changed)

    return change


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 1400), st.integers(0, 255)), min_size=1, max_size=5))
def test_any_octets_changed_on_the_way_give_a_reading_or_a_read_error(changes: list[tuple[int, int, int]]) -> None:
    transport = MemoryTransport(ROWS)
    transport.mangle = mutation(changes)
    reader = memory_reader(transport)

    async def outcome() -> PrinterReading | ReadError:
        try:
            return await reader.read(Target("10.0.0.5"))
        except ReadError as error:
            return error

    result = asyncio.run(outcome())

    assert isinstance(result, PrinterReading) or result.stage in {"answer", "decode", "map"}
    # Spoilt replies bring a walk down to one row a request: the device has fewer rows than this.
    assert len(transport.requests) < 100
