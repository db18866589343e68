"""What a month of readings costs: an agent's week through the real upload function, counted, at list prices.

The agent's own rule decides what is reported; the real function stores it through boto3 on a store that counts. What
that costs is taken times the weeks of a month and the agents of the fleet.
"""

import gc
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from bench import pages, prices
from bench.cloud import LOG_EVENT_OCTETS, ZONE, UploadFunction, upload_function
from bench.heat import heat_rows
from bench.row import Row, at_most, left_out
from bench.sample import sample_readings
from bench.site_day import EVENLY, IN_FEW_HOURS, IN_OFFICE_HOURS, Printing, Site
from functions.ingest.agents.heartbeat import HOURLY, automatic_heartbeat, silent_after
from functions.ingest.meters.rollup import KEEP as KEEP_DAYS
from functions.ingest.silence.watch import LOOK_AT_PRINTERS, PRINTERS_WAIT
from shared.directory.keys import printer_week
from shared.wire.reading import PrinterReading

PRINTERS: Final = 50
"""Of an agent; a fleet of fewer has one agent."""
FLEETS: Final = (10, 1_000, 1_000_000)
MEMORY_MB: Final = 512
AUTHORIZER_SECONDS: Final = 0.02
"""Billed for a signature check and one read; assumed."""
CONFIG_SECONDS: Final = 0.02
"""Billed for a 304; assumed."""
LOOK_WRITE_UNITS: Final = 3
"""Of the sweep's look at an agent that is heard: its watch, and its place in the due index taken out and put in."""
LOOK_READ_UNITS: Final = 2
"""The index, and the watch, the row and the contact of the agent, each perhaps a moment behind."""
PRINTER_READ_UNITS: Final = 0.5 + pages.READ_UNITS
"""Of the daily look at a printer: its state, perhaps a moment behind; and what its pages per month are counted from."""
AUTHORIZER_READ_UNITS: Final = 0.5
"""Of the agent's row, perhaps a moment behind."""
ACCESS_LOG_OCTETS: Final = 234 + LOG_EVENT_OCTETS
"""A line as `infra.agent_api` forms it. Lambda's own lines of these functions are not kept (`infra.function`)."""
_DAY: Final = timedelta(days=1)
_BEFORE: Final = timedelta(hours=4)
_THOUSAND: Final = 1_000
_WEEK: Final = 7


@dataclass(slots=True)
class Days:
    """Days of one agent, counted."""

    days: float
    printers: int
    heartbeat: timedelta
    uploads: int = 0
    config_polls: int = 0
    write_units: float = 0.0
    read_units: float = 0.0
    cpu_seconds: float = 0.0
    log_octets: int = 0
    pages_write_units: float = 0.0
    """Of a printer and day, for the order of pages per month."""
    outcomes: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)


def run() -> list[Row]:
    """Both polling intervals, for fleets of three sizes; the same printers' work at other hours beside them."""
    readings = sample_readings(PRINTERS)
    rows = []
    for minutes, printing, limit in ((15, EVENLY, 0.50), (60, IN_FEW_HOURS, 0.20)):
        days = counted(readings, minutes, printing)
        few = counted(readings[: min(FLEETS)], minutes, printing)
        hourly = counted(readings[: min(FLEETS)], minutes, printing, HOURLY)
        rows += [_row(fleet, minutes, printing, few if fleet < PRINTERS else days, limit) for fleet in FLEETS]
        rows.append(_row(min(FLEETS), minutes, printing, hourly))
        rows += _details(minutes, printing, days)
    for minutes, printing in ((15, IN_OFFICE_HOURS), (60, EVENLY), (60, IN_OFFICE_HOURS)):
        days = counted(readings, minutes, printing)
        rows += [_row(_THOUSAND, minutes, printing, days), *_details(minutes, printing, days)]
    why = "the readers of the fleet's stream, orders, tickets and partners' requests are not counted"
    return [*rows, *heat_rows(), left_out("everything together, per 1,000 printers and month", "≤ 1 $", why)]


def counted(first: list[PrinterReading], minutes: int, printing: Printing, heartbeat: timedelta | None = None) -> Days:
    """A site's last whole week, from Monday on; what made the printers known before is not counted.

    Without a ``heartbeat`` the agent has the one that nobody set.
    """
    heartbeat = heartbeat or automatic_heartbeat(len(first))
    zone = ZoneInfo(ZONE)
    today = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday() + _WEEK)
    began, ended = monday.astimezone(UTC), (monday + _WEEK * _DAY).astimezone(UTC)
    site = Site(first, printing, zone, heartbeat)
    days = Days(_WEEK, len(first), heartbeat, pages_write_units=pages.write_units(printing, zone))
    known_until = began - _BEFORE
    with upload_function(boto=True) as function:
        for now, due in site.polls(began - _BEFORE, ended, timedelta(minutes=minutes)):
            if due:
                known_until = now + heartbeat + timedelta(minutes=1.25 * minutes)
                _upload(function, site, due, now, days if now >= began else None)
            elif now >= max(began, known_until):
                days.config_polls += 1
        until = ended + timedelta(days=prices.MONTH_DAYS)  # by then the events of discovery are gone
        days.stored = function.store.stored_octets(until)
        days.stored["WEEK"] = function.store.stored_octets(until, printer_week(monday.date().isoformat()))["WEEK"]
    return days


