"""One agent's day: its printers print, it polls, its own rule decides what is sent, and it learns from the receipts."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from edge.spool.changes import ReportedState, Rhythm, judge
from shared.wire.activation import AgentConfig
from shared.wire.reading import LIFE_COUNT, PrinterReading
from shared.wire.reading import Counter as PageCounter
from shared.wire.upload import Outcome, UploadReceipt, reading_body

HEARTBEAT: Final = timedelta(seconds=AgentConfig.model_fields["heartbeat_interval_seconds"].default)
CHANGED_IN_15_MINUTES: Final = 0.12
"""Of a printer's quarters of an hour, those in which it prints: the mean of a week."""
OFFICE_HOURS: Final = range(8, 18)
OFFICE_DAYS: Final = range(5)
MOST_PAGES: Final = 20
PAGES_PER_POINT: Final = 60
_QUARTER: Final = timedelta(minutes=15)
_WEEK_QUARTERS: Final = 7 * 24 * 4
_SEED: Final = 5


@dataclass(frozen=True, slots=True)
class Printing:
    """When printers print.

    Attributes:
        name: What the share is spread over.
        is_office: In office hours of the week only, more often then; else at any time of any day.
        mean: Of a printer's quarters of an hour, those in which it prints: the mean of a week.
    """

    name: str
    is_office: bool
    mean: float = CHANGED_IN_15_MINUTES

    def share(self, at: datetime) -> float:
        """The share of printers that print in the quarter of an hour that begins at a time of the site's own."""
        if not self.is_office:
            return self.mean
        if at.weekday() not in OFFICE_DAYS or at.hour not in OFFICE_HOURS:
            return 0.0
        return self.mean * _WEEK_QUARTERS / (len(OFFICE_DAYS) * len(OFFICE_HOURS) * 4)


EVENLY: Final = Printing("evenly, day and night", is_office=False)
IN_OFFICE_HOURS: Final = Printing("in office hours", is_office=True)
IN_FEW_HOURS: Final = Printing("12 % of the hours", is_office=False, mean=1 - (1 - CHANGED_IN_15_MINUTES) ** (1 / 4))
"""The same share of hours instead of quarters: at `EVENLY` a printer prints in 40 % of its hours."""


class Site:
    """An agent with its printers.

    Args:
        readings: a first reading of each printer.
        printing: when they print.
        zone: the site's own time.
        heartbeat: how often the agent has something to say.
    """

    def __init__(
        self, readings: list[PrinterReading], printing: Printing, zone: ZoneInfo, heartbeat: timedelta = HEARTBEAT
    ) -> None:
        self._readings = list(readings)
        self._states: list[ReportedState | None] = [None] * len(readings)
        self._printing = printing
        self._zone = zone
        self._heartbeat = heartbeat
        self._chance = random.Random(_SEED)  # noqa: S311 - a simulation
        self._place_of: dict[str, int] = {}

    def polls(
        self, began: datetime, ended: datetime, interval: timedelta
    ) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
        """When the agent polls and what it sends then, as members of ``readings``; polls with nothing to send too."""
        now, rhythm = began, Rhythm(self._heartbeat.total_seconds(), interval.total_seconds(), began)
        while now < ended:
            due = []
            for place, before in enumerate(self._readings):
                pages = sum(self._pages(now - _QUARTER * each) for each in range(interval // _QUARTER))
                reading = self._readings[place] = _after(before, pages, now, f"rdg_{place}_{now:%d%H%M}")
                report = judge(self._states[place], reading, now=now, rhythm=rhythm)
                if report is not None:
                    self._states[place] = report.state
                    self._place_of[reading.reading_id] = place
                    due.append(
                        reading_body(reading) if report.unchanged is None else report.unchanged.model_dump(mode="json")
                    )
            yield now, due
            now += interval

    def learn(self, receipt: UploadReceipt) -> Mapping[str, int]:
        """What the agent keeps of an answer; how many readings had each outcome."""
        counts: dict[str, int] = {}
        for outcome in receipt.outcomes:
            counts[outcome.outcome] = counts.get(outcome.outcome, 0) + 1
            place = self._place_of.pop(outcome.reading_id)
            state = self._states[place]
            if state is None or state.whole is None:
                continue
            if outcome.outcome is Outcome.RESEND:
                self._states[place] = replace(state, whole=replace(state.whole, printer_id=""))
            elif state.whole.reading_id == outcome.reading_id and receipt.unchanged_readings:
                self._states[place] = replace(state, whole=replace(state.whole, printer_id=outcome.printer_id or ""))
        return counts

    def _pages(self, at: datetime) -> int:
        prints = self._chance.random() < self._printing.share(at.astimezone(self._zone))
        return self._chance.randint(1, MOST_PAGES) if prints else 0


def _after(reading: PrinterReading, pages: int, at: datetime, reading_id: str) -> PrinterReading:
    """The printer's next reading, so many pages later."""
    counters = [_counted(counter, pages) for counter in reading.counters or []]
    supplies = list(reading.supplies or [])
    before = next((counter.value for counter in reading.counters or [] if counter.name == LIFE_COUNT), 0)
    if supplies and supplies[0].percent and (before + pages) // PAGES_PER_POINT > before // PAGES_PER_POINT:
        first = supplies[0]
        step = (first.max_capacity or 100) // 100 if (first.max_capacity or 0) > 0 else 1
        worn = {"percent": max(0.0, supplies[0].percent - 1), "level": max(0, (first.level or 0) - step)}
        supplies[0] = first.model_copy(update=worn)
    passed = int((at - reading.taken_at).total_seconds() * 100)
    ticks = None if reading.uptime_ticks is None else max(reading.uptime_ticks + passed, 0) % 2**32
    update = {"reading_id": reading_id, "taken_at": at, "counters": counters, "supplies": supplies}
    return reading.model_copy(update=update | {"uptime_ticks": ticks})


def _counted(counter: PageCounter, pages: int) -> PageCounter:
    return counter.model_copy(update={"value": counter.value + pages})
