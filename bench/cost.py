"""What a month of readings costs: one agent's day through the real upload function, counted, at list prices.

An agent with fifty printers polls; in a share of the polls a printer has printed since the last one. The agent's own
rule decides what is reported; the real function stores it through boto3 on a store that counts. The day is then taken
times the days of a month and the agents of 1,000 printers.
"""

import gc
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bench import prices
from bench.cloud import ZONE, UploadFunction, upload_function
from bench.row import Row, at_most, left_out
from bench.sample import sample_readings
from edge.spool.changes import ReportedState, judge
from functions.ingest.accept_upload import KEEP_RECEIPTS
from functions.ingest.rollup import KEEP as KEEP_DAYS
from functions.ingest.silence import MISSED_HEARTBEATS
from shared.wire.activation import AgentConfig
from shared.wire.reading import LIFE_COUNT, PrinterReading
from shared.wire.reading import Counter as PageCounter

PRINTERS: Final = 50
CHANGED_IN_15_MINUTES: Final = 0.12
MOST_PAGES: Final = 20
PAGES_PER_POINT: Final = 60
MEMORY_MB: Final = 512
AUTHORIZER_SECONDS: Final = 0.02
"""Billed for a signature check and one read; assumed."""
CONFIG_SECONDS: Final = 0.02
"""Billed for a 304; assumed."""
LOOK_WRITE_UNITS: Final = 3
"""Of the sweep's look at an agent that is heard: its watch, and its place in the due index taken out and put in."""
LOOK_READ_UNITS: Final = 2
"""The index, and the watch, the row and the contact of the agent, each perhaps a moment behind."""
PLATFORM_LOG_OCTETS: Final = 1_200
"""Of an invocation: Lambda's own start, report and end lines and a line of the access log; assumed."""
_DAY: Final = timedelta(days=1)
_BEFORE: Final = timedelta(hours=4)
_THOUSAND: Final = 1_000
_SEED: Final = 5


@dataclass(slots=True)
class Day:
    """One agent's day, counted."""

    uploads: int = 0
    readings: int = 0
    write_units: float = 0.0
    read_units: float = 0.0
    cpu_seconds: float = 0.0
    log_octets: int = 0
    writes: Counter[str] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)


def run() -> list[Row]:
    """Both polling intervals."""
    readings = sample_readings(PRINTERS)
    rows = []
    for minutes, limit in ((15, 0.50), (60, 0.20)):
        rows += _rows(minutes, limit, _day(readings, minutes))
    why = "the readers of the fleet's stream, orders, tickets and partners' requests are not counted"
    return [*rows, left_out("everything together, per 1,000 printers and month", "≤ 1 $", why)]


def _day(first: list[PrinterReading], minutes: int) -> Day:
    """A site's own day, counted from midnight on; what came before, and made the printers known, is not counted."""
    day = Day()
    began = datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0) - _DAY
    with upload_function(boto=True) as function:
        for now, due in _uploads(first, began.astimezone(UTC), timedelta(minutes=minutes)):
            event = function.event(due, now)
            function.store.take()
            gc.freeze()  # what we keep is not for the function's collections to look through
            written, spent, cpu = function.output_octets, function.client.seconds, time.process_time()
            function.post(event, now)
            cpu = time.process_time() - cpu - (function.client.seconds - spent)
            if now >= began:
                _count(day, function, len(due), cpu, function.output_octets - written)
        day.stored = function.store.stored_octets()
    return day


def _count(day: Day, function: UploadFunction, readings: int, cpu: float, octets: int) -> None:
    counted = function.store.take()
    day.uploads += 1
    day.readings += readings
    day.write_units += counted.write_units
    day.read_units += counted.read_units
    day.writes += counted.writes
    day.cpu_seconds += cpu
    day.log_octets += octets


