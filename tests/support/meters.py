"""A printer with a past, and its ledger, on the in-memory store."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from functions.ingest.meters.ledger import Ledger
from functions.ingest.meters.review import review_due
from functions.ingest.table import keys
from functions.ingest.uploads.accept_upload import accept_upload
from shared.table import Item
from shared.wire.reading import Counter, PrinterReading
from tests.support.ingest import NOW, FakeDocuments, reading, sender, upload

LATER = NOW + timedelta(minutes=5)


def counted(
    number: int,
    at: datetime,
    counters: Mapping[str, int],
    **fields: Any,  # noqa: ANN401 - any field of a reading
) -> PrinterReading:
    """A reading of these counters and nothing else."""
    rows = [Counter(name=name, value=value, unit="impressions") for name, value in counters.items()]
    return reading(f"r{number}", taken_at=at, counters=rows, level=None, **({"uptime_ticks": None} | fields))


def stored(readings: Iterable[PrinterReading], documents: FakeDocuments | None = None) -> FakeDocuments:
    """The store after the readings came one by one."""
    documents = documents or FakeDocuments()
    for each in readings:
        seq = documents.writes + 1
        accept_upload(upload(each, seq=seq), sender=sender(), config_etag='"c"', documents=documents)
    return documents


def at_day(days_ago: int, hour: int = 12) -> datetime:
    """A time so many days ago, at an hour of UTC (Berlin is an hour ahead)."""
    return (NOW - timedelta(days=days_ago)).replace(hour=hour, minute=0, second=0)


def day_of(days_ago: int) -> str:
    """The day so many days ago."""
    return at_day(days_ago).date().isoformat()


def reviewed(documents: FakeDocuments, now: datetime = LATER) -> int:
    """Do the reviews that are due; how many. One that fails fails the test."""

    def failed(_printer_id: str, error: Exception) -> None:
        raise error

    return review_due(documents, now, failed)


def meta_of(documents: FakeDocuments) -> Item:
    """The one printer."""
    (meta,) = documents.of_kind("META")
    return meta


def ledger_of(documents: FakeDocuments, now: datetime = LATER) -> Ledger:
    """The one printer's ledger."""
    meta = meta_of(documents)
    state_key = keys.state(meta["tenant_id"], meta["printer_id"])
    state = documents.load([state_key]).get(state_key)
    return Ledger.of(documents, meta["tenant_id"], meta["printer_id"], state, now)


def pages(documents: FakeDocuments, first: int, last: int, counter: str = "life_count") -> int:
    """Pages from the beginning of one day to the end of another, both so many days ago."""
    usages = ledger_of(documents).usages(day_of(first), day_of(last))
    return sum(usage.pages for usage in usages if usage.counter == counter)
