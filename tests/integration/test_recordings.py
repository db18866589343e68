"""Every recording of a real printer, served over UDP and read by the agent, gives what its oracle says.

The recordings are not part of this repository (their licences differ): the folder is named by the environment
variable WALKS, or lies beside the repository.
"""

import asyncio
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from edge.profiles.makers import is_printer
from edge.reading.reader import Reader
from edge.recordings.recording import read_recording
from edge.snmp.oids import parse_oid
from shared.wire.reading import PrinterReading
from tests.support.edge import NOON, FixedClock, served

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("WALKS") or REPOSITORY.parent / "shared" / "walks")  # noqa: TID251 - where test data lies
PATHS = sorted(FOLDER.glob("*.snmprec")) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not PATHS, reason=f"no recordings in {FOLDER}; name their folder with WALKS")

NO_MODEL = {"hp_lj-1022": "answers no Printer-MIB and no model anywhere: it can only be listed"}
MERGED = {
    "brother_mfc-8440": "merged from several devices by its source: two models, two serial numbers",
    "konica_bizhub-c3110": "merged from two devices by its source",
}
LEVEL_STATES = {
    "some-remaining(-3)": "some",
    "unknown(-2)": "unknown",
    "other(-1)": "not_metered",
}


def ours(name: str) -> str:
    """The oracle's name of a code that the standard does not name, as the wire writes it."""
    return name.replace("undefined", "unassigned")


@cache
def oracle() -> dict[str, Any]:
    walks: dict[str, Any] = json.loads((FOLDER / "oracle.json").read_text("utf-8"))["walks"]
    return walks


@cache
def readings() -> dict[str, tuple[PrinterReading, PrinterReading]]:
    """Each recording read twice: in full, and by the shape learnt of it."""

    async def read_all() -> dict[str, tuple[PrinterReading, PrinterReading]]:
        async with served(PATHS) as targets, Reader(FixedClock()) as reader:
            first = [await reader.read(target) for target in targets]
            again = [await reader.read(target) for target in targets]
        return {path.stem: pair for path, *pair in zip(PATHS, first, again, strict=True)}  # type: ignore[misc]

    return asyncio.run(read_all())


@pytest.fixture(params=[path.stem for path in PATHS])
def name(request: pytest.FixtureRequest) -> str:
    stem: str = request.param
    return stem


@pytest.fixture
def expected(name: str) -> dict[str, Any]:
    if name not in oracle():
        pytest.skip("the oracle does not know this recording")
    found: dict[str, Any] = oracle()[name]
    return found


@pytest.fixture
def reading(name: str) -> PrinterReading:
    return readings()[name][0]


def test_a_second_reading_by_known_shape_says_the_same(name: str) -> None:
    first, again = readings()[name]

    assert again.model_dump(exclude={"reading_id"}) == first.model_dump(exclude={"reading_id"})


def test_the_model_is_the_product_name_of_the_source_text(
    name: str, reading: PrinterReading, expected: dict[str, Any]
) -> None:
    text = expected["identity"]["model_text"]

    if name in NO_MODEL:
        assert text is None
        assert reading.identity.model is None
        assert reading.missing["model"] == "not_supported"
    else:
        assert reading.identity.model
        assert reading.identity.model in text
        assert name in MERGED or reading.identity.model == expected["model"]


def test_the_manufacturer_is_recognised(reading: PrinterReading, expected: dict[str, Any]) -> None:
    assert (reading.identity.manufacturer or "").casefold() == expected["vendor"].casefold()


def test_the_serial_number_is_the_one_on_the_label(
    name: str, reading: PrinterReading, expected: dict[str, Any]
) -> None:
    identity = expected["identity"]
    label = identity.get("serial_without_vendor_suffix") or identity["serial"]
    acceptable = [label, *(identity.get("serial_also_acceptable") or [])]

    if name in MERGED:
        acceptable += identity["serial_candidates"].values()
    assert reading.identity.serial_number in acceptable
    assert (reading.identity.serial_number is None) == ("serial_number" in reading.missing)


def test_the_hardware_address_is_one_of_the_printers(reading: PrinterReading, expected: dict[str, Any]) -> None:
    candidates = expected["identity"]["mac_candidates"]

    assert reading.identity.mac_address in candidates or (not candidates and reading.identity.mac_address is None)


def test_the_life_count_is_the_first_reporting_markers(reading: PrinterReading, expected: dict[str, Any]) -> None:
    lifetime = expected["lifetime_count"]
    counter = reading.counter("life_count")

    if lifetime is None:
        assert counter is None
        assert reading.missing["life_count"] == "not_supported"
    else:
        assert counter is not None
        assert (counter.value, counter.unit, counter.marker) == (
            lifetime["value"],
            lifetime["unit"],
            lifetime["marker_index"],
        )


