"""The breaks of a printer's counters, derived from its days and kept as entries (MTR-05); each is told on the bus once.

Whoever stores a reading only asks for a review, before anything is written; the sweep does it a moment later. It
derives every break of the days that late readings can still change, so it may be done at any time and any number of
times: the same days end in the same entries. After a merger or a split it derives those of all days that are kept.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from functions.ingest.meters.days import days_between, last_days, seen_state
from functions.ingest.meters.epochs import BreakCause, BreakSource, Entries
from functions.ingest.meters.readings import OLDEST
from functions.ingest.meters.rollup import KEEP
from functions.ingest.table import keys, outbox
from functions.ingest.table.ports import Documents
from functions.ingest.table.reviews import KIND, WHOLE
from shared.directory import keys as directory
from shared.directory.lineage import spans_of
from shared.directory.meters import HISTORY, breaks_of, counters_of, modulus_of, restarted, rolled_over, series_of
from shared.directory.views import PrinterDay
from shared.errors import Unavailable
from shared.events import EventName
from shared.names import DUE_INDEX, DUE_SHARDS
from shared.table import Item

AFTER_FAILURE: Final = timedelta(minutes=5)
OPEN_DAYS: Final = OLDEST + timedelta(days=2)
"""Days that a reading can still change, whatever the site's zone."""
PAGE: Final = 50
ENTRIES_AT_ONCE: Final = 500


def due_reviews(documents: Documents, now: datetime) -> Iterator[list[Item]]:
    """The reviews that are due, a page at a time."""
    for shard in range(DUE_SHARDS):
        page = documents.page(
            keys.due_partition(KIND, shard), sk_between=keys.due_until(now), index=DUE_INDEX, limit=PAGE
        )
        if page.items:
            yield page.items


def review_due(documents: Documents, now: datetime, failed: Callable[[str, Exception], None]) -> int:
    """Do the reviews that are due; how many. One that fails is told by its printer's id and put off.

    Safe to repeat and to run beside another: a review that was asked for meanwhile stays due.
    """
    done = 0
    for page in due_reviews(documents, now):
        found = documents.load([keys.key_of(each) for each in page])
        for item in found.values():
            if "duesk" not in item:
                continue
            try:
                review(documents, item["tenant_id"], item["printer_id"], now, is_whole=WHOLE in item)
            except Exception as error:  # noqa: BLE001 - one printer's trouble must not hold up the others
                failed(item["printer_id"], error)
                documents.save(item | keys.due(KIND, item["printer_id"], now + AFTER_FAILURE))
                continue
            documents.save({name: value for name, value in item.items() if name not in {"duepk", "duesk", WHOLE}})
            done += 1
    return done


def review(documents: Documents, tenant_id: str, printer_id: str, now: datetime, *, is_whole: bool = False) -> None:
    """Make the entries of a printer's breaks what its days say: those that can change, or all that are kept.

    Safe to repeat: an entry is written when it is missing or says something else; its event goes with its first write.
    What was told of a printer that is part of this one now is not told again.
    """
    since = open_since(now, is_whole=is_whole)
    state = seen_state(documents, tenant_id, printer_id)
    wanted = {item["sk"]: item for item in derived(documents, state, since, now)}
    partition = directory.printer(tenant_id, printer_id)
    found, others = _noticed(documents, tenant_id, printer_id, state, since, now)
    for sk, item in wanted.items():
        before = found.get(sk)
        if before is None:
            _commit(documents, [item, *([] if sk in others else _event(documents, item, now))])
        elif before | item != before:
            _commit(documents, [before | item])
    for sk in found.keys() - wanted.keys():
        documents.remove((partition, sk))


def _noticed(
    documents: Documents, tenant_id: str, printer_id: str, state: Item | None, since: str, now: datetime
) -> tuple[dict[str, Item], set[str]]:
    """The entries that can be derived, by sort key; and the sort keys of those of printers that were merged into it."""
    found: dict[str, Item] = {}
    others: set[str] = set()
    for part in {printer_id, *(span.printer_id for span in spans_of(state, printer_id))}:
        for item in stored_entries(documents, directory.printer(tenant_id, part)):
            if item.get("source") != BreakSource.READINGS:
                continue
            if part != printer_id:
                others.add(item["sk"])
            elif can_be_derived(item, since, now):
                found[item["sk"]] = item
    return found, others


def open_since(now: datetime, *, is_whole: bool = False) -> str:
    """The first day that a reading can still change, or that is kept; entries of breaks before it stay for good."""
    return (now - (KEEP if is_whole else OPEN_DAYS)).date().isoformat()


def can_be_derived(item: Item, since: str, now: datetime) -> bool:
    """Whether days from ``since`` on show the break that readings made of an entry: both its readings are kept."""
    is_kept: bool = since <= item["day"] and open_since(now, is_whole=True) <= item["from_at"]
    return is_kept


