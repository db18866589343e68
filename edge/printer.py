"""One `PrinterReading` composed of what a printer answered. Pure: the time and the id are arguments."""

from datetime import datetime
from typing import Final

from edge import oids
from edge.alerts import alerts_of, status_of
from edge.answers import Answers
from edge.identity import identity_of
from edge.maker_counters import maker_counters
from edge.media import covers_of, inputs_of, outputs_of
from edge.plan import ALERT_COLUMNS, COVER_COLUMNS, INPUT_COLUMNS, MARKER_COLUMNS, OUTPUT_COLUMNS, SUPPLY_COLUMNS
from edge.profiles import Profile
from edge.rows import wire_index
from edge.snmp_codec import Absent, Oid
from edge.supplies import supplies_of
from shared.wire.printer_mib import COUNTER_UNIT, name_of
from shared.wire.reading import (
    LIFE_COUNT,
    MAX_ROWS,
    POWER_ON_COUNT,
    Counter,
    Identity,
    MissingReason,
    PrinterReading,
)

_COUNTER_END: Final = 2**63
_TABLES: Final = {
    "supplies": SUPPLY_COLUMNS,
    "inputs": INPUT_COLUMNS,
    "outputs": OUTPUT_COLUMNS,
    "covers": COVER_COLUMNS,
    "alerts": ALERT_COLUMNS,
}


def compose(
    answers: Answers, profile: Profile | None, *, reading_id: str, taken_at: datetime, address: str
) -> PrinterReading:
    """The reading. A table that was not read to its end is None, with the reason in ``missing``.

    Args:
        answers: what the printer answered.
        profile: its maker's profile, None for an unknown maker.
        reading_id: a fresh id.
        taken_at: when the alert table was read.
        address: where the printer was asked, for people.
    """
    character_set = character_set_of(answers, oids.PRT_GENERAL_CURRENT_LOCALIZATION)
    console_set = character_set_of(answers, oids.PRT_CONSOLE_LOCALIZATION) or character_set
    identity = identity_of(answers, profile, character_set)
    counters = counters_of(answers, profile)
    known = {name for name, columns in _TABLES.items() if answers.read_to_end(columns)}
    return PrinterReading(
        reading_id=reading_id,
        taken_at=taken_at,
        address=address[:64],
        uptime_ticks=_uptime(answers),
        identity=identity,
        status=status_of(answers, console_set),
        counters=counters if counters or answers.read_to_end(MARKER_COLUMNS) else None,
        supplies=supplies_of(answers, profile, character_set) if "supplies" in known else None,
        inputs=inputs_of(answers, character_set) if "inputs" in known else None,
        outputs=outputs_of(answers, character_set) if "outputs" in known else None,
        covers=covers_of(answers, character_set) if "covers" in known else None,
        alerts=alerts_of(answers, taken_at, character_set),
        missing=_missing(answers, identity, counters),
    )


def character_set_of(answers: Answers, localization: Oid) -> int | None:
    """The character set of the localization in use; of the first one when the printer does not say which."""
    sets = answers.column(oids.PRT_LOCALIZATION_CHARACTER_SET)
    current = answers.number(localization, answers.device_index)
    index = (*answers.device_index, current) if current is not None else min(sets, default=())
    return answers.number(oids.PRT_LOCALIZATION_CHARACTER_SET, index)


def counters_of(answers: Answers, profile: Profile | None) -> list[Counter]:
    """Life and power-on counts of each marker that reports them, then the maker's own counters."""
    counters = []
    for name, column in ((LIFE_COUNT, oids.PRT_MARKER_LIFE_COUNT), (POWER_ON_COUNT, oids.PRT_MARKER_POWER_ON_COUNT)):
        for index in sorted(answers.column(column)):
            value, marker = answers.number(column, index), wire_index(index)
            if value is None or not 0 <= value < _COUNTER_END or marker is None:
                continue
            unit = name_of(COUNTER_UNIT, answers.number(oids.PRT_MARKER_COUNTER_UNIT, index))
            counters.append(Counter(name=name, value=value, unit=unit, marker=marker, source=oids.dotted(column)))
    if profile is not None:
        counters.extend(maker_counters(answers, profile))
    return counters[:MAX_ROWS]


def _uptime(answers: Answers) -> int | None:
    ticks = answers.number(oids.SYS_UP_TIME)
    return ticks if ticks is not None and 0 <= ticks < 2**32 else None


def _missing(answers: Answers, identity: Identity, counters: list[Counter]) -> dict[str, MissingReason]:
    """Why what an MPS reader wants is not there."""
    missing: dict[str, MissingReason] = {}
    for name, columns in _TABLES.items():
        if not answers.has_printer_mib:
            missing[name] = MissingReason.NOT_SUPPORTED
        elif not answers.read_to_end(columns):
            missing[name] = MissingReason.NOT_ANSWERED
        elif name != "alerts" and not answers.indexes(columns):
            missing[name] = MissingReason.NOT_SUPPORTED
    if not any(counter.name == LIFE_COUNT for counter in counters):
        missing[LIFE_COUNT] = _why(answers, oids.PRT_MARKER_LIFE_COUNT)
    if identity.serial_number is None:
        missing["serial_number"] = _why(answers, oids.PRT_GENERAL_SERIAL_NUMBER, asked_once=True)
    if identity.model is None:
        missing["model"] = _why(answers, oids.HR_DEVICE_DESCR, asked_once=True)
    return missing


def _why(answers: Answers, column: Oid, *, asked_once: bool = False) -> MissingReason:
    if Absent.UNREADABLE in answers.column(column).values():
        return MissingReason.UNREADABLE
    if asked_once or column in answers.finished or not answers.has_printer_mib:
        return MissingReason.NOT_SUPPORTED
    return MissingReason.NOT_ANSWERED
