"""The spool's database file: its schema, its versions, and what happens to a damaged one."""

import os
import re
import sqlite3
from contextlib import closing, suppress
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from edge.files import StateFolderError, write_private
from edge.spool.pages import PAGE_BYTES
from edge.spool.schema import MIGRATIONS

QUARANTINED_KEPT: Final = 3
BUSY_SECONDS: Final = 5.0
WAL_BYTES: Final = 4 * 1024 * 1024  # how long the log may grow before it is brought into the database
FREE_PAGES: Final = 512  # kept for the readings to come: 2 MB
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT})
"""No statement of ours breaks a constraint, unless what is on disk is not what was written."""
_MOVED_IN_ORDER: Final = ("-wal", "-shm", "")  # the database last: when it is there, all of it is
_PRAGMAS: Final = (
    f"page_size = {PAGE_BYTES}",
    "auto_vacuum = INCREMENTAL",
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",  # what the cloud has is overwritten, and never salvaged
    "foreign_keys = ON",
    "wal_autocheckpoint = 0",  # `tidy` does it
)


SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What a call of SQLite raises: the second when the words of its error quote damaged octets."""


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
    if path.exists() and path.stat().st_size:
        _verify(path)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    try:
        _set_up(connection)
    except SQLITE_ERRORS as error:
        connection.close()
        raise explained(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _verify(path: Path) -> None:
    """Through a connection that only reads: it leaves a damaged file and its log as they are."""
    try:
        with closing(read_only(path)) as db:
            check = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            (version,) = db.execute("PRAGMA user_version").fetchone()
            columns = _columns(db)
    except SQLITE_ERRORS as error:
        raise explained(path, error) from error
    if check != "ok":
        raise SpoolCorruptError(" ".join(str(check).split()))
    if version > len(MIGRATIONS):
        raise SpoolError(f"{path} was written by a newer platen-agent: install that version, or move the file away")
    if columns != _columns_of(version):
        raise SpoolCorruptError("its tables are not the ones that were made")


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, also beside an agent at work."""
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    db.text_factory = legible
    return db


def _set_up(connection: sqlite3.Connection) -> None:
    connection.text_factory = legible
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
    connection.execute("PRAGMA cache_spill = OFF")  # a write leaves nothing in the log before it ends
    _empty_log(connection)  # what an earlier run left behind its last write must never look like ours


def tidy(path: Path, connection: sqlite3.Connection) -> None:
    """Bring a long log into the database and return free pages to the disk; outside of any transaction.

    The log is emptied with it: beside a database that has it all already, a damaged log would do harm.
    Safe to repeat. What the disk refuses now is done another time.
    """
    with suppress(OSError, sqlite3.OperationalError):
        if connection.execute("PRAGMA freelist_count").fetchone()[0] > FREE_PAGES:
            connection.executescript(f"PRAGMA incremental_vacuum({FREE_PAGES // 2})")  # `execute` would take one page
        if path.with_name(f"{path.name}-wal").stat().st_size > WAL_BYTES:
            _empty_log(connection)


def _empty_log(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA busy_timeout = 0")  # one who only reads now is not waited for
    with suppress(sqlite3.OperationalError):  # a full disk: the agent works on all the same
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def legible(octets: bytes) -> str:
    """A text of the database, whatever its octets: damage is found by a row's seal, never by an exception."""
    return octets.decode("utf-8", "replace")


def _columns(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    return frozenset(
        connection.execute(
            "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
            " UNION SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'"
        )
    )


@cache
def _columns_of(version: int) -> frozenset[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        for script in MIGRATIONS[:version]:
            db.executescript(script)
        return _columns(db)


def quarantine(path: Path, max_bytes: int) -> None:
    """Move a damaged file out of the way, so that the agent comes up.

    The newest few are kept for a person, as many as are not larger than ``max_bytes`` in all; the newest always.
    Safe to repeat: what it began is finished, under the same name.

    Raises:
        SpoolError: It cannot be moved.
    """
    waiting = to_salvage(path)
    if not waiting or waiting[-1].exists():
        waiting.append(path.with_name(f"{path.name}.aside-{times_set_aside(path) + 1:04d}"))
    try:
        write_private(_marker(path), "\n".join(file.name for file in waiting).encode())
        for suffix in _MOVED_IN_ORDER:
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.replace(waiting[-1].with_name(waiting[-1].name + suffix))
        _forget_old(path, max_bytes)
    except StateFolderError as error:
        raise SpoolError(str(error)) from error
    except OSError as error:
        raise SpoolError(f"{path} is damaged and cannot be moved away ({error.strerror}): remove it by hand") from error


def to_salvage(path: Path) -> list[Path]:
    """The files that were set aside, or were about to be, and are not salvaged yet; the oldest first."""
    try:
        names = _marker(path).read_text("ascii").split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    return [path.with_name(name) for name in names if re.fullmatch(rf"{re.escape(path.name)}\.aside-\d+", name)]


def salvaged(path: Path) -> None:
    """What was set aside has been salvaged. Safe to repeat."""
    with suppress(OSError):  # it is salvaged again, which changes nothing
        _marker(path).unlink(missing_ok=True)


def times_set_aside(path: Path) -> int:
    """How many files this folder has ever set aside."""
    return max((_ordinal(file) for file in _quarantined(path)), default=0)


def _forget_old(path: Path, max_bytes: int) -> None:
    held = 0
    files = sorted(_quarantined(path), key=_ordinal, reverse=True)
    for place, (_, companions) in enumerate(groupby(files, key=_ordinal)):
        group = list(companions)
        held += sum(file.stat().st_size for file in group)
        if place and (place >= QUARANTINED_KEPT or held > max_bytes):
            for file in group:
                file.unlink(missing_ok=True)


def explained(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> SpoolError | SpoolCorruptError:
    """SQLite's error as ours: damage, or something that a person can mend."""
    if isinstance(error, UnicodeDecodeError):
        return SpoolCorruptError("SQLite's own words cannot be read")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
    if code in _DAMAGE:
        return SpoolCorruptError(str(error))
    if code == sqlite3.SQLITE_FULL:
        return SpoolError(f"no space left for {path}: free some on its disk")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return SpoolError(f"{path} cannot be opened for writing: give the agent's user write permission on its folder")
    return SpoolError(f"{path} cannot be used: {error}")


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.salvage")


def _quarantined(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{path.name}.aside-*"))


def _ordinal(file: Path) -> int:
    match = re.search(r"\.aside-(\d+)", file.name)
    return int(match[1]) if match else 0
