"""Printer-MIB numbers and what they mean: RFC 3805, RFC 2790, IANA-PRINTER-MIB.

Codes that the standards do not name are kept as ``unassigned(<n>)``: a vendor's number is never dropped.
"""

from enum import StrEnum
from typing import Final

SUPPLY_CLASS: Final = {1: "other", 3: "supplyThatIsConsumed", 4: "receptacleThatIsFilled"}

SUPPLY_TYPE: Final = dict(
    enumerate(
        (
            "other unknown toner wasteToner ink inkCartridge inkRibbon wasteInk opc developer fuserOil "
            "solidWax ribbonWax wasteWax fuser coronaWire fuserOilWick cleanerUnit fuserCleaningPad "
            "transferUnit tonerCartridge fuserOiler water wasteWater glueWaterAdditive wastePaper "
            "bindingSupply bandingSupply stitchingWire shrinkWrap paperWrap staples inserts covers "
            "matteToner matteInk"
        ).split(),
        start=1,
    )
)

SUPPLY_UNIT: Final = {
    1: "other",
    2: "unknown",
    3: "tenThousandthsOfInches",
    4: "micrometers",
    7: "impressions",
    8: "sheets",
    11: "hours",
    12: "thousandthsOfOunces",
    13: "tenthsOfGrams",
    14: "hundrethsOfFluidOunces",  # the standard's own spelling
    15: "tenthsOfMilliliters",
    16: "feet",
    17: "meters",
    18: "items",
    19: "percent",
}

COUNTER_UNIT: Final = {
    3: "tenThousandthsOfInches",
    4: "micrometers",
    5: "characters",
    6: "lines",
    7: "impressions",
    8: "sheets",
    9: "dotRow",
    11: "hours",
    16: "feet",
    17: "meters",
}

MEDIA_UNIT: Final = {
    3: "tenThousandthsOfInches",
    4: "micrometers",
    8: "sheets",
    16: "feet",
    17: "meters",
    18: "items",
    19: "percent",
}

INPUT_TYPE: Final = {
    1: "other",
    2: "unknown",
    3: "sheetFeedAutoRemovableTray",
    4: "sheetFeedAutoNonRemovableTray",
    5: "sheetFeedManual",
    6: "continuousRoll",
    7: "continuousFanFold",
}

OUTPUT_TYPE: Final = {
    1: "other",
    2: "unknown",
    3: "removableBin",
    4: "unRemovableBin",
    5: "continuousRollDevice",
    6: "mailBox",
    7: "continuousFanFold",
}

COVER_STATUS: Final = {
    1: "other",
    2: "unknown",
    3: "coverOpen",
    4: "coverClosed",
    5: "interlockOpen",
    6: "interlockClosed",
}

ALERT_SEVERITY: Final = {
    1: "other",
    3: "critical",
    4: "warning",
    5: "warningBinaryChangeEvent",
}

ALERT_TRAINING: Final = {
    1: "other",
    2: "unknown",
    3: "untrained",
    4: "trained",
    5: "fieldService",
    6: "management",
    7: "noInterventionRequired",
}

ALERT_GROUP: Final = {
    1: "other",
    3: "hostResourcesMIBStorageTable",
    4: "hostResourcesMIBDeviceTable",
    5: "generalPrinter",
    6: "cover",
    7: "localization",
    8: "input",
    9: "output",
    10: "marker",
    11: "markerSupplies",
    12: "markerColorant",
    13: "mediaPath",
    14: "channel",
    15: "interpreter",
    16: "consoleDisplayBuffer",
    17: "consoleLights",
    18: "alert",
    30: "finDevice",
    31: "finSupply",
    32: "finSupplyMediaInput",
    33: "finAttribute",
}

DEVICE_STATUS: Final = {1: "unknown", 2: "running", 3: "warning", 4: "testing", 5: "down"}
PRINTER_STATUS: Final = {1: "other", 2: "unknown", 3: "idle", 4: "printing", 5: "warmup"}

DETECTED_ERRORS: Final = (
    "lowPaper noPaper lowToner noToner doorOpen jammed offline serviceRequested "
    "inputTrayMissing outputTrayMissing markerSupplyMissing outputNearFull outputFull inputTrayEmpty "
    "overduePreventMaint"
).split()
"""hrPrinterDetectedErrorState, most significant bit of the first octet first (TEL-04)."""

RECEPTACLE_TYPES: Final = frozenset({"wasteToner", "wasteInk", "wasteWax", "wasteWater", "wastePaper"})


def name_of(names: dict[int, str], code: int | None) -> str | None:
    """The standard's name of ``code``; ``unassigned(<code>)`` when it has none, None when not read."""
    if code is None:
        return None
    return names.get(code, f"unassigned({code})")


def detected_errors(octets: bytes) -> list[str]:
    """Names of the bits set in hrPrinterDetectedErrorState; one octet is a valid answer (TEL-04)."""
    return [
        name
        for position, name in enumerate(DETECTED_ERRORS)
        if position // 8 < len(octets) and octets[position // 8] & (0x80 >> position % 8)
    ]


class LevelState(StrEnum):
    """Why a supply has a percentage, or why it has none (SUP-01, design D16)."""

    PERCENT = "percent"
    SOME = "some"
    UNKNOWN = "unknown"
    NOT_METERED = "not_metered"
    NUMERIC_NO_CAPACITY = "numeric_no_capacity"
    NOT_READ = "not_read"


def level_percent(level: int | None, max_capacity: int | None, unit: str | None) -> tuple[LevelState, float | None]:
    """Remaining share of a supply, or of the space in a receptacle, in percent with two decimals.

    A negative level never becomes a number: -3 is *some*, -2 *unknown*, -1 *not metered*
    (TEL-01, SUP-01). A level above its capacity counts as full; ``capacity_is_stale`` tells.
    """
    if level is None:
        return LevelState.NOT_READ, None
    if level < 0:
        special = {-1: LevelState.NOT_METERED, -2: LevelState.UNKNOWN, -3: LevelState.SOME}
        return special.get(level, LevelState.UNKNOWN), None
    if max_capacity is not None and max_capacity > 0:
        return LevelState.PERCENT, min(round(100 * level / max_capacity, 2), 100.0)
    if unit == "percent":
        return LevelState.PERCENT, float(min(level, 100))
    return LevelState.NUMERIC_NO_CAPACITY, None


def capacity_is_stale(level: int | None, max_capacity: int | None) -> bool:
    """True when the printer reports more than its own capacity (AT-TEL-08)."""
    return level is not None and max_capacity is not None and 0 < max_capacity < level


SUB_UNIT_AVAILABILITY: Final = {
    0: "idle",
    1: "unavailableOnRequest",
    2: "standby",
    3: "unavailableBroken",
    4: "active",
    5: "unknown",
    6: "busy",
}


def sub_unit_status(value: int) -> tuple[str, list[str]]:
    """PrtSubUnitStatusTC as its availability and the flags added to it (TEL-06)."""
    flags = [
        name
        for bit, name in (
            (8, "nonCriticalAlerts"),
            (16, "criticalAlerts"),
            (32, "offLine"),
            (64, "transitioning"),
        )
        if value & bit
    ]
    return SUB_UNIT_AVAILABILITY.get(value & 7, f"unassigned({value & 7})"), flags
