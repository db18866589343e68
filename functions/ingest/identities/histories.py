"""Days and entries of a printer whose history is made of several printers', a page at a time, in order.

Of each partition one item more than the page holds is read: the first of all are among the first of each.
"""

import base64
import re
from collections.abc import Sequence
from typing import Final

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.directory import keys as directory
from shared.directory.day import seen_day
from shared.directory.lineage import FIRST, LAST, joined, spans_of
from shared.directory.week import days_of
from shared.errors import FieldError, Malformed
from shared.table import MAX_PAGE, Item, Page

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_LEDGER: Final = r"\d{4}-\d\d-\d\d#[A-Za-z0-9._:-]{1,96}"
_ENTRY: Final = re.compile(rf"{keys.AUDIT_PREFIX}\d{{4}}-[0-9TZ:.\-]{{10,30}}#[\x20-\x7e]{{1,300}}")


def days_page(  # noqa: PLR0913 - what a page of a partition takes, and whose
    documents: Documents,
    printer: Item,
    state: Item | None,
    *,
    first: str = FIRST,
    last: str = LAST,
    limit: int,
    cursor: str | None,
) -> Page:
    """A page of a printer's days between two days (``2026-11-22``), oldest first, as `seen_day` shows them.

    Args:
        documents: The fleet table.
        printer: The printer's meta.
        state: Its state, read before its days.
        first: The first day.
        last: The last day.
        limit: Days a page.
        cursor: Of the page before.

    Raises:
        Malformed: The cursor is not one of this list.
    """
    tenant_id, printer_id = printer["tenant_id"], printer["printer_id"]
    begin = max(first, f"{_read(cursor, _DAY)}\0") if cursor else first
    days: list[Item] = []
    has_more = False
    for span in spans_of(printer, printer_id):
        low, high = max(begin, span.first), min(last, span.last)
        if low > high:
            continue
        state_key = keys.state(tenant_id, span.printer_id)
        theirs = state if span.printer_id == printer_id else documents.load([state_key]).get(state_key)
        partition = directory.printer(tenant_id, span.printer_id)
        first_days, is_cut = _first_days(documents, partition, (low, high), limit + 1)
        days += [seen_day(day, theirs) for day in first_days]
        has_more = has_more or is_cut
    found = joined(days, printer_id)
    shown = found[:limit]
    return Page(shown, _written(str(shown[-1]["day"])) if shown and (has_more or len(found) > limit) else None)


def _first_days(documents: Documents, partition: str, span: tuple[str, str], wanted: int) -> tuple[list[Item], bool]:
    """The first days of a printer's in a span, at least as many as wanted where there are; whether there may be more.

    Weeks of seven days are asked for: most are such.
    """
    between = directory.printer_weeks(*span)
    days: list[Item] = []
    cursor: str | None = None
    while True:
        weeks = min(-(-(wanted - len(days)) // 7) + 1, MAX_PAGE)
        page = documents.page(partition, sk_between=between, limit=weeks, cursor=cursor)
        days += days_of(page.items, *span)
        cursor = page.next_cursor
        if cursor is None or len(days) >= wanted:
            return days, cursor is not None


def entries_page(documents: Documents, printer: Item, *, limit: int, cursor: str | None) -> Page:
    """A page of what happened to a printer and to those that were merged into it, oldest first.

    Entries of one moment stay on one page, so that it may be a few longer than ``limit``.

    Raises:
        Malformed: The cursor is not one of this list.
    """
    begin = f"{_read(cursor, _ENTRY)}\0" if cursor else keys.AUDIT_PREFIX
    found: list[Item] = []
    has_more = False
    for printer_id in (printer["printer_id"], *printer.get("merged_printer_ids", [])):
        partition = directory.printer(printer["tenant_id"], printer_id)
        between = (begin, f"{keys.AUDIT_PREFIX}~")
        page = documents.page(partition, sk_between=between, limit=min(limit + 1, MAX_PAGE))
        found += page.items
        has_more = has_more or page.next_cursor is not None
    found.sort(key=lambda item: (item["sk"], item["printer_id"]))
    shown = found[:limit] + _of_that_moment(found[:limit], found[limit:])
    return Page(shown, _written(str(shown[-1]["sk"])) if shown and (has_more or len(found) > len(shown)) else None)


def ledger_page(documents: Documents, printer: Item, prefix: str, *, limit: int, cursor: str | None) -> Page:
    """A page of what the meter ledger holds of a printer, of one kind, by day: of its own days and of those merged.

    Args:
        documents: The fleet table.
        printer: The printer's meta.
        prefix: Of the sort keys, before the day.
        limit: Entries a page.
        cursor: Of the page before.

    Raises:
        Malformed: The cursor is not one of this list.
    """
    begin = f"{_read(cursor, re.compile(f'{prefix}{_LEDGER}'))}\0" if cursor else prefix
    found: dict[str, Item] = {}
    has_more = False
    for span in spans_of(printer, printer["printer_id"]):
        low, high = max(begin, f"{prefix}{span.first}"), f"{prefix}{span.last}~"
        if low > high:
            continue
        partition = directory.printer(printer["tenant_id"], span.printer_id)
        page = documents.page(partition, sk_between=(low, high), limit=min(limit + 1, MAX_PAGE))
        found |= {item["sk"]: item | {"printer_id": printer["printer_id"]} for item in page.items}
        has_more = has_more or page.next_cursor is not None
    order = sorted(found)
    shown = [found[sk] for sk in order[:limit]]
    return Page(shown, _written(order[limit - 1]) if shown and (has_more or len(order) > limit) else None)


def _of_that_moment(shown: Sequence[Item], rest: Sequence[Item]) -> list[Item]:
    return [item for item in rest if shown and item["sk"] == shown[-1]["sk"]]


def _written(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read(cursor: str, form: re.Pattern[str]) -> str:
    """The place that a cursor stands for."""
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        place = ""
    if not form.fullmatch(place):
        error = FieldError("query:cursor", "Use the 'next_cursor' of the page before, unchanged, on the same list.")
        raise Malformed("invalid_cursor", "The cursor is not one of this list.", (error,))
    return place
