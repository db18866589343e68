"""What a printer answered over IPP as the Printer-MIB objects that it stands for: one meaning for both ways of reading.

printer-supply and the trays are rows of MIB tables (PWG 5100.13 section 5.6), the marker attributes are the same in
other words (CUPS); the state stands for hrDeviceStatus and hrPrinterStatus.
"""

from collections.abc import Mapping
from typing import Final

from edge.ipp.alerts import STOPPED, put_alerts, reasons
from edge.ipp.attributes import Attributes
from edge.ipp.codes import MARKER_TYPES, OTHER, UNKNOWN, number_named
from edge.ipp.rows import DEVICE, MAX_ROWS, indexed, item_at, number_in, put_row
from edge.reading.plan import INPUT_COLUMNS, OUTPUT_COLUMNS, SUPPLY_COLUMNS
from edge.reading.rows import wire_index
from edge.reading.text import decode
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.printer_mib import INPUT_TYPE, MEDIA_UNIT, OUTPUT_TYPE, SUPPLY_CLASS, SUPPLY_TYPE, SUPPLY_UNIT

_PERCENT: Final = 19
_CONSUMED, _FILLED = 3, 4
_IDLE, _PROCESSING = 3, 4  # printer-state, RFC 8011 section 5.4.11
_RUNNING, _WARNING, _DOWN = 2, 3, 5  # hrDeviceStatus
_PRINTER_STATUS: Final = {_IDLE: 3, _PROCESSING: 4, STOPPED: 1}  # hrPrinterStatus: idle, printing, other
_TICKS_PER_SECOND: Final = 100
_TICKS_END: Final = 2**32
_NO_COLOUR: Final = frozenset({"", "unknown", "none", "other"})
_COLOURS: Final = {
    "#000000": "black",
    "#00FFFF": "cyan",
    "#FF00FF": "magenta",
    "#FFFF00": "yellow",
    "#00FFFF#FF00FF#FFFF00": "tri-color",
}
_INPUT: Final = {
    "maxcapacity": oids.PRT_INPUT_MAX_CAPACITY,
    "level": oids.PRT_INPUT_CURRENT_LEVEL,
    "status": oids.PRT_INPUT_STATUS,
}
_OUTPUT: Final = {
    "maxcapacity": oids.PRT_OUTPUT_MAX_CAPACITY,
    "remaining": oids.PRT_OUTPUT_REMAINING_CAPACITY,
    "status": oids.PRT_OUTPUT_STATUS,
}


def mib_answers(attributes: Attributes) -> Answers:
    """The answers as if they had come over SNMP; tables that IPP was silent about are not read to their end."""
    answers = Answers()
    device_id = device_id_fields(attributes.text("printer-device-id") or b"")
    model = device_id.get("MDL") or device_id.get("MODEL") or ""
    serial = device_id.get("SN") or device_id.get("SERN") or device_id.get("SERIALNUMBER") or ""
    scalars = {
        oids.HR_DEVICE_DESCR: attributes.text("printer-make-and-model") or model.encode(),
        oids.PRT_GENERAL_SERIAL_NUMBER: attributes.text("printer-serial-number") or serial.encode(),
    }
    put_row(answers, (DEVICE,), {column: octets or None for column, octets in scalars.items()})
    put_row(answers, (0,), {oids.SYS_LOCATION: attributes.text("printer-location")})
    put_row(answers, (DEVICE, 1), {oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT: attributes.text("printer-state-message")})
    _put_uptime(answers, attributes)
    _put_state(answers, attributes)
    if "printer-supply" in attributes.items:
        _put_supplies(answers, attributes)
    elif "marker-levels" in attributes.items:
        _put_markers(answers, attributes)
    _put_media(answers, attributes)
    put_alerts(answers, attributes)
    return answers


def device_id_fields(octets: bytes) -> dict[str, str]:
    """The fields of an IEEE 1284 device id, ``key:value;``, keys in capitals."""
    pairs = (piece.partition(":") for piece in octets.decode("utf-8", "replace").split(";"))
    return {key.strip().upper(): value.strip() for key, found, value in pairs if found and value.strip()}


def unclear_receptacles(attributes: Attributes) -> set[str]:
    """Wire indexes of rows that, if they are receptacles, may tell what is in them instead of the space left.

    So do the marker attributes, by their definition, and rows of printer-supply with a ``highlevel``, as some makers
    add it; but makers do not agree (CUPS gave up on such levels for it).
    """
    if "printer-supply" in attributes.items:
        rows = [index for index, row, _ in indexed(attributes.texts("printer-supply")) if "highlevel" in row]
    else:
        rows = [(DEVICE, at + 1) for at in range(len(attributes.numbers("marker-levels")))]
    return {name for index in rows if (name := wire_index(index)) is not None}


def _put_uptime(answers: Answers, attributes: Attributes) -> None:
    """printer-up-time in ticks. Some print servers send the calendar's seconds: those are no time since a start."""
    seconds = attributes.number("printer-up-time")
    if seconds is not None and 0 < seconds * _TICKS_PER_SECOND < _TICKS_END:
        answers.put(oids.SYS_UP_TIME, (0,), seconds * _TICKS_PER_SECOND)
        answers.uptime_with_alerts = seconds * _TICKS_PER_SECOND


