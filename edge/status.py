"""How far each printer came, and why it stopped: facts kept in the spool, told by `platen-agent status`."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.wire.reading import PrinterReading


class Stage(StrEnum):
    """The way of a printer's reading, in order; each stands for what has succeeded."""

    FOUND = "found"
    ANSWERED = "answered"
    IDENTIFIED = "identified"
    READ = "read"
    SPOOLED = "spooled"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Found:
    """Discovery met a printer."""

    target: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A printer could not be read; ``stage`` is how far it came."""

    target: str
    at: datetime
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A printer was read and had nothing new to say."""

    target: str
    at: datetime
    reading: PrinterReading


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """One printer's line in the status."""

    target: str
    model: str | None
    serial_number: str | None
    stage: str
    reason: str | None
    read_at: str | None
    acknowledged_at: str | None


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """The state of the agent as a whole; ``queued`` counts readings not yet acknowledged.

    ``spooled`` and ``acknowledged`` count from the making of this spool: what was spooled is acknowledged,
    queued, dropped or rejected.
    """

    spooled: int
    acknowledged: int
    queued: int
    queued_bytes: int
    oldest_queued_at: str | None
    dropped: int
    dead_letters: int
    spools_set_aside: int
    last_upload_at: str | None
    last_upload_error: str | None
    printers: list[PrinterStatus]


def note(connection: sqlite3.Connection, event: Found | Failed | Unchanged) -> None:
    """Keep one fact, inside the caller's transaction. Safe to repeat: a row per printer, replaced."""
    at = event.at.isoformat()
    match event:
        case Found():
            connection.execute(
                "INSERT INTO printers (target, stage, seen_at) VALUES (?, ?, ?)"
                " ON CONFLICT (target) DO UPDATE SET seen_at = excluded.seen_at",
                (event.target, Stage.FOUND, at),
            )
        case Failed():
            connection.execute(
                "INSERT INTO printers (target, stage, failure_stage, reason, failed_at, seen_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (target) DO UPDATE"
                " SET failure_stage = excluded.failure_stage, reason = excluded.reason, failed_at = excluded.failed_at",
                (event.target, Stage.FOUND, event.stage, event.reason[:500], at),
            )
        case Unchanged():
            note_read(connection, event.target, at, event.reading)


def note_read(connection: sqlite3.Connection, target: str, at: str, reading: PrinterReading) -> None:
    """A printer was read at ``at`` (ISO-8601): whatever had failed before is over."""
    identity = reading.identity
    connection.execute(
        "INSERT INTO printers (target, stage, model, serial_number, read_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
        " ON CONFLICT (target) DO UPDATE SET model = coalesce(excluded.model, model),"
        " serial_number = coalesce(excluded.serial_number, serial_number), read_at = excluded.read_at,"
        " seen_at = excluded.seen_at, failure_stage = NULL,"
        " reason = CASE WHEN failure_stage IS NULL THEN reason END",
        (target, Stage.READ, identity.model, identity.serial_number, at),
    )


def facts_of(connection: sqlite3.Connection) -> dict[str, str]:
    """The spool's named facts."""
    return dict(connection.execute("SELECT name, value FROM facts"))


def set_fact(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    """Keep a named fact, inside the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, str(value)))


def agent_status(connection: sqlite3.Connection) -> AgentStatus:
    """Everything `platen-agent status` shows, from one connection that only reads."""
    queued, queued_bytes, oldest = connection.execute(
        "SELECT count(*), coalesce(sum(bytes), 0), min(taken_at) FROM readings"
    ).fetchone()
    facts = facts_of(connection)
    upload_error = facts.get("last_upload_error") or None
    return AgentStatus(
        spooled=connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'readings'"
        ).fetchone()[0],
        acknowledged=int(facts.get("acknowledged", 0)),
        queued=queued,
        queued_bytes=queued_bytes,
        oldest_queued_at=oldest,
        dropped=int(facts.get("dropped", 0)),
        dead_letters=connection.execute("SELECT count(*) FROM dead_letters").fetchone()[0],
        spools_set_aside=int(facts.get("set_aside", 0)),
        last_upload_at=facts.get("last_upload_at"),
        last_upload_error=upload_error,
        printers=[
            _printer_status(row, upload_error)
            for row in connection.execute(
                "SELECT target, model, serial_number, coalesce(failure_stage, stage), failure_stage, reason,"
                " read_at, acknowledged_at FROM printers ORDER BY target"
            )
        ],
    )


def _printer_status(row: tuple[Any, ...], upload_error: str | None) -> PrinterStatus:
    target, model, serial_number, stage, failure_stage, reason, read_at, acknowledged_at = row
    if failure_stage is None and reason is None and stage in {Stage.SPOOLED, Stage.SENT}:
        reason = upload_error
    return PrinterStatus(target, model, serial_number, stage, reason, read_at, acknowledged_at)
