"""Builders for the agent's reading: answers without a network, and recordings served over real UDP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from edge.reading.plan import ALERT_GROUP, FINISHER_GROUP, TABLE_GROUPS
from edge.reading.reader import Reader, ReaderLimits
from edge.snmp.answers import Answers
from edge.snmp.ber import cut
from edge.snmp.codec import REQUEST_IDS, Oid, PreparedRequest, Value
from edge.snmp.earlier import Earlier
from edge.snmp.oids import parse_oid
from edge.snmp.targets import Target
from edge.snmp.transport import Address, NoAnswer, Received, SecuredQuestion, Transport
from local.printers.messages import Request, answer, decode_request
from local.printers.recording import read_recording
from local.printers.responder import Responder, bind_udp
from local.printers.rows import MibView, counter, integer, object_id, octets, text, ticks
from local.printers.rows import Value as PrinterValue
from shared.wire.reading import PrinterReading

PRINTER = Target("10.0.0.5")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FixedClock:
    """Always the same time."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time it was made with."""
        return self.at


def answers_with(cells: Mapping[Any, Value], *, finished: bool = True, uptime: int | None = None) -> Answers:
    """Answers holding whole names (dotted text or numbers), every table read to its end unless told otherwise."""
    answers = Answers()
    columns = {column for group in (*TABLE_GROUPS, FINISHER_GROUP, ALERT_GROUP) for column in group.columns}
    for key, value in cells.items():
        name = parse_oid(key) if isinstance(key, str) else key
        column = next((column for column in columns if name[: len(column)] == column), name[:-1])
        answers.put(column, name[len(column) :], value)
    answers.finished = set(columns) if finished else set()
    answers.uptime_with_alerts = uptime
    return answers


def rows_of(entry: Oid, index: Sequence[int], values: Mapping[int, Value]) -> dict[Oid, Value]:
    """Cells of one row: column number to value."""
    return {(*entry, column, *index): value for column, value in values.items()}


class RecordedPrinter:
    """A recording as an SNMP agent."""

    def __init__(self, path: Path) -> None:
        self.community = "public"
        self.silent = False
        self._view = MibView(read_recording(path))

    def view(self) -> MibView:
        """The recording's rows."""
        return self._view


@asynccontextmanager
async def served(paths: Sequence[Path], *, max_response: int = 1_400) -> AsyncIterator[list[Target]]:
    """The recordings, each on a free loopback port."""
    responder = Responder(max_response=max_response)
    try:
        targets = []
        for path in paths:
            host, port = await responder.serve(RecordedPrinter(path), bind_udp(("127.0.0.1", 0)))
            targets.append(Target(host, port))
        yield targets
    finally:
        responder.close()


def reply_octets(request_id: int, bindings: Sequence[tuple[str, int | bytes | Oid]]) -> bytes:
    """A v2c response with these bindings; numbers as INTEGER."""
    return message_octets(
        [binding_octets(parse_oid(name), _value_octets(value)) for name, value in bindings], request_id=request_id
    )


def message_octets(bindings: Sequence[bytes], *, request_id: int = 1, error_status: int = 0) -> bytes:
    """A v2c response around encoded bindings."""
    pdu = _integer(request_id) + _integer(error_status) + _integer(0) + _tlv(0x30, b"".join(bindings))
    return _tlv(0x30, _integer(1) + _tlv(0x04, b"public") + _tlv(0xA2, pdu))


def binding_octets(name: Oid, value: bytes) -> bytes:
    """A variable binding around an encoded value."""
    return _tlv(0x30, _tlv(0x06, _arcs(name)) + value)


def _value_octets(value: int | bytes | Oid) -> bytes:
    if isinstance(value, int):
        return _integer(value)
    return _tlv(0x04, value) if isinstance(value, bytes) else _tlv(0x06, _arcs(value))


def _integer(number: int) -> bytes:
    return _tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def _arcs(name: Oid) -> bytes:
    content = bytearray([name[0] * 40 + name[1]])
    for arc in name[2:]:
        parts = [arc & 0x7F]
        while arc := arc >> 7:
            parts.append(0x80 | arc & 0x7F)
        content.extend(reversed(parts))
    return bytes(content)


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    return bytes([tag, 0x82]) + length.to_bytes(2, "big") + content


