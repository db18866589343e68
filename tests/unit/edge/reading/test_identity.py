from collections.abc import Mapping

import pytest

from edge.profiles.makers import Source, is_printer, load_profiles, profile_for
from edge.profiles.schema import MAX_PROFILE_OIDS
from edge.reading.discovery import answers_as_printer
from edge.reading.identity import identity_of, profile_of
from edge.reading.printer import compose
from edge.snmp.codec import Absent, Binding, Oid, Value
from edge.snmp.oids import parse_oid
from shared.wire.reading import Identity, PrinterReading
from tests.support.edge import NOON, answers_with

DESCR, OBJECT_ID, DEVICE = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.25.3.2.1.3.1"
SERIAL, NAME = "1.3.6.1.2.1.43.5.1.1.17.1", "1.3.6.1.2.1.43.5.1.1.16.1"


def identity(cells: Mapping[str, Value], private: Mapping[str, Value] | None = None) -> Identity:
    answers = answers_with(cells)
    for name, value in (private or {}).items():
        answers.put(parse_oid(name), (), value)
    return identity_of(answers, profile_of(answers), None)


def reading(cells: Mapping[str, Value]) -> PrinterReading:
    answers = answers_with(cells)
    return compose(answers, profile_of(answers), reading_id="rdg_1", taken_at=NOON, address="10.0.0.5")


@pytest.mark.parametrize(
    ("descr", "device", "manufacturer", "model"),
    [
        (b"HP ETHERNET MULTI-ENVIRONMENT", b"HP Color LaserJet M452nw", "HP", "Color LaserJet M452nw"),
        (b"Lexmark MX711 version NH kernel 3", b"Lexmark MX711 74636C6601FK2 LW62.TU.P636", "Lexmark", "MX711"),
        (b"Xerox WorkCentre 5325;System 1", b"Xerox WorkCentre 5325 v 40.  2.  0 MFP", "Xerox", "WorkCentre 5325"),
        (b"RICOH MP 3053 1.09 / RICOH Network Printer C model", None, "Ricoh", "MP 3053"),
        (b"SAVIN MP C4503 1.18 / SAVIN Network Printer C model", None, "Savin", "MP C4503"),
        (b"Develop ineo  280", None, "Develop", "ineo 280"),
        (b"Brother NC-8700w", b"Brother HL-L8260CDW series", "Brother", "HL-L8260CDW"),
        (b"TOSHIBA e-STUDIO305CS version NH63 kernel 3", None, "Toshiba", "e-STUDIO305CS"),
        (b"Some new maker's printer", b"Printer 9000", None, "Printer 9000"),
    ],
)
def test_maker_and_product_name_are_told_apart(
    descr: bytes, device: bytes | None, manufacturer: str | None, model: str
) -> None:
    cells: dict[str, Value] = {DESCR: descr, **({DEVICE: device} if device else {})}

    found = identity(cells)

    assert (found.manufacturer, found.model) == (manufacturer, model)
    assert found.sys_descr == descr.decode()


def test_an_hp_object_identifier_does_not_make_an_hp() -> None:
    found = identity(
        {DESCR: b"OKI OkiLAN 9450g", OBJECT_ID: parse_oid("1.3.6.1.4.1.2001.1.1.1.1")},
        {"1.3.6.1.4.1.11.2.3.9.1.1.7.0": b"MANUFACTURE:OKI;COMMAND SET:PCL;MODEL:MC873;CLASS:PRINTER;"},
    )

    assert (found.manufacturer, found.model) == ("OKI", "MC873")


@pytest.mark.parametrize(
    ("serial", "label"),
    [
        (b"74636C6601FK2-130-0", "74636C6601FK2"),
        (b" 74636C6601FK2 ", "74636C6601FK2"),
        (b"", None),
        (b"0000000000", None),
        (b"unknown", None),
        (b"N/A", None),
    ],
)
def test_the_serial_number_is_the_labels_or_none(serial: bytes, label: str | None) -> None:
    assert identity({DESCR: b"Lexmark MX711 version 1", SERIAL: serial}).serial_number == label


