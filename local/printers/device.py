"""A printer described in a few lines, and the MIB rows it answers with (RFC 1213, RFC 2790, RFC 3805)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from local.printers import oids
from local.printers.alerts import Alert
from local.printers.rows import Oid, Value, counter, integer, object_id, octets, text, ticks
from local.printers.supplies import Supply, supply_rows

DEVICE: Final = 1
"""hrDeviceIndex of the printer in every built-in model."""

UTF_8: Final = 106
"""IANA character set number, for prtLocalizationCharacterSet."""

IMPRESSIONS: Final = 7
SHEETS: Final = 8


class Purpose(StrEnum):
    """What a printer is for in the demo."""

    SUPPLIES_ORDER = "supplies_order"
    FUSER_FAILURE = "fuser_failure"
    PAPER_EMPTY = "paper_empty"


@dataclass(frozen=True, kw_only=True)
class Tray:
    """A row of prtInputTable. A level of -3 says that at least one sheet is there."""

    name: str
    capacity: int = 550
    level: int = 300
    input_type: int = 4
    unit: int = SHEETS
    media: str = "Plain A4"


@dataclass(frozen=True, kw_only=True)
class Bin:
    """A row of prtOutputTable."""

    name: str = "Output bin"
    capacity: int = 250
    remaining: int = -3
    output_type: int = 4
    unit: int = SHEETS


@dataclass(frozen=True, kw_only=True)
class PrinterModel:
    """One printer: who it says it is, what it counts, what is in it, what is wrong with it.

    None leaves the row out, as a printer does that does not know. ``manufacturer`` and ``model`` are what a
    correct reader finds. ``in_programme`` says whether the demo's catalogue supports the model.
    """

    manufacturer: str
    model: str
    enterprise: Oid
    sys_descr: str
    device_descr: str | None
    serial: str | None
    mac: str | None
    life_count: int | None
    counter_unit: int = IMPRESSIONS
    mark_tech: int = 4
    supplies: tuple[Supply, ...] = ()
    colorants: tuple[str, ...] = ("black",)
    trays: tuple[Tray, ...] = (Tray(name="Tray 1"),)
    bins: tuple[Bin, ...] = (Bin(),)
    covers: tuple[str, ...] = ("Front door",)
    alerts: tuple[Alert, ...] = ()
    location: str = ""
    console: str = "Ready"
    printer_status: int = 3
    pages_per_day: float = 0.0
    vendor_rows: Mapping[Oid, Value] = field(default_factory=dict)
    silent: bool = False
    in_programme: bool = True
    purpose: Purpose | None = None


def _table(entry: Oid, index: int, columns: Mapping[int, Value]) -> Iterator[tuple[Oid, Value]]:
    for column, value in columns.items():
        yield (*entry, column, DEVICE, index), value


def _system(model: PrinterModel, host_name: str) -> Iterator[tuple[Oid, Value]]:
    scalars = {
        1: text(model.sys_descr),
        2: object_id((*oids.ENTERPRISES, *model.enterprise)),
        3: ticks(0),
        4: text(""),
        5: text(host_name),
        6: text(model.location),
        7: integer(72),
    }
    for scalar, value in scalars.items():
        yield (*oids.SYSTEM, scalar, 0), value
    # The loopback interface comes first on many printers, and has no address.
    yield (*oids.IF_PHYS_ADDRESS, 1), octets(b"")
    if model.mac is not None:
        yield (*oids.IF_PHYS_ADDRESS, 2), octets(bytes.fromhex(model.mac.replace(":", "")))


def _host_resources(model: PrinterModel) -> Iterator[tuple[Oid, Value]]:
    yield (*oids.HR_DEVICE_ENTRY, 1, DEVICE), integer(DEVICE)
    yield (*oids.HR_DEVICE_ENTRY, 2, DEVICE), object_id(oids.HR_DEVICE_TYPE_PRINTER)
    if model.device_descr is not None:
        yield (*oids.HR_DEVICE_DESCR, DEVICE), text(model.device_descr)
    yield (*oids.HR_DEVICE_STATUS, DEVICE), integer(2)
    yield (*oids.HR_PRINTER_STATUS, DEVICE), integer(model.printer_status)
    yield (*oids.HR_PRINTER_DETECTED_ERROR_STATE, DEVICE), octets(b"\x00")


def _general(model: PrinterModel, host_name: str) -> Iterator[tuple[Oid, Value]]:
    general = {
        1: counter(3),
        2: integer(1),
        3: integer(1),
        6: integer(1),
        8: integer(1),
        9: integer(1),
        10: integer(1),
        11: integer(1),
        12: integer(24),
        16: text(host_name),
        18: counter(0),
        19: counter(0),
    }
    if model.serial is not None:
        general[17] = text(model.serial)
    for column, value in general.items():
        yield (*oids.PRT_GENERAL_ENTRY, column, DEVICE), value
    for index, name in enumerate(model.covers, start=1):
        yield from _table(oids.PRT_COVER_ENTRY, index, {2: text(name), 3: integer(4)})
    yield from _table(oids.PRT_LOCALIZATION_ENTRY, 1, {2: text("en"), 3: text("US"), 4: integer(UTF_8)})
    yield (*oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT, DEVICE, 1), text(model.console)


def _media(model: PrinterModel) -> Iterator[tuple[Oid, Value]]:
    for index, tray in enumerate(model.trays, start=1):
        columns = {
            2: integer(tray.input_type),
            8: integer(tray.unit),
            9: integer(tray.capacity),
            10: integer(tray.level),
            11: integer(0),
            12: text(tray.media),
            13: text(tray.name),
            18: text(tray.name),
        }
        yield from _table(oids.PRT_INPUT_ENTRY, index, columns)
    for index, output in enumerate(model.bins, start=1):
        columns = {
            2: integer(output.output_type),
            3: integer(output.unit),
            4: integer(output.capacity),
            5: integer(output.remaining),
            6: integer(0),
            7: text(output.name),
            12: text(output.name),
        }
        yield from _table(oids.PRT_OUTPUT_ENTRY, index, columns)


def _marking(model: PrinterModel) -> Iterator[tuple[Oid, Value]]:
    marker = {2: integer(model.mark_tech), 3: integer(model.counter_unit), 15: integer(0)}
    if model.life_count is not None:
        marker[4] = counter(model.life_count)
        marker[5] = counter(0)
    yield from _table(oids.PRT_MARKER_ENTRY, 1, marker)
    for index, colorant in enumerate(model.colorants, start=1):
        yield from _table(oids.PRT_MARKER_COLORANT_ENTRY, index, {2: integer(1), 3: integer(3), 4: text(colorant)})
    for supply in model.supplies:
        yield from supply_rows((DEVICE, supply.index), supply).items()


def printer_rows(model: PrinterModel) -> dict[Oid, Value]:
    """The rows of a model before any time passed and without its alerts."""
    identity = (model.serial or model.mac or model.model).replace(":", "").replace(" ", "-")
    host_name = f"{model.manufacturer[:3]}-{identity}".upper()
    rows = dict(_system(model, host_name))
    rows.update(_host_resources(model))
    rows.update(_general(model, host_name))
    rows.update(_media(model))
    rows.update(_marking(model))
    rows.update(model.vendor_rows)
    return rows
