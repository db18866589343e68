"""Use cases of reading the ledger: one printer as of a day, and usage between two days of one printer or of many."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from functions.ingest.identities.stays import sites_between
from functions.ingest.meters.days import seen_state
from functions.ingest.meters.ledger import Ledger, Reading
from functions.ingest.meters.models import (
    CounterReading,
    CounterUsage,
    MetersAsOf,
    PrinterUsage,
    TotalCheck,
    UsagePage,
)
from functions.ingest.meters.rollup import KEEP
from functions.ingest.silence.episodes import Stages
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from functions.ingest.table.workers import run_all
from shared.clock import from_key_time
from shared.directory.reader import FleetDirectory
from shared.directory.views import PrinterView
from shared.errors import FieldError, Invalid
from shared.table import Item
from shared.visibility import Visible
from shared.wire.counters import COUNTERS, TOTAL_IMPRESSIONS
from shared.wire.reading import COLOR_IMPRESSIONS, LIFE_COUNT, MONO_IMPRESSIONS

TOLERANCE: Final = 0.005
"""By how much of the total mono and colour may differ from it (MTR-08)."""
DEFAULT_SPAN: Final = timedelta(days=31)
_OF_RETIRED: Final = "retired."
SILENT_DAYS: Final = Stages().stale
"""Usage is not complete when nothing was read for so many days at its end (SUP-30), whatever is set for silence."""


@dataclass(frozen=True, slots=True)
class Span:
    """Site-local days, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, now: datetime) -> "Span":
        """The span asked for; without days of its own the 31 up to today.

        Raises:
            Invalid: ``invalid_span``: out of order, or before what is kept.
        """
        furthest = now.date() + timedelta(days=1)  # a site east of Greenwich is a day ahead
        last = min(last or furthest, furthest)
        _require_kept(last, "query:to", now)
        first = first or max(last - DEFAULT_SPAN, (now - KEEP).date())
        if first > last:
            raise _refused("query:from", "A day up to 'to', and not in the future.")
        _require_kept(first, "query:from", now)
        return cls(first, last)


def as_of(documents: Documents, meta: Item, day: date, now: datetime) -> MetersAsOf:
    """What a printer's meters stood at when a day ended: of each counter the nearest reading before.

    Raises:
        Invalid: ``invalid_span``: a day before what is kept.
    """
    _require_kept(day, "query:day", now)
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    state = seen_state(documents, tenant_id, printer_id)
    ledger = Ledger.of(documents, tenant_id, printer_id, state, now)
    found = ledger.readings_on(day.isoformat())
    rows = _rows(state)
    return MetersAsOf(
        printer_id=printer_id,
        day=day,
        readings=[_reading(found[name], rows, day) for name in sorted(found)],
        sums=_sums({name: reading.logical for name, reading in found.items()}, rows),
    )


