"""What the objects that the agent asks for are called in their MIBs, and what each is asked for."""

from collections.abc import Iterator
from typing import Final

from edge.profiles.makers import Profile
from edge.snmp import oids
from edge.snmp.codec import Oid

_SPELLING: Final = {"sysObjectId": "sysObjectID", "printerMib": "printmib"}
_WHY: Final[tuple[tuple[Oid, str], ...]] = (
    (oids.SYS_DESCR, "what the printer says it is: maker, model, at times serial number and firmware"),
    (oids.SYS_OBJECT_ID, "the maker, by its number for this kind of device"),
    (oids.SYS_UP_TIME, "whether it restarted, and when an alert arose"),
    (oids.SYS_NAME, "the printer's host name"),
    (oids.SYS_LOCATION, "where it stands, as who set it up wrote"),
    (oids.IF_PHYS_ADDRESS, "the hardware address, one way to know the printer again"),
    (oids.HR_DEVICE_DESCR, "the model"),
    (oids.HR_DEVICE_STATUS, "the state: running, warning, down"),
    ((*oids.MIB_2, 25, 3, 5), "the state and the detected errors"),
    (oids.PRT_GENERAL_CONFIG_CHANGES, "whether the printer must be read in full again"),
    (oids.PRT_GENERAL_PRINTER_NAME, "the model, where nothing else tells it"),
    (oids.PRT_GENERAL_SERIAL_NUMBER, "the serial number"),
    (oids.PRT_GENERAL_ENTRY, "the language of the texts"),
    (oids.PRT_LOCALIZATION_CHARACTER_SET, "the character set of the texts"),
    (oids.PRT_COVER_ENTRY, "covers and doors"),
    (oids.PRT_INPUT_ENTRY, "paper trays"),
    (oids.PRT_OUTPUT_ENTRY, "output bins"),
    (oids.PRT_MARKER_ENTRY, "page counts"),
    (oids.PRT_MARKER_SUPPLIES_ENTRY, "toner, ink, drums, waste containers"),
    (oids.PRT_MARKER_COLORANT_VALUE, "the colours of supplies"),
    (oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT, "the panel's text"),
    (oids.PRT_ALERT_ENTRY, "what is wrong or about to be"),
    (oids.FIN_SUPPLY_ENTRY, "staples and other supplies of a finisher"),
    (oids.PRINTER_MIB, "whether there is a Printer-MIB"),
)
"""By the beginning of the name; the first that fits says it."""


def object_name(oid: Oid) -> str | None:
    """An object's MIB name, as `edge.snmp.oids` calls it; None for one that has no name there."""
    for name, value in vars(oids).items():
        if value == oid and name.isupper():
            first, *rest = name.lower().split("_")
            joined = first + "".join(part.title() for part in rest)
            return _SPELLING.get(joined, joined)
    return None


def standard_use(oid: Oid) -> str:
    """What a standard object is asked for."""
    return next((why for beginning, why in _WHY if oid[: len(beginning)] == beginning), "the reading")


def maker_uses(profile: Profile, name: Oid) -> Iterator[str]:
    """What a profile's private object is asked for: fields, and counters by their names in backquotes."""
    texts = {
        "model": profile.model,
        "serial number": profile.serial_number,
        "firmware": profile.firmware,
        "asset tag": profile.asset_tag,
        "panel text": profile.console_text,
    }
    yield from (use for use, sources in texts.items() if any(source.oid == name for source in sources))
    yield from (f"`{counter.name}`" for counter in profile.counters if name in (counter.oid, *counter.add))
    yield from dict.fromkeys(supply.part.replace("_", " ") for supply in profile.supplies if supply.oid == name)
    yield from _table_uses(profile, name)
    if profile.identify == name:
        yield "to recognise the maker, also of printers that say nothing of themselves"


def _table_uses(profile: Profile, name: Oid) -> Iterator[str]:
    for counted in profile.counter_tables:
        if name in {*counted.label_columns, counted.value_column}:
            yield from (f"`{counter.name}`" for counter in counted.counters)
    if any(name in {*table.labels(), *table.values()} for table in profile.supply_tables):
        yield "supplies"
