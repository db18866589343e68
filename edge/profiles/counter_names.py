"""The names that counters of all makers share. What each means is told to people in `docs/profiles.md`."""

from typing import Final

TOTAL_IMPRESSIONS: Final = "total_impressions"

COUNTER_NAMES: Final = {
    TOTAL_IMPRESSIONS: "sides printed, as the maker itself totals them; need not equal life_count",
    "mono_impressions": "sides printed in black only, by every function",
    "color_impressions": "sides printed with any colour, by every function",
    "print_impressions": "sides printed for print jobs",
    "print_mono_impressions": "sides printed for print jobs in black only",
    "print_color_impressions": "sides printed for print jobs with any colour",
    "copy_impressions": "sides printed for copies",
    "copy_mono_impressions": "sides printed for copies in black only",
    "copy_color_impressions": "sides printed for copies with any colour",
    "fax_impressions": "sides printed for received faxes and fax reports",
    "large_impressions": "those of the sides printed that were larger than A4, letter and legal; in the totals too",
    "large_mono_impressions": "large sides printed in black only",
    "large_color_impressions": "large sides printed with any colour",
    "scan_count": "sides scanned, for every purpose that the maker counts",
    "scan_mono_count": "sides scanned in black and white",
    "scan_color_count": "sides scanned in colour",
    "copy_scan_count": "sides scanned for copies",
    "fax_scan_count": "sides scanned for faxes",
    "duplex_count": "sheets printed on both sides",
    "jam_count": "paper jams",
}
"""Counters that the standard tables do not have. One that is not confirmed is never called by such a name."""

EXPECTED_COUNTERS: Final = (
    "mono_impressions",
    "color_impressions",
    "print_impressions",
    "copy_impressions",
    "fax_impressions",
    "scan_count",
    "duplex_count",
    "large_impressions",
)
"""What a contract may bill by: one that a reading lacks gives its reason."""
