"""A label printer: a ribbon and a roll, and neither pages, serial number nor MAC address."""

from local.printers.device import Bin, PrinterModel, Tray
from local.printers.supplies import INK_RIBBON, METERS, Supply

_METRES = 17
_CONTINUOUS_ROLL = 6
_THERMAL_TRANSFER = 16
_CONTINUOUS_ROLL_BIN = 5

ZEBRA_ZT411 = PrinterModel(
    manufacturer="Zebra",
    model="ZT Demo 411",
    enterprise=(10642, 1, 1),
    sys_descr="ZTC ZT Demo 411-203dpi ZPL",
    device_descr="ZTC ZT Demo 411",
    serial=None,
    mac=None,
    life_count=None,
    counter_unit=_METRES,
    mark_tech=_THERMAL_TRANSFER,
    supplies=(
        Supply(index=1, name="Ribbon", supply_type=INK_RIBBON, unit=METERS, capacity=450, percent=80, colorant=1),
    ),
    trays=(Tray(name="Media", capacity=-2, level=-3, input_type=_CONTINUOUS_ROLL, unit=_METRES, media="labels"),),
    bins=(Bin(name="Tear-off", capacity=-1, remaining=-1, output_type=_CONTINUOUS_ROLL_BIN, unit=_METRES),),
    covers=("Printhead cover",),
    location="Dispatch",
)