def usage_page(  # noqa: PLR0913 - one keyword for each thing a list may be narrowed by
    documents: Documents,
    fleet: FleetDirectory,
    visible: Visible,
    span: Span,
    *,
    site_id: str | None,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> UsagePage:
    """A page of an organisation's printers, or a site's, with what each counted; the retired come last.

    A page may be short, or empty, and still have a next one: where only a site is asked for, or printers were retired
    before the span.
    """
    views, following = _next_views(fleet, visible, limit, cursor)
    there = [view for view in views if site_id is None or site_id in {view.site_id, *sites_before(view)}]
    return usage_of(there, documents, span, following, now, site_id=site_id)


def _next_views(
    fleet: FleetDirectory, visible: Visible, limit: int, cursor: str | None
) -> tuple[list[PrinterView], str | None]:
    """A page of the printers in service, and after them of those that are not; the cursor says of which it is."""
    views: list[PrinterView] = []
    if cursor is None or not cursor.startswith(_OF_RETIRED):
        views, following = fleet.printers_page(visible.tenant_id, visible.path, limit=limit, cursor=cursor)
        if following is not None:
            return views, following
        if len(views) == limit:
            any_retired, _ = fleet.retired_printers_page(visible.tenant_id, visible.path, limit=1, cursor=None)
            return views, _OF_RETIRED if any_retired else None
        cursor = _OF_RETIRED
    after = cursor.removeprefix(_OF_RETIRED) or None
    more, following = fleet.retired_printers_page(
        visible.tenant_id, visible.path, limit=limit - len(views), cursor=after
    )
    return [*views, *more], None if following is None else _OF_RETIRED + following


def sites_before(view: PrinterView) -> set[str]:
    """The sites that a printer left."""
    return {stay.site_id for stay in view.stays}


def usage_of(
    views: Sequence[PrinterView],
    documents: Documents,
    span: Span,
    following: str | None,
    now: datetime,
    *,
    site_id: str | None = None,
) -> UsagePage:
    """What each of some printers counted: each costs the same few reads, whatever the span.

    One that moved has a row for each of its stays, or for those at the site alone; together they are the whole.
    """
    keys_of = {view.printer_id: keys.state(view.tenant_id, view.printer_id) for view in views}
    states = documents.load(list(keys_of.values()))
    found: dict[str, list[PrinterUsage]] = {}

    def task(view: PrinterView) -> Callable[[], None]:
        def look() -> None:
            stays = sites_between(view.stays, view.site_id, span.first, _last_of(view, span))
            there = [each for each in stays if site_id in {None, each[0]}]
            found[view.printer_id] = []
            if not there:
                return
            state = states.get(keys_of[view.printer_id])
            ledger = Ledger.of(documents, view.tenant_id, view.printer_id, state, now)
            found[view.printer_id] = [
                _printer(
                    view.model_copy(update={"site_id": place}), ledger, Span(first, last), _last_of(view, span), now
                )
                for place, first, last in there
            ]

        return look

    run_all([task(view) for view in views])
    totals: Counter[str] = Counter()
    items = [each for view in views for each in found[view.printer_id]]
    for each in items:
        totals.update({usage.counter: usage.usage for usage in each.counters})
    return UsagePage(
        first_day=span.first,
        last_day=span.last,
        items=items,
        totals=dict(sorted(totals.items())),
        next_cursor=following,
    )


def _last_of(view: PrinterView, span: Span) -> date:
    """The last day of a span on which a printer was in service."""
    return span.last if view.retirement is None else min(span.last, view.retirement.last_day)


def _printer(view: PrinterView, ledger: Ledger, stay: Span, last: date, now: datetime) -> PrinterUsage:
    """What was counted in a stay at a site, or the part of it that is in a span that ends with ``last``.

    What was not read at the end of one stay is in the next; only at the end of the span it is missing.
    """
    rows = _rows(ledger.state)
    first = stay.first.isoformat()
    usages = ledger.usages(first, stay.last.isoformat())
    silent_since = (min(last, now.date()) - timedelta(days=SILENT_DAYS)).isoformat()
    is_read = stay.last < last or any(usage.closing.day > silent_since for usage in usages)
    counters = [
        CounterUsage(
            counter=usage.counter,
            unit=_unit(usage.counter, rows),
            usage=usage.pages,
            opening=_reading(usage.opening, rows, stay.first),
            closing=_reading(usage.closing, rows, stay.last),
            held_breaks=[epoch.break_id for epoch in usage.held],
        )
        for usage in usages
    ]
    return PrinterUsage(
        **view.model_dump(include=set(PrinterUsage.model_fields)),
        first_day=stay.first,
        last_day=stay.last,
        is_complete=is_read and all(usage.opening.day < first and not usage.held for usage in usages),
        counters=counters,
        sums=_sums({usage.counter: usage.pages for usage in usages}, rows),
    )


def _sums(values: Mapping[str, int], rows: Mapping[str, Item]) -> TotalCheck:
    """Total, mono and colour, and whether they agree (MTR-08). A life in sheets or hours is no total of sides."""
    in_sides = _unit(LIFE_COUNT, rows) in {None, "impressions"}
    total = values.get(TOTAL_IMPRESSIONS, values.get(LIFE_COUNT) if in_sides else None)
    mono, colour = values.get(MONO_IMPRESSIONS), values.get(COLOR_IMPRESSIONS)
    agrees = None
    if total is not None and mono is not None and colour is not None:
        agrees = abs(total - mono - colour) <= TOLERANCE * total
    return TotalCheck(total=total, mono=mono, colour=colour, agrees=agrees)


def _reading(reading: Reading, rows: Mapping[str, Item], day: date) -> CounterReading:
    own = date.fromisoformat(reading.day)
    return CounterReading(
        counter=reading.counter,
        unit=_unit(reading.counter, rows),
        source=rows.get(reading.counter, {}).get("source"),
        value=reading.value,
        offset=reading.offset,
        logical=reading.logical,
        epoch=reading.epoch,
        kind=reading.kind,
        taken_at=from_key_time(reading.at),
        day=own,
        age_days=max((day - own).days, 0),
        read_id=reading.read_id,
    )


def _rows(state: Item | None) -> dict[str, Item]:
    """The latest row of each counter: the first marker's, where several report."""
    rows: dict[str, Item] = {}
    for row in (state or {}).get("counters", ()):
        rows.setdefault(row["name"], row)
    return rows


def _unit(counter: str, rows: Mapping[str, Item]) -> str | None:
    unit: str | None = rows.get(counter, {}).get("unit")
    known = COUNTERS.get(counter)
    return unit or (known.unit if known else None)


def _require_kept(day: date, pointer: str, now: datetime) -> None:
    earliest = (now - KEEP).date()
    if day < earliest:
        raise _refused(pointer, f"{earliest.isoformat()} or later: days are kept for {KEEP.days} days.")


def _refused(pointer: str, fix: str) -> Invalid:
    return Invalid("invalid_span", "The days asked for are out of order or not kept.", (FieldError(pointer, fix),))
