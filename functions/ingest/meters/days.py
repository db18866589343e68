"""A printer's days as the meter ledger reads them: joined with what only its latest state has of its own day."""

from typing import Final

from functions.ingest.meters.rollup import KEEP
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.directory import keys as directory
from shared.directory.day import seen_day
from shared.directory.lineage import joined, spans_of
from shared.directory.views import PrinterDay
from shared.directory.week import days_of
from shared.table import Item

_EARLIEST: Final = "0000-00-00"
_LATEST: Final = "9999-99-99"
_WEEKS: Final = 60
"""A page: more than are kept."""
MOST_DAYS: Final = KEEP.days + 2


def seen_state(documents: Documents, tenant_id: str, printer_id: str) -> Item | None:
    """The latest state. It is read before the days: what it has not told them yet, it has still then."""
    key = keys.state(tenant_id, printer_id)
    return documents.load([key]).get(key)


def days_between(
    documents: Documents, tenant_id: str, printer_id: str, first: str, last: str, state: Item | None
) -> list[PrinterDay]:
    """The days from ``first`` to ``last``, both included, oldest first; those of merged printers are among them."""
    days: list[Item] = []
    for span in spans_of(state, printer_id):
        low, high = max(first, span.first), min(last, span.last)
        if low <= high:
            theirs = state if span.printer_id == printer_id else seen_state(documents, tenant_id, span.printer_id)
            days += _stored_days(documents, tenant_id, span.printer_id, (low, high), theirs)
    return [PrinterDay.model_validate(day) for day in joined(days, printer_id)]


def _stored_days(
    documents: Documents, tenant_id: str, printer_id: str, span: tuple[str, str], state: Item | None
) -> list[Item]:
    between = directory.printer_weeks(*span)
    partition = directory.printer(tenant_id, printer_id)
    days: list[Item] = []
    cursor: str | None = None
    while len(days) < MOST_DAYS:
        page = documents.page(partition, sk_between=between, limit=_WEEKS, cursor=cursor)
        days += [seen_day(day, state) for day in days_of(page.items, *span)]
        cursor = page.next_cursor
        if cursor is None:
            break
    return days


def last_days(
    documents: Documents, tenant_id: str, printer_id: str, *, before: str, state: Item | None, limit: int
) -> list[PrinterDay]:
    """The last days before a day that have counters, oldest first: at least one where there is one."""
    return list(reversed(_nearest(documents, tenant_id, printer_id, (_EARLIEST, before), state, limit)))


def next_days(
    documents: Documents, tenant_id: str, printer_id: str, *, after: str, state: Item | None, limit: int
) -> list[PrinterDay]:
    """The first days after a day that have counters, oldest first: at least one where there is one."""
    return _nearest(documents, tenant_id, printer_id, (after, _LATEST), state, limit)


def _nearest(
    documents: Documents, tenant_id: str, printer_id: str, span: tuple[str, str], state: Item | None, limit: int
) -> list[PrinterDay]:
    """Days strictly inside a span, from its closed end on, until some have counters."""
    backwards = span[0] == _EARLIEST
    if len(spans_of(state, printer_id)) > 1:
        every = days_between(documents, tenant_id, printer_id, *span, state)
        inside = [day for day in every if span[0] < day.day < span[1] and (day.last_counters or day.first_counters)]
        return inside[::-1][:limit] if backwards else inside[:limit]
    between = directory.printer_weeks(*span)
    partition = directory.printer(tenant_id, printer_id)
    cursor: str | None = None
    seen = 0
    while True:
        # The next week holds the rest of the nearest days where the week of the open end has not enough.
        page = documents.page(partition, sk_between=between, limit=2, cursor=cursor, newest_first=backwards)
        near = [seen_day(day, state) for day in days_of(page.items) if span[0] < day["day"] < span[1]]
        days = [PrinterDay.model_validate(day) for day in sorted(near, key=_date, reverse=backwards)]
        found = [day for day in days if day.last_counters or day.first_counters]
        seen += len(page.items)
        cursor = page.next_cursor
        if found or cursor is None or seen > _WEEKS:
            return found[:limit]


def _date(day: Item) -> str:
    date: str = day["day"]
    return date
