from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.profiles.makers import GENERIC, load_profiles
from edge.reading.alerts import alerts_of, raised_at, status_of
from edge.reading.plan import ALERT_COLUMNS
from edge.snmp.codec import Value
from edge.snmp.oids import (
    HR_DEVICE_STATUS,
    HR_PRINTER_DETECTED_ERROR_STATE,
    HR_PRINTER_STATUS,
    PRT_ALERT_ENTRY,
    parse_oid,
)
from tests.support.edge import NOON, answers_with, rows_of

JAM: dict[int, Value] = {2: 3, 3: 3, 4: 13, 5: 1, 6: -2, 7: 8, 8: b"Paper jam\nDoor B", 9: 90_000}


def test_a_row_keeps_names_codes_and_text() -> None:
    answers = answers_with(rows_of(PRT_ALERT_ENTRY, (1, 489), JAM), uptime=96_000)

    [alert] = alerts_of(answers, NOON, None) or []

    assert (alert.index, alert.severity, alert.training_level, alert.group) == (
        "1.489",
        "critical",
        "untrained",
        "mediaPath",
    )
    assert (alert.group_index, alert.location, alert.code, alert.time_ticks) == (1, -2, 8, 90_000)
    assert alert.description == "Paper jam\nDoor B"
    assert alert.raised_at == NOON - timedelta(seconds=60)


def test_numbers_outside_the_standard_are_kept() -> None:
    answers = answers_with(rows_of(PRT_ALERT_ENTRY, (1, 1), {2: 0, 3: 0, 4: 0, 7: 0, 8: b"Sleep"}))

    [alert] = alerts_of(answers, NOON, None) or []

    assert (alert.severity, alert.group, alert.code) == ("unassigned(0)", "unassigned(0)", 0)


def test_an_empty_table_is_empty_only_after_its_end_was_seen() -> None:
    partial = answers_with({})
    partial.finished.discard(ALERT_COLUMNS[3])

    assert alerts_of(answers_with({}), NOON, None) == []
    assert alerts_of(answers_with({}, finished=False), NOON, None) is None
    assert alerts_of(partial, NOON, None) is None


@pytest.mark.parametrize(("ticks", "uptime"), [(None, 100), (0, 100), (100, None), (101, 100), (-5, 100)])
def test_no_time_is_made_up(ticks: int | None, uptime: int | None) -> None:
    assert raised_at(ticks, uptime, NOON) is None


@given(st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_an_alert_is_never_in_the_future_nor_before_the_boot(ticks: int, since: int) -> None:
    uptime = ticks + since

    at = raised_at(ticks, uptime, NOON)

    assert at is not None
    assert NOON - timedelta(milliseconds=10 * uptime) <= at <= NOON
    assert NOON - at == timedelta(milliseconds=10 * since)


@pytest.mark.parametrize(
    ("octets", "names"),
    [
        pytest.param(b"\x24\x00", ["lowToner", "jammed"], id="AT-TEL-09"),
        pytest.param(b"\x01", ["serviceRequested"], id="AT-TEL-10"),
        (b"", []),
        (b"\x00\x02\xff", ["overduePreventMaint"]),
    ],
)
def test_error_bits_are_named_and_kept(octets: bytes, names: list[str]) -> None:
    status = status_of(answers_with({(*HR_PRINTER_DETECTED_ERROR_STATE, 1): octets}), None, GENERIC)

    assert status.detected_errors == names
    assert status.detected_error_octets == octets.hex()


def test_error_bits_that_were_not_read_are_none() -> None:
    assert status_of(answers_with({}), None, GENERIC).detected_errors is None


def test_status_is_the_printers_and_not_another_devices() -> None:
    answers = answers_with({(*HR_DEVICE_STATUS, 1): 5, (*HR_DEVICE_STATUS, 3): 2, (*HR_PRINTER_STATUS, 3): 1})
    answers.device_index = (3,)

    status = status_of(answers, None, GENERIC)

    assert (status.device_status, status.printer_status) == ("running", "other")


def test_the_panel_is_read_in_its_own_character_set_without_empty_lines() -> None:
    lines = {
        "1.3.6.1.2.1.43.16.5.1.2.1.1": b"\xc1\xdf\xef  ",
        "1.3.6.1.2.1.43.16.5.1.2.1.2": b"   ",
        "1.3.6.1.2.1.43.16.5.1.2.1.3": b"Ready",
    }

    assert status_of(answers_with(lines), 8, GENERIC).console_text == ["Спя  ", "Ready"]


def test_a_brothers_own_object_shows_its_panel_where_the_standard_table_has_none() -> None:
    brother = next(profile for profile in load_profiles() if profile.name == "Brother")
    silent, standard = answers_with({}), answers_with({"1.3.6.1.2.1.43.16.5.1.2.1.1": b"Ready"})
    for answers in (silent, standard):
        answers.put(parse_oid("1.3.6.1.4.1.2435.2.3.9.4.2.1.5.4.5.2.0"), (), b"\xc1\xdf\xef    ")

    assert status_of(silent, 8, brother).console_text == ["Спя"]
    assert status_of(standard, 8, brother).console_text == ["Ready"]
    assert status_of(silent, 8, GENERIC).console_text == []
