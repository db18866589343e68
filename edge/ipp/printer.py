"""One `PrinterReading` from what a printer answered over IPP, and the honest union of it with one over SNMP. Pure."""

from datetime import datetime
from typing import Final

from edge.ipp.attributes import Attributes
from edge.ipp.mib import device_id_fields, mib_answers, unclear_receptacles
from edge.reading.identity import profile_of
from edge.reading.printer import compose
from edge.reading.text import MAX_SHORT_TEXT, line_or_none
from shared.wire.printer_mib import LevelState
from shared.wire.reading import (
    COLOR_IMPRESSIONS,
    LIFE_COUNT,
    MONO_IMPRESSIONS,
    Counter,
    Identity,
    MissingReason,
    PrinterReading,
    Supply,
)

_IMPRESSIONS: Final = "printer-impressions-completed"
_IMPRESSIONS_BY_COLOUR: Final = "printer-impressions-completed-col"
_SHEETS: Final = "printer-media-sheets-completed"
_MONO: Final = ("monochrome", "monochrome-two-sided")
_COLOUR: Final = ("full-color", "full-color-two-sided", "highlight-color", "highlight-color-two-sided")
_ATTRIBUTES_OF: Final = {
    "supplies": ("printer-supply", "marker-levels"),
    "inputs": ("printer-input-tray",),
    "outputs": ("printer-output-tray",),
    "alerts": ("printer-state-reasons", "printer-alert"),
    "serial_number": ("printer-serial-number", "printer-device-id"),
    "model": ("printer-make-and-model", "printer-device-id"),
    "firmware": ("printer-firmware-string-version",),
    LIFE_COUNT: (_IMPRESSIONS, _SHEETS),
}
"""Where each part of a reading comes from; a part that is not here does not exist in IPP."""
_TABLES: Final = ("supplies", "inputs", "outputs", "alerts")


def ipp_reading(attributes: Attributes, *, reading_id: str, taken_at: datetime, address: str) -> PrinterReading:
    """The reading. Everything was asked for at once: what is missing is not supported, or was unreadable.

    Args:
        attributes: what the printer answered.
        reading_id: a fresh id.
        taken_at: when it answered.
        address: where the printer was asked, for people.
    """
    answers = mib_answers(attributes)
    reading = compose(answers, profile_of(answers), reading_id=reading_id, taken_at=taken_at, address=address)
    unclear = unclear_receptacles(attributes)
    supplies = reading.supplies and [_without_direction(row, unclear) for row in reading.supplies]
    counters = counters_in(attributes)
    identity_texts = _identity_texts(reading.identity, attributes)
    told = {*identity_texts, *(counter.name for counter in counters)}
    missing = {name: _why(name, attributes) for name in reading.missing if name not in told}
    return reading.model_copy(
        update={
            "identity": reading.identity.model_copy(update=identity_texts),
            "supplies": supplies,
            "counters": counters or None,
            "missing": missing,
        }
    )


def counters_in(attributes: Attributes) -> list[Counter]:
    """The page count, and of it black and colour; each names the attribute that it comes from.

    The life count is that of sides, else of sheets, in that unit. Black and colour are told only when all parts add
    up to the whole: then they count the same thing.
    """
    sides, sheets = attributes.number(_IMPRESSIONS), attributes.number(_SHEETS)
    if sides is None or sides < 0:
        return [] if sheets is None or sheets < 0 else [_life_count(sheets, "sheets", _SHEETS)]
    counters = [_life_count(sides, "impressions", _IMPRESSIONS)]
    parts = attributes.collection(_IMPRESSIONS_BY_COLOUR)
    if parts and min(parts.values()) >= 0 and sum(parts.values()) == sides:
        source = f"ipp:{_IMPRESSIONS_BY_COLOUR}"
        for counter, members in ((MONO_IMPRESSIONS, _MONO), (COLOR_IMPRESSIONS, _COLOUR)):
            value = sum(parts.get(member, 0) for member in members)
            counters.append(Counter(name=counter, value=value, unit="impressions", source=source))
    return counters


