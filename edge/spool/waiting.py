"""Events that wait in memory for the disk: bounded, and when full the ones that say least go first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edge.spool.status import Fact, Noted
from edge.spool.thresholds import alerts_mark
from shared.wire.reading import PrinterReading


@dataclass(frozen=True, slots=True)
class Taken:
    """A printer was read at ``at`` (real time)."""

    target: str
    at: datetime
    reading: PrinterReading


class Waiting:
    """Events in the order they came, no more than ``most``.

    When it is full, a reading goes that is neither the newest of its printer nor the first with other alerts, and a
    fact that a newer one replaces. Only when there is none of these is the newest event lost.

    Attributes:
        lost: Readings that were given up.
    """

    def __init__(self, most: int) -> None:
        self.lost = 0
        self._most = most
        self._events: list[Taken | Fact] = []

    def put(self, event: Taken | Fact) -> None:
        """Add an event."""
        self._events.append(event)
        if len(self._events) > self._most:
            self._thin_out()
        if len(self._events) > self._most:
            self._events.pop()
            self.lost += isinstance(event, Taken)

    def events(self) -> list[Taken | Fact]:
        """All that waits, the oldest first."""
        return [*self._events]

    def remove_oldest(self, count: int) -> None:
        """Forget the ``count`` oldest: they are on disk."""
        del self._events[:count]

    def _thin_out(self) -> None:
        kept = _worth_keeping(self._events)
        before = sum(isinstance(event, Taken) for event in self._events)
        self._events = kept
        self.lost += before - sum(isinstance(event, Taken) for event in kept)


def _worth_keeping(events: Iterable[Taken | Fact]) -> list[Taken | Fact]:
    """The newest of each kind about each printer, and each reading that began with other alerts."""
    ordered = list(events)
    newest = {_subject(event): place for place, event in enumerate(ordered)}
    alerts: dict[str, str | None] = {}
    kept: list[Taken | Fact] = []
    for place, event in enumerate(ordered):
        is_turn = False
        if isinstance(event, Taken) and (mark := alerts_mark(event.reading)) is not None:
            is_turn = alerts.get(event.target) != mark
            alerts[event.target] = mark
        if is_turn or newest[_subject(event)] == place:
            kept.append(event)
    return kept


def _subject(event: Taken | Fact) -> tuple[type, str]:
    return type(event), " ".join(sorted(event.facts)) if isinstance(event, Noted) else event.target