def _put_state(answers: Answers, attributes: Attributes) -> None:
    """The state as the pair of hrDeviceStatus and hrPrinterStatus that RFC 3805 section 2.2.13.2.2 has for it."""
    state = attributes.number("printer-state")
    if state not in _PRINTER_STATUS:
        return
    worries = any(severity != OTHER for _, severity in reasons(attributes))
    device = _DOWN if state == STOPPED else _WARNING if worries else _RUNNING
    put_row(answers, (DEVICE,), {oids.HR_PRINTER_STATUS: _PRINTER_STATUS[state], oids.HR_DEVICE_STATUS: device})


def _put_supplies(answers: Answers, attributes: Attributes) -> None:
    names = attributes.texts("printer-supply-description")
    for index, row, at in indexed(attributes.texts("printer-supply")):
        cells: dict[Oid, int | bytes | None] = {
            oids.PRT_MARKER_SUPPLIES_CLASS: number_named(SUPPLY_CLASS, row.get("class")),
            oids.PRT_MARKER_SUPPLIES_TYPE: number_named(SUPPLY_TYPE, row.get("type")),
            oids.PRT_MARKER_SUPPLIES_DESCRIPTION: item_at(names, at),
            oids.PRT_MARKER_SUPPLIES_SUPPLY_UNIT: number_named(SUPPLY_UNIT, row.get("unit")),
            oids.PRT_MARKER_SUPPLIES_MAX_CAPACITY: number_in(row.get("maxcapacity")),
            oids.PRT_MARKER_SUPPLIES_LEVEL: number_in(row.get("level")),
        }
        put_row(answers, index, cells)
        _put_colorant(answers, index, row.get("colorantname", ""))
    answers.finished.update(SUPPLY_COLUMNS)


def _put_markers(answers: Answers, attributes: Attributes) -> None:
    """The marker attributes, parallel lists; a level is a percentage, or -1 to -3 with the MIB's meaning (TEL-01)."""
    names, types = attributes.texts("marker-names"), attributes.texts("marker-types")
    colours = attributes.texts("marker-colors")
    for at, level in enumerate(attributes.numbers("marker-levels")[:MAX_ROWS]):
        kind = MARKER_TYPES.get(decode(item_at(types, at) or b"").casefold())
        cells: dict[Oid, int | bytes | None] = {
            oids.PRT_MARKER_SUPPLIES_CLASS: _class_of(kind),
            oids.PRT_MARKER_SUPPLIES_TYPE: kind,
            oids.PRT_MARKER_SUPPLIES_DESCRIPTION: item_at(names, at),
            oids.PRT_MARKER_SUPPLIES_SUPPLY_UNIT: _PERCENT,
            oids.PRT_MARKER_SUPPLIES_MAX_CAPACITY: 100,
            oids.PRT_MARKER_SUPPLIES_LEVEL: level,
        }
        put_row(answers, (DEVICE, at + 1), cells)
        _put_colorant(answers, (DEVICE, at + 1), _COLOURS.get(decode(item_at(colours, at) or b"").upper(), ""))
    answers.finished.update(SUPPLY_COLUMNS)


def _class_of(kind: int | None) -> int | None:
    if kind is None or kind <= UNKNOWN:
        return None
    return _FILLED if SUPPLY_TYPE[kind].startswith("waste") else _CONSUMED


def _put_colorant(answers: Answers, index: Oid, colour: str) -> None:
    """A colorant row of the supply's own: how the MIB numbers the colorants is not told."""
    if colour.casefold() not in _NO_COLOUR:
        answers.put(oids.PRT_MARKER_SUPPLIES_COLORANT_INDEX, index, index[-1])
        answers.put(oids.PRT_MARKER_COLORANT_VALUE, index, colour.encode())


def _put_media(answers: Answers, attributes: Attributes) -> None:
    for index, row, _ in indexed(attributes.texts("printer-input-tray")):
        cells = {
            oids.PRT_INPUT_TYPE: number_named(INPUT_TYPE, row.get("type")),
            oids.PRT_INPUT_CAPACITY_UNIT: number_named(MEDIA_UNIT, row.get("unit")),
            oids.PRT_INPUT_NAME: _name(row),
        }
        put_row(answers, index, cells | _numbers(row, _INPUT))
        answers.finished.update(INPUT_COLUMNS)
    for index, row, _ in indexed(attributes.texts("printer-output-tray")):
        cells = {
            oids.PRT_OUTPUT_TYPE: number_named(OUTPUT_TYPE, row.get("type")),
            oids.PRT_OUTPUT_CAPACITY_UNIT: number_named(MEDIA_UNIT, row.get("unit")),
            oids.PRT_OUTPUT_NAME: _name(row),
        }
        put_row(answers, index, cells | _numbers(row, _OUTPUT))
        answers.finished.update(OUTPUT_COLUMNS)


def _name(row: Mapping[str, str]) -> bytes | None:
    return row["name"].encode() if row.get("name") else None


def _numbers(row: Mapping[str, str], columns: Mapping[str, Oid]) -> dict[Oid, int | bytes | None]:
    return {column: number_in(row.get(key)) for key, column in columns.items()}
