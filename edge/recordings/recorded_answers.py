"""A recording's rows as answers to a reading: what the reader would have been told, without a network."""

from collections.abc import Mapping
from typing import Final

from edge.profiles.makers import Profile, load_profiles
from edge.reading.identity import object_id, profile_of
from edge.reading.plan import (
    ALERT_GROUP,
    FINISHER_GROUP,
    HARDWARE_ADDRESSES,
    PROBE,
    TABLE_GROUPS,
    printer_device_index,
)
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid, Value

_GROUPS: Final = (*TABLE_GROUPS, FINISHER_GROUP, ALERT_GROUP)
_COLUMNS: Final = frozenset((*PROBE, *(column for group in _GROUPS for column in group.columns)))


def answers_of(values: Mapping[Oid, Value]) -> Answers:
    """The standard objects of a recording, every table read to its end; private ones by `add_private`."""
    answers = Answers()
    lengths = {len(column) for column in _COLUMNS}
    for name in sorted(values):
        for length in lengths:
            if len(name) > length and name[:length] in _COLUMNS:
                answers.put(name[:length], name[length:], values[name])
    answers.uptime_with_alerts = answers.number(oids.SYS_UP_TIME)
    answers.device_index = printer_device_index(answers)
    answers.has_printer_mib = any(name[: len(oids.PRINTER_MIB)] == oids.PRINTER_MIB for name in values)
    answers.finished = set(_COLUMNS) if answers.has_printer_mib else set(HARDWARE_ADDRESSES.columns)
    return answers


def add_private(answers: Answers, profile: Profile, values: Mapping[Oid, Value]) -> None:
    """The private objects that a profile reads, and its tables to their end."""
    for name in profile.oids():
        if name in values:
            answers.put(name, (), values[name])
    for column in profile.columns():
        for name in sorted(values):
            if name[: len(column)] == column:
                answers.put(column, name[len(column) :], values[name])
        answers.finished.add(column)


def recognised(answers: Answers, values: Mapping[Oid, Value]) -> Profile | None:
    """The profile that the reader would take."""
    found = profile_of(answers)
    if found is not None or object_id(answers) is not None:
        return found
    return next((known for known in load_profiles() if known.identify is not None and known.identify in values), None)
