"""What IPP says in words and the Printer-MIB in numbers: alert codes, state reasons, kinds of supply, trays and bins.

The names of codes are those of the IANA-PRINTER-MIB; which state reason stands for which code is the mapping of
PWG 5100.9 section 6, with the reasons of RFC 8011 section 5.4.12 that name no code put where they belong.
"""

import re
from typing import Final

from shared.wire.printer_mib import SUPPLY_TYPE

OTHER: Final = 1
UNKNOWN: Final = 2
GENERAL_PRINTER: Final = 5
MARKER_SUPPLIES: Final = 11
_COVER: Final = 6
_INPUT: Final = 8
_OUTPUT: Final = 9
_MEDIA_PATH: Final = 13
_FINISHER: Final = 30
_LAST_GENERIC: Final = 38
_HUNDRED: Final = 100

_GENERIC: Final = (
    "other unknown coverOpen coverClosed interlockOpen interlockClosed configurationChange jam subunitMissing "
    "subunitLifeAlmostOver subunitLifeOver subunitAlmostEmpty subunitEmpty subunitAlmostFull subunitFull "
    "subunitNearLimit subunitAtLimit subunitOpened subunitClosed subunitTurnedOn subunitTurnedOff subunitOffline "
    "subunitPowerSaver subunitWarmingUp subunitAdded subunitRemoved subunitResourceAdded subunitResourceRemoved "
    "subunitRecoverableFailure subunitUnrecoverableFailure subunitRecoverableStorageError "
    "subunitUnrecoverableStorageError subunitMotorFailure subunitMemoryExhausted subunitUnderTemperature "
    "subunitOverTemperature subunitTimingFailure subunitThermistorFailure"
).split()
_OF_GROUPS: Final = {
    501: "doorOpen doorClosed powerUp powerDown printerNMSReset printerManualReset printerReadyToPrint",
    801: "inputMediaTrayMissing inputMediaSizeChange inputMediaWeightChange inputMediaTypeChange inputMediaColorChange "
    "inputMediaFormPartsChange inputMediaSupplyLow inputMediaSupplyEmpty inputMediaChangeRequest "
    "inputManualInputRequest inputTrayPositionFailure inputTrayElevationFailure inputCannotFeedSizeSelected",
    901: "outputMediaTrayMissing outputMediaTrayAlmostFull outputMediaTrayFull outputMailboxSelectFailure",
    1001: "markerFuserUnderTemperature markerFuserOverTemperature markerFuserTimingFailure "
    "markerFuserThermistorFailure markerAdjustingPrintQuality",
    1101: "markerTonerEmpty markerInkEmpty markerPrintRibbonEmpty markerTonerAlmostEmpty markerInkAlmostEmpty "
    "markerPrintRibbonAlmostEmpty markerWasteTonerReceptacleAlmostFull markerWasteInkReceptacleAlmostFull "
    "markerWasteTonerReceptacleFull markerWasteInkReceptacleFull markerOpcLifeAlmostOver markerOpcLifeOver "
    "markerDeveloperAlmostEmpty markerDeveloperEmpty markerTonerCartridgeMissing",
    1301: "mediaPathMediaTrayMissing mediaPathMediaTrayAlmostFull mediaPathMediaTrayFull "
    "mediaPathCannotDuplexMediaSelected",
    1501: "interpreterMemoryIncrease interpreterMemoryDecrease interpreterCartridgeAdded interpreterCartridgeDeleted "
    "interpreterResourceAdded interpreterResourceDeleted interpreterResourceUnavailable",
    1509: "interpreterComplexPageEncountered",
    1801: "alertRemovalOfBinaryChangeEntry",
}
_FINISHERS: Final = (
    "stapler stitcher folder binder trimmer dieCutter puncher perforater slitter separationCutter imprinter wrapper "
    "bander makeEnvelope stacker sheetRotator inserter"
).split()
_FIRST_FINISHER: Final = 302