class MemoryTransport(Transport):
    """A transport whose printers are rows in memory: requests and replies are real octets, no socket is opened.

    Attributes:
        requests: what was asked, in order.
        lose: tells which requests get no answer.
        mangle: changes a reply on its way.
    """

    def __init__(self, rows: Mapping[Oid, PrinterValue], *, max_response: int = 1_400) -> None:
        super().__init__()
        self.view = MibView(rows)
        self.requests: list[Request] = []
        self.lose: Callable[[Request], bool] = lambda _request: False
        self.mangle: Callable[[bytes], bytes] = lambda datagram: datagram
        self._max_response = max_response

    async def __aenter__(self) -> Self:
        return self

    async def exchange(
        self,
        address: Address,
        request: PreparedRequest | SecuredQuestion,
        waits: tuple[float, ...],
        earlier: Earlier | None = None,
    ) -> Received:
        """Answer from the rows, as often as it is asked."""
        del address
        for _ in waits:
            asked = decode_request(request.with_request_id(REQUEST_IDS.start))
            self.requests.append(asked)
            self.packets_sent += 1
            if self.lose(asked):
                continue
            datagram = self.mangle(answer(self.view, asked, max_response=self._max_response))
            return Received(self._codec.decode(cut(datagram), earlier), len(datagram))
        raise NoAnswer("no answer")


def memory_reader(transport: Transport, *, limits: ReaderLimits | None = None, at: datetime = NOON) -> Reader:
    """A reader over another transport."""
    reader = Reader(FixedClock(at), limits=limits)
    reader._transport = transport
    return reader


def printer_rows(**tables: Mapping[str, PrinterValue]) -> dict[Oid, PrinterValue]:
    """Rows of a printer from dotted names below 1.3.6.1.2.1; the keyword only groups them."""
    return {parse_oid(f"1.3.6.1.2.1.{name}"): value for table in tables.values() for name, value in table.items()}


def plain_printer(*, supplies: int = 5, alerts: int = 1, device: int = 1) -> dict[Oid, PrinterValue]:
    """Rows of an HP printer with one marker, some supplies and some alerts."""
    return printer_rows(
        system={
            "1.1.0": text("HP ETHERNET MULTI-ENVIRONMENT,SN:CNBX123456"),
            "1.2.0": object_id((1, 3, 6, 1, 4, 1, 11, 2, 3, 9, 1)),
            "1.3.0": ticks(500_000),
            "1.4.0": text("somebody@example.com"),
            "1.5.0": text("prn-5"),
        },
        interfaces={"2.2.1.6.1": octets(b""), "2.2.1.6.2": octets(b"\x00\x1b\x78\x01\x02\x03")},
        devices={
            f"25.3.2.1.3.{device}": text("HP LaserJet Test 500"),
            f"25.3.2.1.5.{device}": integer(2),
            f"25.3.5.1.1.{device}": integer(3),
            f"25.3.5.1.2.{device}": octets(b"\x24\x00"),
        },
        general={f"43.5.1.1.1.{device}": counter(4), f"43.5.1.1.17.{device}": text("CNBX123456")},
        marker={f"43.10.2.1.3.{device}.1": integer(7), f"43.10.2.1.4.{device}.1": counter(7_001)},
        supplies={
            f"43.11.1.1.{column}.{device}.{row}": value
            for row in range(1, supplies + 1)
            for column, value in {
                4: integer(3),
                6: text(f"Supply {row}"),
                8: integer(1_000 * row),
                9: integer(500),
            }.items()
        },
        alerts={
            f"43.18.1.1.{column}.{device}.{row}": value
            for row in range(1, alerts + 1)
            for column, value in {
                2: integer(3),
                3: integer(3),
                4: integer(8),
                5: integer(1),
                6: integer(-1),
                7: integer(808),
                8: text("Tray 1 empty"),
                9: ticks(494_000),
            }.items()
        },
    )


def read(
    transport: MemoryTransport, *, times: int = 1, limits: ReaderLimits | None = None, reader: Reader | None = None
) -> PrinterReading:
    """The last of some readings of a printer in memory."""
    reader = reader or memory_reader(transport, limits=limits)

    async def run() -> PrinterReading:
        for _ in range(times - 1):
            await reader.read(PRINTER)
        return await reader.read(PRINTER)

    return asyncio.run(run())
