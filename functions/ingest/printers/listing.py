"""A page of the printers of an organisation: what it reads follows from its size, never from the fleet's.

Without filters a page reads as many printers as it shows. With them it reads ahead, at most `MOST_READ` printers'
own items, or `MOST_JOINED` where something has to be joined first, and comes back short with a cursor after that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from functions.ingest.identities.retirement import is_listed
from functions.ingest.printers.cursor import Place, invalid_cursor
from functions.ingest.printers.filter import PrinterFilter, Sort
from functions.ingest.printers.models import Printer, PrinterPage
from functions.ingest.printers.place import (
    Range,
    in_organization_order,
    in_pages_order,
    in_retired_order,
    in_supply_order,
)
from functions.ingest.printers.rows import PrinterRows
from functions.ingest.table.keys import key_of
from functions.ingest.table.ports import Documents
from shared.attributes import storable
from shared.errors import FieldError, Invalid
from shared.table import MAX_PAGE, Item
from shared.visibility import Visible

MOST_READ: Final = 2_000
MOST_JOINED: Final = 500
MOST_SORTED: Final = 1_000
"""Printers that are put in an order that no index has."""
_LAST: Final = "\N{REPLACEMENT CHARACTER}"
_FIELD_OF: Final = {
    Sort.LAST_READING: "last_reading_at",
    Sort.MODEL: "model",
    Sort.SERIAL_NUMBER: "serial_number",
    Sort.NEWEST: "first_seen_at",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: whose printers, which of them, in which order."""

    visible: Visible
    filter: PrinterFilter
    sort: Sort

    @property
    def name(self) -> str:
        """Tells this list from every other: a cursor is good for one of them."""
        return f"{self.visible.tenant_id} {self.visible.path} {self.sort} {self.filter.model_dump_json()}"

    @property
    def is_exact(self) -> bool:
        """Whether the ranges hold nothing else, so that a page reads what it shows."""
        rest: dict[str, object] = {"supply_below": None} if self.sort is Sort.LOWEST_SUPPLY else {}
        return self.filter.model_copy(update=rest | {"retired": False}).is_empty

    @property
    def ranges(self) -> list[Range]:
        """The parts of an index that hold them, in order.

        Raises:
            Invalid: ``unknown_order``: retired printers in an order that only those in service are kept in.
        """
        if self.filter.retired:
            if self.sort in {Sort.LOWEST_SUPPLY, Sort.PAGES_PER_MONTH}:
                raise _unknown_order(self.sort)
            return in_retired_order(self.visible)
        below, by_pages = self.filter.supply_below, self.sort is Sort.PAGES_PER_MONTH
        if self.sort is Sort.LOWEST_SUPPLY or (below is not None and not self.sort.is_indexed):
            return in_supply_order(self.visible, below)
        return in_pages_order(self.visible) if by_pages else in_organization_order(self.visible)


