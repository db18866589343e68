"""Every value that an MPS reader wants is in a reading or has a reason."""

from collections.abc import Mapping

import pytest

from edge.reading.identity import profile_of
from edge.reading.plan import SUPPLY_COLUMNS
from edge.reading.printer import compose
from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Oid, Value
from edge.snmp.oids import IF_PHYS_ADDRESS, PRT_MARKER_ENTRY, SYS_DESCR, SYS_OBJECT_ID, parse_oid
from shared.wire.reading import PrinterReading
from tests.support.edge import NOON, answers_with

IDENTITY = ("manufacturer", "model", "serial_number", "mac_address", "firmware", "host_name", "location", "asset_tag")
STATUS = ("device_status", "printer_status", "detected_errors")
TABLES = ("supplies", "inputs", "outputs", "covers", "alerts")
COUNTERS = ("mono", "color", "print", "copy", "fax", "large")
WANTED = (
    *IDENTITY,
    *STATUS,
    *TABLES,
    "life_count",
    *(f"{name}_impressions" for name in COUNTERS),
    "scan_count",
    "duplex_count",
)
HP = "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2"


def reading_of(answers: Answers) -> PrinterReading:
    return compose(answers, profile_of(answers), reading_id="rdg_1", taken_at=NOON, address="10.0.0.5")


def has(reading: PrinterReading, name: str) -> bool:
    if name in IDENTITY:
        return getattr(reading.identity, name) is not None
    if name in STATUS:
        return getattr(reading.status, name) is not None
    if name == "alerts":
        return reading.alerts is not None
    return bool(getattr(reading, name)) if name in TABLES else reading.counter(name) is not None


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"1.3.6.1.2.1.1.1.0": b"HP printer", "1.3.6.1.2.1.1.5.0": b"prn-5"},
        {"1.3.6.1.2.1.43.10.2.1.4.1.1": 5, "1.3.6.1.2.1.25.3.2.1.5.1": 2},
        {"1.3.6.1.2.1.1.1.0": b"Xerox WorkCentre 5;", "1.3.6.1.2.1.43.18.1.1.7.1.1": 8},
    ],
)
@pytest.mark.parametrize(("finished", "printer_mib"), [(True, True), (False, True), (False, False)])
def test_what_is_not_there_has_a_reason_and_what_is_there_has_none(
    cells: Mapping[str, Value], finished: bool, printer_mib: bool
) -> None:
    answers = answers_with(cells, finished=finished)
    answers.has_printer_mib = printer_mib
    reading = reading_of(answers)

    assert {name for name in WANTED if not has(reading, name)} == set(reading.missing) - {"console_text"}


def test_a_printer_that_answered_everything_does_not_support_the_rest() -> None:
    reading = reading_of(answers_with({SYS_DESCR: b"HP printer"}))

    assert set(reading.missing.values()) == {"not_supported"}


def test_a_printer_that_broke_off_did_not_answer_what_came_after_the_probe() -> None:
    reading = reading_of(answers_with({(*SYS_DESCR, 0): b"HP printer"}, finished=False))

    asked_first = {name for name, reason in reading.missing.items() if reason == "not_supported"}
    assert asked_first == {"host_name", "location", *STATUS}  # HP's profile has private objects for the others


def test_what_cannot_be_read_is_told_apart_from_what_is_not_there() -> None:
    answers = answers_with({(*SYS_DESCR, 0): b"HP printer", (*PRT_MARKER_ENTRY, 4, 1, 1): Absent.UNREADABLE})
    answers.put(parse_oid(f"{HP}.6.0"), (), Absent.UNREADABLE)
    answers.put((*IF_PHYS_ADDRESS,), (1,), Absent.UNREADABLE)

    missing = reading_of(answers).missing

    assert (missing["life_count"], missing["mono_impressions"], missing["mac_address"]) == ("unreadable",) * 3
    assert missing["color_impressions"] == "not_supported"


def test_a_counter_that_only_its_makers_name_tells_is_not_missing() -> None:
    answers = answers_with({(*SYS_DESCR, 0): b"Xerox WorkCentre 5;"})
    answers.put(parse_oid("1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.34"), (), 1_000)

    reading = reading_of(answers)

    assert reading.counter("xerox.mono_impressions") is not None
    assert "mono_impressions" not in reading.missing
    assert reading.missing["color_impressions"] == "not_supported"


@pytest.mark.parametrize(("finished", "reason"), [((), "not_answered"), (SUPPLY_COLUMNS, "not_supported")])
def test_a_makers_objects_were_answered_when_the_table_asked_for_with_them_was(
    finished: tuple[Oid, ...], reason: str
) -> None:
    answers = answers_with({(*SYS_OBJECT_ID, 0): parse_oid("1.3.6.1.4.1.11.2.3.9.1")}, finished=False)
    answers.finished |= set(finished)

    assert reading_of(answers).missing["firmware"] == reason
