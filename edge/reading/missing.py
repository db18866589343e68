"""Why what an MPS reader wants is not in a reading: every value that is not there has a reason."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from edge.profiles.counter_names import EXPECTED_COUNTERS
from edge.profiles.makers import GENERIC, Profile
from edge.profiles.object_names import object_name
from edge.reading.plan import (
    ALERT_COLUMNS,
    COVER_COLUMNS,
    INPUT_COLUMNS,
    MARKER_COLUMNS,
    OUTPUT_COLUMNS,
    SUPPLY_COLUMNS,
)
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Oid
from shared.wire.reading import LIFE_COUNT, Counter, Identity, MissingReason, Status

TABLES: Final = {
    "supplies": SUPPLY_COLUMNS,
    "inputs": INPUT_COLUMNS,
    "outputs": OUTPUT_COLUMNS,
    "covers": COVER_COLUMNS,
    "alerts": ALERT_COLUMNS,
}
_STATUS: Final = {
    "device_status": oids.HR_DEVICE_STATUS,
    "printer_status": oids.HR_PRINTER_STATUS,
    "detected_errors": oids.HR_PRINTER_DETECTED_ERROR_STATE,
}
_IDENTITY: Final = {
    "manufacturer": (oids.SYS_DESCR, oids.SYS_OBJECT_ID),
    "model": (oids.HR_DEVICE_DESCR, oids.PRT_GENERAL_PRINTER_NAME),
    "serial_number": (oids.PRT_GENERAL_SERIAL_NUMBER,),
    "firmware": (),
    "asset_tag": (),
    "host_name": (oids.SYS_NAME,),
    "location": (oids.SYS_LOCATION,),
}
"""The standard objects that tell a field; the profile's own come on top."""
_LONGEST_NAME: Final = 64
_MOST_OBJECTS: Final = 16


def missing_values(
    answers: Answers, profile: Profile | None, identity: Identity, status: Status, counters: list[Counter]
) -> dict[str, MissingReason]:
    """The reason for each table, field and counter that a reading does not have.

    ``not_supported``: the printer was asked and has none. ``not_answered``: it did not finish answering.
    ``unreadable``: it sent what cannot be read.
    """
    known = profile or GENERIC
    return {
        **dict.fromkeys(_unanswered(answers), MissingReason.NOT_ANSWERED),
        **dict(_tables(answers)),
        **dict(_counters(answers, known, counters)),
        **dict(_identity(answers, known, identity)),
        **dict(_status(answers, status)),
    }


def _unanswered(answers: Answers) -> list[str]:
    """The objects that the printer cannot be asked for, by their names in the MIB."""
    columns = sorted(answers.unanswered)[:_MOST_OBJECTS]
    return [(object_name(column) or oids.dotted(column))[:_LONGEST_NAME] for column in columns]


def _tables(answers: Answers) -> Iterator[tuple[str, MissingReason]]:
    for name, columns in TABLES.items():
        if not answers.has_printer_mib:
            yield name, MissingReason.NOT_SUPPORTED
        elif not answers.read_to_end(columns):
            yield name, MissingReason.NOT_ANSWERED
        elif name != "alerts" and not answers.indexes(columns):
            yield name, MissingReason.NOT_SUPPORTED


def _counters(answers: Answers, profile: Profile, counters: list[Counter]) -> Iterator[tuple[str, MissingReason]]:
    told = {counter.name for counter in counters}
    told |= {name.partition(".")[2] for name in told}  # the maker's own, whose meaning nobody has confirmed
    if LIFE_COUNT not in told:
        yield LIFE_COUNT, _reason(answers, (oids.PRT_MARKER_LIFE_COUNT,), whole=MARKER_COLUMNS)
    for name in EXPECTED_COUNTERS:
        if name not in told:
            objects = [source.oid for source in profile.counters if source.name.endswith(name)]
            columns = profile.columns()
            yield name, _reason(answers, (*objects, *columns), whole=(*_after_private(answers), *columns))


def _identity(answers: Answers, profile: Profile, identity: Identity) -> Iterator[tuple[str, MissingReason]]:
    for field, standard in _IDENTITY.items():
        if getattr(identity, field) is None:
            private = [source.oid for source in getattr(profile, field, ()) if field != "manufacturer"]
            yield field, _reason(answers, (*standard, *private), whole=_after_private(answers) if private else ())
    if identity.mac_address is None:
        yield "mac_address", _reason(answers, (oids.IF_PHYS_ADDRESS,), whole=(oids.IF_PHYS_ADDRESS,))


def _status(answers: Answers, status: Status) -> Iterator[tuple[str, MissingReason]]:
    for field, column in _STATUS.items():
        if getattr(status, field) is None:
            yield field, _reason(answers, (column,), whole=())
    if not status.console_text and not answers.read_to_end((oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT,)):
        absent = MissingReason.NOT_ANSWERED if answers.has_printer_mib else MissingReason.NOT_SUPPORTED
        yield "console_text", absent


def _after_private(answers: Answers) -> tuple[Oid, ...]:
    """What was asked for together with a maker's single objects: read to its end, they were answered too."""
    return SUPPLY_COLUMNS if answers.has_printer_mib else (oids.IF_PHYS_ADDRESS,)


def _reason(answers: Answers, names: Collection[Oid], *, whole: Iterable[Oid]) -> MissingReason:
    """The reason for a value of these columns or objects, asked for along with the ``whole`` columns."""
    if any(Absent.UNREADABLE in answers.column(name).values() for name in names):
        return MissingReason.UNREADABLE
    if not answers.unanswered.isdisjoint(names):
        return MissingReason.NOT_ANSWERED
    if answers.read_to_end(whole) or (not answers.has_printer_mib and not answers.indexes(whole)):
        return MissingReason.NOT_SUPPORTED
    return MissingReason.NOT_ANSWERED
