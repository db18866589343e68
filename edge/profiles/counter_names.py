"""The names that counters of all makers share. What each means is told to people in `docs/profiles.md`."""

from typing import Final

from shared.wire.counters import COUNTERS, PROFILE, TOTAL_IMPRESSIONS

__all__ = ["COUNTER_NAMES", "EXPECTED_COUNTERS", "TOTAL_IMPRESSIONS"]
COUNTER_NAMES: Final = {name: counter.meaning for name, counter in COUNTERS.items() if counter.source == PROFILE}
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