def test_a_private_serial_number_counts_when_the_standard_one_is_missing() -> None:
    hp = {DESCR: b"HP ETHERNET MULTI-ENVIRONMENT,SN:CNAAAAAAAA,FN:1"}
    private = {"1.3.6.1.4.1.11.2.3.9.4.2.1.1.3.3.0": b"\x01\x15CNBBBBBBBB"}

    assert identity({**hp, SERIAL: b"CNCCCCCCCC"}, private).serial_number == "CNCCCCCCCC"
    assert identity({**hp}, private).serial_number == "CNBBBBBBBB"
    assert identity({**hp}).serial_number == "CNAAAAAAAA"


def test_a_host_name_is_not_taken_for_a_model() -> None:
    assert identity({DESCR: b"HP ETHERNET MULTI-ENVIRONMENT", NAME: b"HPB7246C"}).model is None


def test_what_is_missing_says_why() -> None:
    found = reading({DESCR: b"Canon LBP6670 /P", "1.3.6.1.2.1.43.10.2.1.4.1.1": Absent.UNREADABLE})

    assert found.identity.serial_number is None
    assert found.missing["serial_number"] == "not_supported"
    assert found.missing["life_count"] == "unreadable"
    assert found.missing["supplies"] == "not_supported"


def test_every_marker_that_reports_is_kept_the_first_one_first() -> None:
    found = reading({f"1.3.6.1.2.1.43.10.2.1.{c}.1.{m}": v for c, m, v in ((4, 2, 20), (4, 1, 10), (3, 1, 8))})

    counter = found.counter("life_count")
    assert counter is not None
    assert (counter.value, counter.unit, counter.marker) == (10, "sheets", "1.1")
    assert [c.value for c in found.counters or []] == [10, 20]


def test_a_negative_count_is_no_count() -> None:
    assert reading({"1.3.6.1.2.1.43.10.2.1.4.1.1": -1}).counters == []


def test_no_profile_reads_print_jobs() -> None:
    with pytest.raises(ValueError, match="print jobs"):
        Source.model_validate({"oid": "1.3.6.1.4.1.1347.47.6.1.1.4.1"})


def test_every_profile_asks_for_a_handful_of_private_objects() -> None:
    for profile in load_profiles():
        assert len(profile.oids()) <= MAX_PROFILE_OIDS
        assert all(oid[:6] == (1, 3, 6, 1, 4, 1) for oid in profile.oids())


def test_a_brand_wins_over_the_board_makers_identifier() -> None:
    lexmark = parse_oid("1.3.6.1.4.1.641.2.71107164")

    assert (profile_for(lexmark, "TOSHIBA e-STUDIO305CS version NH63", None) or load_profiles()[0]).manufacturer == (
        "Toshiba"
    )
    assert profile_for(None, None, None) is None


@pytest.mark.parametrize(
    ("object_id", "descr", "printer"),
    [
        ("1.3.6.1.4.1.11.2.3.9.1", "HP ETHERNET MULTI-ENVIRONMENT", True),
        ("1.3.6.1.4.1.11.2.3.7.8.5.2", "HP Stack", False),
        ("1.3.6.1.4.1.1248.4.1", "EPSON Network Projector", False),
        ("1.3.6.1.4.1.1248.1.1.2.1.3.22", "EPSON Ext. Scan Server", False),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux", False),
        (None, "SHARP MX-3140N", True),
        (None, "SHARP Display", False),
        (None, None, False),
    ],
)
def test_printers_are_told_from_their_makers_other_devices(
    object_id: str | None, descr: str | None, printer: bool
) -> None:
    assert is_printer(parse_oid(object_id) if object_id else None, descr) is printer


def test_the_printer_mib_makes_a_printer_and_the_end_of_the_view_does_not() -> None:
    mib: Oid = (1, 3, 6, 1, 2, 1, 43)
    linux: list[Binding] = [(parse_oid(DESCR), b"Linux"), (parse_oid(OBJECT_ID), parse_oid("1.3.6.1.4.1.8072.3.2.10"))]

    assert answers_as_printer([*linux, ((*mib, 5, 1, 1, 1, 1), 3)])
    assert not answers_as_printer([*linux, (mib, Absent.END_OF_MIB_VIEW)])
    assert not answers_as_printer([*linux, ((1, 3, 6, 1, 4, 1, 8072, 1), 3)])
    assert not answers_as_printer([])
