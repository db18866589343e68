"""Brings the spool up whatever state its file is in: what is damaged is set aside, what is sound in it taken over."""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.log import get_logger
from edge.spool.file import (
    SQLITE_ERRORS,
    SpoolCorruptError,
    SpoolError,
    explained,
    open_file,
    quarantine,
    salvaged,
    times_set_aside,
    to_salvage,
)
from edge.spool.pages import DamagedFile
from edge.spool.rows import Row, insert
from edge.spool.salvage import forgotten_rows, salvage
from edge.spool.seal import Seal
from edge.spool.status import facts_of, set_fact

ANOTHER_SITES: Final = "holds another site's readings"
log = get_logger()


def open_own(path: Path, owner: str, max_bytes: int, damage: str | None = None) -> sqlite3.Connection:
    """Open the spool of ``owner``; a damaged file, or another site's, is set aside and an empty one begun.

    Safe to repeat, and to be killed in: a salvage that did not end is begun again.

    Args:
        path: The database file.
        owner: The site whose readings these are.
        max_bytes: What may be kept of files that were set aside.
        damage: What was found wrong with the file in use; it is set aside however sound it looks.

    Raises:
        SpoolError: It cannot be opened, or what is damaged cannot be moved away.
    """
    db, reason = _usable(path, owner) if damage is None else (None, damage)
    if db is None:
        quarantine(path, max_bytes)
        try:
            db = open_file(path)
        except SpoolCorruptError as error:
            raise SpoolError(f"{path} is damaged as soon as it is made ({error}): check its disk") from error
    try:
        _finish(db, path, owner, reason)
    except BaseException as error:
        db.close()
        if isinstance(error, SQLITE_ERRORS):
            raise SpoolError(str(explained(path, error))) from error
        raise
    return db


def _usable(path: Path, owner: str) -> tuple[sqlite3.Connection | None, str]:
    """The database, or None and why it is to be set aside."""
    waiting = to_salvage(path)
    if waiting and not waiting[-1].exists():
        return None, "was damaged"
    try:
        file = DamagedFile(path) if path.exists() else None
        if file is not None and file.is_cut_to_nothing:
            return None, "was cut to nothing"
        db = _opened(path, file, owner)
        if facts_of(db).get("owner", owner) == owner:
            return db, "was damaged"
        db.close()
    except SpoolCorruptError as error:
        return None, str(error)
    except SQLITE_ERRORS as error:
        return None, str(explained(path, error))
    except OSError as error:
        raise SpoolError(f"{path} cannot be read ({error.strerror}): check its owner and its disk") from error
    return None, ANOTHER_SITES


def _opened(path: Path, file: DamagedFile | None, owner: str) -> sqlite3.Connection:
    if file is None:
        return open_file(path)
    forgotten = forgotten_rows(file, Seal(owner))  # before SQLite forgets them
    db = open_file(path)
    if forgotten:
        taken = _add(db, forgotten, owner)
        if file.has_damaged_log:
            log.warning("spool's log was damaged: what is sound of it is kept", readings_taken_over=taken)
    return db


def _add(db: sqlite3.Connection, rows: list[Row], owner: str) -> int:
    """Bring back what a damaged log would lose. Returns how many; none when the disk refuses: the agent comes up."""
    try:
        db.execute("BEGIN IMMEDIATE")
        taken = sum(insert(db, row, Seal(owner)) is not None for row in rows)
        db.execute("COMMIT")
    except sqlite3.Error as error:
        log.warning("spool's log was damaged and what is sound of it is lost", reason=str(error))
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        return 0
    return taken


def _finish(db: sqlite3.Connection, path: Path, owner: str, reason: str) -> None:
    """Salvage what waits for it, and say whose the spool is."""
    waiting = to_salvage(path)
    taken = sum(salvage(aside, db, owner) for aside in waiting if aside.exists())
    facts: dict[str, str | int] = {"owner": owner}
    if waiting:
        facts |= {
            "set_aside": times_set_aside(path),
            "set_aside_at": datetime.now(UTC).isoformat(),
            "set_aside_reason": reason,
            "salvaged": taken,
        }
    elif facts_of(db).get("owner") == owner:
        return
    db.execute("BEGIN IMMEDIATE")
    for name, value in facts.items():
        set_fact(db, name, value)
    db.execute("COMMIT")
    if waiting:
        salvaged(path)
        log.warning("spool set aside and begun anew", file=waiting[-1].name, reason=reason, readings_taken_over=taken)
