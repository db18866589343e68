"""A printer's two ways of being read, each as told: for what decides between them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import pytest

from edge.config.settings import IppSettings
from edge.ipp.attributes import Attributes
from edge.ipp.client import Endpoint, IppError
from edge.ipp.fallback import FallbackReader, Way
from edge.reading.reader import ReadError
from edge.snmp.targets import Target
from edge.snmp.transport import Pacer
from shared.wire.reading import Counter, Identity, MissingReason, PrinterReading, Supply
from tests.support.printers import HandClock

PRINTER = Target("10.0.0.5", named=True)
IPP = {
    "printer-make-and-model": [b"HP LaserJet 5"],
    "printer-serial-number": [b"CN1"],
    "printer-state-reasons": [b"none"],
    "printer-impressions-completed": [500],
    "printer-supply": [b"type=toner;class=supplyThatIsConsumed;maxcapacity=100;level=40;"],
}


def over_snmp(
    *,
    serial: str | None = "CN1",
    count: int | None = None,
    missing: Mapping[str, MissingReason] | None = None,
    supplies: list[Supply] | None = None,
) -> PrinterReading:
    """A reading over SNMP; without a count it says that there is none."""
    without = {} if count is not None else {"life_count": MissingReason.NOT_SUPPORTED}
    return PrinterReading(
        reading_id="rdg_snmp",
        taken_at=HandClock().now(),
        identity=Identity(manufacturer="HP", model="LaserJet 5", serial_number=serial),
        counters=[] if count is None else [Counter(name="life_count", value=count, source="1.3.6")],
        supplies=supplies,
        missing={**without, **(missing or {})},
    )


class Snmp:
    """SNMP readings or silence, as told."""

    def __init__(self, answer: PrinterReading | None = None, stage: str = "answer") -> None:
        self.answer = answer
        self.stage = stage
        self.asked = 0

    async def read(self, target: Target) -> PrinterReading:
        self.asked += 1
        if self.answer is None:
            raise ReadError(target, self.stage, "silent")
        return self.answer

    async def discover(
        self,
        targets: Iterable[Target],
        *,
        rate_limit_pps: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AsyncIterator[Target]:
        for target in targets:
            if self.answer is not None:
                yield target


class Ipp:
    """IPP attributes or an error, as told."""

    def __init__(self, answer: "dict[str, Any] | IppError") -> None:
        self.answer = answer
        self.asked: list[Endpoint | None] = []

    async def ask(self, _target: Target, known: Endpoint | None, _pacer: Pacer) -> tuple[Attributes, Endpoint]:
        self.asked.append(known)
        if isinstance(self.answer, IppError):
            raise self.answer
        return Attributes(self.answer), Endpoint(path="/ipp/printer")


class Site:
    """A reader of one printer, its two ways, and its clock."""

    def __init__(self, snmp: PrinterReading | None, ipp: "dict[str, Any] | IppError", **settings: bool) -> None:
        self.clock = HandClock()
        self.snmp, self.ipp = Snmp(snmp), Ipp(ipp)
        self.changes: list[Way] = []
        self.reader = FallbackReader(
            self.snmp,
            IppSettings(**settings),
            clock=self.clock,
            fence=None,
            on_change=lambda _target, way: self.changes.append(way),
        )
        self.reader._inquiry = self.ipp  # type: ignore[assignment] # asks nobody

    def read(self, target: Target = PRINTER) -> PrinterReading:
        return asyncio.run(self.reader.read(target))

    def fails(self, target: Target = PRINTER) -> ReadError:
        with pytest.raises(ReadError) as failed:
            self.read(target)
        return failed.value

    def discover(self, *targets: Target) -> list[Target]:
        async def go() -> list[Target]:
            return [target async for target in self.reader.discover(targets)]

        return asyncio.run(go())


def page_count(reading: PrinterReading) -> tuple[int, str | None] | None:
    """The life count and where it comes from."""
    counter = reading.counter("life_count")
    return None if counter is None else (counter.value, counter.source)
