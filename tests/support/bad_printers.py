"""A site of simulated printers over loopback UDP, one of bad manners among many of good ones."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from edge.reading.access_memory import AccessMemory
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.oids import PRT_GENERAL_SERIAL_NUMBER, SYS_DESCR
from edge.snmp.targets import Target
from local.printers.manners import Manners
from local.printers.responder import Responder, bind_udp
from local.printers.rows import MibView, Oid, Value, text
from shared.wire.reading import PrinterReading
from tests.support.edge import FixedClock, plain_printer

BRIEF = ReaderLimits(timeout_seconds=0.4, retries=1, seconds_per_printer=6.0)
NEIGHBOURS = 4


@dataclass(frozen=True)
class BadPrinter:
    """How a printer behaves: its manners, its rows or view, the longest reply it sends."""

    manners: Manners | None = None
    rows: Mapping[Oid, Value] | None = None
    view: MibView | None = None
    max_response: int = 1_400


@dataclass(frozen=True)
class Poll:
    """What one reading of a printer came to; times in seconds."""

    outcome: PrinterReading | ReadError
    datagrams: int
    seconds: float
    slowest_neighbour: float

    @property
    def reading(self) -> PrinterReading:
        """The reading, of a printer that could be read."""
        assert isinstance(self.outcome, PrinterReading), self.outcome
        return self.outcome


class Agent:
    """Rows as an SNMP agent."""

    community = "public"
    silent = False

    def __init__(self, view: MibView) -> None:
        self._view = view

    def view(self) -> MibView:
        """Its rows."""
        return self._view


def _neighbour(number: int) -> dict[Oid, Value]:
    """A printer like the others, with a serial number of its own: by that it is known."""
    serial = f"CNBX00000{number}"
    return plain_printer() | {
        (*SYS_DESCR, 0): text(f"HP ETHERNET MULTI-ENVIRONMENT,SN:{serial}"),
        (*PRT_GENERAL_SERIAL_NUMBER, 1): text(serial),
    }


Site = tuple[Responder, Target, list[Target]]
"""The bad printer's responder, where it is, and where its neighbours are."""


@asynccontextmanager
async def site(bad: BadPrinter) -> AsyncIterator[Site]:
    """The bad printer and its neighbours, each on a free port."""
    responders = Responder(max_response=bad.max_response), Responder()
    rows = plain_printer() if bad.rows is None else bad.rows
    try:
        view = MibView(rows) if bad.view is None else bad.view
        host, port = await responders[0].serve(Agent(view), bind_udp(("127.0.0.1", 0)), manners=bad.manners)
        neighbours = [
            Target(*await responders[1].serve(Agent(MibView(_neighbour(number))), bind_udp(("127.0.0.1", 0))))
            for number in range(NEIGHBOURS)
        ]
        yield responders[0], Target(host, port), neighbours
    finally:
        for responder in responders:
            responder.close()


async def polled(bad: BadPrinter, times: int, *, memory: AccessMemory | None = None) -> list[Poll]:
    """Read the bad printer some times, each time together with its neighbours, with one reader."""
    async with site(bad) as place:
        return await polled_at(place, times, memory=memory)


async def polled_at(place: Site, times: int, *, memory: AccessMemory | None = None) -> list[Poll]:
    """`polled` at a site that is there already."""
    responder, target, neighbours = place
    async with Reader(FixedClock(), limits=BRIEF, memory=memory) as reader:
        return [await _poll(reader, responder, target, neighbours) for _ in range(times)]


async def _poll(reader: Reader, responder: Responder, target: Target, neighbours: list[Target]) -> Poll:
    before = sum(responder.totals().values())
    (outcome, seconds), *others = await asyncio.gather(
        _timed(reader, target), *(_timed(reader, each) for each in neighbours)
    )
    assert all(isinstance(each, PrinterReading) for each, _ in others)
    datagrams = sum(responder.totals().values()) - before
    return Poll(outcome, datagrams, seconds, max(taken for _, taken in others))


async def _timed(reader: Reader, target: Target) -> tuple[PrinterReading | ReadError, float]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        outcome: PrinterReading | ReadError = await reader.read(target)
    except ReadError as error:
        outcome = error
    return outcome, loop.time() - began
