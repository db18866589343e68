"""Reads many printers at once: each in its own time, none able to stop or delay another for long."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from edge.reader import ReadError
from edge.recorder import Recorder, Taken
from edge.status import Failed, Found, Stage
from edge.targets import Target
from shared.wire.reading import PrinterReading

REACHED: Final = {"resolve": Stage.FOUND, "answer": Stage.FOUND, "decode": Stage.ANSWERED}
"""What has succeeded when the reader fails at a step."""

SECONDS_PER_PRINTER: Final = 30.0  # the reader has its own, shorter bound; this one holds whatever happens in it
log = structlog.get_logger()


class PrinterReader(Protocol):
    """What is needed of `edge.reader.Reader`."""

    async def read(self, target: Target) -> PrinterReading:
        """Read one printer; raises `ReadError`."""
        ...

    def discover(self, targets: Sequence[Target], *, rate_limit_pps: float) -> AsyncIterator[Target]:
        """Those targets that answer as printers, as they answer."""
        ...


class Poller:
    """Reads printers and hands what came of it to the recorder; logs only when a printer's answering changes."""

    def __init__(
        self,
        reader: PrinterReader,
        recorder: Recorder,
        *,
        concurrency: int,
        rate_limit_pps: float,
        seconds_per_printer: float = SECONDS_PER_PRINTER,
    ) -> None:
        self._reader = reader
        self._recorder = recorder
        self._slots = asyncio.Semaphore(concurrency)
        self._rate_limit_pps = rate_limit_pps
        self._seconds = seconds_per_printer
        self._in_flight: set[str] = set()
        self._failing: set[str] = set()

    async def read_all(self, targets: Iterable[Target]) -> int:
        """Read each target once, several at a time. Returns how many were read."""
        return sum(await asyncio.gather(*(self.read(target) for target in targets)))

    async def read(self, target: Target) -> bool:
        """Read one printer; a target that is being read already is left to that. Never raises for a printer."""
        name = str(target)
        if name in self._in_flight:
            return False
        self._in_flight.add(name)
        try:
            async with self._slots:
                event = await self._event(name, target)
        finally:
            self._in_flight.discard(name)
        self._recorder.put(event)
        self._note_change(event)
        return isinstance(event, Taken)

    async def discover(self, targets: Sequence[Target]) -> tuple[int, int]:
        """Look for printers among the targets and read each as soon as it is found.

        Returns:
            How many were found, and how many of them were read.
        """
        reads: list[asyncio.Task[bool]] = []
        async with asyncio.TaskGroup() as group:
            async for target in self._reader.discover(targets, rate_limit_pps=self._rate_limit_pps):
                self._recorder.put(Found(str(target), datetime.now(UTC)))
                reads.append(group.create_task(self.read(target)))
        return len(reads), sum(read.result() for read in reads)

    async def _event(self, name: str, target: Target) -> Taken | Failed:
        try:
            async with asyncio.timeout(self._seconds):
                reading = await self._reader.read(target)
        except ReadError as error:
            return Failed(name, datetime.now(UTC), REACHED.get(error.stage, Stage.FOUND), error.message)
        except TimeoutError:
            return Failed(name, datetime.now(UTC), Stage.FOUND, f"not read within {self._seconds:g} s")
        except Exception as error:  # whatever one printer sends, the others go on being read
            log.exception("reading failed in an unforeseen way", printer=name)
            return Failed(name, datetime.now(UTC), Stage.FOUND, f"unforeseen: {type(error).__name__}")
        return Taken(name, datetime.now(UTC), reading)

    def _note_change(self, event: Taken | Failed) -> None:
        if isinstance(event, Failed) and event.target not in self._failing:
            self._failing.add(event.target)
            log.warning("printer cannot be read", printer=event.target, stage=event.stage, reason=event.reason)
        elif isinstance(event, Taken) and event.target in self._failing:
            self._failing.discard(event.target)
            log.info("printer is read again", printer=event.target)