_KEYWORDS_OF_THEIR_OWN: Final = {
    "media-jam": 8,
    "printer-nms-reset": 505,
    "input-tray-missing": 801,
    "media-low": 807,
    "media-empty": 808,
    "media-needed": 809,
    "output-tray-missing": 901,
    "output-area-almost-full": 902,
    "output-area-full": 903,
    "fuser-under-temp": 1001,
    "fuser-over-temp": 1002,
    "toner-empty": 1101,
    "toner-low": 1104,
    "marker-waste-almost-full": 1107,
    "waste-receptacle-almost-full": 1107,
    "marker-waste-full": 1109,
    "waste-receptacle-full": 1109,
    "opc-near-eol": 1111,
    "opc-life-over": 1112,
    "developer-low": 1113,
    "developer-empty": 1114,
}
"""Reasons that are not simply their code's name with hyphens."""

_SUPPLY_KEYWORDS: Final = {"marker-supply-missing": 9, "marker-supply-low": 12, "marker-supply-empty": 13}
"""Any supply: the generic codes, told of the group of supplies (domain rules, table 4.3)."""

STATES: Final = frozenset(
    "none paused moving-to-paused shutdown connecting-to-device timed-out stopping stopped-partly spool-area-full "
    "deactivated hold-new-jobs identify-printer-requested resuming suspend testing".split()
)
"""Reasons that tell what the print service is doing, of nothing that is wrong in the printer."""


def _hyphenated(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _all_codes() -> dict[str, int]:
    codes = {name: number for number, name in enumerate(_GENERIC, start=1)}
    for first, names in _OF_GROUPS.items():
        codes.update((name, number) for number, name in enumerate(names.split(), start=first))
    for device, finisher in enumerate(_FINISHERS, start=_FIRST_FINISHER):
        for generic in range(3, _LAST_GENERIC + 1):
            suffix = _GENERIC[generic - 1].removeprefix("subunit")
            codes[finisher + suffix[0].upper() + suffix[1:]] = device * _HUNDRED + generic
    return codes


ALERT_CODES: Final = _all_codes()
"""PrtAlertCodeTC by name, the finishers' 612 codes among them (ALR-07)."""

_REASONS: Final = {
    # A storage error's own "-error" is taken for its severity, and some of the standard's keywords leave it out.
    _hyphenated(name.removesuffix("Error")): code
    for name, code in ALERT_CODES.items()
} | _KEYWORDS_OF_THEIR_OWN


def code_of_reason(keyword: str) -> tuple[int, int]:
    """The alert code and group of a state reason without its severity; *unknown* of *other* when it is not known."""
    if keyword in _SUPPLY_KEYWORDS:
        return _SUPPLY_KEYWORDS[keyword], MARKER_SUPPLIES
    code = _REASONS.get(keyword.lower(), UNKNOWN)
    return code, group_of_code(code)


def group_of_code(code: int) -> int:
    """The part of the printer that a code belongs to; *other* for the generic ones that any part may send."""
    if code >= _FIRST_FINISHER * _HUNDRED:
        return _FINISHER
    if code > _LAST_GENERIC:
        return code // _HUNDRED
    return {3: _COVER, 4: _COVER, 5: _COVER, 6: _COVER, 8: _MEDIA_PATH, 7: GENERAL_PRINTER}.get(code, OTHER)


def number_named(names: dict[int, str], text: str | None) -> int | None:
    """The number of a standard's name, however it is capitalised; None for a name that is not the standard's."""
    wanted = (text or "").strip().casefold()
    return next((number for number, name in names.items() if name.casefold() == wanted), None)


MARKER_TYPES: Final = {_hyphenated(name): number for number, name in SUPPLY_TYPE.items()}
"""PrtMarkerSuppliesTypeTC by the keywords of the attribute marker-types: ``toner-cartridge``, ``waste-toner`` …"""
