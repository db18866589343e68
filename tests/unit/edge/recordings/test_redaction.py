from collections import Counter

import pytest

from edge.recordings.recording import IP_ADDRESS, Row
from edge.recordings.redaction import LeftOut, redacted
from edge.snmp.oids import dotted, parse_oid
from tests.support.recordings import rows_with

MODEL = "1.3.6.1.2.1.25.3.2.1.3.1"
ALERT = "1.3.6.1.2.1.43.18.1.1.8.1.1"


def kept(values: dict[str, int | str | bytes]) -> list[str]:
    return [dotted(name) for name in redacted(rows_with(values))[0]]


def reasons(values: dict[str, int | str | bytes]) -> Counter[LeftOut]:
    return redacted(rows_with(values))[1]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("1.3.6.1.2.1.1.4.0", LeftOut.CONTACT),
        ("1.3.6.1.2.1.1.5.0", LeftOut.HOST_NAME),
        ("1.3.6.1.2.1.1.6.0", LeftOut.LOCATION),
        ("1.3.6.1.2.1.43.5.1.1.4.1", LeftOut.CONTACT),
        ("1.3.6.1.2.1.43.5.1.1.5.1", LeftOut.CONTACT),
        ("1.3.6.1.2.1.43.5.1.1.16.1", LeftOut.HOST_NAME),
        ("1.3.6.1.2.1.43.14.1.1.9.1.17", LeftOut.CHANNEL),
        ("1.3.6.1.2.1.43.16.5.1.2.1.1", LeftOut.PANEL),
        ("1.3.6.1.4.1.1347.47.6.1.1.4.1", LeftOut.JOB),
    ],
)
def test_objects_about_people_places_and_jobs_are_left_out(name: str, reason: LeftOut) -> None:
    assert kept({name: "prn-7 of Ann"}) == []
    assert reasons({name: "prn-7 of Ann"}) == {reason: 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("call ann@example.com for toner", LeftOut.MAIL),
        ("see http://intranet/help", LeftOut.LINK),
        (r"scan to \\server\share", LeftOut.LINK),
        ("reached at 10.0.0.5", LeftOut.ADDRESS),
        ("reached at 10.0.0.5.", LeftOut.ADDRESS),
        ("reached at 010.000.000.005", LeftOut.ADDRESS),
        ("IPv6:fd00::5: silent", LeftOut.ADDRESS),
        ("reached at fe80::21b:78ff:fe01:203", LeftOut.ADDRESS),
    ],
)
def test_a_text_with_an_address_in_it_is_left_out_wherever_it_stands(text: str, reason: LeftOut) -> None:
    assert reasons({ALERT: text}) == {reason: 1}


@pytest.mark.parametrize("text", ["Toner low at 12:30:45", "firmware 1.2.3.4.5", "00:1b:78:01:02:03", "300.10.2.1 ppm"])
def test_times_versions_and_hardware_addresses_are_no_ip_addresses(text: str) -> None:
    assert kept({ALERT: text}) == [ALERT]


def test_an_ip_address_of_its_own_type_is_left_out() -> None:
    rows, left_out = redacted({parse_oid(ALERT): Row(IP_ADDRESS, b"\x0a\0\0\5")})

    assert (rows, left_out) == ({}, {LeftOut.ADDRESS: 1})


def test_the_host_name_and_the_location_are_found_in_other_texts_too() -> None:
    values: dict[str, int | str | bytes] = {
        "1.3.6.1.2.1.1.5.0": "hamburg-prn-7",
        "1.3.6.1.2.1.1.6.0": "Room 4.12",
        MODEL: "LaserJet 500",
        ALERT: "HAMBURG-PRN-7: paper out",
        "1.3.6.1.2.1.43.18.1.1.8.1.2": "Refill tray in room 4.12",
    }

    assert kept(values) == [MODEL]
    assert reasons(values) == {LeftOut.HOST_NAME: 2, LeftOut.LOCATION: 2}


def test_a_printer_that_is_called_as_its_model_keeps_its_model() -> None:
    values: dict[str, int | str | bytes] = {
        "1.3.6.1.2.1.1.5.0": "MP C3002",
        MODEL: "RICOH Aficio MP C3002",
        "1.3.6.1.2.1.43.5.1.1.16.1": "Aficio MP C3002",
    }

    assert kept(values) == [MODEL, "1.3.6.1.2.1.43.5.1.1.16.1"]


def test_the_name_without_its_domain_is_found_too() -> None:
    assert kept({"1.3.6.1.2.1.1.5.0": "prn-77.example.com", ALERT: "PRN-77 offline"}) == []


@pytest.mark.parametrize("text", [b"x" * 400 + b" ann@example.com", "ann@example.com".encode("utf-16-le")])
def test_neither_length_nor_wide_characters_hide_a_mail_address(text: bytes) -> None:
    assert reasons({ALERT: text}) == {LeftOut.MAIL: 1}


def test_a_hardware_address_is_no_text() -> None:
    address = "1.3.6.1.2.1.2.2.1.6.1"

    assert kept({address: b"a@bcde"}) == [address]


def test_an_empty_value_is_not_said_to_be_left_out() -> None:
    assert reasons({"1.3.6.1.2.1.1.6.0": ""}) == {}


def test_meters_and_supplies_stay() -> None:
    values: dict[str, int | str | bytes] = {
        "1.3.6.1.2.1.43.10.2.1.4.1.1": 7_001,
        "1.3.6.1.2.1.43.11.1.1.6.1.1": "Black Toner",
    }

    assert kept(values) == list(values)


def test_a_makers_own_panel_text_is_left_out_as_the_standards_is() -> None:
    panel = "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.4.5.2.0"

    rows, left_out = redacted(rows_with({panel: b"Hello Ms Smith"}), [parse_oid(panel)])

    assert (rows, left_out) == ({}, {LeftOut.PANEL: 1})
