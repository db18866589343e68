"""A simulated printer's state as IPP attributes (RFC 8011, PWG 5100.9, PWG 5100.13), from the rows that SNMP shows."""

from typing import Final, Protocol

from local.printers import oids
from local.printers.ipp_encoding import Attribute, Syntax, attribute
from local.printers.printer import Identity
from local.printers.rows import MibView, Oid
from local.printers.supplies import PERCENT

_CLASSES: Final = {3: "supplyThatIsConsumed", 4: "receptacleThatIsFilled"}
_TYPES: Final = {
    3: "toner",
    4: "wasteToner",
    5: "ink",
    6: "inkCartridge",
    7: "inkRibbon",
    8: "wasteInk",
    9: "opc",
    15: "fuser",
    20: "transferUnit",
    21: "tonerCartridge",
}
_KEYWORDS: Final = {"tonerCartridge": "toner-cartridge", "wasteToner": "waste-toner", "inkCartridge": "ink-cartridge"}
_UNITS: Final = {7: "impressions", 8: "sheets", 13: "tenthsOfGrams", 15: "tenthsOfMilliliters", 17: "meters"}
_SEVERITIES: Final = {3: ("critical", "error"), 4: ("warning", "warning"), 5: ("warningBinaryChangeEvent", "warning")}
_TRAININGS: Final = {3: "untrained", 4: "trained", 5: "fieldService", 7: "noInterventionRequired"}
_GROUPS: Final = {5: "generalPrinter", 6: "cover", 8: "input", 10: "marker", 11: "markerSupplies", 13: "mediaPath"}
_CODES: Final = {
    3: ("coverOpen", "cover-open"),
    8: ("jam", "media-jam"),
    10: ("subunitLifeAlmostOver", "subunit-life-almost-over"),
    11: ("subunitLifeOver", "subunit-life-over"),
    23: ("subunitPowerSaver", "subunit-power-saver"),
    808: ("inputMediaSupplyEmpty", "media-empty"),
    1001: ("markerFuserUnderTemperature", "fuser-under-temp"),
    1004: ("markerFuserThermistorFailure", "marker-fuser-thermistor-failure"),
    1101: ("markerTonerEmpty", "toner-empty"),
    1104: ("markerTonerAlmostEmpty", "toner-low"),
    1107: ("markerWasteTonerReceptacleAlmostFull", "marker-waste-almost-full"),
    1109: ("markerWasteTonerReceptacleFull", "marker-waste-full"),
    1111: ("markerOpcLifeAlmostOver", "opc-near-eol"),
    1112: ("markerOpcLifeOver", "opc-life-over"),
}
_TRAYS: Final = {4: "sheetFeedAutoNonRemovableTray", 3: "sheetFeedAutoRemovableTray", 5: "sheetFeedManual"}
_STATES: Final = {"idle": 3, "processing": 4, "stopped": 5}
_PRINTING: Final = 4
_DOWN: Final = 5


class ShownPrinter(Protocol):
    """What is needed of `local.printers.printer.SimulatedPrinter`."""

    identity: Identity

    def view(self) -> MibView:
        """The rows as they are now."""
        ...


def ipp_attributes(printer: ShownPrinter) -> dict[str, Attribute]:
    """What the printer says of itself now: everything that a client may ask for, and some that none should."""
    rows = printer.view()
    maker, model = printer.identity.manufacturer or "", printer.identity.model or ""
    seconds = _number(rows, (*oids.SYS_UP_TIME, 0)) // 100
    shown: dict[str, Attribute | None] = {
        "printer-uri-supported": attribute(Syntax.URI, "ipp://printer.local/ipp/print"),
        "printer-name": attribute(Syntax.NAME, "lp"),
        "printer-make-and-model": attribute(Syntax.TEXT, f"{maker} {model}".strip()),
        "printer-device-id": attribute(Syntax.TEXT, f"MFG:{maker};MDL:{model};CLS:PRINTER;"),
        "printer-serial-number": _texts(printer.identity.serial),
        "printer-location": _texts(_text(rows, (*oids.SYSTEM, 6, 0))),
        "printer-firmware-string-version": attribute(Syntax.TEXT, "4.11.2", "boot 1.0"),
        "printer-state-message": _texts(next((_shown(row) for _, row in _panel(rows)), None)),
        "printer-up-time": attribute(Syntax.INTEGER, max(1, seconds)),
        "printer-impressions-completed": _count(rows),
        "queued-job-count": attribute(Syntax.INTEGER, 1),
        **_state(rows),
        **_supplies(rows),
        **_alerts(rows),
        **_media(rows),
    }
    return {name: each for name, each in shown.items() if each is not None}


def _state(rows: MibView) -> dict[str, Attribute | None]:
    device = _cell(rows, oids.HR_DEVICE_STATUS)
    status = _cell(rows, oids.HR_PRINTER_STATUS)
    state = "stopped" if device == _DOWN else "processing" if status == _PRINTING else "idle"
    reasons = []
    for index in _indexes(rows, oids.PRT_ALERT_ENTRY, 7):
        _, keyword = _CODES.get(_at(rows, oids.PRT_ALERT_ENTRY, 7, index), ("unknown", "other"))
        _, severity = _SEVERITIES.get(_at(rows, oids.PRT_ALERT_ENTRY, 2, index), ("other", "report"))
        reasons.append(f"{keyword}-{severity}")
    return {
        "printer-state": attribute(Syntax.ENUM, _STATES[state]),
        "printer-state-reasons": attribute(Syntax.KEYWORD, *(reasons or ["none"])),
    }