def _upload(
    function: UploadFunction, site: Site, due: list[dict[str, object]], now: datetime, day: Days | None
) -> None:
    event = function.event(due, now)
    function.store.take()
    gc.freeze()  # what we keep is not for the function's collections to look through
    written, spent, cpu = function.logged_octets, function.client.seconds, time.process_time()
    receipt = function.post(event, now)
    cpu = time.process_time() - cpu - (function.client.seconds - spent)
    outcomes = site.learn(receipt)
    if day is None:
        return
    counted = function.store.take()
    day.uploads += 1
    day.outcomes.update(outcomes)
    day.write_units += counted.write_units
    day.read_units += counted.read_units
    day.writes += counted.writes
    day.cpu_seconds += cpu
    day.log_octets += function.logged_octets - written


def _row(fleet: int, minutes: int, printing: Printing, days: Days, limit: float | None = None) -> Row:
    what = f"ingest per 1,000 printers and month, {fleet:,} printers polled every {minutes} min, {printing.name}"
    parts = _dollars(days)
    split = ", ".join(f"{name} {dollars:.3f}" for name, dollars in parts.items())
    if fleet < PRINTERS:
        split = f"one agent with {days.printers}, heard each {days.heartbeat}: {split}"
    if limit is None:
        return Row(what, sum(parts.values()), "$", note=split)
    return at_most(what, sum(parts.values()), "$", limit, split)


def _dollars(days: Days) -> dict[str, float]:
    """Of 1,000 printers and a month."""
    agents = _THOUSAND / days.printers
    times = agents * prices.MONTH_DAYS / days.days
    looks = days.days * _looks_a_day(silent_after(days.heartbeat))
    requests = days.uploads + days.config_polls
    look_writes = looks * LOOK_WRITE_UNITS + days.days * days.printers * days.pages_write_units
    look_reads = looks * LOOK_READ_UNITS + days.days * days.printers * PRINTER_READ_UNITS
    busy = days.cpu_seconds * prices.VCPU_MEMORY_MB / MEMORY_MB
    seconds = busy + days.config_polls * CONFIG_SECONDS + requests * AUTHORIZER_SECONDS
    stored: dict[str, float] = dict(days.stored)
    stored["WEEK"] *= ceil((KEEP_DAYS.days + _WEEK) / _WEEK)
    return {
        "writes": days.write_units * times * prices.WRITE_UNIT,
        "reads": (days.read_units + days.config_polls + requests * AUTHORIZER_READ_UNITS) * times * prices.READ_UNIT,
        "silence": (look_writes * prices.WRITE_UNIT + look_reads * prices.READ_UNIT) * times,
        "HTTP API": requests * times * prices.HTTP_API_REQUEST,
        "Lambda requests": 2 * requests * times * prices.LAMBDA_REQUEST,
        "Lambda time": seconds * MEMORY_MB / 1_024 * times * prices.LAMBDA_GB_SECOND_ARM,
        "storage and recovery": sum(stored.values())
        / prices.GIGABYTE
        * agents
        * (prices.STORED_GB_MONTH + prices.RECOVERY_GB_MONTH),
        "logs": (days.log_octets + requests * ACCESS_LOG_OCTETS) * times / prices.GIGABYTE * prices.LOG_GB,
    }


def _looks_a_day(until_silent: timedelta) -> float:
    """At most: one that is due for the agent serves its printers only when there are many."""
    for_printers = _DAY / (LOOK_AT_PRINTERS + PRINTERS_WAIT) if until_silent > PRINTERS_WAIT else 0
    return _DAY / until_silent + for_printers


def _details(minutes: int, printing: Printing, days: Days) -> list[Row]:
    every = f"polled every {minutes} min, {printing.name}"
    each = days.printers * days.days
    kinds = ", ".join(f"{kind} {units / each:.2f}" for kind, units in days.writes.most_common(6))
    told = ", ".join(f"{name} {count / each:.1f}" for name, count in days.outcomes.most_common())
    return [
        Row(
            f"write units a printer and day, {every}",
            days.write_units / each,
            "WRU",
            note=f"{kinds}; readings a printer and day: {told}; {days.uploads / days.days:.0f} uploads a day",
        ),
        Row(
            f"CPU of the function a reading, {every}",
            days.cpu_seconds / days.outcomes.total() * _THOUSAND,
            "ms",
            note="boto3 in it",
        ),
    ]
