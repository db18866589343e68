"""Rows of prtMarkerSuppliesTable as wire supplies: raw numbers kept, meaning beside them (SUP-01, TEL-01)."""

import re
from typing import Final

from edge.profiles.colours import colour_in
from edge.profiles.makers import Profile
from edge.reading.plan import FINISHER_COLUMNS, SUPPLY_COLUMNS
from edge.reading.rows import wire_index
from edge.reading.text import MAX_SHORT_TEXT, line_or_none, text_or_none
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.printer_mib import (
    RECEPTACLE_TYPES,
    SUPPLY_CLASS,
    SUPPLY_TYPE,
    SUPPLY_UNIT,
    capacity_is_stale,
    level_percent,
    name_of,
)
from shared.wire.reading import MAX_ROWS, Supply

_PART_NUMBER: Final = re.compile(r"\bPN[ :]?\s*([^;,\s]+)")
_SERIAL_NUMBER: Final = re.compile(r"\bSN[ :]?\s*([^;,\s]+)")
_UNKNOWN: Final = "unknown"
_RECEPTACLE_TEXT: Final = re.compile(r"\bwaste\b|maintenance box|resttoner|廢棄|废", re.IGNORECASE)


def supplies_of(answers: Answers, profile: Profile | None, character_set: int | None) -> list[Supply]:
    """The supplies in table order, gaps in the indexes kept; a column that a row lacks stays None."""
    indexes = answers.indexes(SUPPLY_COLUMNS)[:MAX_ROWS]
    rows = (_supply(answers, index, profile, character_set) for index in indexes)
    return [row for row in rows if row is not None]


def finisher_supplies_of(answers: Answers, character_set: int | None) -> list[Supply]:
    """The rows of finSupplyTable (RFC 3806): staples and the like, with the standard's levels and units (SUP-01)."""
    rows = (_finisher_supply(answers, index, character_set) for index in answers.indexes(FINISHER_COLUMNS)[:MAX_ROWS])
    return [row for row in rows if row is not None]


def _finisher_supply(answers: Answers, index: Oid, character_set: int | None) -> Supply | None:
    name = wire_index(index)
    if name is None:
        return None
    description = text_or_none(answers.octets(oids.FIN_SUPPLY_DESCRIPTION, index), character_set)
    supply_class = name_of(SUPPLY_CLASS, answers.number(oids.FIN_SUPPLY_CLASS, index))
    supply_type = name_of(SUPPLY_TYPE, answers.number(oids.FIN_SUPPLY_TYPE, index))
    unit = name_of(SUPPLY_UNIT, answers.number(oids.FIN_SUPPLY_UNIT, index))
    capacity = answers.number(oids.FIN_SUPPLY_MAX_CAPACITY, index)
    level = answers.number(oids.FIN_SUPPLY_CURRENT_LEVEL, index)
    level_state, percent = level_percent(level, capacity, unit)
    return Supply(
        index=name,
        supply_class=supply_class,
        supply_type=supply_type,
        description=description,
        supply_unit=unit,
        max_capacity=capacity,
        level=level,
        level_state=level_state,
        percent=percent,
        capacity_stale=capacity_is_stale(level, capacity),
        receptacle=is_receptacle(supply_class, supply_type, description),
    )


def _supply(answers: Answers, index: Oid, profile: Profile | None, character_set: int | None) -> Supply | None:
    name = wire_index(index)
    if name is None:
        return None
    description = text_or_none(answers.octets(oids.PRT_MARKER_SUPPLIES_DESCRIPTION, index), character_set)
    supply_class = name_of(SUPPLY_CLASS, answers.number(oids.PRT_MARKER_SUPPLIES_CLASS, index))
    supply_type = name_of(SUPPLY_TYPE, answers.number(oids.PRT_MARKER_SUPPLIES_TYPE, index))
    unit = name_of(SUPPLY_UNIT, answers.number(oids.PRT_MARKER_SUPPLIES_SUPPLY_UNIT, index))
    capacity = answers.number(oids.PRT_MARKER_SUPPLIES_MAX_CAPACITY, index)
    level = answers.number(oids.PRT_MARKER_SUPPLIES_LEVEL, index)
    level_state, percent = level_percent(level, capacity, unit)
    return Supply(
        index=name,
        supply_class=supply_class,
        supply_type=supply_type,
        description=description,
        colorant=_colorant(answers, index, description, character_set),
        supply_unit=unit,
        max_capacity=capacity,
        level=level,
        level_state=level_state,
        percent=percent,
        capacity_stale=capacity_is_stale(level, capacity),
        receptacle=is_receptacle(supply_class, supply_type, description),
        part_number=part_number_in(description, profile),
        serial_number=serial_number_in(description, profile),
    )


def is_receptacle(supply_class: str | None, supply_type: str | None, description: str | None) -> bool:
    """Whether the supply is filled in use: its class tells, else its type, else its description."""
    if supply_class in {"supplyThatIsConsumed", "receptacleThatIsFilled"}:
        return supply_class == "receptacleThatIsFilled"
    if supply_type is not None and supply_type not in {"other", _UNKNOWN}:
        return supply_type in RECEPTACLE_TYPES
    return bool(_RECEPTACLE_TEXT.search(description or ""))


def part_number_in(description: str | None, profile: Profile | None) -> str | None:
    """The part number inside a description: ``PN …`` of any maker, else the maker's own way of writing it."""
    text = (description or "").strip()
    for pattern in (_PART_NUMBER, *(profile.part_numbers if profile else ())):
        match = pattern.search(text)
        if match:
            return None if match[1].casefold() == _UNKNOWN else match[1][:MAX_SHORT_TEXT]
    return None


def serial_number_in(description: str | None, profile: Profile | None) -> str | None:
    """The cartridge's serial number inside a description: ``SN…`` of any maker, else as its maker writes it."""
    text = (description or "").strip()
    for pattern in (_SERIAL_NUMBER, *(profile.supply_serials if profile else ())):
        match = pattern.search(text)
        if match:
            return None if match[1].casefold() == _UNKNOWN else match[1][:MAX_SHORT_TEXT]
    return None


def _colorant(answers: Answers, index: Oid, description: str | None, character_set: int | None) -> str | None:
    colorant_index = answers.number(oids.PRT_MARKER_SUPPLIES_COLORANT_INDEX, index)
    if colorant_index is None:
        return colour_in(description)
    if colorant_index <= 0:  # 0: the supply has no colorant (RFC 3805)
        return None if answers.column(oids.PRT_MARKER_COLORANT_VALUE) else colour_in(description)
    value = line_or_none(answers.octets(oids.PRT_MARKER_COLORANT_VALUE, (*index[:1], colorant_index)), character_set)
    named = colour_in(value) or value or colour_in(description)
    return named[:MAX_SHORT_TEXT] if named else None
