"""The dictionary of counters: what each name counts, in which unit, and where it is read. Names are used from here."""

from dataclasses import dataclass
from typing import Final

from shared.wire.reading import COLOR_IMPRESSIONS, LIFE_COUNT, MONO_IMPRESSIONS, POWER_ON_COUNT

STANDARD: Final = "standard"
"""An object of the Printer-MIB (RFC 3805), the same for all makers."""
PROFILE: Final = "profile"
"""An object of the maker's, by its profile."""
_IMPRESSIONS: Final = "impressions"
TOTAL_IMPRESSIONS: Final = "total_impressions"


@dataclass(frozen=True, slots=True)
class CounterMeaning:
    """What a counter counts. ``unit`` is None where the printer itself says it, with each reading."""

    meaning: str
    unit: str | None = _IMPRESSIONS
    source: str = PROFILE


COUNTERS: Final = {
    LIFE_COUNT: CounterMeaning(
        "all that the first print engine made in its life, in the unit that the printer tells", None, STANDARD
    ),
    POWER_ON_COUNT: CounterMeaning(
        "all that the first print engine made since it was switched on; starts again each time", None, STANDARD
    ),
    TOTAL_IMPRESSIONS: CounterMeaning("sides printed, as the maker itself totals them; need not equal life_count"),
    MONO_IMPRESSIONS: CounterMeaning("sides printed in black only, by every function"),
    COLOR_IMPRESSIONS: CounterMeaning("sides printed with any colour, by every function"),
    "print_impressions": CounterMeaning("sides printed for print jobs"),
    "print_mono_impressions": CounterMeaning("sides printed for print jobs in black only"),
    "print_color_impressions": CounterMeaning("sides printed for print jobs with any colour"),
    "copy_impressions": CounterMeaning("sides printed for copies"),
    "copy_mono_impressions": CounterMeaning("sides printed for copies in black only"),
    "copy_color_impressions": CounterMeaning("sides printed for copies with any colour"),
    "fax_impressions": CounterMeaning("sides printed for received faxes and fax reports"),
    "large_impressions": CounterMeaning(
        "those of the sides printed that were larger than A4, letter and legal; in the totals too"
    ),
    "large_mono_impressions": CounterMeaning("large sides printed in black only"),
    "large_color_impressions": CounterMeaning("large sides printed with any colour"),
    "scan_count": CounterMeaning("sides scanned, for every purpose that the maker counts"),
    "scan_mono_count": CounterMeaning("sides scanned in black and white"),
    "scan_color_count": CounterMeaning("sides scanned in colour"),
    "copy_scan_count": CounterMeaning("sides scanned for copies"),
    "fax_scan_count": CounterMeaning("sides scanned for faxes"),
    "duplex_count": CounterMeaning("sheets printed on both sides", "sheets"),
    "jam_count": CounterMeaning("paper jams", "items"),
}
"""By name. A counter that nobody has confirmed is called ``<maker>.<what>`` and is not in it."""

VOLATILE: Final = frozenset({POWER_ON_COUNT})
"""Counters that start again by design: their decrease is no break."""
