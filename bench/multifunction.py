"""Three large printers, made of the standards: the condition under which the targets of reading were set.

Those were set with 149 values a printer, the mean of three printers, and with snmp_exporter sending 11.7 packets to
each. So these have as many values that a reading uses, and no tables beside those: who walks them pays for little else.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from local.printers import alerts, oids, supplies
from local.printers.alerts import Alert
from local.printers.device import DEVICE, IMPRESSIONS, UTF_8, Bin, PrinterModel, Tray
from local.printers.rows import Oid, Value, counter, integer, text
from local.printers.supplies import Supply

VALUES: Final = 149
"""Values wanted of a printer, as a mean."""

_CMYK: Final = ("cyan", "magenta", "yellow", "black")
_KONICA: Final = (*oids.ENTERPRISES, 18334, 1, 1, 1)
_XEROX: Final = (*oids.ENTERPRISES, 253, 8, 53, 13, 2, 1, 6)
_HP: Final = (*oids.ENTERPRISES, 11, 2, 3, 9, 4, 2, 1)
_BYPASS: Final = 5


def _colours(noun: str, first: int, supply_type: int, pages: int, parts: str = "") -> Iterator[Supply]:
    for place, colour in enumerate(_CMYK):
        yield Supply(
            index=first + place,
            name=f"{colour.capitalize()} {noun}",
            supply_type=supply_type,
            percent=60.0 + 5 * place,
            yield_pages=pages,
            colorant=place + 1,
            part_number=f"{parts}{colour[0].upper()}" if parts else None,
            serial=f"S{parts}{place}" if parts else None,
        )


def _waste(index: int) -> Supply:
    return Supply(
        index=index,
        name="Waste Toner Container",
        supply_type=supplies.WASTE_TONER,
        supply_class=supplies.RECEPTACLE,
        percent=64,
        yield_pages=40_000,
    )


def _further_markers(count: int) -> dict[Oid, Value]:
    """Rows of prtMarkerTable beside the first, one for each drum that counts for itself."""
    return {
        (*oids.PRT_MARKER_ENTRY, column, DEVICE, marker): value
        for marker in range(2, count + 1)
        for column, value in {
            2: integer(4),
            3: integer(IMPRESSIONS),
            4: counter(40_000 + marker),
            5: counter(120 + marker),
        }.items()
    }


def _further_lines(*lines: str) -> dict[Oid, Value]:
    """Lines of the console's display below the first (prtConsoleDisplayBufferText)."""
    return {(*oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT, DEVICE, row): text(line) for row, line in enumerate(lines, start=2)}


def _further_languages(*languages: str) -> dict[Oid, Value]:
    return {
        (*oids.PRT_LOCALIZATION_ENTRY, column, DEVICE, row): value
        for row, language in enumerate(languages, start=2)
        for column, value in {2: text(language), 3: text(""), 4: integer(UTF_8)}.items()
    }


def _counters(prefix: Oid, counts: Mapping[Oid, int]) -> dict[Oid, Value]:
    return {(*prefix, *name): counter(count) for name, count in counts.items()}


FLOOR: Final = PrinterModel(
    manufacturer="Konica Minolta",
    model="bizhub Bench C750",
    enterprise=(18334, 1, 2, 1, 2),
    sys_descr="KONICA MINOLTA bizhub Bench C750",
    device_descr="KONICA MINOLTA bizhub Bench C750",
    serial="BENCHKM0001",
    mac="02:00:5e:20:00:01",
    life_count=412_377,
    pages_per_day=420,
    colorants=_CMYK,
    supplies=(
        *_colours("Toner", 1, supplies.TONER, 26_000, "TB71"),
        _waste(5),
        *_colours("Imaging Unit", 6, supplies.OPC, 125_000),
        Supply(index=10, name="Fuser Unit", supply_type=supplies.FUSER, percent=88, yield_pages=360_000),
    ),
    trays=(
        *(Tray(name=f"Tray {number}", level=100 * number) for number in range(1, 5)),
        Tray(name="Bypass Tray", capacity=150, level=-3, input_type=_BYPASS),
        Tray(name="Large Capacity Unit", capacity=2_500, level=1_800),
    ),
    bins=(Bin(), Bin(name="Finisher tray 1", capacity=3_000), Bin(name="Finisher tray 2", capacity=200)),
    covers=("Front door", "Left door", "Finisher door"),
    location="Print room",
    vendor_rows=_further_markers(4)
    | _further_lines("Tray 2: A4", "Scan ready")
    | _further_languages("de", "fr")
    | {(*_KONICA, 1, 6, 2, 1, 0): text("bizhub Bench C750"), (*_KONICA, 1, 6, 1, 0): text("A1-24")}
    | _counters(
        (*_KONICA, 5, 7, 2),
        {
            (1, 1, 0): 412_377,
            (1, 3, 0): 98_210,
            (1, 5, 0): 51_006,
            (2, 1, 5, 1, 1): 90_111,
            (2, 1, 5, 1, 2): 150_122,
            (2, 1, 5, 2, 1): 60_133,
            (2, 1, 5, 2, 2): 112_004,
            (3, 1, 5, 1): 51_006,
        },
    ),
)

