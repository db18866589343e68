"""One `PrinterReading` composed of what a printer answered. Pure: the time and the id are arguments."""

from datetime import datetime
from typing import Final

from edge.profiles.makers import GENERIC, Profile
from edge.reading.alerts import alerts_of, status_of
from edge.reading.identity import identity_of
from edge.reading.maker_counters import maker_counters
from edge.reading.maker_supplies import maker_supplies, refined
from edge.reading.media import covers_of, inputs_of, outputs_of
from edge.reading.missing import TABLES, missing_values
from edge.reading.plan import MARKER_COLUMNS
from edge.reading.rows import wire_index
from edge.reading.supplies import finisher_supplies_of, supplies_of
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.printer_mib import COUNTER_UNIT, name_of
from shared.wire.reading import LIFE_COUNT, MAX_ROWS, POWER_ON_COUNT, Counter, MakerSupply, PrinterReading, Supply

_COUNTER_END: Final = 2**63


def compose(
    answers: Answers,
    profile: Profile | None,
    *,
    reading_id: str,
    taken_at: datetime,
    address: str,
    credentials: str | None = None,
) -> PrinterReading:
    """The reading. A table that was not read to its end is None, with the reason in ``missing``.

    Args:
        answers: what the printer answered.
        profile: its maker's profile, None for an unknown maker.
        reading_id: a fresh id.
        taken_at: when the alert table was read.
        address: where the printer was asked, for people.
        credentials: name of the credential set that it answered to, if that may be told.
    """
    character_set = character_set_of(answers, oids.PRT_GENERAL_CURRENT_LOCALIZATION)
    console_set = character_set_of(answers, oids.PRT_CONSOLE_LOCALIZATION) or character_set
    part = answers.part  # most of a printer is as it was the last time
    identity = part("identity", lambda: identity_of(answers, profile, character_set), profile, character_set)
    counters = part("counters", lambda: counters_of(answers, profile), profile)
    known = part("known", lambda: {name for name, columns in TABLES.items() if answers.read_to_end(columns)})
    status = part("status", lambda: status_of(answers, console_set, profile or GENERIC), console_set, profile)
    supplies, told = part(
        "supplies",
        lambda: _supplies_of(answers, profile, character_set, identity.model),
        profile,
        character_set,
        identity.model,
    )
    finisher_supplies = part("finisher", lambda: finisher_supplies_of(answers, character_set), character_set)
    inputs = part("inputs", lambda: inputs_of(answers, character_set), character_set)
    outputs = part("outputs", lambda: outputs_of(answers, character_set), character_set)
    covers = part("covers", lambda: covers_of(answers, character_set), character_set)
    return PrinterReading(
        reading_id=reading_id,
        taken_at=taken_at,
        address=address[:64],
        credentials=credentials,
        uptime_ticks=_uptime(answers),
        identity=identity,
        status=status,
        counters=counters if counters or answers.read_to_end(MARKER_COLUMNS) else None,
        supplies=supplies if "supplies" in known else None,
        maker_supplies=told or None,
        finisher_supplies=finisher_supplies or None,
        inputs=inputs if "inputs" in known else None,
        outputs=outputs if "outputs" in known else None,
        covers=covers if "covers" in known else None,
        alerts=alerts_of(answers, taken_at, character_set),
        missing=part(
            "missing",
            lambda: missing_values(answers, profile, identity, status, counters),
            profile,
            identity,
            status,
            [counter.name for counter in counters],
        ),
    )


def _supplies_of(
    answers: Answers, profile: Profile | None, character_set: int | None, model: str | None
) -> tuple[list[Supply], list[MakerSupply]]:
    """The standard table's supplies, as the maker's own values refine them, and those values."""
    supplies = supplies_of(answers, profile, character_set)
    if profile is None:
        return supplies, []
    told = maker_supplies(answers, profile, supplies, model)
    return refined(supplies, told, profile, model), told


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
