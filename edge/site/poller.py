"""Reads many printers at once: each in its own time, none able to stop or delay another.

A printer has one of a few places while it is read, and only for a moment: a slow one goes on without it. Printers
that were silent or slow the last time never take a place; the silent are asked less and less often.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from edge.log import get_logger
from edge.reading.reader import ReadError
from edge.site.following import Sink
from edge.snmp.targets import Target
from edge.spool.status import Failed, Found, Stage
from edge.spool.waiting import Taken
from shared.wire.reading import PrinterReading

REACHED: Final = {"resolve": Stage.FOUND, "answer": Stage.FOUND, "decode": Stage.ANSWERED}
"""What has succeeded when the reader fails at a step."""

SECONDS_PER_PRINTER: Final = 150.0  # the reader has its own, shorter bounds; this one holds whatever happens in it
SECONDS_IN_A_PLACE: Final = 3.0
MOST_WAITED_FOR: Final = 256
"""Slow and silent printers that are asked at the same time: they cost a timer each."""
SILENT_ASKED_AFTER_SECONDS: Final = 3_600.0
_MOST_DOUBLINGS: Final = 16
_LOOK_SECONDS: Final = 0.5
log = get_logger()


class PrinterReader(Protocol):
    """What is needed of `edge.reading.reader.Reader`."""

    async def read(self, target: Target) -> PrinterReading:
        """Read one printer; raises `ReadError`."""
        ...

    def discover(self, targets: Sequence[Target], *, rate_limit_pps: float) -> AsyncIterator[Target]:
        """Those targets that answer as printers, as they answer."""
        ...


@dataclass(slots=True)
class _Silence:
    """A printer that left its last readings unanswered."""

    asked_at: float
    times: int = 1
    cycles_left: int = 0

    def again(self, now: float) -> None:
        """It was silent once more: twice as many cycles go by until it is asked again."""
        self.asked_at = now
        self.times += 1
        self.cycles_left = 2 ** min(self.times - 1, _MOST_DOUBLINGS) - 1

    def is_due(self, now: float) -> bool:
        """Whether to ask in this cycle, which is counted."""
        if self.cycles_left <= 0 or now - self.asked_at >= SILENT_ASKED_AFTER_SECONDS:
            return True
        self.cycles_left -= 1
        return False


class _Place:
    """One of a few places; given back once, by whoever comes first."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._taken = False
        self.overstayed = False

    async def take(self, seconds: float) -> None:
        await self._places.acquire()
        self._taken = True
        self._timer = asyncio.get_running_loop().call_later(seconds, self._take_away)

    def give_back(self) -> None:
        if self._taken:
            self._taken = False
            self._timer.cancel()
            self._places.release()

    def _take_away(self) -> None:
        self.overstayed = self._taken
        self.give_back()


class Poller:
    """Reads printers and hands what came of it to the recorder; logs only when a printer's answering changes.

    Args:
        reader: reads and finds printers.
        recorder: takes what was seen.
        concurrency: places for printers that answer in good time.
        rate_limit_pps: most datagrams a second of a search.
        seconds_per_printer: the longest that one reading may take.
        seconds_in_a_place: the longest that a printer may have a place.
    """

    def __init__(
        self,
        reader: PrinterReader,
        recorder: Sink,
        *,
        concurrency: int,
        rate_limit_pps: float,
        seconds_per_printer: float = SECONDS_PER_PRINTER,
        seconds_in_a_place: float = SECONDS_IN_A_PLACE,
    ) -> None:
        self._reader = reader
        self._recorder = recorder
        self._places = asyncio.Semaphore(concurrency)
        self._waiting_room = asyncio.Semaphore(MOST_WAITED_FOR)
        self._rate_limit_pps = rate_limit_pps
        self._seconds = seconds_per_printer
        self._seconds_in_a_place = seconds_in_a_place
        self._in_flight: dict[str, _Place] = {}
        self._background: set[asyncio.Task[bool]] = set()
        self._slow: set[str] = set()
        self._silent: dict[str, _Silence] = {}
        self._failing: set[str] = set()

    async def read_all(self, targets: Iterable[Target], *, at_once: bool = False) -> int:
        """Read each target once that is due, several at a time.

        Printers that are silent or slow go on in the background, where the next cycle leaves them until they are
        done; `settle` waits for them.

        Args:
            targets: the printers.
            at_once: ask the silent ones whether they are due or not, and wait for all.

        Returns:
            How many were read meanwhile.
        """
        now = asyncio.get_running_loop().time()
        due = [target for target in targets if self._is_due(str(target), now) or at_once]
        reads = [(str(target), asyncio.create_task(self.read(target))) for target in due]
        self._background.update(read for _, read in reads)
        for _, read in reads:
            read.add_done_callback(self._background.discard)
        try:
            while waiting := [
                read for name, read in reads if not read.done() and (at_once or not self._is_aside(name))
            ]:
                await asyncio.wait(waiting, timeout=min(_LOOK_SECONDS, self._seconds_in_a_place))
        except asyncio.CancelledError:
            for _, read in reads:
                read.cancel()
            raise
        return sum(read.result() for _, read in reads if read.done())

    async def settle(self) -> None:
        """Wait for the readings that go on in the background."""
        while self._background:
            await asyncio.wait(set(self._background))

    async def read(self, target: Target) -> bool:
        """Read one printer; a target that is being read already is left to that. Never raises for a printer."""
        name = str(target)
        if name in self._in_flight:
            return False
        patient = name in self._slow or name in self._silent
        place = self._in_flight[name] = _Place(self._waiting_room if patient else self._places)
        try:
            await place.take(self._seconds if patient else self._seconds_in_a_place)
            began = asyncio.get_running_loop().time()
            event = await self._event(name, target)
        finally:
            place.give_back()
            del self._in_flight[name]
        self._note_pace(name, event, began)
        self._recorder.put(event)
        self._note_change(event)
        return isinstance(event, Taken)

    def _is_due(self, name: str, now: float) -> bool:
        silence = self._silent.get(name)
        return silence is None or silence.is_due(now)

    def _is_aside(self, name: str) -> bool:
        """Whether a printer that is being read keeps nobody from a place."""
        place = self._in_flight.get(name)
        return name in self._slow or name in self._silent or (place is not None and place.overstayed)

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

    def _note_pace(self, name: str, event: Taken | Failed, began: float) -> None:
        """Keep who was silent and who was slow, for the next time."""
        now = asyncio.get_running_loop().time()
        if isinstance(event, Failed) and event.stage == Stage.FOUND:
            silence = self._silent.setdefault(name, _Silence(now, times=0))
            silence.again(now)
            return
        self._silent.pop(name, None)
        if now - began > self._seconds_in_a_place:
            self._slow.add(name)
        else:
            self._slow.discard(name)

    def _note_change(self, event: Taken | Failed) -> None:
        if isinstance(event, Failed) and event.target not in self._failing:
            self._failing.add(event.target)
            log.warning("printer cannot be read", printer=event.target, stage=event.stage, reason=event.reason)
        elif isinstance(event, Taken) and event.target in self._failing:
            self._failing.discard(event.target)
            log.info("printer is read again", printer=event.target)
