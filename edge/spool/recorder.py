"""From polling to the spool: many readings in one durable write, and only those that say something new."""

import asyncio
from dataclasses import replace
from typing import Final

from edge.log import get_logger
from edge.spool.changes import ReportedState, Rhythm, judge, printer_key
from edge.spool.file import SpoolError
from edge.spool.rows import Reported
from edge.spool.spool import Event, Spool, SpoolLostError
from edge.spool.status import Fact, Unchanged
from edge.spool.waiting import Taken, Waiting

MAX_WAITING: Final = 1_000  # 26 MB of ordinary readings
RETRY_SECONDS: Final = 5.0
log = get_logger()


class Recorder:
    """Takes what pollers saw without ever making them wait, and writes it down in groups.

    Args:
        spool: Where it goes.
        heartbeat_seconds: The longest time without a report of a printer.
        poll_seconds: Between two readings of a printer.

    Attributes:
        kept: Set when readings were kept that are to be sent.
        urgent: Set when one of them is not to wait for others.
    """

    def __init__(self, spool: Spool, heartbeat_seconds: float, poll_seconds: float = 0.0) -> None:
        self.kept = asyncio.Event()
        self.urgent = asyncio.Event()
        self._spool = spool
        self._arrived = asyncio.Event()
        self._waiting = Waiting(MAX_WAITING)
        self._is_failing = False
        self._rhythm = Rhythm(heartbeat_seconds, poll_seconds)

    def keep_time(self, heartbeat_seconds: float, poll_seconds: float) -> None:
        """Go on with other intervals; all printers fall into the new beat with their next reports."""
        self._rhythm = Rhythm(heartbeat_seconds, poll_seconds)

    def put(self, event: Taken | Fact) -> None:
        """Hand over an event. When the disk has refused so many that memory is full, readings are lost and counted."""
        self._waiting.put(event)
        self._arrived.set()

    async def run(self) -> None:
        """Write down what comes, until cancelled; tries again while the spool cannot be used."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if not self._write():
                self._arrived.set()
                await asyncio.sleep(RETRY_SECONDS)

    def drain(self) -> None:
        """Write down what still waits, once."""
        self._write()

    def _write(self) -> bool:
        """Write all that waits; False when the spool cannot be used now, and nothing of it is forgotten."""
        group, lost = self._waiting.events(), self._waiting.lost
        if not group:
            return True
        try:
            events, dropped = self._record(group, lost)
        except (SpoolError, SpoolLostError) as error:
            if not self._is_failing:
                log.warning("spool refuses readings", reason=str(error))
            self._is_failing = True
            return False
        self._waiting.remove_oldest(len(group))
        self._waiting.lost -= lost
        if self._is_failing:
            log.info("spool takes readings again", lost=lost)
        if dropped:
            log.warning("spool is full: older readings given up", dropped=dropped)
        self._is_failing = False
        reports = [event.report for event in events if isinstance(event, Reported)]
        if any(report.is_urgent for report in reports):
            self.urgent.set()
        if reports:
            self.kept.set()
        return True

    def _record(self, group: list[Taken | Fact], lost: int) -> tuple[list[Event], int]:
        try:
            events = self._judged(group)
            return events, self._spool.record(events, lost=lost)
        except (SpoolError, SpoolLostError):
            raise
        except Exception:  # a fault of ours over one event must not lose the others, nor stop the writing
            if len(group) == 1:
                log.exception("event cannot be kept", kind=type(group[0]).__name__)
                return [], self._spool.record([], lost=lost + isinstance(group[0], Taken))
        halves = len(group) // 2
        first, dropped = self._record(group[:halves], lost)
        second, more = self._record(group[halves:], 0)
        return first + second, dropped + more

    def _judged(self, group: list[Taken | Fact]) -> list[Event]:
        events: list[Event] = []
        in_group: dict[str, ReportedState] = {}
        for event in group:
            if not isinstance(event, Taken):
                events.append(event)
                continue
            target, at, reading = event.target, event.at, event.reading
            if self._rhythm.began is None:
                self._rhythm = replace(self._rhythm, began=at)
            printer = printer_key(reading, target)
            previous = in_group.get(printer) or self._spool.state(target, reading.identity)
            report = judge(previous, reading, now=at, rhythm=self._rhythm)
            if report is None:
                events.append(Unchanged(target, at, reading))
            else:
                in_group[printer] = report.state
                events.append(Reported(target, at, reading, report))
        return events
