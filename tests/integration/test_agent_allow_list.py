"""What the agent asks of printers over UDP lies within its allow-list, and the list holds nothing that is not asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

import pytest

from edge.profiles.makers import load_profiles
from edge.reading.allow_list import Extent, allow_list
from edge.reading.plan import FINISHER_COLUMNS
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp import oids
from edge.snmp.codec import Oid
from edge.snmp.oids import dotted, parse_oid
from edge.snmp.targets import Target
from edge.snmp.transport import Address
from local.printers.clock import WallClock
from local.printers.fleet import model_printer
from local.printers.messages import Operation, answer, decode_request
from local.printers.models.catalogue import MODELS
from local.printers.rows import MibView, Value, integer, object_id, octets, text
from shared.wire.reading import PrinterReading
from tests.support.edge import FixedClock, plain_printer

KYOCERA_JOBS = parse_oid("1.3.6.1.4.1.1347.47.6")
JOB_TITLE = "Dismissal of A. Nybody.docx"
BRIEF = ReaderLimits(timeout_seconds=0.15, retries=0)


class Listening(asyncio.DatagramProtocol):
    """A printer that writes down every name it is asked for.

    Args:
        view: its rows.
        most_bindings: GETBULKs for more than so many names get no answer, as of a weak printer.
        max_response: the longest reply that it sends.
    """

    def __init__(self, view: MibView, *, most_bindings: int = 1_000, max_response: int = 1_400) -> None:
        self._view = view
        self._most = most_bindings
        self._max_response = max_response
        self.asked: list[Oid] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        request = decode_request(data)
        self.asked.extend(request.oids)
        if request.operation is Operation.GET_BULK and len(request.oids) > self._most:
            return
        reply = answer(self._view, request, max_response=self._max_response)
        self._transport.sendto(reply, addr)  # type: ignore[attr-defined] # asyncio's own transport has it


@asynccontextmanager
async def on_loopback(printers: Sequence[Listening]) -> AsyncIterator[list[Target]]:
    loop = asyncio.get_running_loop()
    transports = []
    try:
        for printer in printers:
            transport, _ = await loop.create_datagram_endpoint(partial(_itself, printer), local_addr=("127.0.0.1", 0))
            transports.append(transport)
        yield [Target(*transport.get_extra_info("sockname")) for transport in transports]
    finally:
        for transport in transports:
            transport.close()


def _itself(printer: Listening) -> Listening:
    return printer


def found_and_read(printers: Sequence[Listening]) -> list[PrinterReading]:
    """Looks for the printers, reads each in full and then by its remembered shape; the silent ones are left out."""

    async def run() -> list[PrinterReading]:
        async with on_loopback(printers) as targets, Reader(FixedClock(), limits=BRIEF) as reader:
            _ = [target async for target in reader.discover(targets)]
            readings: list[PrinterReading] = []
            for _ in range(2):
                outcomes = await asyncio.gather(*(reader.read(target) for target in targets), return_exceptions=True)
                readings.extend(each for each in outcomes if isinstance(each, PrinterReading))
                assert [each for each in outcomes if not isinstance(each, PrinterReading | ReadError)] == []
            return readings

    return asyncio.run(run())


def simulated() -> list[Listening]:
    printers = (model_printer(model, clock=WallClock()) for model in MODELS)
    return [Listening(printer.view()) for printer in printers]


MODEL_OF = {"Epson ColorWorks": "CW-C6500Au"}
"""Models that only a family's profile is for."""


def of_each_maker() -> list[Listening]:
    """A printer of each maker that answers all the private objects which its profile names, or none of them."""
    printers = []
    for profile in load_profiles():
        system = {oids.SYS_OBJECT_ID: object_id((*profile.object_ids[0], 1))} if profile.object_ids else {}
        words = [next(iter(profile.brands), profile.manufacturer), MODEL_OF.get(profile.name, "printer")]
        brand = {oids.SYS_DESCR: text(" ".join(words))}
        private = {name: text("X1") for name in profile.oids()}
        printers += [Listening(view_of({**system, **brand}, more)) for more in (private, {})]
    return printers


def view_of(scalars: Mapping[Oid, Value], more: Mapping[Oid, Value]) -> MibView:
    return MibView(plain_printer() | {(*name, 0): value for name, value in scalars.items()} | dict(more))


def with_job_list() -> dict[Oid, Value]:
    """Kyocera's identity without its private objects: what follows the names asked for is the list of jobs."""
    jobs = {(*KYOCERA_JOBS, 1, column, row): text(JOB_TITLE) for column in range(1, 4) for row in range(1, 40)}
    system = {(*oids.SYS_OBJECT_ID, 0): object_id((*oids.ENTERPRISES, 1347, 41)), (*oids.SYS_DESCR, 0): text("KYOCERA")}
    return plain_printer() | system | jobs


def odd_ones() -> list[Listening]:
    rows = plain_printer(supplies=30, alerts=20, device=3)
    bare = {(*oids.IF_PHYS_ADDRESS, 1): octets(b"\x02\0\0\0\0\1"), (*oids.PRT_GENERAL_CONFIG_CHANGES, 1): integer(1)}
    localized = plain_printer() | {
        (*oids.PRT_GENERAL_CURRENT_LOCALIZATION, 1): integer(2),
        (*oids.PRT_LOCALIZATION_CHARACTER_SET, 1, 1): integer(4),
        (*oids.PRT_LOCALIZATION_CHARACTER_SET, 1, 2): integer(106),
    }
    return [
        Listening(MibView(rows)),
        Listening(MibView(rows), most_bindings=3),
        Listening(MibView(rows), max_response=300),
        Listening(MibView(bare)),
        Listening(MibView(localized)),
        Listening(MibView(rows | {(*column, 1, 1): integer(3) for column in FINISHER_COLUMNS})),
        Listening(MibView(with_job_list())),
        Listening(MibView({})),
    ]


@pytest.fixture(scope="module")
def asked() -> set[Oid]:
    printers = [*simulated(), *of_each_maker(), *odd_ones()]
    readings = found_and_read(printers)
    assert len(readings) > len(printers)
    return {name for printer in printers for name in printer.asked}


def test_every_name_that_is_asked_for_is_on_the_list(asked: set[Oid]) -> None:
    allowed = allow_list()

    assert [dotted(name) for name in sorted(asked) if not any(entry.covers(name) for entry in allowed)] == []


def test_no_name_that_is_asked_for_lies_in_kyoceras_list_of_jobs(asked: set[Oid]) -> None:
    assert [dotted(name) for name in asked if name[: len(KYOCERA_JOBS)] == KYOCERA_JOBS] == []


def test_the_list_holds_nothing_that_is_not_asked_for(asked: set[Oid]) -> None:
    idle = [entry for entry in allow_list() if not any(entry.covers(name) for name in asked)]

    assert [(dotted(entry.name), entry.makers) for entry in idle] == []
    assert {entry.extent for entry in allow_list()} == set(Extent)


def test_rows_that_a_printer_sends_unasked_are_in_no_reading() -> None:
    printer = Listening(MibView(with_job_list()))

    readings = found_and_read([printer])

    assert len(readings) == 2
    assert all(JOB_TITLE not in reading.model_dump_json() for reading in readings)
