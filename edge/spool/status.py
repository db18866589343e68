"""How far each printer came, and why it stopped: facts kept in the spool, told by `platen-agent status`."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from edge.spool.printer_keys import UNKNOWN, KnownPrinter, contradicts, key_of
from shared.wire.reading import Identity, PrinterReading

NOT_THERE_NOW: Final = "another printer answers at its address now: it is looked for"


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
class Reached:
    """How a printer was spoken to: ``answered_by`` is a protocol, its version and the name of a credential set."""

    target: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class SeenAlso:
    """All further addresses at which the printer of ``target`` answers."""

    target: str
    seconds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """Facts about the agent itself; an empty value forgets one."""

    facts: Mapping[str, str]


Fact = Found | Failed | Unchanged | Reached | SeenAlso | Noted


def note(connection: sqlite3.Connection, event: Fact) -> None:
    """Keep one fact, inside the caller's transaction. Safe to repeat: a row per printer, replaced."""
    match event:
        case Found():
            _note_found(connection, event)
        case Failed():
            _note_failed(connection, event)
        case Unchanged():
            note_read(connection, event.target, event.at.isoformat(), event.reading)
        case Reached():
            connection.execute(
                "UPDATE printers SET answered_by = ?1 WHERE target = ?2 AND answered_by IS NOT ?1",
                (event.answered_by[:128], event.target),
            )
        case SeenAlso():
            seconds = " ".join(event.seconds)
            connection.execute("UPDATE printers SET seconds = ? WHERE target = ?", (seconds, event.target))
            connection.executemany(
                "DELETE FROM printers WHERE printer = ?", [(f"{UNKNOWN}{second}",) for second in event.seconds]
            )
        case Noted():
            for name, value in event.facts.items():
                set_fact(connection, name, value)


def _note_found(connection: sqlite3.Connection, event: Found) -> None:
    connection.execute(
        "INSERT INTO printers (printer, target, last_target, stage, seen_at) VALUES (?1 || ?2, ?2, ?2, ?3, ?4)"
        " ON CONFLICT (target) DO UPDATE SET seen_at = excluded.seen_at",
        (UNKNOWN, event.target, Stage.FOUND, event.at.isoformat()),
    )


def _note_failed(connection: sqlite3.Connection, event: Failed) -> None:
    connection.execute(
        "INSERT INTO printers"
        " (printer, target, last_target, stage, failure_stage, reason, failed_at, failing_since, seen_at)"
        " VALUES (?1 || ?2, ?2, ?2, ?3, ?4, ?5, ?6, ?6, ?6) ON CONFLICT (target) DO UPDATE"
        " SET failure_stage = excluded.failure_stage, reason = excluded.reason, failed_at = excluded.failed_at,"
        " failing_since = coalesce(failing_since, excluded.failing_since)",
        (UNKNOWN, event.target, Stage.FOUND, event.stage, event.reason[:500], event.at.isoformat()),
    )


def entry_of(connection: sqlite3.Connection, target: str, identity: Identity) -> tuple[str, str | None]:
    """The key of the printer that answered at ``target``, and the key of the row that is its, if there is one."""
    holder = _holder(connection, target)
    key = key_of(identity, target, holder)
    if connection.execute("SELECT 1 FROM printers WHERE printer = ?", (key,)).fetchone():
        return key, key
    if holder is not None and not contradicts(identity, holder):
        return key, holder.key
    return key, None


def note_read(connection: sqlite3.Connection, target: str, at: str, reading: PrinterReading) -> None:
    """A printer was read at ``at`` (ISO-8601): whatever had failed before is over, wherever it was before.

    Another printer's row that stood at this address keeps what is known of it and waits to be found elsewhere.
    """
    identity = reading.identity
    holder = _holder(connection, target)
    key, row = entry_of(connection, target, identity)
    if holder is not None and holder.key != row:
        _leave(connection, holder, at)
    if row is not None and row != key:
        connection.execute("UPDATE printers SET printer = ? WHERE printer = ?", (key, row))
    connection.execute(
        "INSERT INTO printers"
        " (printer, target, last_target, stage, manufacturer, model, serial_number, mac_address, read_at, seen_at)"
        " VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (printer) DO UPDATE SET"
        " target = excluded.target, last_target = excluded.target,"
        " manufacturer = coalesce(excluded.manufacturer, manufacturer), model = coalesce(excluded.model, model),"
        " serial_number = coalesce(excluded.serial_number, serial_number),"
        " mac_address = coalesce(excluded.mac_address, mac_address), read_at = excluded.read_at,"
        " seen_at = excluded.seen_at, failure_stage = NULL, failing_since = NULL,"
        " reason = CASE WHEN failure_stage IS NULL THEN reason END",
        (
            key,
            target,
            Stage.READ,
            identity.manufacturer,
            identity.model,
            identity.serial_number,
            identity.mac_address,
            at,
        ),
    )


def known_printers(connection: sqlite3.Connection) -> list[KnownPrinter]:
    """Every printer that was found or read, and where it was last."""
    rows = connection.execute(
        "SELECT printer, target, serial_number, mac_address, model, seconds FROM printers ORDER BY printer"
    )
    return [
        KnownPrinter(key, target, serial_number, mac_address, model, seconds=seconds.split())
        for key, target, serial_number, mac_address, model, seconds in rows
    ]


def _holder(connection: sqlite3.Connection, target: str) -> KnownPrinter | None:
    row = connection.execute(
        "SELECT printer, target, serial_number, mac_address, model FROM printers WHERE target = ?", (target,)
    ).fetchone()
    return KnownPrinter(*row) if row else None


def _leave(connection: sqlite3.Connection, holder: KnownPrinter, at: str) -> None:
    if not holder.is_identified:
        connection.execute("DELETE FROM printers WHERE printer = ?", (holder.key,))
        return
    connection.execute(
        "UPDATE printers SET target = NULL, failure_stage = ?, reason = ?, failed_at = ?3,"
        " failing_since = coalesce(failing_since, ?3) WHERE printer = ?4",
        (Stage.FOUND, NOT_THERE_NOW, at, holder.key),
    )


def facts_of(connection: sqlite3.Connection) -> dict[str, str]:
    """The spool's named facts."""
    return dict(connection.execute("SELECT name, value FROM facts"))


def set_fact(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    """Keep a named fact, inside the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, str(value)))