def test_supplies_keep_raw_values_and_meaning(reading: PrinterReading, expected: dict[str, Any]) -> None:
    wanted = expected["supplies"]
    found = reading.supplies or []

    assert [row.index for row in found] == [row["index"] for row in wanted]
    for row, oracle_row in zip(found, wanted, strict=True):
        assert (row.level, row.max_capacity, row.percent) == (
            oracle_row["level_raw"],
            oracle_row["max_capacity_raw"],
            oracle_row["percent"],
        )
        assert (row.description or "") == (oracle_row["description"] or "")
        assert row.receptacle == bool(oracle_row["receptacle"])
        assert (row.supply_class, row.supply_type, row.supply_unit) == (
            oracle_row["class"],
            oracle_row["type"],
            oracle_row["unit"],
        )
        assert row.colorant == (oracle_row["colour"] or oracle_row["colorant"])
        assert (row.part_number, row.serial_number) == (
            oracle_row["part_number_in_text"],
            oracle_row["part_serial_in_text"],
        )
        if oracle_row["level_state"] in LEVEL_STATES:
            assert row.level_state == LEVEL_STATES[oracle_row["level_state"]]


def test_trays_and_bins_keep_their_special_values(reading: PrinterReading, expected: dict[str, Any]) -> None:
    trays = [
        (t.index, t.name, t.description, t.input_type, t.unit, t.max_capacity, t.current_level, t.status, t.media)
        for t in reading.inputs or []
    ]
    bins = [
        (b.index, b.name, b.description, b.output_type, b.unit, b.max_capacity, b.remaining_capacity, b.status)
        for b in reading.outputs or []
    ]

    assert trays == [
        tuple(
            row[key] if row[key] != "" else None
            for key in ("index", "name", "description", "type", "unit", "max", "level", "status", "media")
        )
        for row in expected["inputs"]
    ]
    assert bins == [
        tuple(
            row[key] if row[key] != "" else None
            for key in ("index", "name", "description", "type", "unit", "max", "remaining", "status")
        )
        for row in expected["outputs"]
    ]


def test_covers_tell_their_state(reading: PrinterReading, expected: dict[str, Any]) -> None:
    assert [(c.index, c.description or "", c.status) for c in reading.covers or []] == [
        (row["index"], row["description"] or "", ours(row["status"])) for row in expected["covers"]
    ]


def test_alerts_are_complete_with_absolute_times(reading: PrinterReading, expected: dict[str, Any]) -> None:
    uptime = expected["system"]["sysUpTime_ticks"]
    found = reading.alerts or []

    assert [
        (a.index, a.severity, a.training_level, a.group, a.group_index, a.location, a.code, a.time_ticks) for a in found
    ] == [
        (
            row["index"],
            ours(row["severity"]),
            ours(row["training"]),
            ours(row["group"]),
            row["group_index"],
            row["location"],
            row["code"],
            row["time_ticks"],
        )
        for row in expected["alerts"]
    ]
    assert [a.description or "" for a in found] == [row["description"] for row in expected["alerts"]]
    for alert in found:
        if alert.time_ticks and alert.time_ticks <= uptime:
            assert alert.raised_at is not None
            assert (NOON - alert.raised_at).total_seconds() == (uptime - alert.time_ticks) / 100
        else:
            assert alert.raised_at is None


def test_status_keeps_every_signal(reading: PrinterReading, expected: dict[str, Any], name: str) -> None:
    status, wanted = reading.status, expected["status"]
    errors = wanted["hrPrinterDetectedErrorState"]

    assert status.device_status == wanted["hrDeviceStatus_name"]
    assert status.printer_status == wanted["hrPrinterStatus_name"]
    assert status.detected_errors == (None if errors is None else errors["bits"])
    assert status.detected_error_octets == (None if errors is None else errors["hex"])
    standard = [row["text"] for row in expected["console"] if row["text"].strip()]
    assert status.console_text == (standard or brothers_panel(name, expected))


def brothers_panel(name: str, expected: dict[str, Any]) -> list[str]:
    """What Brother's own object shows, which the oracle leaves out, in the character set that it states."""
    shown = read_recording(FOLDER / f"{name}.snmprec").get(parse_oid("1.3.6.1.4.1.2435.2.3.9.4.2.1.5.4.5.2.0"))
    if shown is None or not isinstance(shown.value, bytes):
        return []
    code = {8: "iso8859_5", 106: "utf-8"}.get(expected["prtLocalizationCharacterSet"], "ascii")
    return [shown.value.decode(code).strip()]


def test_every_recording_is_found_by_discovery_and_nothing_else() -> None:
    async def found() -> tuple[int, int]:
        async with served(PATHS) as targets, Reader(FixedClock()) as reader:
            printers = [target async for target in reader.discover(targets)]
        return len(set(printers)), len(targets)

    printers, served_targets = asyncio.run(found())

    assert printers == served_targets


def test_recorded_identities_are_told_apart() -> None:
    devices = json.loads((FOLDER / "identities.json").read_text("utf-8"))["devices"]

    wrong = [
        device["source_path"]
        for device in devices
        if is_printer(parse_oid(device["sysObjectID"]) if device["sysObjectID"] else None, device["sysDescr"])
        != device["is_printer"]
    ]

    assert wrong == []
