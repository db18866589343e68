"""What a month of readings costs: an agent's week through the real upload function, counted, at list prices.

The agent's own rule decides what is reported; the real function stores it through boto3 on a store that counts. What
that costs is taken times the weeks of a month and the agents of the fleet.
"""

import base64
import gc
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bench import pages, prices
from bench.bill import THOUSAND, Bill, Days
from bench.cloud import ZONE, UploadFunction, upload_function
from bench.heat import heat_rows
from bench.row import Row, at_most, left_out
from bench.sample import sample_readings
from bench.site_day import EVENLY, IN_FEW_HOURS, IN_OFFICE_HOURS, Printing, Site
from functions.ingest.agents.heartbeat import HOURLY, automatic_heartbeat
from shared.directory.keys import printer_week
from shared.wire.reading import PrinterReading

PRINTERS: Final = 50
"""Of an agent; a fleet of fewer has one agent."""
FLEETS: Final = (10, 1_000, 1_000_000)
_DAY: Final = timedelta(days=1)
_BEFORE: Final = timedelta(hours=4)
_WEEK: Final = 7
_KILO: Final = 1_000


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
        for fleet, of in ((THOUSAND, days), (min(FLEETS), few)):
            rows += _used(fleet, minutes, printing, of)
        rows += _details(minutes, printing, days)
    for minutes, printing in ((15, IN_OFFICE_HOURS), (60, EVENLY), (60, IN_OFFICE_HOURS)):
        days = counted(readings, minutes, printing)
        rows += [_row(THOUSAND, minutes, printing, days), *_details(minutes, printing, days)]
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
    day.sent_octets += len(base64.b64decode(event["body"]))
    day.log_octets += function.logged_octets - written


def _row(fleet: int, minutes: int, printing: Printing, days: Days, limit: float | None = None) -> Row:
    what = f"ingest per 1,000 printers and month, {fleet:,} printers polled every {minutes} min, {printing.name}"
    parts = Bill.of(days).dollars()
    split = ", ".join(f"{name} {dollars:.3f}" for name, dollars in parts.items())
    if fleet < PRINTERS:
        split = f"one agent with {days.printers}, heard each {days.heartbeat}: {split}"
    if limit is None:
        return Row(what, sum(parts.values()), "$", note=split)
    return at_most(what, sum(parts.values()), "$", limit, split)


def _used(fleet: int, minutes: int, printing: Printing, days: Days) -> list[Row]:
    """What is behind the dollars."""
    bill = Bill.of(days)
    each = f"a printer and month, {fleet:,} printers polled every {minutes} min, {printing.name}"
    looks = "with the sweep's looks"
    stored, logged = bill.stored_octets / _KILO, bill.log_octets / _KILO
    return [
        Row(f"requests {each}", bill.requests, "", note="to the agent API, each with two functions"),
        Row(f"write units {each}", bill.write_units + bill.look_write_units, "WRU", note=looks),
        Row(f"read units {each}", bill.read_units + bill.look_read_units, "RRU", note=looks),
        Row(f"Lambda's time {each}", bill.lambda_seconds * _KILO, "ms", note="billed, both functions"),
        Row(
            f"sent {each}", bill.sent_octets / _KILO, "kB", note=f"packed; {stored:.0f} kB stored, {logged:.0f} logged"
        ),
    ]


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
            days.cpu_seconds / days.outcomes.total() * _KILO,
            "ms",
            note="boto3 in it",
        ),
    ]
