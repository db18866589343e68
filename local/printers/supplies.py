"""A cartridge, drum, fuser or box in a simulated printer, and its row of prtMarkerSuppliesTable."""

from dataclasses import dataclass
from math import floor
from typing import Final

from local.printers import oids
from local.printers.rows import Oid, Value, integer, text

CONSUMED: Final = 3
RECEPTACLE: Final = 4
SOME_REMAINS: Final = -3
UNKNOWN: Final = -2

# RFC 3805 PrtMarkerSuppliesSupplyUnitTC
IMPRESSIONS: Final = 7
TENTHS_OF_GRAMS: Final = 13
TENTHS_OF_MILLILITERS: Final = 15
METERS: Final = 17
PERCENT: Final = 19

# IANA-PRINTER-MIB PrtMarkerSuppliesTypeTC
TONER: Final = 3
WASTE_TONER: Final = 4
INK: Final = 5
INK_CARTRIDGE: Final = 6
INK_RIBBON: Final = 7
WASTE_INK: Final = 8
OPC: Final = 9
FUSER: Final = 15
TRANSFER_UNIT: Final = 20
TONER_CARTRIDGE: Final = 21


@dataclass(frozen=True, kw_only=True)
class Supply:
    """One supply as it is when the simulation begins.

    ``percent`` is what is left, or for a receptacle the space that is left (TEL-01). None means that the
    printer never measures: it then always sends ``unmeasured_level``. ``yield_pages`` is how far a full one
    goes (None: it does not wear). At or below ``some_below_percent`` the printer stops giving numbers and
    sends -3, as some makers do. ``step`` is the sensor's resolution in units.
    """

    index: int
    name: str
    supply_type: int = TONER_CARTRIDGE
    supply_class: int = CONSUMED
    unit: int = PERCENT
    capacity: int = 100
    percent: float | None = 100.0
    unmeasured_level: int = SOME_REMAINS
    yield_pages: int | None = None
    step: int = 1
    some_below_percent: float = -1.0
    low_percent: float = 10.0
    colorant: int = 0
    part_number: str | None = None
    serial: str | None = None

    def description(self, serial: str | None) -> str:
        """The text of prtMarkerSuppliesDescription, with part and serial number where the model tells them."""
        if self.part_number is None:
            return self.name
        return f"{self.name}, PN {self.part_number};SN{serial or 'unknown'}"

    def level(self, percent: float | None) -> int:
        """What prtMarkerSuppliesLevel says when ``percent`` is left; never above what is there."""
        if percent is None:
            return self.unmeasured_level
        if percent <= self.some_below_percent:
            return SOME_REMAINS
        amount = percent * (self.capacity if self.capacity > 0 else 100) / 100
        return floor(round(amount, 6) / self.step) * self.step

    def after(self, percent: float, pages: float) -> float:
        """What is left of ``percent`` after printing so many pages."""
        if self.yield_pages is None:
            return percent
        return max(0.0, percent - 100 * pages / self.yield_pages)


def supply_rows(instance: Oid, supply: Supply) -> dict[Oid, Value]:
    """The whole row of a supply; ``instance`` is (hrDeviceIndex, prtMarkerSuppliesIndex)."""
    columns = {
        oids.PRT_MARKER_SUPPLIES_MARKER_INDEX: integer(1),
        oids.PRT_MARKER_SUPPLIES_COLORANT_INDEX: integer(supply.colorant),
        oids.PRT_MARKER_SUPPLIES_CLASS: integer(supply.supply_class),
        oids.PRT_MARKER_SUPPLIES_TYPE: integer(supply.supply_type),
        oids.PRT_MARKER_SUPPLIES_DESCRIPTION: text(supply.description(supply.serial)),
        oids.PRT_MARKER_SUPPLIES_SUPPLY_UNIT: integer(supply.unit),
        oids.PRT_MARKER_SUPPLIES_MAX_CAPACITY: integer(supply.capacity),
        oids.PRT_MARKER_SUPPLIES_LEVEL: integer(supply.level(supply.percent)),
    }
    return {(*column, *instance): value for column, value in columns.items()}
