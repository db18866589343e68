"""With every privacy switch on, nothing that is hidden is in any byte of an upload: simulated and recorded printers."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from edge.cloud.uploader import upload_body
from edge.config.settings import PrivacySettings
from edge.reading.reader import Reader, ReadError
from edge.site.masking import Masker
from edge.snmp.fence import Fence
from edge.snmp.targets import Target, parse_targets
from edge.spool.rows import Batch, SpooledReading
from local.printers.fleet import SimulatedFleet
from shared.wire.reading import PrinterReading
from shared.wire.upload import reading_body
from tests.integration.test_recordings import PATHS
from tests.support.edge import NOON, FixedClock, served

ALL = PrivacySettings(**dict.fromkeys(PrivacySettings.model_fields, True))
LEAST = 3
"""Shorter words are found anywhere by chance."""


def masked(reading: PrinterReading) -> PrinterReading:
    return Masker(ALL, bytes(32), Fence()).masked(reading)


def upload_of(readings: list[PrinterReading]) -> str:
    bodies = (json.dumps(reading_body(masked(reading))) for reading in readings)
    rows = tuple(SpooledReading(row, "", body) for row, body in enumerate(bodies))
    return upload_body(Batch("0" * 32, 1, 0, rows), NOON).decode().casefold()


def secrets_of(reading: PrinterReading) -> Iterator[str]:
    """What must not be found, in every form in which it could stand; a model's own name is no one's secret."""
    identity = reading.identity
    digits = (identity.mac_address or "").replace(":", "")
    words = [
        identity.mac_address,
        digits,
        "-".join(digits[at : at + 2] for at in range(0, len(digits), 2)),
        identity.host_name,
        identity.location,
        (reading.address or "").rpartition(":")[0],
    ]
    said = f"{identity.manufacturer} {identity.model}".casefold()
    for word in words:
        text = (word or "").strip().casefold()
        if len(text) >= LEAST and text not in said:
            yield json.dumps(text)[1:-1]


def found_in(body: str, readings: list[PrinterReading]) -> list[str]:
    assert '"console_text":[]' in body.replace(" ", "")
    assert '"console_text":["' not in body.replace(" ", "")
    return sorted({secret for reading in readings for secret in secrets_of(reading) if secret in body})


async def read_all(targets: list[Target]) -> list[PrinterReading]:
    readings = []
    async with Reader(FixedClock()) as reader:
        for target in targets:
            try:
                readings.append(await reader.read(target))
            except ReadError:  # one of them never answers
                continue
    return readings


def test_nothing_hidden_of_any_simulated_printer_is_in_an_upload() -> None:
    with SimulatedFleet() as fleet:
        readings = asyncio.run(read_all(parse_targets(printer.target for printer in fleet.printers)))

    assert len(readings) > LEAST
    assert found_in(upload_of(readings), readings) == []
    assert {reading.identity.serial_number for reading in map(masked, readings)} == {
        reading.identity.serial_number for reading in readings
    }


@pytest.mark.skipif(not PATHS, reason="no recordings; name their folder with WALKS")
def test_nothing_hidden_of_any_recorded_printer_is_in_an_upload() -> None:
    async def run() -> list[PrinterReading]:
        async with served(PATHS) as targets:
            return await read_all(list(targets))

    readings = asyncio.run(run())

    assert len(readings) == len(PATHS)
    assert found_in(upload_of(readings), readings) == []
