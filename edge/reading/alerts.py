"""Rows of prtAlertTable and the printer's status as wire alerts and status (ALR-01..05, TEL-04)."""

from datetime import datetime, timedelta

from edge.profiles.schema import Profile
from edge.reading.plan import ALERT_COLUMNS
from edge.reading.rows import wire_index
from edge.reading.text import line_or_none, text_or_none
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.printer_mib import (
    ALERT_GROUP,
    ALERT_SEVERITY,
    ALERT_TRAINING,
    DEVICE_STATUS,
    PRINTER_STATUS,
    detected_errors,
    name_of,
)
from shared.wire.reading import MAX_ROWS, Alert, Status

_MAX_ERROR_OCTETS = 8
_MAX_CONSOLE_LINES = 16


def alerts_of(answers: Answers, now: datetime, character_set: int | None) -> list[Alert] | None:
    """The alerts in table order; None unless the walk reached the table's end (ALR-05).

    Args:
        answers: what the printer answered.
        now: when the alert table was read.
        character_set: prtLocalizationCharacterSet in effect.
    """
    indexes = answers.indexes(ALERT_COLUMNS)
    if not answers.read_to_end(ALERT_COLUMNS) or len(indexes) > MAX_ROWS:
        return None
    return [
        _alert(answers, index, name, now, character_set) for index in indexes if (name := wire_index(index)) is not None
    ]


def _alert(answers: Answers, index: Oid, name: str, now: datetime, character_set: int | None) -> Alert:
    ticks = answers.number(oids.PRT_ALERT_TIME, index)
    return Alert(
        index=name,
        severity=name_of(ALERT_SEVERITY, answers.number(oids.PRT_ALERT_SEVERITY_LEVEL, index)),
        training_level=name_of(ALERT_TRAINING, answers.number(oids.PRT_ALERT_TRAINING_LEVEL, index)),
        group=name_of(ALERT_GROUP, answers.number(oids.PRT_ALERT_GROUP, index)),
        group_index=answers.number(oids.PRT_ALERT_GROUP_INDEX, index),
        location=answers.number(oids.PRT_ALERT_LOCATION, index),
        code=answers.number(oids.PRT_ALERT_CODE, index),
        description=text_or_none(answers.octets(oids.PRT_ALERT_DESCRIPTION, index), character_set),
        time_ticks=ticks,
        raised_at=raised_at(ticks, answers.uptime_with_alerts, now),
    )


def raised_at(ticks: int | None, uptime_ticks: int | None, now: datetime) -> datetime | None:
    """Absolute time of an alert: now - (sysUpTime - prtAlertTime) / 100 s, both of one reply (ALR-03).

    None when the printer gave no time: many send 0 for every alert, and a time after sysUpTime belongs to an
    earlier boot.
    """
    if not ticks or uptime_ticks is None or not 0 < ticks <= uptime_ticks:
        return None
    return now - timedelta(milliseconds=(uptime_ticks - ticks) * 10)


def status_of(answers: Answers, console_character_set: int | None, profile: Profile) -> Status:
    """The printer's status objects and the text on its panel: by the maker's object where the standard has none."""
    device = answers.device_index
    octets = answers.octets(oids.HR_PRINTER_DETECTED_ERROR_STATE, device)
    standard = (
        text_or_none(value, console_character_set)
        for _, value in sorted(answers.column(oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT).items())
        if isinstance(value, bytes)
    )
    lines = [line for line in standard if line and line.strip()]
    makers = (line_or_none(answers.octets(each.oid, ()), console_character_set) for each in profile.console_text)
    return Status(
        device_status=name_of(DEVICE_STATUS, answers.number(oids.HR_DEVICE_STATUS, device)),
        printer_status=name_of(PRINTER_STATUS, answers.number(oids.HR_PRINTER_STATUS, device)),
        detected_errors=None if octets is None else detected_errors(octets),
        detected_error_octets=None if octets is None else octets[:_MAX_ERROR_OCTETS].hex(),
        console_text=(lines or [line for line in makers if line])[:_MAX_CONSOLE_LINES],
    )
