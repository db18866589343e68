"""How many pages a printer makes in a month, counted once a day with the look at its agent's printers.

The latest count less the one of thirty days before, or of the first day since that is known, by the time between. It
serves to sort a list by; what is billed is the ledger's. Three reads of many keys, however many days there are, and a
write only when the figure has moved by a tenth: an office's printers are written about once a month.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zlib import crc32

from functions.ingest.identities.retirement import is_listed
from functions.ingest.silence.heard import with_heard
from functions.ingest.table import keys
from functions.ingest.table.pages_order import place
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.day import counts
from shared.directory.keys import PRINTER_META, PRINTER_STATE
from shared.directory.week import days_of, week_of
from shared.table import Item
from shared.wire.counters import TOTAL_IMPRESSIONS
from shared.wire.reading import LIFE_COUNT

MONTH: Final = timedelta(days=30)
LEAST: Final = timedelta(days=7)
"""A week has working days and free ones; less says nothing of a month."""
MOVED_BY: Final = 0.1
MOVED_BY_PAGES: Final = 5
EVERY_DAYS: Final = 3
"""A printer's turn comes: thirty days move slowly, and counting reads three items."""
AT_ONCE: Final = 200
"""Printers whose items are in memory at once."""
_LOOKED_FOR: Final = (range(1), range(1, 2), range(2, 4))
"""Weeks that are looked for: nearly always it is the first, or else begins on a weekend; a later one is no week ago."""


def refresh_in_turn(documents: Documents, tenant_id: str, printer_ids: Sequence[str], now: datetime) -> int:
    """`refresh` those of the printers whose turn it is: each once in `EVERY_DAYS`, a like share each day."""
    day = now.date().toordinal()
    in_turn = [each for each in printer_ids if (crc32(each.encode()) + day) % EVERY_DAYS == 0]
    return refresh(documents, tenant_id, in_turn, now)


def refresh(documents: Documents, tenant_id: str, printer_ids: Sequence[str], now: datetime) -> int:
    """Count the pages of some printers anew; how many items were written.

    Safe to repeat and beside uploads: each item is written at the version that was read. One that an upload wrote
    meanwhile is left for the next day.
    """
    chunks = (printer_ids[first : first + AT_ONCE] for first in range(0, len(printer_ids), AT_ONCE))
    return sum(_refreshed(documents, tenant_id, chunk, now) for chunk in chunks)


def pages_between(first: Item, state: Item, heard_at: datetime) -> int | None:
    """Pages of thirty days, from the first counts of a day and a printer's state; None when they do not tell.

    Args:
        first: The day at which counting begins.
        state: The latest state.
        heard_at: Until when the counts of the state are known to stand.
    """
    before, after = first.get("first_counters", {}), counts(state.get("counters", ()))
    counter = next((name for name in (TOTAL_IMPRESSIONS, LIFE_COUNT) if name in before and name in after), None)
    if counter is None or after[counter] < before[counter]:
        return None
    elapsed = heard_at - from_key_time(first["first_counters_at"])
    return None if elapsed < LEAST else round((after[counter] - before[counter]) * (MONTH / elapsed))


def counted(meta: Item, pages: int | None) -> Item:
    """A printer's item with its pages and its place by them; the same when they did not move by much."""
    before = meta.get("pages_per_month")
    has_place = place(meta).items() <= meta.items()
    if has_place and (before == pages or (before is not None and pages is not None and not _has_moved(before, pages))):
        return meta
    after = {name: value for name, value in meta.items() if name != "pages_per_month"}
    after |= {} if pages is None else {"pages_per_month": pages}
    return after | place(after)


def _has_moved(before: int, pages: int) -> bool:
    return abs(pages - before) > max(before * MOVED_BY, MOVED_BY_PAGES) or (before == 0) != (pages == 0)


def _refreshed(documents: Documents, tenant_id: str, printer_ids: Sequence[str], now: datetime) -> int:
    kinds = (keys.meta, keys.state)
    found = documents.load([key(tenant_id, each) for each in printer_ids for key in kinds], consistent=False)
    metas = {item["printer_id"]: item for key, item in found.items() if key[1] == PRINTER_META}
    states = {key: item for key, item in found.items() if key[1] == PRINTER_STATE and item["printer_id"] in metas}
    heard = {item["printer_id"]: item for item in with_heard(documents, states).values()}
    recent = {each: state for each, state in heard.items() if from_key_time(state["heard_at"]) > now - MONTH}
    begins = {each: _begin(metas[each], state, now) for each, state in recent.items()}
    first = _first_days(documents, tenant_id, begins)
    written = 0
    for printer_id, meta in metas.items():
        state, day = heard.get(printer_id), first.get(printer_id)
        pages = pages_between(day, state, from_key_time(state["heard_at"])) if state and day else None
        after = counted(meta, pages)
        written += after is not meta and is_listed(meta) and documents.save(after)
    return written


def _begin(meta: Item, state: Item, now: datetime) -> date:
    """The day from which counts are looked for; after the counters went back, the next: that day has both."""
    begin = max(now - MONTH, from_key_time(meta["first_seen_at"]))
    broke = state.get("counter_epoch_at")
    return (max(begin, from_key_time(broke) + timedelta(days=1)) if broke else begin).date()


def _first_days(documents: Documents, tenant_id: str, begins: Mapping[str, date]) -> dict[str, Item]:
    """The first day of each printer with counts, of those that follow its beginning."""
    found: dict[str, Item] = {}
    for offsets in _LOOKED_FOR:
        missing = [each for each in begins if each not in found]
        wanted = [keys.week(tenant_id, each, monday) for each in missing for monday in _weeks(begins[each], offsets)]
        loaded = documents.load(wanted, consistent=False)
        for key in sorted(loaded, reverse=True):
            printer_id = loaded[key]["printer_id"]
            days = days_of([loaded[key]], begins[printer_id].isoformat())
            with_counts = [day for day in days if "first_counters" in day]
            found |= {printer_id: with_counts[0]} if with_counts else {}
    return found


def _weeks(begin: date, offsets: range) -> Iterator[str]:
    return (week_of((begin + timedelta(weeks=each)).isoformat()) for each in offsets)
