"""What left the site, exactly: each upload's octets as sent, kept for a while beside the spool."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.log import get_logger
from edge.spool.file import SQLITE_ERRORS, SpoolCorruptError, explained
from edge.spool.room import used_bytes
from edge.spool.rows import Batch
from edge.spool.traffic import Octets

JOURNAL_FILE: Final = "journal.db"
DAYS_KEPT: Final = 7
MAX_BYTES: Final = 32 * 1024 * 1024
NEWEST_KEPT: Final = 20
"""Kept however old they seem: a clock that jumps must not empty the journal."""
BUSY_SECONDS: Final = 1.0
MAX_REASON: Final = 500
_GIVEN_UP_AT_ONCE: Final = 8
_VERSION: Final = 1
_PRAGMAS: Final = (
    "auto_vacuum = INCREMENTAL",
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a power cut may cost the last entries, never the file; nothing else waits for the disk
    "secure_delete = ON",
    "journal_size_limit = 1048576",
    "wal_autocheckpoint = 256",
)
_SCHEMA: Final = f"""
    BEGIN IMMEDIATE;
    CREATE TABLE uploads (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        boot_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        first_sent_at TEXT NOT NULL,
        sent_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        readings INTEGER NOT NULL,
        sent_bytes INTEGER NOT NULL,
        total_bytes INTEGER NOT NULL,
        received_bytes INTEGER,
        http_status INTEGER,
        result TEXT,
        outcomes TEXT,
        body BLOB NOT NULL,
        UNIQUE (boot_id, seq)
    );
    PRAGMA user_version = {_VERSION};
    COMMIT;
    """
log = get_logger()


class Journal:
    """Writes the journal. No fault of it ever reaches the caller: sending goes on, and the fault is logged once.

    Headers are not kept, so that no token is.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES, days_kept: int = DAYS_KEPT) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._kept = timedelta(days=days_kept)
        self._db: sqlite3.Connection | None = None
        self._is_failing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def sending(self, batch: Batch, body: bytes, now: datetime) -> None:
        """An upload is about to leave. Safe to repeat: an upload that is tried again is one entry, its newest octets.

        Args:
            batch: What is sent.
            body: The packed octets.
            now: The host's time, aware.
        """
        at = now.isoformat()
        self._write(
            "INSERT INTO uploads"
            " (boot_id, seq, first_sent_at, sent_at, attempts, readings, sent_bytes, total_bytes, body)"
            " VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5, ?5, ?6) ON CONFLICT (boot_id, seq) DO UPDATE SET sent_at = ?3,"
            " attempts = attempts + 1, sent_bytes = ?5, total_bytes = total_bytes + ?5, body = ?6,"
            " http_status = NULL, received_bytes = NULL, result = NULL, outcomes = NULL",
            (batch.boot_id, batch.seq, at, len(batch.readings), len(body), body),
            now,
        )

    def answered(
        self,
        batch: Batch,
        *,
        status: int | None,
        octets: Octets,
        result: str,
        outcomes: Mapping[str, str] | None = None,
    ) -> None:
        """What came of an upload. Safe to repeat.

        Args:
            batch: What was sent.
            status: The HTTP status; None when no answer came.
            octets: What the exchange took.
            result: One word or sentence for people.
            outcomes: What became of each reading, by its id.
        """
        self._write(
            "UPDATE uploads SET http_status = ?, received_bytes = ?, result = ?, outcomes = ?"
            " WHERE boot_id = ? AND seq = ?",
            (
                status,
                octets.received if status is not None else None,
                result[:MAX_REASON],
                None if outcomes is None else json.dumps(outcomes),
                batch.boot_id,
                batch.seq,
            ),
        )

    def _write(self, statement: str, values: tuple[object, ...], now: datetime | None = None) -> None:
        try:
            db = self._db = self._db or _opened(self._path)
            db.execute("BEGIN IMMEDIATE")
            db.execute(statement, values)
            if now is not None:
                _forget(db, self._max_bytes, (now - self._kept).isoformat())
            db.execute("COMMIT")
        except (*SQLITE_ERRORS, OSError) as error:
            self._close()
            if not self._is_failing:
                log.warning("journal cannot be written; sending goes on", reason=str(error))
            self._is_failing = True
            return
        if self._is_failing:
            log.info("journal is written again")
        self._is_failing = False

    def _close(self) -> None:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()  # rolls back
        self._db = None


def _opened(path: Path) -> sqlite3.Connection:
    """The journal's database; a damaged one is begun anew: it is a copy, and nothing waits in it."""
    db = _made(path)
    if db is not None:
        return db
    log.warning("journal was damaged and is begun anew", file=path.name)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    db = _made(path)
    if db is None:
        raise OSError(f"{path} is damaged as soon as it is made")
    return db


def _made(path: Path) -> sqlite3.Connection | None:
    """The database; None when the file is damaged."""
    path.touch(mode=0o600)
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            db.executescript(_SCHEMA)
        is_sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except SQLITE_ERRORS as error:
        db.close()
        if isinstance(explained(path, error), SpoolCorruptError):
            return None
        raise
    if is_sound:
        return db
    db.close()
    return None


def _forget(db: sqlite3.Connection, max_bytes: int, before: str) -> None:
    db.execute(
        "DELETE FROM uploads WHERE sent_at < ?"
        " AND number NOT IN (SELECT number FROM uploads ORDER BY number DESC LIMIT ?)",
        (before, NEWEST_KEPT),
    )
    is_more = True
    while is_more and used_bytes(db) > max_bytes:
        is_more = (
            db.execute(
                "DELETE FROM uploads WHERE number IN"
                " (SELECT number FROM uploads WHERE number < (SELECT max(number) FROM uploads)"
                " ORDER BY number LIMIT ?)",
                (_GIVEN_UP_AT_ONCE,),
            ).rowcount
            > 0
        )
