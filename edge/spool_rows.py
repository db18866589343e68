"""The spool's rows: readings, batches, dead letters. Each function works inside its caller's transaction."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.changes import Cause, Report, day_of, printer_key
from edge.status import Stage, note_read
from shared.wire.reading import PrinterReading
from shared.wire.upload import reading_body

ROW_OVERHEAD_BYTES: Final = 256  # what a row costs beside its body: keys, indexes
MAX_DEAD_LETTERS: Final = 500
MAX_DEAD_LETTER_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reported:
    """A reading worth sending; ``at`` is real time."""

    target: str
    at: datetime
    reading: PrinterReading
    report: Report


@dataclass(frozen=True, slots=True)
class SpooledReading:
    """A reading as it will be sent: ``body`` is its JSON, ASCII only."""

    row: int
    reading_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings that travel together, under the same (boot_id, seq) however often they are sent.

    ``dropped`` is how many readings this spool had given up, in all, when the batch was made.
    """

    boot_id: str
    seq: int
    dropped: int
    readings: tuple[SpooledReading, ...]


def append(db: sqlite3.Connection, event: Reported) -> int:
    """Keep a reading and what is now reported of its printer. Returns the bytes it takes; 0 when it was there."""
    reading, at = event.reading, event.at.isoformat()
    is_heartbeat = event.report.cause is Cause.HEARTBEAT
    body = json.dumps(reading_body(reading.model_copy(update={"heartbeat": is_heartbeat})), separators=(",", ":"))
    size = len(body) + ROW_OVERHEAD_BYTES
    added = db.execute(
        "INSERT INTO readings (reading_id, printer, day, target, taken_at, has_alert_change, bytes, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reading_id) DO NOTHING",
        (
            reading.reading_id,
            printer_key(reading, event.target),
            day_of(reading),
            event.target,
            reading.taken_at.isoformat(),
            event.report.alerts_changed,
            size,
            body,
        ),
    ).rowcount
    note_read(db, event.target, at, reading)
    db.execute(
        "UPDATE printers SET state = ?, stage = ?, spooled_at = ?, reason = NULL WHERE target = ?",
        (event.report.state.to_json(), Stage.SPOOLED, at, event.target),
    )
    return size if added else 0


def held_bytes(db: sqlite3.Connection) -> int:
    """What the waiting readings take."""
    return int(db.execute("SELECT coalesce(sum(bytes), 0) FROM readings").fetchone()[0])


def oldest_rows(db: sqlite3.Connection, max_readings: int, max_bytes: int) -> list[int]:
    """The readings of the next batch: as many of the oldest as fit, at least one when there is one."""
    rows: list[int] = []
    octets = 0
    for row, size in db.execute("SELECT row, bytes FROM readings ORDER BY row LIMIT ?", (max_readings,)):
        octets += size
        if rows and octets > max_bytes:
            break
        rows.append(row)
    return rows


def make_batch(db: sqlite3.Connection, boot_id: str, dropped: int, rows: Sequence[int], now: datetime) -> int:
    """Number a batch and put the readings in it. Returns its seq, never given twice."""
    seq = db.execute(
        "INSERT INTO batches (boot_id, dropped, created_at) VALUES (?, ?, ?)", (boot_id, dropped, now.isoformat())
    ).lastrowid
    db.executemany("UPDATE readings SET batch = ? WHERE row = ?", [(seq, row) for row in rows])
    return int(seq or 0)


def oldest_batch(db: sqlite3.Connection) -> Batch | None:
    """The batch to send next."""
    found = db.execute("SELECT boot_id, seq, dropped FROM batches ORDER BY seq LIMIT 1").fetchone()
    if found is None:
        return None
    boot_id, seq, dropped = found
    readings = db.execute("SELECT row, reading_id, body FROM readings WHERE batch = ? ORDER BY row", (seq,))
    return Batch(boot_id, seq, dropped, tuple(SpooledReading(*row) for row in readings))


def remove_batch(db: sqlite3.Connection, batch: Batch) -> bool:
    """Dissolve a batch: its readings wait for another. False when it was gone already."""
    db.execute("UPDATE readings SET batch = NULL WHERE batch = ?", (batch.seq,))
    return db.execute("DELETE FROM batches WHERE seq = ?", (batch.seq,)).rowcount > 0


def remove_reading(db: sqlite3.Connection, reading: SpooledReading) -> int:
    """Delete a reading whose outcome is known. Returns the bytes freed; 0 when it was gone."""
    removed = db.execute("DELETE FROM readings WHERE row = ? AND reading_id = ?", (reading.row, reading.reading_id))
    return len(reading.body) + ROW_OVERHEAD_BYTES if removed.rowcount else 0


def bury(db: sqlite3.Connection, reading: SpooledReading, reason: str, now: datetime) -> None:
    """Keep a rejected reading and its reason for a person; the oldest beyond the bound are forgotten."""
    db.execute(
        "INSERT INTO dead_letters (reading_id, target, taken_at, rejected_at, reason, bytes, body)"
        " SELECT reading_id, target, taken_at, ?, ?, bytes, body FROM readings WHERE row = ?",
        (now.isoformat(), reason[:500], reading.row),
    )
    db.execute(
        "DELETE FROM dead_letters WHERE row IN (SELECT row FROM (SELECT row, count(*) OVER newest AS place,"
        " sum(bytes) OVER newest AS octets FROM dead_letters WINDOW newest AS (ORDER BY row DESC))"
        " WHERE place > ? OR (octets > ? AND place > 1))",
        (MAX_DEAD_LETTERS, MAX_DEAD_LETTER_BYTES),
    )


def targets_of(db: sqlite3.Connection, batch: Batch) -> dict[str, str]:
    """Where each reading of a batch was taken, by reading id."""
    return dict(db.execute("SELECT reading_id, target FROM readings WHERE batch = ?", (batch.seq,)))


def note_sent(db: sqlite3.Connection, targets: Collection[str]) -> None:
    """The batch reached a server, which did not take it."""
    db.executemany("UPDATE printers SET stage = ? WHERE target = ?", [(Stage.SENT, target) for target in targets])


def note_settled(
    db: sqlite3.Connection, targets: Mapping[str, str], outcomes: Mapping[str, str | None], now: datetime
) -> None:
    """What became of each printer's newest reading; a newer one still waiting keeps its own stage."""
    for reading_id, reason in outcomes.items():
        db.execute(
            "UPDATE printers SET stage = ?1, reason = ?2, acknowledged_at = coalesce(?3, acknowledged_at)"
            " WHERE target = ?4 AND failure_stage IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM readings WHERE readings.target = ?4)",
            (
                Stage.ACKNOWLEDGED if reason is None else Stage.SENT,
                reason and f"rejected: {reason}"[:500],
                now.isoformat() if reason is None else None,
                targets.get(reading_id),
            ),
        )
