"""The spool's rows: readings, batches, dead letters. Each function works inside its caller's transaction."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edge.spool.changes import Cause, Report, day_of, printer_key
from edge.spool.room import Tier, rank
from edge.spool.seal import Seal
from edge.spool.status import Stage, note_read
from shared.wire.reading import PrinterReading
from shared.wire.upload import reading_body

ROW_OVERHEAD_BYTES: Final = 256  # what a row costs beside its body: keys, indexes
MAX_DEAD_LETTERS: Final = 500
MAX_DEAD_LETTER_BYTES: Final = 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class Row:
    """A reading as a row: ``body`` is its JSON, ASCII only; ``kept_at`` the spool's age in seconds when it came.

    ``row`` is its number, None for the next.
    """

    reading_id: str
    printer: str
    day: str
    target: str
    taken_at: str
    has_alert_change: bool
    body: str
    kept_at: float
    tier: int = Tier.NEWEST
    row: int | None = None


def append(db: sqlite3.Connection, event: Reported, seal: Seal, age_seconds: float) -> bool:
    """Keep a reading and what is now reported of its printer. False when it was there already."""
    reading, at = event.reading, event.at.isoformat()
    row = Row(
        reading_id=reading.reading_id,
        printer=printer_key(reading, event.target),
        day=day_of(reading),
        target=event.target,
        taken_at=reading.taken_at.isoformat(),
        has_alert_change=event.report.alerts_changed,
        body=json.dumps(_body(event), separators=(",", ":")),
        kept_at=age_seconds,
    )
    number = insert(db, row, seal)
    if number is not None:
        rank(db, row.printer, row.day, number)
    note_read(db, event.target, at, reading)
    db.execute(
        "UPDATE printers SET state = ?, stage = ?, spooled_at = ?, reason = NULL WHERE target = ?",
        (event.report.state.to_json(), Stage.SPOOLED, at, event.target),
    )
    return number is not None


def _body(event: Reported) -> dict[str, Any]:
    report = event.report
    if report.unchanged is not None:
        return report.unchanged.model_dump(mode="json")
    return reading_body(event.reading.model_copy(update={"heartbeat": report.cause is Cause.HEARTBEAT}))


def insert(db: sqlite3.Connection, row: Row, seal: Seal) -> int | None:
    """Add a row as it is. Safe to repeat: a reading is known by its id. Returns its number, None when it was there."""
    added = db.execute(
        "INSERT INTO readings"
        " (row, reading_id, printer, day, target, taken_at, has_alert_change, bytes, body, kept_at, seal, tier)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            row.row,
            row.reading_id,
            row.printer,
            row.day,
            row.target,
            row.taken_at,
            row.has_alert_change,
            len(row.body) + ROW_OVERHEAD_BYTES,
            row.body,
            row.kept_at,
            seal.of(row.reading_id, row.printer, row.day, row.target, row.taken_at, row.body),
            row.tier,
        ),
    )
    return added.lastrowid if added.rowcount else None


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


def oldest_batch(db: sqlite3.Connection, seal: Seal) -> tuple[Batch | None, list[SpooledReading]]:
    """The batch to send next, and those of its readings that were altered on disk."""
    found = db.execute("SELECT boot_id, seq, dropped FROM batches ORDER BY seq LIMIT 1").fetchone()
    if found is None:
        return None, []
    boot_id, seq, dropped = found
    readings: list[SpooledReading] = []
    damaged: list[SpooledReading] = []
    rows = db.execute(
        "SELECT seal, row, body, reading_id, printer, day, target, taken_at FROM readings WHERE batch = ? ORDER BY row",
        (seq,),
    )
    for sealed, row, body, *fields in rows:
        is_sound = seal.holds(sealed, *fields, body) if sealed is not None else _is_json(body)
        (readings if is_sound else damaged).append(SpooledReading(row, fields[0], body))
    return Batch(boot_id, seq, dropped, tuple(readings)), damaged


def _is_json(body: str) -> bool:
    try:
        return body.isascii() and isinstance(json.loads(body), dict)
    except ValueError:
        return False


def remove_batch(db: sqlite3.Connection, batch: Batch) -> bool:
    """Dissolve a batch: its readings wait for another. False when it was gone already."""
    db.execute("UPDATE readings SET batch = NULL WHERE batch = ?", (batch.seq,))
    return db.execute("DELETE FROM batches WHERE seq = ?", (batch.seq,)).rowcount > 0


def remove_reading(db: sqlite3.Connection, reading: SpooledReading) -> None:
    """Delete a reading whose outcome is known."""
    db.execute("DELETE FROM readings WHERE row = ? AND reading_id = ?", (reading.row, reading.reading_id))


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


def note_stored(db: sqlite3.Connection, targets: Mapping[str, str], stored: Mapping[str, str | None]) -> None:
    """Keep which whole readings the cloud has, by reading id: the printer as it calls it, None where it has another.

    Only a printer's last whole reading counts; one that answers elsewhere by now is sent whole once more.
    """
    for reading_id, printer_id in stored.items():
        if printer_id is None:
            db.execute(
                "UPDATE printers SET state = json_set(state, '$.whole.printer_id', '')"
                " WHERE target = ? AND json_type(state, '$.whole') = 'object'",
                (targets.get(reading_id),),
            )
        else:
            db.execute(
                "UPDATE printers SET state = json_set(state, '$.whole.printer_id', ?2)"
                " WHERE target = ?3 AND json_extract(state, '$.whole.reading_id') = ?1",
                (reading_id, printer_id, targets.get(reading_id)),
            )


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
