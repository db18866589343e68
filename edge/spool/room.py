"""What to give up when the spool is full or readings are old: counters are cumulative, so it costs resolution only."""

import sqlite3
from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import Final

STRIDE: Final = 1_000  # rows given up at once
OLD_ALERTS_DAYS: Final = 5
"""How much longer than the rest alerts and the newest of a day are kept: the cloud takes readings of up to 35 days."""
DAY_SECONDS: Final = 86_400
FIRST_TO_GO: Final = (
    "SELECT row, bytes FROM readings INDEXED BY readings_by_tier WHERE batch IS NULL ORDER BY tier, row LIMIT ?"
)
"""The index is named: SQLite would rather sort all that waits, which takes a minute when much does."""
_OF_TIER: Final = (
    "SELECT row, kept_at FROM readings INDEXED BY readings_by_tier WHERE batch IS NULL AND tier = ? ORDER BY row"
)


class Tier(IntEnum):
    """What is given up first to last, the oldest first in each. A reading in a batch stays: it may be on its way."""

    INTERMEDIATE = 0  # the printer has a newer reading of the same day
    OF_AN_OLDER_DAY = 1  # the newest of its day
    ALERT = 2  # alerts differ from those before
    NEWEST = 3  # of its printer


class DropReason(StrEnum):
    """Why a reading was given up before the cloud had it."""

    FULL = "full"  # no room
    EXPIRED = "expired"  # waited too long
    NOT_WRITTEN = "not_written"  # the disk took nothing for so long that memory was full
    DAMAGED = "damaged"  # altered on disk


def rank(db: sqlite3.Connection, printer: str, day: str, row: int) -> None:
    """A newer reading of ``printer`` came as ``row``: what was its newest takes its place among the older ones."""
    newer = (Tier.ALERT, day, Tier.INTERMEDIATE, Tier.OF_AN_OLDER_DAY, printer, Tier.NEWEST, row)
    db.execute(
        "UPDATE readings SET tier = CASE WHEN has_alert_change THEN ? WHEN day = ? THEN ? ELSE ? END"
        " WHERE printer = ? AND tier = ? AND row <> ?",
        newer,
    )
    db.execute(  # only after the clock was set back is there one of the same day
        "UPDATE readings SET tier = ? WHERE printer = ? AND tier = ? AND day = ?",
        (Tier.INTERMEDIATE, printer, Tier.OF_AN_OLDER_DAY, day),
    )


def used_bytes(db: sqlite3.Connection) -> int:
    """What the database takes on disk, without pages that are free to be used again. Costs nothing to ask."""
    ((pages,), (free,), (size,)) = (
        db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def make_room(db: sqlite3.Connection, max_bytes: int) -> int:
    """Give up readings inside the caller's transaction until the database is below its bound. Returns how many."""
    dropped = 0
    while (excess := used_bytes(db) - max_bytes) > 0:
        rows = _first_to_go(db, excess)
        if not rows and not _forget_dead_letters(db):
            break
        _delete(db, rows)
        dropped += len(rows)
    return dropped


def _forget_dead_letters(db: sqlite3.Connection) -> bool:
    """When no reading is left to go: the cloud has rejected these for good."""
    oldest = "SELECT row FROM dead_letters ORDER BY row LIMIT ?"
    return db.execute(f"DELETE FROM dead_letters WHERE row IN ({oldest})", (STRIDE,)).rowcount > 0  # noqa: S608  ours


def _first_to_go(db: sqlite3.Connection, excess: int) -> list[tuple[int]]:
    chosen: list[tuple[int]] = []
    for row, size in db.execute(
        FIRST_TO_GO,
        (STRIDE,),
    ):
        chosen.append((row,))
        excess -= size
        if excess <= 0:
            break
    return chosen


def expire(db: sqlite3.Connection, age_seconds: float, max_days: int) -> int:
    """Give up what has waited too long, inside the caller's transaction, a stride of each tier. Returns how many.

    Args:
        db: The spool.
        age_seconds: Its age (`edge.spool.age`), never the host's clock: a wrong clock must not empty it.
        max_days: How long intermediate readings wait; the others `OLD_ALERTS_DAYS` longer.
    """
    dropped = 0
    for tier in Tier:
        days = max_days + (0 if tier is Tier.INTERMEDIATE else OLD_ALERTS_DAYS)
        too_old = age_seconds - days * DAY_SECONDS
        if (oldest := db.execute(f"{_OF_TIER} LIMIT 1", (tier,)).fetchone()) is None or oldest[1] >= too_old:
            continue  # the age at which rows were kept rises with them: the oldest tells
        rows = [(row,) for row, kept_at in db.execute(f"{_OF_TIER} LIMIT ?", (tier, STRIDE)) if kept_at < too_old]
        _delete(db, rows)
        dropped += len(rows)
    return dropped


def _delete(db: sqlite3.Connection, rows: Sequence[tuple[int]]) -> None:
    db.executemany("DELETE FROM readings WHERE row = ?", rows)