DEPARTMENT: Final = PrinterModel(
    manufacturer="Xerox",
    model="AltaLink Bench C8100",
    enterprise=(253, 8, 62, 1, 35, 1, 1, 1),
    sys_descr="Xerox AltaLink Bench C8100; SS 1.0, NC 1.0, UI 1.0",
    device_descr="Xerox AltaLink Bench C8100",
    serial="BENCHXE0001",
    mac="02:00:5e:20:00:02",
    life_count=154_903,
    pages_per_day=120,
    colorants=_CMYK,
    supplies=(
        *_colours("Toner", 1, supplies.TONER, 26_000, "XB80"),
        _waste(6),
        Supply(index=12, name="Drum Cartridge", supply_type=supplies.OPC, percent=70, yield_pages=125_000),
        Supply(index=20, name="Fuser", supply_type=supplies.FUSER, percent=88, yield_pages=360_000),
        Supply(index=21, name="Transfer Belt", supply_type=supplies.TRANSFER_UNIT, percent=52, yield_pages=200_000),
    ),
    trays=(
        Tray(name="Tray 1", level=480),
        Tray(name="Tray 2", level=500, media="Plain A3"),
        Tray(name="Tray 3", level=0),
        Tray(name="Bypass Tray", capacity=100, level=-3, input_type=_BYPASS),
    ),
    bins=(Bin(), Bin(name="Upper tray")),
    covers=("Front door", "Left door"),
    alerts=(
        Alert(
            severity=alerts.WARNING_BINARY,
            training=alerts.UNTRAINED,
            group=alerts.GROUP_INPUT,
            group_index=3,
            code=alerts.INPUT_EMPTY,
            description="Add paper to Tray 3",
        ),
    ),
    location="Open office",
    vendor_rows=_further_markers(2)
    | _further_lines("Supply low")
    | _further_languages("de")
    | _counters(
        _XEROX,
        {
            (1, 20, 1): 154_903,
            (1, 20, 34): 90_100,
            (1, 20, 33): 64_803,
            (1, 20, 7): 60_010,
            (1, 20, 29): 40_020,
            (11, 20, 3): 30_090,
            (11, 20, 25): 24_783,
        },
    ),
)

MEETING: Final = PrinterModel(
    manufacturer="HP",
    model="Color LaserJet Bench M480",
    enterprise=(11, 2, 3, 9, 1),
    sys_descr="HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,BENCH",
    device_descr="HP Color LaserJet Bench M480",
    serial="BENCHHP0001",
    mac="02:00:5e:20:00:03",
    life_count=48_655,
    pages_per_day=60,
    colorants=_CMYK,
    supplies=(
        *_colours("Cartridge", 1, supplies.TONER_CARTRIDGE, 6_500, "HB45"),
        _waste(5),
    ),
    trays=(
        Tray(name="Tray 1", capacity=100, level=0),
        Tray(name="Tray 2", level=410),
        Tray(name="Tray 3", level=500),
    ),
    bins=(Bin(),),
    covers=("Front door", "Rear door", "Document feeder cover"),
    location="Meeting rooms",
    vendor_rows=_further_lines("Tray 1 empty")
    | _counters(
        _HP,
        {
            (4, 1, 2, 5, 0): 48_655,
            (4, 1, 2, 6, 0): 30_333,
            (4, 1, 2, 7, 0): 18_322,
            (4, 1, 2, 22, 0): 11_204,
            (4, 1, 2, 34, 0): 12,
            (2, 2, 1, 74, 0): 9_871,
            (2, 2, 1, 63, 0): 7_020,
            (1, 16, 1, 44, 1, 1, 0): 29_104,
        },
    ),
)

MODELS: Final = (FLOOR, DEPARTMENT, MEETING)
