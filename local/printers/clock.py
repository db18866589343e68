"""Simulated time: begins in the past, runs faster than the real one, never overtakes it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What tells a simulated printer the time."""

    def now(self) -> datetime:
        """The time, aware and in UTC."""


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class SimulatedClock:
    """``min(real, start + (real - anchor) * rate)``, the clock that agent and printers of a demo share.

    ``anchor`` is a Unix time in seconds, ``rate`` the simulated seconds in a real one.
    """

    start: datetime
    anchor: float
    rate: float

    @classmethod
    def running_from(cls, start: datetime, *, rate: float) -> "SimulatedClock":
        """A clock that shows ``start`` now."""
        return cls(start.astimezone(UTC), time.time(), rate)

    def now(self) -> datetime:
        """The simulated time, aware and in UTC."""
        real = time.time()
        simulated = self.start + timedelta(seconds=(real - self.anchor) * self.rate)
        return min(simulated, datetime.fromtimestamp(real, UTC))

    def agent_setting(self) -> str:
        """The same clock as the agent's environment variable ``PLATEN_AGENT_CLOCK`` wants it."""
        return f"{self.start.isoformat()},{self.anchor!r},{self.rate!r}"
