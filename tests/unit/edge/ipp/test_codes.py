import pytest

from edge.ipp.codes import ALERT_CODES, MARKER_TYPES, code_of_reason, number_named
from shared.wire.printer_mib import SUPPLY_TYPE


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("other", 1),
        ("jam", 8),
        ("subunitThermistorFailure", 38),
        ("printerReadyToPrint", 507),
        ("inputCannotFeedSizeSelected", 813),
        ("outputMailboxSelectFailure", 904),
        ("markerAdjustingPrintQuality", 1005),
        ("markerWasteInkReceptacleFull", 1110),
        ("markerTonerCartridgeMissing", 1115),
        ("mediaPathCannotDuplexMediaSelected", 1304),
        ("interpreterResourceUnavailable", 1507),
        ("interpreterComplexPageEncountered", 1509),
        ("alertRemovalOfBinaryChangeEntry", 1801),
        ("staplerEmpty", 30213),
        ("staplerJam", 30208),
        ("makeEnvelopeMotorFailure", 31533),
        ("inserterThermistorFailure", 31838),
    ],
)
def test_alert_codes_have_the_registry_numbers(name: str, code: int) -> None:
    assert ALERT_CODES[name] == code


def test_each_finisher_has_thirty_six_codes() -> None:
    assert len([code for code in ALERT_CODES.values() if code > 30_000]) == 17 * 36


@pytest.mark.parametrize(
    ("reason", "code", "group"),
    [
        ("media-empty", 808, 8),
        ("media-jam", 8, 13),
        ("cover-open", 3, 6),
        ("door-open", 501, 5),
        ("toner-low", 1104, 11),
        ("toner-empty", 1101, 11),
        ("marker-supply-low", 12, 11),
        ("marker-supply-empty", 13, 11),
        ("marker-supply-missing", 9, 11),
        ("marker-ink-almost-empty", 1105, 11),
        ("marker-waste-full", 1109, 11),
        ("opc-life-over", 1112, 11),
        ("fuser-over-temp", 1002, 10),
        ("output-area-full", 903, 9),
        ("subunit-timing-Failure", 37, 1),
        ("subunit-unrecoverable-storage", 32, 1),
        ("stapler-unrecoverable-storage", 30232, 30),
        ("die-cutter-jam", 30708, 30),
        ("com.example-drawer-ajar", 2, 1),
    ],
)
def test_reasons_stand_for_the_codes_of_pwg_5100_9(reason: str, code: int, group: int) -> None:
    assert code_of_reason(reason) == (code, group)


def test_names_are_found_however_they_are_capitalised() -> None:
    assert number_named(SUPPLY_TYPE, "WasteToner") == 4
    assert number_named(SUPPLY_TYPE, "stoppingMaterial") is None
    assert number_named(SUPPLY_TYPE, None) is None
    assert MARKER_TYPES["toner-cartridge"] == 21
