"""From polling to the spool: many readings in one durable write, and only those that say something new."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from edge.changes import ReportedState, judge
from edge.spool import Event, Spool, SpoolLostError
from edge.spool_file import SpoolError
from edge.spool_rows import Reported
from edge.status import Failed, Found, Unchanged
from shared.wire.reading import PrinterReading

MAX_WAITING: Final = 2_000
RETRY_SECONDS: Final = 5.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """A printer was read at ``at`` (real time)."""

    target: str
    at: datetime
    reading: PrinterReading


class Recorder:
    """Takes what pollers saw without ever making them wait, and writes it down in groups.

    Args:
        spool: Where it goes.
        heartbeat_seconds: The longest time without a report of a printer; may be changed while running.
    """

    def __init__(self, spool: Spool, heartbeat_seconds: float) -> None:
        self.heartbeat_seconds = heartbeat_seconds
        self.kept = asyncio.Event()
        self._spool = spool
        self._waiting: asyncio.Queue[Taken | Found | Failed] = asyncio.Queue(MAX_WAITING)
        self._lost = 0
        self._is_failing = False

    def put(self, event: Taken | Found | Failed) -> None:
        """Hand over an event. When the disk has refused so many that memory is full, it is lost and counted."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self._lost += isinstance(event, Taken)

    async def run(self) -> None:
        """Write down what comes, until cancelled; tries again while the spool cannot be used."""
        group: list[Taken | Found | Failed] = []
        while True:
            group = group or [await self._waiting.get(), *self._all_waiting()]
            if self._write(group):
                group = []
            else:
                await asyncio.sleep(RETRY_SECONDS)

    def drain(self) -> None:
        """Write down what still waits, once."""
        group = self._all_waiting()
        if group:
            self._write(group)

    def _all_waiting(self) -> list[Taken | Found | Failed]:
        return [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]

    def _write(self, group: list[Taken | Found | Failed]) -> bool:
        lost = self._lost
        try:
            events = self._judged(group)
            dropped = self._spool.record(events, lost=lost)
        except (SpoolError, SpoolLostError) as error:
            if not self._is_failing:
                log.warning("spool refuses readings", reason=str(error))
            self._is_failing = True
            return False
        if self._is_failing:
            log.info("spool takes readings again", lost=lost)
        if dropped:
            log.warning("spool is full: older readings given up", dropped=dropped)
        self._is_failing = False
        self._lost -= lost
        if any(isinstance(event, Reported) for event in events):
            self.kept.set()
        return True

    def _judged(self, group: list[Taken | Found | Failed]) -> list[Event]:
        events: list[Event] = []
        in_group: dict[str, ReportedState] = {}
        for event in group:
            if not isinstance(event, Taken):
                events.append(event)
                continue
            target, at, reading = event.target, event.at, event.reading
            previous = in_group.get(target) or self._spool.state(target)
            report = judge(previous, reading, now=at, heartbeat_seconds=self.heartbeat_seconds)
            if report is None:
                events.append(Unchanged(target, at, reading))
            else:
                in_group[target] = report.state
                events.append(Reported(target, at, reading, report))
        return events
