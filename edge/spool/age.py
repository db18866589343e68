"""How long a spool has lived: the age of readings, told without believing the host's clock."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

LONGEST_GAP_SECONDS: Final = 86_400.0
"""What the time between two runs adds at most: a clock that was set 30 years ahead ages nothing by more."""


class SpoolAge:
    """Seconds that the spool has lived: it never runs backwards, and never jumps.

    While the agent runs they are counted by a clock that nobody can set. The time between two runs is what the
    host's clock says, up to a day: a reading that waited through a long shutdown still gets its chance to be sent.

    Args:
        facts: The spool's facts, with the age when it was last written, and the host's time then.
        now: The host's time, aware.
        monotonic: A clock in seconds that nobody can set.
    """

    def __init__(
        self, facts: Mapping[str, str], now: datetime, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._before = _seconds(facts.get("age_seconds")) + _gap_seconds(facts.get("age_at"), now)

    def seconds(self) -> float:
        """The age now."""
        return self._before + self._monotonic() - self._started

    def facts(self, now: datetime) -> dict[str, str]:
        """What is to be kept for the next run. Safe to repeat."""
        return {"age_seconds": f"{self.seconds():.3f}", "age_at": now.isoformat()}


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0


def _gap_seconds(written_at: str | None, now: datetime) -> float:
    try:
        gap = (now - datetime.fromisoformat(written_at or "")).total_seconds()
    except (ValueError, TypeError):  # no time, or one without a zone
        return 0.0
    return min(max(gap, 0.0), LONGEST_GAP_SECONDS)