@dataclass(frozen=True, slots=True)
class PrinterList:
    """Reads pages."""

    documents: Documents
    rows: PrinterRows

    def page(self, wanted: Wanted, *, limit: int, cursor: str | None, now: datetime) -> PrinterPage:
        """A page; it may be short, or empty, and still have a next one.

        Raises:
            Malformed: ``invalid_cursor``: it is not of this list.
            Invalid: ``too_many_to_sort``: an order without index is asked for more than `MOST_SORTED` printers.
        """
        place = Place.read(cursor, wanted.name) if cursor else None
        if not wanted.sort.is_indexed:
            return self._sorted(wanted, limit, place, now)
        ranges = wanted.ranges
        if place and not (0 <= place.part < len(ranges) and ranges[place.part].holds(place.key)):
            raise invalid_cursor()
        return self._walked(wanted, ranges, limit, place, now)

    def _walked(
        self, wanted: Wanted, ranges: list[Range], limit: int, place: Place | None, now: datetime
    ) -> PrinterPage:
        printers: list[Printer] = []
        scanned, is_joined = 0, wanted.filter.is_joined
        bound = MOST_JOINED if is_joined else MOST_READ
        waiting: list[Item] = []
        for chunk in self._chunks(ranges, place, limit if wanted.is_exact else None):
            for meta, at in chunk:
                scanned, place = scanned + 1, at
                if wanted.filter.fits_meta(meta):
                    waiting.append(meta)
                # What is joined is not known to fit before it is: never more at once than the page has room for.
                if len(waiting) == limit - len(printers):
                    printers += self._fitting(wanted, waiting, now)
                    waiting = []
                if len(printers) == limit or scanned == bound:
                    printers += self._fitting(wanted, waiting, now)
                    return PrinterPage(items=printers, next_cursor=place.written(wanted.name), scanned=scanned)
        printers += self._fitting(wanted, waiting, now)
        return PrinterPage(items=printers, next_cursor=None, scanned=scanned)

    def _chunks(
        self, ranges: list[Range], place: Place | None, wanted: int | None
    ) -> Iterator[list[tuple[Item, Place]]]:
        """Items with their places, a read at a time; no more is read than ``wanted``, if that is known."""
        first, read = place.part if place else 0, 0
        for part in range(first, len(ranges)):
            each = ranges[part]
            between = each.after(place.key) if place and part == first else (each.low, each.high)
            while True:
                size = MAX_PAGE if wanted is None else max(min(wanted - read, MAX_PAGE), 1)
                page = self.documents.page(each.pk, sk_between=between, index=each.index, limit=size)
                if not page.items:
                    break
                read += len(page.items)
                items = page.items if each.has_items else self._items(page.items)
                yield [(item, Place(part, item[each.key])) for item in items]
                if page.next_cursor is None:
                    break
                between = each.after(page.items[-1][each.key])

    def _items(self, found: list[Item]) -> list[Item]:
        """The items of these keys; without those of printers that were taken off the lists a moment before."""
        loaded = self.documents.load([key_of(item) for item in found], consistent=False)
        whole = [loaded[key_of(item)] | item for item in found if key_of(item) in loaded]
        return [item for item in whole if is_listed(item)]

    def _fitting(self, wanted: Wanted, metas: list[Item], now: datetime) -> list[Printer]:
        is_judged = bool(wanted.filter.eligibility_status)
        rows = self.rows.of(wanted.visible.tenant_id, metas, now, is_judged=is_judged)
        return [row for row in rows if wanted.filter.fits_printer(row)]

    def _sorted(self, wanted: Wanted, limit: int, place: Place | None, now: datetime) -> PrinterPage:
        """A page of all that fits, put in order; all of it is joined only where the filter or the order needs that."""
        metas: list[Item] = []
        scanned = 0
        for chunk in self._chunks(wanted.ranges, None, None):
            scanned += len(chunk)
            metas += [meta for meta, _ in chunk if wanted.filter.fits_meta(meta)]
            if len(metas) > MOST_SORTED or scanned > MOST_READ:
                raise _too_many(wanted.sort)
        if wanted.sort is Sort.LAST_READING or wanted.filter.is_joined:
            rows = _following(wanted.sort, self._fitting(wanted, metas, now), place, limit)
        else:
            rows = self.rows.of(wanted.visible.tenant_id, _following(wanted.sort, metas, place, limit), now)
        more = len(rows) > limit
        following = Place(0, _sort_key(wanted.sort, rows[limit - 1])).written(wanted.name) if more else None
        return PrinterPage(items=rows[:limit], next_cursor=following, scanned=scanned)


_Sorted = TypeVar("_Sorted", Item, Printer)


def _following(sort: Sort, things: list[_Sorted], place: Place | None, limit: int) -> list[_Sorted]:
    """The first after a place, and one more that tells whether there is another page."""
    newest_first = sort is Sort.NEWEST
    keyed = sorted(((_sort_key(sort, each), each) for each in things), key=lambda pair: pair[0], reverse=newest_first)
    if place is not None:
        keyed = [pair for pair in keyed if (pair[0] < place.key if newest_first else pair[0] > place.key)]
    return [each for _, each in keyed[: limit + 1]]


def _sort_key(sort: Sort, thing: Item | Printer) -> str:
    """What is compared: a value in any case, what has none last, and the id so that no two are equal."""
    fields = thing if isinstance(thing, dict) else thing.model_dump(include={_FIELD_OF[sort], "printer_id"})
    value = storable(fields.get(_FIELD_OF[sort]))
    return f"{_LAST if value is None else str(value).casefold()}\n{fields['printer_id']}"


def _unknown_order(sort: Sort) -> Invalid:
    others = ", ".join(f"'{each}'" for each in Sort if each not in {Sort.LOWEST_SUPPLY, Sort.PAGES_PER_MONTH})
    detail = f"Retired printers are not kept in order of '{sort}'."
    return Invalid("unknown_order", detail, (FieldError("query:sort", f"One of {others}."),))


def _too_many(sort: Sort) -> Invalid:
    detail = f"More than {MOST_SORTED} printers to put in order of '{sort}'."
    without_limit = " or ".join(f"'{each}'" for each in Sort if each.is_indexed)
    fix = f"Narrow by organization_id or a filter, or use {without_limit}, which have no limit."
    return Invalid("too_many_to_sort", detail, (FieldError("query:sort", fix),))
