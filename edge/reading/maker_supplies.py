"""What a maker's own objects tell about supplies and maintenance parts, and how it refines the standard table (D16).

A standard row keeps its raw level. Where that is no number (-3, -2, none), the maker's own number is set beside it, and
becomes the row's percentage when its claim may be trusted (SUP-01, SUP-02).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from edge.profiles.colours import colour_in
from edge.profiles.makers import Profile
from edge.profiles.supplies import SupplySource, SupplyTable
from edge.reading.maker_values import number_of, octets_of
from edge.reading.text import MAX_SHORT_TEXT, line_or_none
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.printer_mib import LevelState
from shared.wire.reading import MAX_ROWS, MakerSupply, Supply

_REFINED: Final = frozenset({LevelState.SOME, LevelState.UNKNOWN, LevelState.NOT_READ, LevelState.NUMERIC_NO_CAPACITY})
_ALL: Final = 100
_UNKNOWN: Final = frozenset({"unknown", "none", "n/a", "0"})


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told of a part: fields of the wire's model, and which standard types it is about.

    What single objects tell of one part and colour belongs together (``row`` is empty); a table's row is a part by
    itself.
    """

    part: str
    colorant: str | None
    types: tuple[str, ...]
    fields: dict[str, Any]
    source: str
    trusted: bool
    row: Oid = ()


def maker_supplies(answers: Answers, profile: Profile, supplies: list[Supply], model: str | None) -> list[MakerSupply]:
    """The parts that the maker's own objects tell of, each with the standard row that it is about.

    Args:
        answers: what the printer answered.
        profile: its maker's profile.
        supplies: the standard table's rows.
        model: the printer's model.
    """
    parts: dict[tuple[str, str | None, Oid], list[Told]] = {}
    for told in (*_objects(answers, profile, model), *_rows(answers, profile)):
        parts.setdefault((told.part, told.colorant, told.row), []).append(told)
    named = [(part, colorant) for part, colorant, _ in parts]
    found = []
    for (part, colorant, _), sayings in list(parts.items())[:MAX_ROWS]:
        types = {name for told in sayings for name in told.types}
        alone = [other for other, _ in named].count(part) == 1
        row = _row_of(supplies, types, colorant, alone=alone) if named.count((part, colorant)) == 1 else None
        found.append(_merged(part, colorant, sayings, row.index if row else None))
    return found


def refined(supplies: list[Supply], told: Iterable[MakerSupply], profile: Profile, model: str | None) -> list[Supply]:
    """The standard rows with what the maker's own objects and the profile's level meanings add to them."""
    of_row = {item.supply: item for item in told if item.supply is not None}
    return [_refined(row, of_row.get(row.index), profile, model) for row in supplies]


def _refined(row: Supply, item: MakerSupply | None, profile: Profile, model: str | None) -> Supply:
    changes: dict[str, Any] = {}
    meaning = _meaning(row, profile, model) or (item.meaning if item else None)
    if meaning is not None:
        changes["level_meaning"] = meaning
    if item is not None:
        for name in ("serial_number", "part_number"):
            if getattr(row, name) is None and getattr(item, name) is not None:
                changes[name] = getattr(item, name)
        if item.percent is not None and row.level_state in _REFINED and not row.receptacle:
            changes |= {"refined_percent": item.percent, "refined_source": item.source}
            if item.confirmed:
                changes |= {"percent": item.percent, "level_state": LevelState.PERCENT}
    return row.model_copy(update=changes) if changes else row


def _meaning(row: Supply, profile: Profile, model: str | None) -> str | None:
    for rule in profile.level_meanings:
        if (
            (rule.level is None or rule.level == row.level)
            and row.level is not None
            and rule.receptacle == row.receptacle
            and (not rule.with_capacity or (row.max_capacity or 0) > 0)
            and (not rule.types or row.supply_type in rule.types)
            and (rule.models is None or rule.models.search(model or ""))
        ):
            return rule.means
    return None