def derived(documents: Documents, state: Item | None, since: str, now: datetime) -> list[Item]:
    """The entries of the breaks of a printer, by its latest state, from a day on."""
    if state is None:
        return []
    tenant_id, printer_id = state["tenant_id"], state["printer_id"]
    first, last = (date.fromisoformat(since) - HISTORY).isoformat(), (now + timedelta(days=2)).date().isoformat()
    days = days_between(documents, tenant_id, printer_id, first, last, state)
    before = last_days(documents, tenant_id, printer_id, before=first, state=state, limit=1)
    tenancy = {name: state[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
    return [item | tenancy for item in break_items(tenant_id, printer_id, [*before, *days], since)]


def break_items(tenant_id: str, printer_id: str, days: Sequence[PrinterDay], since: str) -> list[Item]:
    """The entries of the breaks of days that are in order, those before ``since`` left out."""
    items: list[Item] = []
    for counter in counters_of(days):
        of_day: dict[str, int] = {}
        for before, after, expected in breaks_of(series_of(days, counter)):
            number = of_day[after.day] = of_day.get(after.day, 0) + 1
            if after.day < since:
                continue
            break_id = f"{after.day}.{number}.{counter}"
            pk, sk = keys.meter_break(tenant_id, printer_id, after.day, break_id)
            usage = rolled_over(before.value, after.value, expected)
            near = modulus_of(before.value)
            is_roll_over = usage is not None or (near is not None and after.value <= near // 10)
            other = BreakCause.RESET if restarted(before, after) else BreakCause.UNKNOWN
            items.append(
                {
                    "pk": pk,
                    "sk": sk,
                    "break_id": break_id,
                    "source": BreakSource.READINGS.value,
                    "counter": counter,
                    "day": after.day,
                    "from_at": before.at,
                    "to_at": after.at,
                    "last_before": before.value,
                    "first_after": after.value,
                    "cause": (BreakCause.ROLL_OVER if is_roll_over else other).value,
                    "expected": -1 if expected is None else round(expected),
                }
                | ({} if usage is None else {"usage": usage})
            )
    return items


def entries_of(documents: Documents, tenant_id: str, printer_id: str, state: Item | None, now: datetime) -> Entries:
    """All that the ledger holds of a printer beside its days, as its: entries of those that were merged into it too.

    Of another's partition that of the days which are this printer's; what was decided stays decided. Breaks of its
    readings are this printer's own, by the days of all, where days are kept.
    """
    spans = spans_of(state, printer_id)
    kept_since = open_since(now, is_whole=True)
    items: list[Item] = []
    for part in dict.fromkeys([printer_id, *(span.printer_id for span in spans)]):
        days = [(span.first, span.last) for span in spans if span.printer_id == part]
        for item in stored_entries(documents, directory.printer(tenant_id, part)):
            is_noticed = item.get("source") == BreakSource.READINGS
            if part == printer_id and (is_noticed or "day" not in item):
                items.append(item)
            elif _is_of(item, days) and not (is_noticed and can_be_derived(item, kept_since, now)):
                items.append(item | {"printer_id": printer_id})
    return Entries.of(items)


def _is_of(item: Item, days: Sequence[tuple[str, str]]) -> bool:
    """Whether an entry is of one of the spans of days; a decision is of its subject, another's review of nobody."""
    if item["sk"].startswith(keys.METER_RULING_PREFIX):
        return True
    return "day" in item and any(first <= item["day"] <= last for first, last in days)


def stored_entries(documents: Documents, partition: str) -> list[Item]:
    """All entries of one printer's partition: left out, a decision would make a rejected read count."""
    items: list[Item] = []
    cursor: str | None = None
    while True:  # ends: people add at most `MOST_ENTRIES`, and readings a few breaks a day that is kept
        page = documents.page(partition, sk_prefix=keys.METER_PREFIX, limit=ENTRIES_AT_ONCE, cursor=cursor)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items


def _event(documents: Documents, item: Item, now: datetime) -> list[Item]:
    """The event of a break; none when it was told before, and withdrawn by readings that came late."""
    names = ("break_id", "counter", "cause", "last_before", "first_after", "from_at", "to_at", "usage")
    event = outbox.told(
        EventName.COUNTER_RESET,
        item,
        subject_id=item["printer_id"],
        fact=f"break:{item['break_id']}",
        at=now,
        data={name: item.get(name) for name in names} | {"status": "accepted" if "usage" in item else "held"},
    )
    return [] if documents.load([keys.key_of(event)]) else [event]


def _commit(documents: Documents, items: Sequence[Item]) -> None:
    if not documents.commit(items):
        raise Unavailable("store_busy", "Somebody else was faster; the next review sees what it wrote.")
