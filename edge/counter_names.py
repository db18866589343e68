"""The names that counters of all makers share. What each means is told to people in `docs/profiles.md`."""

from typing import Final

TOTAL_IMPRESSIONS: Final = "total_impressions"

COUNTER_NAMES: Final = {
    TOTAL_IMPRESSIONS: "sides printed, as the maker itself totals them; need not equal life_count",
    "mono_impressions": "sides printed in black only, by every function",
    "color_impressions": "sides printed with any colour, by every function",
    "print_impressions": "sides printed for print jobs",
    "copy_impressions": "sides printed for copies",
    "fax_impressions": "sides printed for received faxes and fax reports",
    "scan_count": "sides scanned",
    "duplex_count": "sheets printed on both sides",
    "jam_count": "paper jams",
}
"""Counters that the standard tables do not have. One that is not confirmed is never called by such a name."""
