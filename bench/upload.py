"""What one upload of a hundred readings costs the cloud: CPU of our own code, requests, capacity units, cold import.

The readings are the agent's, of simulated printers that are known already; each upload brings all of them anew, with
every counter and level read again. The function runs in this process: once on a store that only counts, which shows
what our own code takes, and once through boto3's client with its network taken away.
"""

import base64
import gc
import time
from collections import Counter
from cProfile import Profile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from bench.cloud import ZONE, UploadFunction, upload_function
from bench.cold_import import cold_import_rows
from bench.row import Row, at_most
from bench.sample import sample_readings
from bench.site_day import EVENLY, Site
from functions.ingest.meters.readings import parse_reading
from functions.ingest.uploads.unpack import parse_upload, unpack
from shared.wire.reading import PrinterReading
from shared.wire.upload import is_unchanged

READINGS: Final = 100
UPLOADS: Final = 60
PROFILED: Final = 20
DAYS: Final = 3
REPLAYS: Final = 25
INTERVAL: Final = timedelta(minutes=5)
DAY: Final = timedelta(days=1)
_KILO: Final = 1_000
_COMPILED: Final = ("pydantic_core._pydantic_core.", "'zlib.")


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of many uploads alike. What shares a core or its caches adds to some, by half for seconds on end.

    Attributes:
        undisturbed: What the least disturbed tenth took at most.
        median: What half of them took at most.
    """

    undisturbed: float
    median: float

    @classmethod
    def of(cls, seconds: list[float]) -> Self:
        """Of what each took."""
        return cls(quantiles(seconds, n=10)[0] * _KILO, median(seconds) * _KILO)


def run() -> list[Row]:
    """All rows."""
    readings = sample_readings(READINGS)
    with upload_function() as function:
        own, writes, reads, calls = _uploads(function, readings)
        compiled = _compiled_ms(function, readings)
        event = function.event(_taken(readings, 0), _at(0))
        validation = _validation_ms(event)
    with upload_function(boto=True) as function:
        with_boto, *_ = _uploads(function, readings)
    hourly, hourly_units, told = _hourly(readings)
    note = (
        f"the least disturbed tenth of {UPLOADS} uploads, all threads (half of them: {own.median - compiled:.1f}); "
        "Powertools is in it, boto3 and libraries' compiled code are not"
    )
    whole, each_hour = f"{READINGS} whole readings", f"{READINGS} readings as an agent sends them each hour"
    return [
        at_most(f"CPU of our own code, {whole}", own.undisturbed - compiled, "ms", 10, note),
        Row(
            "of pydantic-core and zlib in the same upload",
            compiled,
            "ms",
            note="JSON, validation, packing: compiled code",
        ),
        at_most(f"CPU of all but boto3, {each_hour}", hourly, "ms", 10, told),
        Row("write units a reading, as an agent sends them each hour", hourly_units / READINGS, "WRU"),
        Row(
            f"CPU of all but boto3, {whole}",
            own.undisturbed,
            "ms",
            with_boto.undisturbed - own.undisturbed,
            "boto3",
            note=f"boto3: {calls} requests made, signed and parsed",
        ),
        Row(
            "validation alone",
            validation,
            "ms",
            own.undisturbed,
            "all but boto3",
            note="packing, JSON, each reading",
        ),
        Row("DynamoDB requests a reading", calls / READINGS, ""),
        Row("write units a reading", writes / READINGS, "WRU", note="whole, nothing but time changed"),
        Row("read units a reading", reads / READINGS, "RRU"),
        *cold_import_rows(),
    ]


def _taken(readings: list[PrinterReading], number: int) -> list[PrinterReading]:
    """The readings taken once more, some intervals later."""
    return [
        reading.model_copy(update={"reading_id": f"rdg_bench_{number}_{place}", "taken_at": _at(number)})
        for place, reading in enumerate(readings)
    ]


def _at(number: int) -> datetime:
    """When so many intervals have passed, on a day at its site that no upload leaves."""
    return datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + INTERVAL * number


def _uploads(function: UploadFunction, readings: list[PrinterReading]) -> tuple["Spent", float, float, int]:
    """Time without the network's stand-in, write units, read units, requests; of an upload."""
    spent = []
    for number in range(1 + UPLOADS):
        now = _at(number)
        event = function.event(_taken(readings, number), now)
        function.store.take()
        gc.collect()
        gc.freeze()  # what we keep is not for the function's collections to look through
        before, cpu = function.client.seconds, time.process_time()
        function.post(event, now)
        spent.append(time.process_time() - cpu - (function.client.seconds - before))
    counted = function.store.take()
    return Spent.of(spent[1:]), counted.write_units, counted.read_units, counted.requests.total()


def _compiled_ms(function: UploadFunction, readings: list[PrinterReading]) -> float:
    """Milliseconds of a typical upload in the compiled code of pydantic and zlib, as a profiler of their calls sees it.

    They are called some nine hundred times an upload, in the thread that is profiled: what the profiler adds is about a
    hundredth of it.
    """
    spent = []
    for number in range(UPLOADS + 1, UPLOADS + 1 + PROFILED):
        now = _at(number)
        event = function.event(_taken(readings, number), now)
        gc.collect()
        gc.freeze()
        profile = Profile()
        profile.runcall(function.post, event, now)
        calls = ((str(each.code), each.inlinetime) for each in profile.getstats())
        spent.append(sum(seconds for code, seconds in calls if any(name in code for name in _COMPILED)))
    function.store.take()
    return Spent.of(spent).undisturbed


def _hourly(readings: list[PrinterReading]) -> tuple[float, float, str]:
    """Milliseconds and write units of a day's typical upload, as the agent's own rule makes it; and what is in it.

    The same day passes several times; of each upload the time that was least disturbed counts.
    """
    days = [_a_day(readings) for _ in range(DAYS)]
    least = [min(each) for each in zip(*(spent for spent, _, _ in days), strict=True)]
    _, units, outcomes = days[0]
    note = ", ".join(f"{count / len(least):.0f} {kind}" for kind, count in outcomes.items())
    return median(least[1:]) * _KILO, median(units[1:]), f"on average {note}: printers print evenly, day and night"


def _a_day(readings: list[PrinterReading]) -> tuple[list[float], list[float], Counter[str]]:
    zone = ZoneInfo(ZONE)
    began = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    site, spent, units, outcomes = Site(readings, EVENLY, zone), list[float](), list[float](), Counter[str]()
    with upload_function() as function:
        for now, due in site.polls(began.astimezone(UTC), (began + DAY).astimezone(UTC), timedelta(hours=1)):
            event = function.event(due, now)
            function.store.take()
            gc.collect()
            gc.freeze()
            before, cpu = function.client.seconds, time.process_time()
            receipt = function.post(event, now)
            spent.append(time.process_time() - cpu - (function.client.seconds - before))
            units.append(function.store.take().write_units)
            site.learn(receipt)
            outcomes.update("unchanged" if is_unchanged(each) else "whole" for each in due)
    return spent, units, outcomes


def _validation_ms(event: dict[str, Any]) -> float:
    body, spent = base64.b64decode(event["body"]), []
    for _ in range(REPLAYS):
        began = time.process_time()
        for raw in parse_upload(unpack(body, "gzip")).readings:
            parse_reading(raw)
        spent.append(time.process_time() - began)
    return Spent.of(spent).undisturbed
