"""Changes that do not wait: a supply that crosses a threshold or is replaced, another state, other errors. Pure."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from shared.wire.printer_mib import LevelState
from shared.wire.reading import PrinterReading

THRESHOLDS: Final = (25.0, 20.0, 15.0, 10.0, 5.0, 0.0)
"""Percentages that triggers of orders and alerts are set at (SUP-14, SUP-16); of a receptacle, of its space left."""
REPLACEMENT_RISE: Final = 10.0
"""Points of a rise that is no jitter (SUP-04) and may be a new cartridge."""
_MARK: Final = "!"  # begins the names of marks: no field of a reading has it
_LEVEL: Final = "!level."
_ALERTS: Final = "!alerts"
_URGENT: Final = frozenset({_ALERTS, "status.device_status", "status.detected_errors", "status.detected_error_octets"})


def marks_of(reading: PrinterReading) -> dict[str, str]:
    """What is remembered of a reading beside its facts, to see the next one cross a threshold."""
    marks = {
        f"{_LEVEL}{supply.index}": str(supply.level_state) if supply.percent is None else f"{supply.percent:g}"
        for supply in reading.supplies or []
        if supply.level_state is not LevelState.NOT_READ
    }
    alerts = alerts_mark(reading)
    return marks if alerts is None else marks | {_ALERTS: alerts}


def alerts_mark(reading: PrinterReading) -> str | None:
    """A digest of which alerts there are, None when they were not read to the end.

    By ALR-04: what a power cycle makes anew, under another index, is the same alert.
    """
    if reading.alerts is None:
        return None
    rows = {(row.group, row.group_index, row.location, row.code, row.severity) for row in reading.alerts}
    return blake2b(repr(sorted(map(str, rows))).encode(), digest_size=8).hexdigest()


def is_mark(fact: str) -> bool:
    """Whether a remembered fact is a mark, which is no reason to report by itself."""
    return fact.startswith(_MARK)


def is_urgent(before: Mapping[str, str], facts: Mapping[str, str]) -> bool:
    """Whether the change from the facts reported before to the present ones is to be sent at once.

    What was not known before is not urgent: an agent that was brought up to date reports no fleet at once.
    """
    changed = {name for name, value in facts.items() if name in before and before[name] != value}
    levels = (name for name in changed if name.startswith(_LEVEL))
    return not changed.isdisjoint(_URGENT) or any(_is_crossing(before[name], facts[name]) for name in levels)


def _is_crossing(before: str, after: str) -> bool:
    was, now = _percent(before), _percent(after)
    if was is None or now is None:
        return True  # one of them is a state: some, unknown, not metered
    return now - was >= REPLACEMENT_RISE or any(now <= threshold < was for threshold in THRESHOLDS)


def _percent(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