def _objects(answers: Answers, profile: Profile, model: str | None) -> Iterator[Told]:
    for source in profile.supplies:
        meant = source.models is None or source.models.search(model or "")
        fields = _fields_of(answers, source, profile) if meant else {}
        if fields:
            whence = oids.dotted(source.oid) + (f" record {source.record:02x}" if source.record is not None else "")
            trusted = source.claim.trusted
            yield Told(source.part, source.colorant, source.types, fields, whence[:MAX_SHORT_TEXT], trusted)


def _fields_of(answers: Answers, source: SupplySource, profile: Profile) -> dict[str, Any]:
    number = number_of(answers, source, profile)
    if number is None:
        return {}
    if source.gives in {"pages_left", "pages_done", "status"}:
        return {source.gives: number} if number >= 0 or source.gives == "status" else {}
    if source.gives == "fraction":
        return _fraction(octets_of(answers, source, profile) or b"")
    return _level(number, number / 100 if source.gives == "hundredths" else number, source.special)


def _fraction(octets: bytes) -> dict[str, Any]:
    half = len(octets) // 2
    left, full = (int.from_bytes(part, "big") for part in (octets[:half], octets[half:]))
    if full <= 0 or len(octets) != 2 * half or full >= 2**31:
        return {}
    return {"raw": left, "percent": min(100 * left / full, 100.0)}


def _level(raw: int, percent: float, special: dict[int, str]) -> dict[str, Any]:
    if raw in special:
        return {"raw": raw, "meaning": special[raw]}
    return {"raw": raw, "percent": percent} if 0 <= percent <= _ALL else {"raw": raw}


def _rows(answers: Answers, profile: Profile) -> Iterator[Told]:
    for table in profile.supply_tables:
        for index in answers.indexes((*table.labels(), *table.values()))[:MAX_ROWS]:
            colorant = colour_in(line_or_none(answers.octets(table.colorant_column, index)))
            number = answers.number(table.type_column, index) if table.type_column else None
            types = table.types if table.type_column is None else table.type_names.get(number or 0, ())
            fields = _row_fields(answers, table, index)
            if types and fields:
                part = types[0] if table.type_column else table.part
                source = oids.dotted(table.level_column or table.colorant_column)
                yield Told(part, colorant, types, fields, source, table.claim.trusted, index)


def _row_fields(answers: Answers, table: SupplyTable, index: Oid) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    level = answers.number(table.level_column, index) if table.level_column else None
    if level is not None and table.capacity_column is None:
        fields |= _level(level, level, table.special)
    elif level is not None and table.capacity_column is not None:
        capacity = answers.number(table.capacity_column, index) or 0
        fields |= _level(level, 100 * level / capacity if capacity > 0 else -1, table.special)
    status = answers.number(table.status_column, index) if table.status_column else None
    if status is not None:
        fields["status"] = status
    texts = {"serial_number": table.serial_number_column, "part_number": table.part_number_column}
    for name, column in texts.items():
        text = line_or_none(answers.octets(column, index)) if column else None
        if text and text.casefold() not in _UNKNOWN:
            fields[name] = text[:MAX_SHORT_TEXT]
    return fields


def _merged(part: str, colorant: str | None, sayings: list[Told], index: str | None) -> MakerSupply:
    """One part of all that is told of it; of two that tell the same field the first one counts."""
    fields: dict[str, Any] = {}
    for told in reversed(sayings):
        fields |= told.fields
    level = next((told for told in sayings if told.fields.get("percent") is not None), sayings[0])
    fields["raw"] = level.fields.get("raw")
    return MakerSupply(
        part=part, colorant=colorant, supply=index, source=level.source, confirmed=level.trusted, **fields
    )


def _row_of(supplies: list[Supply], types: set[str], colorant: str | None, *, alone: bool) -> Supply | None:
    """The one standard row of these types and this colour; None when none or more than one could be meant.

    A printer with one toner often does not say that it is black: its only row is then the only part's.
    """
    of_type = [row for row in supplies if row.supply_type in types]
    if colorant is not None and not any(row.colorant == colorant for row in of_type):
        found = [row for row in of_type if row.colorant is None] if alone else []
    else:
        found = [row for row in of_type if colorant is None or row.colorant == colorant]
    return found[0] if len(found) == 1 else None
