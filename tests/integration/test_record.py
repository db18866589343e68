"""A recording made of every recorded printer, served again, reads as the printer does, but for what is left out."""

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from edge.profiles.makers import load_profiles
from edge.reading.reader import Reader
from edge.recordings.profile_check import yielded
from edge.recordings.record import RECORD_LIMITS, Recorded, record
from edge.recordings.recorded_answers import answers_of, recognised
from edge.recordings.recording import TypedCodec, read_recording, recording_text
from edge.snmp.credentials import of_community
from edge.snmp.session import Session
from edge.snmp.targets import Target
from edge.snmp.transport import Transport
from shared.wire.reading import MissingReason, PrinterReading
from tests.integration.test_recordings import PATHS, oracle, readings
from tests.support.edge import NOON, FixedClock, served

pytestmark = pytest.mark.skipif(not PATHS, reason="no recordings; name their folder with WALKS")

BY_MAKER = {profile.manufacturer: profile for profile in load_profiles()}
LEFT_OUT: dict[str, Any] = {
    "identity": {"host_name", "location"},
    "status": {"console_text"},
    "reading_id": True,
    "address": True,
}


async def recorded(target: Target) -> Recorded:
    codec = TypedCodec()
    async with Transport(codec=codec) as transport:
        address = await transport.resolve(target.host, target.port)
        return await record(Session(transport, address, of_community("public"), RECORD_LIMITS), codec)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Recorded, Path, PrinterReading]]:
    folder = tmp_path_factory.mktemp("recordings")

    async def run() -> dict[str, tuple[Recorded, Path, PrinterReading]]:
        made = {}
        async with served(PATHS) as targets:
            for path, target in zip(PATHS, targets, strict=True):
                made[path.stem] = await recorded(target)
        files = {stem: folder / f"{stem}.snmprec" for stem in made}
        for stem, file in files.items():
            file.write_text(recording_text(made[stem].rows), "ascii")
        async with served(list(files.values())) as targets, Reader(FixedClock()) as reader:
            return {
                stem: (made[stem], file, await reader.read(target))
                for (stem, file), target in zip(files.items(), targets, strict=True)
            }

    return asyncio.run(run())


@pytest.fixture(params=[path.stem for path in PATHS])
def name(request: pytest.FixtureRequest) -> str:
    stem: str = request.param
    return stem


def compared(reading: PrinterReading) -> dict[str, Any]:
    told = reading.model_dump(exclude=LEFT_OUT)
    told["missing"] = {name: why for name, why in told["missing"].items() if name not in LEFT_OUT["identity"]}
    return told


def test_a_recording_reads_as_its_printer_does(
    name: str, again: dict[str, tuple[Recorded, Path, PrinterReading]]
) -> None:
    made, _, reading = again[name]

    assert compared(reading) == compared(readings()[name][0])
    assert made.cut_short == []


def test_what_a_profile_yields_on_a_recording_is_what_the_reader_reads(name: str) -> None:
    rows = read_recording(next(path for path in PATHS if path.stem == name))
    values = {oid: row.value for oid, row in rows.items()}
    profile = recognised(answers_of(values), values)

    assert profile is not None
    result = yielded(profile, rows, now=NOON)

    assert result.recognised
    yields, reads = (
        reading.model_dump(exclude={"reading_id", "address", "credentials"})
        for reading in (result.reading, readings()[name][0])
    )
    # What a recording leaves out, a check cannot call unsupported.
    hidden = {what for what, reason in yields["missing"].items() if reason is MissingReason.HIDDEN}
    assert hidden <= {"host_name", "location"}
    assert yields == reads | {"missing": reads["missing"] | dict.fromkeys(hidden, MissingReason.HIDDEN)}


def test_nothing_private_is_left_in_a_recording(
    name: str, again: dict[str, tuple[Recorded, Path, PrinterReading]]
) -> None:
    _, file, reading = again[name]
    text = file.read_text("ascii")

    assert (reading.identity.host_name, reading.identity.location) == (None, None)
    assert reading.status.console_text == []
    for start in ("1.3.6.1.2.1.1.4.", "1.3.6.1.2.1.43.5.1.1.4.", "1.3.6.1.2.1.43.14.", "1.3.6.1.4.1.1347.47.6."):
        assert f"\n{start}" not in f"\n{text}"
    assert "|64|" not in text
    assert "|64x|" not in text


@cache
def arithmetic() -> list[tuple[str, dict[str, Any]]]:
    return [(name, check) for name, walk in oracle().items() for check in walk.get("arithmetic", [])]


WAYS = {
    "brother page_counter = prtMarkerLifeCount": ["total_impressions"],
    "total_engine_pages = prtMarkerLifeCount": ["total_impressions"],
    "1248.1.2.2.27.15.1.2.1.1.1 = prtMarkerLifeCount": ["epson.label_impressions"],
    "copy_mono+copy_color+print_mono+print_color = prtMarkerLifeCount": ["mono_impressions", "color_impressions"],
    "print_total + copy_total + fax_total = total_pages": ["print_impressions", "copy_impressions", "fax_impressions"],
    "mono + colour of print, copy, fax = total_pages": ["mono_impressions", "color_impressions"],
    "scan_copy + scan_fax + scan_other = scan_total": ["scan_count"],
    "Black & White Total + Full Color Total = prtMarkerLifeCount": ["mono_impressions", "color_impressions"],
}
"""The counters whose sum is the left side of each of the oracle's checks."""


def test_the_makers_counters_add_up_as_the_oracle_says() -> None:
    checked = 0
    for name, check in arithmetic():
        reading = readings()[name][0]
        value = {counter.name: counter.value for counter in reversed(reading.counters or [])}
        if check["check"] == "prtMarkerLifeCount = total_pages":
            assert (value["life_count"], value["total_impressions"]) == (check["left"], check["right"])
        else:
            assert sum(value[part] for part in WAYS[check["check"]]) == check["left"], (name, check)
        checked += 1

    assert checked == len(arithmetic()) > 10


def test_the_oracles_vendor_counters_are_read_under_their_names() -> None:
    names = {
        "total_engine_pages": "total_impressions",
        "mono_pages": "mono_impressions",
        "duplex_sheets": "duplex_count",
        "scanned_lifetime": "scan_count",
        "jam_events": "jam_count",
        "total_pages": "total_impressions",
        "print_total": "print_impressions",
        "copy_total": "copy_impressions",
        "fax_total": "fax_impressions",
        "duplex": "duplex_count",
        "sharp:1.4.60": "print_impressions",
        "sharp:1.4.75": "duplex_count",
        "sharp:5.4.61": "mono_impressions",
        "sharp:5.4.63": "color_impressions",
    }
    found = {
        (name, key): readings()[name][0].counter(names[key])
        for name, walk in oracle().items()
        for key in walk.get("vendor_counters", {})
        if key in names
    }

    assert len(found) > 12
    for (name, key), counter in found.items():
        assert counter is not None, (name, key)
        assert counter.value == oracle()[name]["vendor_counters"][key]["value"], (name, key)
