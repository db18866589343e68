"""What the site's uploads took: octets of each day, so that a customer sees what leaves the network."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

DAYS_KEPT: Final = 35


@dataclass(frozen=True, slots=True)
class Octets:
    """Bodies of one exchange as they travel, packed; without headers, TLS and TCP."""

    sent: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class DayTraffic:
    """One day's uploads (UTC)."""

    day: str
    uploads: int
    readings: int
    sent_bytes: int
    received_bytes: int


def add_traffic(db: sqlite3.Connection, now: datetime, readings: int, octets: Octets) -> None:
    """Count one exchange, inside the caller's transaction. Not to be repeated: it adds.

    Args:
        db: The spool.
        now: The host's time, aware.
        readings: How many the upload carried.
        octets: What it took.
    """
    day = now.date().isoformat()
    db.execute(
        "INSERT INTO traffic (day, uploads, readings, sent_bytes, received_bytes) VALUES (?, 1, ?, ?, ?)"
        " ON CONFLICT (day) DO UPDATE SET uploads = uploads + 1, readings = readings + excluded.readings,"
        " sent_bytes = sent_bytes + excluded.sent_bytes, received_bytes = received_bytes + excluded.received_bytes",
        (day, readings, octets.sent, octets.received),
    )
    # By the order in which the days came, so that a clock set back does not lose what is new.
    db.execute(
        "DELETE FROM traffic WHERE rowid NOT IN (SELECT rowid FROM traffic ORDER BY rowid DESC LIMIT ?)", (DAYS_KEPT,)
    )


def traffic_of(db: sqlite3.Connection) -> list[DayTraffic]:
    """The days there were uploads, the newest first."""
    rows = db.execute(
        "SELECT day, uploads, readings, sent_bytes, received_bytes FROM traffic ORDER BY rowid DESC LIMIT ?",
        (DAYS_KEPT,),
    )
    return [DayTraffic(*row) for row in rows]
