"""The spool's database file: its schema, its versions, and what happens to a damaged one."""

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path

MIGRATIONS = (
    """
    CREATE TABLE readings (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        reading_id TEXT NOT NULL UNIQUE,
        printer TEXT NOT NULL,
        day TEXT NOT NULL,
        target TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        has_alert_change INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL,
        batch INTEGER REFERENCES batches (seq)
    );
    CREATE INDEX readings_of_printer ON readings (printer, day, row);
    CREATE INDEX readings_of_target ON readings (target);
    CREATE INDEX readings_of_batch ON readings (batch);
    CREATE TABLE batches (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        boot_id TEXT NOT NULL,
        dropped INTEGER NOT NULL,
        created_at TEXT NOT NULL
    );
    CREATE TABLE dead_letters (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        reading_id TEXT NOT NULL,
        target TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        rejected_at TEXT NOT NULL,
        reason TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL
    );
    CREATE TABLE printers (
        target TEXT PRIMARY KEY,
        state TEXT,
        model TEXT,
        serial_number TEXT,
        stage TEXT NOT NULL,
        failure_stage TEXT,
        reason TEXT,
        seen_at TEXT NOT NULL,
        read_at TEXT,
        spooled_at TEXT,
        acknowledged_at TEXT,
        failed_at TEXT
    );
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
)
"""One script for each `user_version`, in order. A released script is never changed, only followed by another."""

QUARANTINED_KEPT = 3
BUSY_SECONDS = 5.0
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_COMPANIONS = ("-wal", "-shm")


class SpoolError(Exception):
    """The spool cannot be used now; the message names the file and the fix. What it holds is not lost."""


class SpoolCorruptError(Exception):
    """The file is not a sound database."""


def open_file(path: Path) -> sqlite3.Connection:
    """Open the database, made or brought to the newest version if need be; writes are durable at commit.

    Raises:
        SpoolCorruptError: The file is damaged; `quarantine` it.
        SpoolError: It cannot be opened, or was written by a newer agent.
    """
    if not path.exists():
        with suppress(OSError):  # what is wrong, SQLite says below
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    try:
        _set_up(path, connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise explained(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(path: Path, connection: sqlite3.Connection) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "journal_size_limit = 4194304"):
        connection.execute(f"PRAGMA {pragma}")
    check = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if check != "ok":
        raise SpoolCorruptError(str(check))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise SpoolError(f"{path} was written by a newer platen-agent: install that version, or move the file away")
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


def quarantine(path: Path) -> int:
    """Move a damaged file out of the way, so that the agent comes up; the newest few are kept for a person.

    Safe to repeat: only files that are there are moved. Returns how many this folder has ever set aside.

    Raises:
        SpoolError: It cannot be moved.
    """
    ordinal = max((_ordinal(file) for file in _quarantined(path)), default=0) + 1
    try:
        for suffix in ("", *_COMPANIONS):
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.replace(path.with_name(f"{path.name}.aside-{ordinal:04d}{suffix}"))
        for old in _quarantined(path):
            if _ordinal(old) <= ordinal - QUARANTINED_KEPT:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise SpoolError(f"{path} is damaged and cannot be moved away ({error.strerror}): remove it by hand") from error
    return ordinal


def explained(path: Path, error: sqlite3.Error) -> SpoolError | SpoolCorruptError:
    """SQLite's error as ours: damage, or something that a person can mend."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
    if code in _CORRUPT:
        return SpoolCorruptError(str(error))
    if code == sqlite3.SQLITE_FULL:
        return SpoolError(f"no space left for {path}: free some on its disk")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return SpoolError(f"{path} cannot be opened for writing: give the agent's user write permission on its folder")
    return SpoolError(f"{path} cannot be used: {error}")


def _quarantined(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{path.name}.aside-*"))


def _ordinal(file: Path) -> int:
    match = re.search(r"\.aside-(\d+)", file.name)
    return int(match[1]) if match else 0
