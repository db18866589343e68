"""Colour devices: four toners or inks, waste boxes, drums, and two that wait for somebody."""

from local.printers import alerts
from local.printers.device import PrinterModel, Purpose, Tray
from local.printers.supplies import (
    FUSER,
    INK_CARTRIDGE,
    OPC,
    RECEPTACLE,
    TENTHS_OF_GRAMS,
    TENTHS_OF_MILLILITERS,
    TONER,
    TRANSFER_UNIT,
    UNKNOWN,
    WASTE_INK,
    WASTE_TONER,
    Supply,
)

CMYK = ("cyan", "magenta", "yellow", "black")


def _toners(  # noqa: PLR0913  one argument a column of the table that four rows share
    percents: tuple[float, float, float, float],
    *,
    yields: tuple[int, int],
    part_prefix: str | None = None,
    supply_type: int = TONER,
    unit: int = 19,
    capacity: int = 100,
    noun: str = "Toner",
) -> tuple[Supply, ...]:
    """Four process colours in the order of `CMYK`; ``yields`` are the pages of a colour and of the black."""
    return tuple(
        Supply(
            index=position,
            name=f"{colour.capitalize()} {noun}",
            supply_type=supply_type,
            unit=unit,
            capacity=capacity,
            percent=percent,
            yield_pages=yields[colour == "black"],
            colorant=position,
            part_number=None if part_prefix is None else f"{part_prefix}{colour[0].upper()}",
            serial=None if part_prefix is None else f"S{part_prefix}{position}001",
        )
        for position, (colour, percent) in enumerate(zip(CMYK, percents, strict=True), start=1)
    )


XEROX_C8000 = PrinterModel(
    manufacturer="Xerox",
    model="AltaLink Demo C8000",
    enterprise=(253, 8, 62, 1, 35, 1, 1, 1),
    sys_descr="Xerox AltaLink Demo C8000; SS 1.0, NC 1.0, UI 1.0",
    device_descr="Xerox AltaLink Demo C8000",
    serial="DEMOXE0006",
    mac="02:00:5e:10:00:06",
    life_count=154_903,
    pages_per_day=120,
    colorants=CMYK,
    supplies=(
        *_toners((62, 71, 58, 76), yields=(15_000, 26_000), part_prefix="DC80", unit=TENTHS_OF_GRAMS, capacity=6_800),
        Supply(
            index=6,
            name="Waste Toner Container",
            supply_type=WASTE_TONER,
            supply_class=RECEPTACLE,
            percent=64,
            yield_pages=40_000,
        ),
        # Indexes with gaps, as real ones have.
        *(
            Supply(index=12 + place, name=f"Drum Cartridge R{place}", supply_type=OPC, percent=70, yield_pages=125_000)
            for place in (1, 2, 3, 4)
        ),
        Supply(index=20, name="Fuser", supply_type=FUSER, percent=88, yield_pages=360_000),
        Supply(index=21, name="Transfer Belt", supply_type=TRANSFER_UNIT, percent=52, yield_pages=200_000),
    ),
    trays=(
        Tray(name="Tray 1", level=480),
        Tray(name="Tray 2", level=500, media="Plain A3"),
        Tray(name="Bypass Tray", capacity=100, level=-3, input_type=5),
    ),
    covers=("Front door", "Left door", "Document feeder cover"),
    location="Open office",
)

HP_M455 = PrinterModel(
    manufacturer="HP",
    model="Color LaserJet Demo M455",
    enterprise=(11, 2, 3, 9, 1),
    sys_descr="HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,DEMO",
    device_descr="HP Color LaserJet Demo M455",
    # The serial number is not told: only model and MAC can identify it.
    serial=None,
    mac="02:00:5e:10:00:07",
    life_count=8_655,
    pages_per_day=30,
    colorants=CMYK,
    supplies=_toners((90, 84, 79, 66), yields=(4_500, 6_500), part_prefix="DM45"),
    location="Meeting rooms",
)

RICOH_C3000 = PrinterModel(
    manufacturer="Ricoh",
    model="IM Demo C3000",
    enterprise=(367, 1, 1),
    sys_descr="RICOH IM Demo C3000 1.00 / RICOH Network Printer C model",
    device_descr="RICOH IM Demo C3000",
    serial="DEMORI0008",
    mac="02:00:5e:10:00:08",
    life_count=61_377,
    pages_per_day=210,
    colorants=CMYK,
    supplies=(
        *_toners((65, 70, 70, 60), yields=(18_000, 33_000)),
        Supply(
            index=5,
            name="Waste Toner Bottle",
            supply_type=WASTE_TONER,
            supply_class=RECEPTACLE,
            capacity=UNKNOWN,
            percent=None,
        ),
    ),
    covers=("Front cover", "Right cover"),
    alerts=(
        alerts.Alert(
            severity=alerts.CRITICAL,
            training=alerts.UNTRAINED,
            group=alerts.GROUP_COVER,
            group_index=2,
            code=alerts.COVER_OPEN,
            description="Right cover is open",
        ),
    ),
    location="Sales",
)

KONICA_C360 = PrinterModel(
    manufacturer="Konica Minolta",
    model="bizhub Demo C360",
    enterprise=(18334, 1, 2, 1, 2),
    sys_descr="KONICA MINOLTA bizhub Demo C360",
    device_descr="KONICA MINOLTA bizhub Demo C360",
    serial="DEMOKM0009",
    mac="02:00:5e:10:00:09",
    life_count=33_814,
    pages_per_day=180,
    colorants=CMYK,
    supplies=_toners((60, 61, 63, 59), yields=(26_000, 28_000)),
    trays=(Tray(name="Tray 1", level=0), Tray(name="Tray 2", level=500)),
    alerts=(
        alerts.Alert(
            severity=alerts.WARNING_BINARY,
            training=alerts.UNTRAINED,
            group=alerts.GROUP_INPUT,
            group_index=1,
            code=alerts.INPUT_EMPTY,
            description="Add paper to Tray 1",
        ),
    ),
    location="Marketing",
    purpose=Purpose.PAPER_EMPTY,
)

EPSON_C5800 = PrinterModel(
    manufacturer="Epson",
    model="WorkForce Demo C5800",
    enterprise=(1248, 1, 2, 2, 3, 1, 1),
    sys_descr="EPSON Built-in Print Server",
    device_descr="EPSON WorkForce Demo C5800",
    serial="DEMOEP0010",
    mac="02:00:5e:10:00:0a",
    life_count=19_240,
    mark_tech=12,
    pages_per_day=25,
    colorants=CMYK,
    supplies=(
        *_toners(
            (75, 72, 67, 58),
            yields=(5_000, 10_000),
            supply_type=INK_CARTRIDGE,
            unit=TENTHS_OF_MILLILITERS,
            capacity=1_200,
            noun="Ink Supply Unit",
        ),
        Supply(
            index=5,
            name="Maintenance Box",
            supply_type=WASTE_INK,
            supply_class=RECEPTACLE,
            percent=50,
            yield_pages=60_000,
        ),
    ),
    location="Front desk",
)
