"""The time readings are dated with. Tokens, back-off and timers never use it: they run on real time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

CLOCK_VARIABLE = "PLATEN_AGENT_CLOCK"


class ClockError(ValueError):
    """The simulated clock was asked for in a way, or for a server, that does not allow it."""


class Clock(Protocol):
    """Tells the time a reading is dated with."""

    def now(self) -> datetime:
        """The present time, aware, in UTC."""
        ...


class SystemClock:
    """The computer's own time."""

    def now(self) -> datetime:
        """The present time, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """Time that began at ``start`` when real time was ``anchor`` and runs ``rate`` times as fast.

    It never passes real time, so that no server meets a reading from the future.
    """

    start: datetime
    anchor: datetime
    rate: float

    def now(self) -> datetime:
        """The simulated time, aware, in UTC."""
        real = datetime.now(UTC)
        return min(real, self.start + (real - self.anchor) * self.rate)


def is_loopback(server: str) -> bool:
    """Whether the URL's host is this computer, told without asking the network."""
    host = urlsplit(server).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def clock_for(setting: str | None, server: str) -> Clock:
    """The clock that ``setting`` (the value of `CLOCK_VARIABLE`) asks for; the system's when it is empty.

    Raises:
        ClockError: The setting is not ``<ISO start>,<anchor unix seconds>,<rate>``, or the server is not on
            this computer: made-up times must never reach a real fleet.
    """
    if not setting:
        return SystemClock()
    if not is_loopback(server):
        raise ClockError(f"{CLOCK_VARIABLE} is only for a server on this computer: unset it, or use a loopback server")
    try:
        start, anchor, rate = setting.split(",")
        clock = SimulatedClock(datetime.fromisoformat(start), datetime.fromtimestamp(float(anchor), UTC), float(rate))
    except (ValueError, OverflowError, OSError) as error:
        raise ClockError(
            f"{CLOCK_VARIABLE} must be '<ISO start>,<anchor unix seconds>,<rate>', "
            f"for example '2026-01-01T00:00:00+00:00,1767225600,3600': {error}"
        ) from error
    if clock.start.tzinfo is None or clock.rate <= 0:
        raise ClockError(f"{CLOCK_VARIABLE}: the start needs a time zone (such as +00:00) and the rate must be above 0")
    return clock