def _supplies(rows: MibView) -> dict[str, Attribute | None]:
    entry = oids.PRT_MARKER_SUPPLIES_ENTRY
    indexes = _indexes(rows, entry, 9)
    supplies, names, kinds, levels = [], [], [], []
    for index in indexes:
        kind = _TYPES.get(_at(rows, entry, 5, index), "other")
        unit = _at(rows, entry, 7, index)
        level, capacity = _at(rows, entry, 9, index), _at(rows, entry, 8, index)
        fields = {
            "index": index[-1],
            "class": _CLASSES.get(_at(rows, entry, 4, index), "other"),
            "type": kind,
            "unit": "percent" if unit == PERCENT else _UNITS.get(unit, "unknown"),
            "maxcapacity": capacity,
            "level": level,
            "colorantname": _colour(rows, index) or "unknown",
        }
        supplies.append("".join(f"{key}={value};" for key, value in fields.items()))
        names.append(_text(rows, (*entry, 6, *index)) or "")
        kinds.append(_KEYWORDS.get(kind, kind))
        levels.append(round(100 * level / capacity) if level >= 0 and capacity > 0 else min(level, 100))
    if not indexes:
        return {}
    return {
        "printer-supply": attribute(Syntax.OCTETS, *supplies),
        "printer-supply-description": attribute(Syntax.TEXT, *names),
        "marker-names": attribute(Syntax.NAME, *names),
        "marker-types": attribute(Syntax.KEYWORD, *kinds),
        "marker-levels": attribute(Syntax.INTEGER, *levels),
        "marker-colors": attribute(
            Syntax.NAME, *("#000000" if _colour(rows, i) == "black" else "none" for i in indexes)
        ),
    }


def _alerts(rows: MibView) -> dict[str, Attribute | None]:
    entry = oids.PRT_ALERT_ENTRY
    alerts, texts = [], []
    for index in _indexes(rows, entry, 7):
        code, _ = _CODES.get(_at(rows, entry, 7, index), ("unknown", "other"))
        severity, _ = _SEVERITIES.get(_at(rows, entry, 2, index), ("other", "report"))
        fields = {
            "code": code,
            "index": index[-1],
            "severity": severity,
            "training": _TRAININGS.get(_at(rows, entry, 3, index), "unknown"),
            "group": _GROUPS.get(_at(rows, entry, 4, index), "other"),
            "groupindex": _at(rows, entry, 5, index),
            "location": _at(rows, entry, 6, index),
            "time": _at(rows, entry, 9, index),
        }
        alerts.append(";".join(f"{key}={value}" for key, value in fields.items()))
        texts.append(_text(rows, (*entry, 8, *index)) or "")
    if not alerts:
        return {}
    return {
        "printer-alert": attribute(Syntax.OCTETS, *alerts),
        "printer-alert-description": attribute(Syntax.TEXT, *texts),
    }


def _media(rows: MibView) -> dict[str, Attribute | None]:
    trays = []
    for index in _indexes(rows, oids.PRT_INPUT_ENTRY, 10):
        entry = oids.PRT_INPUT_ENTRY
        kind = _TRAYS.get(_at(rows, entry, 2, index), "other")
        capacity, level = _at(rows, entry, 9, index), _at(rows, entry, 10, index)
        name = _text(rows, (*entry, 13, *index))
        size = "mediafeed=297000;mediaxfeed=210000"
        trays.append(f"type={kind};{size};maxcapacity={capacity};level={level};status=0;unit=sheets;name={name};")
    bins = []
    for index in _indexes(rows, oids.PRT_OUTPUT_ENTRY, 5):
        entry = oids.PRT_OUTPUT_ENTRY
        capacity, left = _at(rows, entry, 4, index), _at(rows, entry, 5, index)
        name = _text(rows, (*entry, 7, *index))
        bins.append(f"type=unRemovableBin;maxcapacity={capacity};remaining={left};status=0;name={name};")
    return {
        "printer-input-tray": attribute(Syntax.OCTETS, *trays) if trays else None,
        "printer-output-tray": attribute(Syntax.OCTETS, *bins) if bins else None,
    }


def _count(rows: MibView) -> Attribute | None:
    count = next((row.content for _, row in rows.below(oids.PRT_MARKER_LIFE_COUNT)), None)
    return attribute(Syntax.INTEGER, count) if isinstance(count, int) else None


def _colour(rows: MibView, index: Oid) -> str | None:
    colorant = _at(rows, oids.PRT_MARKER_SUPPLIES_ENTRY, 3, index)
    return _text(rows, (*oids.PRT_MARKER_COLORANT_ENTRY, 4, index[0], colorant)) if colorant else None


def _panel(rows: MibView) -> list[tuple[Oid, object]]:
    return [(index, row.content) for index, row in rows.below(oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT)]


def _shown(content: object) -> str | None:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else None


def _texts(text: str | None) -> Attribute | None:
    return attribute(Syntax.TEXT, text) if text else None


def _indexes(rows: MibView, entry: Oid, column: int) -> list[Oid]:
    return [index for index, _ in rows.below((*entry, column))]


def _number(rows: MibView, oid: Oid) -> int:
    row = rows.get(oid)
    return row.content if row is not None and isinstance(row.content, int) else 0


def _at(rows: MibView, entry: Oid, column: int, index: Oid) -> int:
    return _number(rows, (*entry, column, *index))


def _cell(rows: MibView, column: Oid) -> int | None:
    return next((row.content for _, row in rows.below(column) if isinstance(row.content, int)), None)


def _text(rows: MibView, oid: Oid) -> str | None:
    row = rows.get(oid)
    return None if row is None else _shown(row.content)