def _uploads(
    readings: list[PrinterReading], began: datetime, interval: timedelta
) -> Iterator[tuple[datetime, list[PrinterReading]]]:
    """What the agent sends after each poll of a day and of some hours before; each printer once at first."""
    chance = random.Random(_SEED)  # noqa: S311 - a simulation
    unchanged = (1 - CHANGED_IN_15_MINUTES) ** (interval / timedelta(minutes=15))
    heartbeat = AgentConfig.model_fields["heartbeat_interval_seconds"].default
    states: list[ReportedState | None] = [None] * len(readings)
    now = began - _BEFORE
    while now < began + _DAY:
        due = []
        for place, before in enumerate(readings):
            pages = chance.randint(1, MOST_PAGES) if chance.random() > unchanged else 0
            reading = readings[place] = _after(before, pages, now, f"rdg_{place}_{now:%H%M}")
            report = judge(states[place], reading, now=now, heartbeat_seconds=heartbeat)
            if report is not None:
                states[place] = report.state
                due.append(reading)
        if due:
            yield now, due
        now += interval


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
    update = {"reading_id": reading_id, "taken_at": at, "counters": counters, "supplies": supplies}
    return reading.model_copy(update=update)


def _counted(counter: PageCounter, pages: int) -> PageCounter:
    return counter.model_copy(update={"value": counter.value + pages})


def _rows(minutes: int, limit: float, day: Day) -> list[Row]:
    agents = _THOUSAND / PRINTERS
    times = agents * prices.MONTH_DAYS
    config_polls = _DAY / timedelta(seconds=AgentConfig.model_fields["config_interval_seconds"].default)
    requests = day.uploads + config_polls
    looks = _DAY / (
        MISSED_HEARTBEATS * timedelta(seconds=AgentConfig.model_fields["heartbeat_interval_seconds"].default)
    )
    look_writes = looks * LOOK_WRITE_UNITS
    look_reads = looks * LOOK_READ_UNITS + PRINTERS / 2  # once a day each printer's state, perhaps a moment behind
    busy = day.cpu_seconds * prices.VCPU_MEMORY_MB / MEMORY_MB
    seconds = busy + config_polls * CONFIG_SECONDS + requests * AUTHORIZER_SECONDS
    stored = day.stored.copy()
    stored["DAY"] *= KEEP_DAYS.days // 2  # there are the day counted and the one before
    stored["RECEIPT"] *= KEEP_RECEIPTS.days
    log_octets = day.log_octets + 2 * requests * PLATFORM_LOG_OCTETS
    parts = {
        "writes": day.write_units * times * prices.WRITE_UNIT,
        "reads": (day.read_units + config_polls + requests) * times * prices.READ_UNIT,
        "silence": (look_writes * prices.WRITE_UNIT + look_reads * prices.READ_UNIT) * times,
        "HTTP API": requests * times * prices.HTTP_API_REQUEST,
        "Lambda requests": 2 * requests * times * prices.LAMBDA_REQUEST,
        "Lambda time": seconds * MEMORY_MB / 1_024 * times * prices.LAMBDA_GB_SECOND_ARM,
        "storage and recovery": stored.total()
        / prices.GIGABYTE
        * agents
        * (prices.STORED_GB_MONTH + prices.RECOVERY_GB_MONTH),
        "logs": log_octets * times / prices.GIGABYTE * prices.LOG_GB,
    }
    every = f"polled every {minutes} min"
    split = ", ".join(f"{name} {dollars:.2f}" for name, dollars in parts.items())
    kinds = ", ".join(f"{kind} {units / day.readings:.2f}" for kind, units in day.writes.most_common(5))
    return [
        at_most(f"ingest per 1,000 printers and month, {every}", sum(parts.values()), "$", limit, split),
        Row(
            f"write units a reading, {every}",
            day.write_units / day.readings,
            "WRU",
            note=f"{kinds}; {day.readings / PRINTERS:.1f} readings a printer and day in {day.uploads} uploads",
        ),
        Row(
            f"CPU of the function a reading, {every}",
            day.cpu_seconds / day.readings * _THOUSAND,
            "ms",
            note="boto3 in it",
        ),
    ]