def same_printer(one: Identity, other: Identity) -> bool:
    """Whether two answers of one address can be of one printer: not when their serial numbers differ."""
    serials = {(identity.serial_number or "").strip().casefold() for identity in (one, other)}
    return len(serials - {""}) < 2  # noqa: PLR2004  two different ones


def lacks_page_count(reading: PrinterReading) -> bool:
    """Whether the printer has no page count to give: not when it was only cut short this once."""
    return reading.counter(LIFE_COUNT) is None and reading.missing.get(LIFE_COUNT) is not MissingReason.NOT_ANSWERED


def completed(reading: PrinterReading, other: PrinterReading) -> PrinterReading:
    """A reading over SNMP, completed by one over IPP of the same printer: what SNMP told stays as it is.

    A table comes whole from one of the two. One that SNMP began and could not finish stays missing.
    """
    missing = dict(reading.missing)
    update: dict[str, object] = {}
    for table in _TABLES:
        rows = getattr(other, table)
        if not getattr(reading, table) and rows is not None and _may_fill(missing.get(table)):
            update[table] = rows
            missing.pop(table, None)
    names = {counter.name for counter in reading.counters or []}
    added = [counter for counter in other.counters or [] if counter.name not in names]
    if added:
        update["counters"] = [*(reading.counters or []), *added]
        missing.pop(LIFE_COUNT, None)
    known = reading.identity.model_dump(exclude_none=True)
    extra = {name: value for name, value in other.identity.model_dump(exclude_none=True).items() if name not in known}
    for name in extra:
        missing.pop(name, None)
    identity = reading.identity.model_copy(update=extra)
    return reading.model_copy(update={**update, "identity": identity, "missing": missing})


def unfinished(reading: PrinterReading) -> PrinterReading:
    """A reading over SNMP whose other half, which comes over IPP, was not to be had this time.

    What that half tells was not answered: None, so that what is stored of it stays.
    """
    missing = dict(reading.missing)
    update: dict[str, object] = {}
    for table in _TABLES:
        if not getattr(reading, table) and missing.get(table) is MissingReason.NOT_SUPPORTED:
            update[table] = None
            missing[table] = MissingReason.NOT_ANSWERED
    if not reading.counters:
        update["counters"] = None
    missing[LIFE_COUNT] = MissingReason.NOT_ANSWERED
    return reading.model_copy(update={**update, "missing": missing})


def _life_count(value: int, unit: str, attribute: str) -> Counter:
    return Counter(name=LIFE_COUNT, value=value, unit=unit, source=f"ipp:{attribute}")


def _may_fill(reason: MissingReason | None) -> bool:
    return reason in {MissingReason.NOT_SUPPORTED, MissingReason.UNREADABLE}


def _without_direction(row: Supply, unclear: set[str]) -> Supply:
    """A receptacle whose level may count up: the number stays, nothing is derived from it."""
    if not row.receptacle or row.index not in unclear or row.percent is None:
        return row
    return row.model_copy(update={"level_state": LevelState.UNKNOWN, "percent": None})


def _identity_texts(identity: Identity, attributes: Attributes) -> dict[str, str]:
    """What the Printer-MIB has no object for: the firmware's version, and the maker's name when no profile knows it."""
    device_id = device_id_fields(attributes.text("printer-device-id") or b"")
    maker = line_or_none((device_id.get("MFG") or device_id.get("MANUFACTURER") or "").encode())
    texts = {
        "firmware": line_or_none(attributes.text("printer-firmware-string-version")),
        "manufacturer": maker[:MAX_SHORT_TEXT] if maker and identity.manufacturer is None else None,
    }
    return {name: text for name, text in texts.items() if text is not None}


def _why(name: str, attributes: Attributes) -> MissingReason:
    sources = _ATTRIBUTES_OF.get(name, ())
    return (
        MissingReason.UNREADABLE
        if any(source in attributes.unreadable for source in sources)
        else MissingReason.NOT_SUPPORTED
    )
