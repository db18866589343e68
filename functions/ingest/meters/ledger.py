"""What a printer's meters stood at on a day, and what was counted between two days: the logical meter (MTR-05, MTR-06).

A reading is the last one at or before the end of a site-local day, automatic or manual. Usage is the difference of two
readings of the logical meter, so that parts of a span add up to the whole, and it is never negative.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from functions.ingest.meters.days import last_days, next_days
from functions.ingest.meters.epochs import (
    BreakSource,
    BreakStatus,
    Entries,
    Epoch,
    epoch_at,
    epochs_of,
    offset_at,
)
from functions.ingest.meters.review import can_be_derived, derived, entries_of, open_since
from functions.ingest.table.ports import Documents
from shared.directory.meters import counters_of, points_of
from shared.directory.views import PrinterDay
from shared.table import Item

NEARBY: Final = 8
"""Days looked at for one that has a counter which the nearest day lacks."""


class ReadKind(StrEnum):
    """Where a value is from: the agent, or somebody who looked at the printer."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class ReadVerdict(StrEnum):
    """What became of a manual read. Only an accepted one counts."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Reading:
    """One counter at one time. ``value`` is what the printer showed; ``logical`` goes on across breaks."""

    counter: str
    at: str
    day: str
    value: int
    offset: int
    epoch: int
    kind: ReadKind
    read_id: str | None = None

    @property
    def logical(self) -> int:
        """The logical meter."""
        return self.value + self.offset


@dataclass(frozen=True, slots=True)
class Usage:
    """What a counter counted in a span; ``opening`` is the last reading before it, or the first inside it."""

    counter: str
    opening: Reading
    closing: Reading
    held: tuple[Epoch, ...]

    @property
    def pages(self) -> int:
        """Never negative."""
        return max(self.closing.logical - self.opening.logical, 0)


@dataclass(slots=True)
class Ledger:
    """One printer's meters. What is asked for is read once."""

    documents: Documents
    tenant_id: str
    printer_id: str
    state: Item | None
    entries: Entries
    now: datetime
    _epochs: dict[str, list[Epoch]] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Documents, tenant_id: str, printer_id: str, state: Item | None, now: datetime) -> Self:
        """The ledger of a printer whose latest state is known, read before the rest.

        Breaks that wait for their review are derived here, so that no answer depends on when that comes.
        """
        entries = entries_of(documents, tenant_id, printer_id, state, now)
        ledger = cls(documents, tenant_id, printer_id, state, entries, now)
        if entries.is_review_due:
            ledger.derive()
        return ledger

    def derive(self) -> None:
        """Take the breaks from the days instead of from their entries, where these may not be up to date."""
        since = open_since(self.now, is_whole=self.entries.is_whole_due)
        fresh = derived(self.documents, self.state, since, self.now)
        told = [
            item
            for item in self.entries.breaks
            if item["source"] == BreakSource.DOCUMENTED or not can_be_derived(item, since, self.now)
        ]
        known = {item["break_id"] for item in told}
        breaks = [*told, *(item for item in fresh if item["break_id"] not in known)]
        self.entries = replace(self.entries, breaks=breaks, is_review_due=False)
        self._epochs.clear()

    def without(self, read_id: str) -> None:
        """Leave a manual read out, as one that is about to be corrected."""
        reads = [item for item in self.entries.reads if item["read_id"] != read_id]
        self.entries = replace(self.entries, reads=reads)

    def epochs(self, counter: str) -> list[Epoch]:
        """The epochs of a counter after its first."""
        if counter not in self._epochs:
            self._epochs[counter] = epochs_of(self.entries, counter)
        return self._epochs[counter]

    def readings_on(self, day: str) -> dict[str, Reading]:
        """Each counter's last reading at the end of a day or before, by name; manual ones that fit among them."""
        after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        days = self._last(after)
        found = {reading.counter: reading for reading in self._of_days(days)}
        manual = [reading for reading in self.manual() if reading.day <= day]
        if any(self._is_newer(reading, found.get(reading.counter)) for reading in manual):
            following = {each.counter: each for each in self._firsts(next_days_of(self, day))}
            for reading in manual:
                if self._is_newer(reading, found.get(reading.counter)) and fits(
                    reading, following.get(reading.counter)
                ):
                    found[reading.counter] = reading
        return found

    def usages(self, first: str, last: str) -> list[Usage]:
        """What each counter counted from the beginning of one day to the end of another, in order of name."""
        found = list(self._usages(first, last))
        if any(usage.closing.logical < usage.opening.logical for usage in found):
            self.derive()
            found = list(self._usages(first, last))
        return found

    def _usages(self, first: str, last: str) -> Iterator[Usage]:
        before = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
        opening, closing = self.readings_on(before), self.readings_on(last)
        starts: dict[str, Reading] | None = None
        for counter in sorted(closing):
            end = closing[counter]
            begin = opening.get(counter)
            if begin is None:
                if starts is None:
                    starts = self._starts(before)
                begin = starts.get(counter, end)
            if end.day < first and begin is end:
                continue
            held = tuple(
                epoch
                for epoch in self.epochs(counter)
                if begin.at < epoch.began_at <= end.at and epoch.status is BreakStatus.HELD
            )
            yield Usage(counter, begin, end, held)

    def _starts(self, before: str) -> dict[str, Reading]:
        """Each counter's first reading after a day."""
        found = {each.counter: each for each in self._firsts(next_days_of(self, before))}
        for reading in self.manual():
            known = found.get(reading.counter)
            if reading.day > before and (known is None or (reading.at < known.at and reading.logical <= known.logical)):
                found[reading.counter] = reading
        return found

    def _last(self, before: str) -> list[PrinterDay]:
        return last_days(self.documents, self.tenant_id, self.printer_id, before=before, state=self.state, limit=NEARBY)

    def _of_days(self, days: Sequence[PrinterDay]) -> Iterator[Reading]:
        """The last reading of each counter of some days."""
        for day in days:
            for counter in counters_of([day]):
                point = points_of(day, counter)[-1]
                yield self._reading(counter, point.at, day.day, point.value)

    def _firsts(self, days: Sequence[PrinterDay]) -> Iterator[Reading]:
        """The first reading of each counter of some days."""
        for day in reversed(days):
            for counter in counters_of([day]):
                point = points_of(day, counter)[0]
                yield self._reading(counter, point.at, day.day, point.value)

    def manual(self) -> Iterator[Reading]:
        """The accepted manual readings, in order of time."""
        for item in sorted(self.entries.reads, key=lambda each: str(each["taken_at"])):
            if verdict_of(item, self.entries) is ReadVerdict.ACCEPTED:
                for counter, value in item["counters"].items():
                    reading = self._reading(counter, item["taken_at"], item["day"], value)
                    yield replace(reading, kind=ReadKind.MANUAL, read_id=item["read_id"])

    def _reading(self, counter: str, at: str, day: str, value: int) -> Reading:
        epochs = self.epochs(counter)
        epoch = epoch_at(epochs, at)
        return Reading(counter, at, day, value, offset_at(epochs, at), epoch.number if epoch else 0, ReadKind.AUTOMATIC)

    @staticmethod
    def _is_newer(reading: Reading, than: Reading | None) -> bool:
        return than is None or (reading.at > than.at and reading.logical >= than.logical)


def next_days_of(ledger: Ledger, after: str) -> list[PrinterDay]:
    """The first days of a printer after a day."""
    return next_days(
        ledger.documents, ledger.tenant_id, ledger.printer_id, after=after, state=ledger.state, limit=NEARBY
    )


def fits(reading: Reading, following: Reading | None) -> bool:
    """True when a manual reading is no higher than the automatic one after it: else it is left out, never negative."""
    return following is None or reading.logical <= following.logical


def verdict_of(read: Mapping[str, Any], entries: Entries) -> ReadVerdict:
    """What became of a manual read: the last decision on it, or what its check said."""
    ruling = entries.ruling(read["read_id"])
    return ReadVerdict(ruling["verdict"] if ruling else read["verdict"])
