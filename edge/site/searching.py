"""When to look for printers: once in the interval, when the criteria change, and sooner for one that is lost. Pure."""

from typing import Final

LEAST_SECONDS_BETWEEN: Final = 1_800.0
"""An early search never follows another search sooner."""


class SearchPlan:
    """Decides when the next search is due. Times are a loop's, in seconds.

    A printer that is lost is looked for at once, then after 30 minutes, an hour and so on, until the ordinary
    interval is as short: one that is switched off for the night must not have the network searched all night.
    """

    def __init__(self) -> None:
        self._last_start: float | None = None
        self._lost: dict[str, tuple[float, float]] = {}  # printer: when to look, how long to wait after that

    def lose(self, printer: str, now: float) -> None:
        """A printer is not where it was."""
        self._lost.setdefault(printer, (now, LEAST_SECONDS_BETWEEN))

    def find(self, printer: str) -> None:
        """It answers again, there or elsewhere."""
        self._lost.pop(printer, None)

    def changed(self) -> None:
        """The criteria are others now: a search is due at once."""
        self._last_start = None

    def start(self, now: float, interval_seconds: float) -> bool:
        """A search begins. Returns whether it is an early one, only for those that are lost."""
        early = self._last_start is not None and now - self._last_start < interval_seconds
        self._last_start = now
        for printer, (due, delay) in self._lost.items():
            if due <= now:
                self._lost[printer] = (now + delay, delay * 2)
        return early

    def seconds_left(self, now: float, interval_seconds: float) -> float:
        """How long until a search is due; 0 or less when it is."""
        if self._last_start is None:
            return 0.0
        ordinary = self._last_start + interval_seconds
        early = min((due for due, _ in self._lost.values()), default=ordinary)
        return min(ordinary, max(early, self._last_start + LEAST_SECONDS_BETWEEN)) - now
