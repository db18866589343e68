"""Rows of prtAlertTable, and what else a printer says while they stand (RFC 3805, RFC 2790, IANA-PRINTER-MIB)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from local.printers import oids, supplies
from local.printers.rows import Oid, Value, integer, text, ticks

# PrtAlertSeverityLevelTC
CRITICAL: Final = 3
WARNING: Final = 4
WARNING_BINARY: Final = 5

# PrtAlertTrainingLevelTC
UNTRAINED: Final = 3
TRAINED: Final = 4
FIELD_SERVICE: Final = 5
NO_INTERVENTION: Final = 7

# PrtAlertGroupTC
GROUP_GENERAL: Final = 5
GROUP_COVER: Final = 6
GROUP_INPUT: Final = 8
GROUP_MARKER: Final = 10
GROUP_SUPPLIES: Final = 11
GROUP_MEDIA_PATH: Final = 13

# PrtAlertCodeTC
COVER_OPEN: Final = 3
JAM: Final = 8
POWER_SAVER: Final = 23
INPUT_EMPTY: Final = 808
FUSER_UNDER_TEMPERATURE: Final = 1001
FUSER_THERMISTOR_FAILURE: Final = 1004

_ERROR_BITS: Final[dict[int, int]] = {
    COVER_OPEN: 0x0800,
    5: 0x0800,
    JAM: 0x0400,
    807: 0x8000,
    INPUT_EMPTY: 0x4004,
    1001: 0x0100,
    1002: 0x0100,
    1003: 0x0100,
    1004: 0x0100,
    1101: 0x1000,
    1102: 0x1000,
    1104: 0x2000,
    1105: 0x2000,
    1111: 0x0002,
    1115: 0x0020,
}
"""hrPrinterDetectedErrorState by alert code, the first octet above the second (TEL-04)."""

_LOW_AND_EMPTY: Final[dict[int, tuple[int, int]]] = {
    supplies.TONER: (1104, 1101),
    supplies.TONER_CARTRIDGE: (1104, 1101),
    supplies.INK: (1105, 1102),
    supplies.INK_CARTRIDGE: (1105, 1102),
    supplies.INK_RIBBON: (1106, 1103),
    supplies.WASTE_TONER: (1107, 1109),
    supplies.WASTE_INK: (1108, 1110),
    supplies.OPC: (1111, 1112),
}
_LIFE: Final = (10, 11)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What one row of prtAlertTable says, beside its index and time."""

    severity: int
    training: int
    group: int
    group_index: int
    code: int
    description: str
    location: int = -1


def alert_rows(instance: Oid, alert: Alert, raised_ticks: int) -> dict[Oid, Value]:
    """The row of an alert; ``instance`` is (hrDeviceIndex, prtAlertIndex), the time in sysUpTime's ticks."""
    columns = (
        (2, integer(alert.severity)),
        (3, integer(alert.training)),
        (4, integer(alert.group)),
        (5, integer(alert.group_index)),
        (6, integer(alert.location)),
        (7, integer(alert.code)),
        (8, text(alert.description)),
        (9, ticks(raised_ticks)),
    )
    return {(*oids.PRT_ALERT_ENTRY, column, *instance): value for column, value in columns}


def error_state(base: bytes, alerts: Iterable[Alert]) -> bytes:
    """hrPrinterDetectedErrorState: the bits that stood before, and those of the alerts."""
    bits = int.from_bytes(base[:2].ljust(2, b"\0"), "big")
    for alert in alerts:
        bits |= _ERROR_BITS.get(alert.code, 0)
    shortest = max(len(base), 1) if not bits & 0xFF else max(len(base), 2)
    return bits.to_bytes(2, "big")[:shortest] + base[2:]


def device_status(base: int, alerts: Iterable[Alert]) -> int:
    """hrDeviceStatus: down(5) with a critical alert, warning(3) with any that is no mere notice."""
    severities = {alert.severity for alert in alerts if alert.code != POWER_SAVER}
    if CRITICAL in severities:
        return 5
    return 3 if severities else base


def supply_alert(supply: supplies.Supply, percent: float | None) -> Alert | None:
    """The alert a printer raises by itself about a measured supply: low, then empty (full, at its end)."""
    if percent is None or percent > supply.low_percent:
        return None
    low, empty = _LOW_AND_EMPTY.get(supply.supply_type, _LIFE)
    spent = percent <= 0
    return Alert(
        severity=CRITICAL if spent else WARNING_BINARY,
        training=TRAINED,
        group=GROUP_SUPPLIES,
        group_index=supply.index,
        code=empty if spent else low,
        description=f"{supply.name}: {'replace now' if spent else 'replace soon'}",
    )
