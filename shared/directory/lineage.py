"""Whose days are a printer's days: its own, and those of printers that were merged into it (ENT-01).

Nothing is copied by a merger or a split: each day stays where it was written, and a printer's meta and state name the
spans of days, its own and others', that its history is made of. A printer without a ``lineage`` has all its own days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

from shared.attributes import Item
from shared.directory.day import joined_day

LINEAGE: Final = "lineage"
MOST_SPANS: Final = 12
FIRST: Final = "0000-00-00"
LAST: Final = "9999-99-99"


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one printer's partition from ``first`` to ``last`` (``2026-11-22``), both included."""

    printer_id: str
    first: str = FIRST
    last: str = LAST

    @classmethod
    def stored(cls, item: Mapping[str, Any]) -> Self:
        """As an item holds it."""
        return cls(item["printer_id"], item["first"], item["last"])

    def as_item(self) -> Item:
        """As it is stored."""
        return {"printer_id": self.printer_id, "first": self.first, "last": self.last}

    def within(self, first: str, last: str) -> "Span | None":
        """The part of it between two days; None when there is none."""
        part = Span(self.printer_id, max(first, self.first), min(last, self.last))
        return part if part.first <= part.last else None


def spans_of(item: Mapping[str, Any] | None, printer_id: str) -> list[Span]:
    """The spans of a printer's history, by its meta or its state."""
    stored = (item or {}).get(LINEAGE)
    return [Span.stored(each) for each in stored] if stored else [Span(printer_id)]


def with_spans(item: Item, spans: Iterable[Span], printer_id: str) -> Item:
    """The item with the spans of its printer's history; without any when they are all of its own days."""
    wanted = list(spans)
    kept = {name: value for name, value in item.items() if name != LINEAGE}
    return kept if wanted == [Span(printer_id)] else kept | {LINEAGE: [span.as_item() for span in wanted]}


def cut(spans: Iterable[Span], printer_id: str, first: str, last: str) -> list[Span]:
    """The spans without the days of ``printer_id`` between two days."""
    left: list[Span] = []
    for span in spans:
        if span.printer_id != printer_id or span.within(first, last) is None:
            left.append(span)
            continue
        if span.first < first:
            left.append(Span(printer_id, span.first, _shifted(first, -1)))
        if span.last > last:
            left.append(Span(printer_id, _shifted(last, 1), span.last))
    return left


def joined(days: Iterable[Item], printer_id: str) -> list[Item]:
    """Days of several printers as the days of one, in order; two of one date become one.

    Every part of a day is a first, a last or a set, so the order of the days given does not matter.
    """
    by_day: dict[str, Item] = {}
    for each in days:
        before = by_day.get(each["day"])
        by_day[each["day"]] = joined_day(*sorted((before, each), key=_order)) if before is not None else each
    return [by_day[day] | {"printer_id": printer_id} for day in sorted(by_day)]


def _order(day: Item) -> tuple[str, str, str]:
    return day["last_reading_at"], day["first_reading_at"], day.get("printer_id", "")


def _shifted(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
