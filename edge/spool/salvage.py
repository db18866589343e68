"""Brings the readings that a damaged spool still holds into the new one."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from edge.spool.age import SpoolAge
from edge.spool.file import SQLITE_ERRORS, read_only
from edge.spool.pages import DamagedFile, Record, Value
from edge.spool.room import Tier
from edge.spool.rows import Row, insert
from edge.spool.seal import Seal

CHUNK: Final = 500
_SEALED_COLUMNS: Final = 13
_UNSEALED_COLUMNS: Final = 10
"""Of table ``readings`` as the first version made it: such rows are believed when the file says whose they are."""
_KEPT_FACTS: Final = re.compile(r"dropped_\w+|acknowledged|age_seconds|age_at")
_IS_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def salvage(aside: Path, db: sqlite3.Connection, owner: str) -> int:
    """Take over the sound readings of a file that was set aside, and what it knows of printers. Returns how many.

    Each row is judged by its seal, so a damaged one or another site's never comes along. A reading that the
    cloud had already answered for may come back from an old page of the file; the cloud knows it by its time.
    Safe to repeat: a reading is known by its id, a printer by its key. Works in short transactions.

    Raises:
        sqlite3.Error: The new spool cannot be written; what was taken over stays.
    """
    printers, facts = _legible(aside)
    is_ours = facts.get("owner") == owner
    if is_ours:
        _take_over(db, printers, facts)
    seal = Seal(owner)
    # A damaged age must not make a reading seem older than the spool; when that is not legible, it begins anew.
    age = SpoolAge(facts if is_ours else {}, datetime.now(UTC)).seconds()
    rows = (
        replace(row, kept_at=min(row.kept_at, age))
        for row in _rows(DamagedFile(aside).records(), seal, is_ours=is_ours)
    )
    taken = 0
    while chunk := list(islice(rows, CHUNK)):
        db.execute("BEGIN IMMEDIATE")
        taken += sum(insert(db, row, seal) is not None for row in chunk)
        db.execute("COMMIT")
    return taken


def forgotten_rows(file: DamagedFile, seal: Seal) -> list[Row]:
    """The readings of writes that SQLite would forget: a torn page of the log takes no other page with it."""
    return [*_rows(file.records_beyond(), seal, is_ours=False)]


def _rows(records: Iterator[tuple[int, Record]], seal: Seal, *, is_ours: bool) -> Iterator[Row]:
    try:
        for number, record in records:
            if (row := _row(number, record, seal, is_ours=is_ours)) is not None:
                yield row
    except OSError:
        return  # the disk does not give the rest


def _row(number: int, record: Record, seal: Seal, *, is_ours: bool) -> Row | None:
    if len(record) not in {_UNSEALED_COLUMNS, _SEALED_COLUMNS} or record[0] is not None:
        return None
    texts = [text for text in (*record[1:6], record[8]) if isinstance(text, str)]
    if len(texts) < 6 or not _IS_DAY.fullmatch(texts[2]):  # noqa: PLR2004  the six of the line above
        return None
    tier, kept_at, sealed = record[10:] if len(record) == _SEALED_COLUMNS else (Tier.NEWEST, 0, None)
    is_sound = seal.holds(sealed, *texts) if sealed is not None else is_ours and _is_reading(texts[5], texts[0])
    if not is_sound:
        return None
    return Row(
        reading_id=texts[0],
        printer=texts[1],
        day=texts[2],
        target=texts[3],
        taken_at=texts[4],
        has_alert_change=bool(record[6]),
        body=texts[5],
        kept_at=float(kept_at) if isinstance(kept_at, int | float) else 0.0,
        tier=tier if isinstance(tier, int) and tier in list(Tier) else Tier.NEWEST,
        row=number,
    )


def _is_reading(body: str, reading_id: str) -> bool:
    with suppress(ValueError):
        value = json.loads(body)
        return isinstance(value, dict) and value.get("reading_id") == reading_id
    return False


def _legible(aside: Path) -> tuple[list[dict[str, Value]], dict[str, str]]:
    """The rows of the small tables, as far as SQLite still reads them."""
    printers: list[dict[str, Value]] = []
    facts: dict[str, str] = {}
    with suppress(*SQLITE_ERRORS), closing(read_only(aside)) as old:
        with suppress(*SQLITE_ERRORS):
            facts.update(old.execute("SELECT name, value FROM facts"))
        cursor = old.execute("SELECT * FROM printers")
        names = [column[0] for column in cursor.description]
        while (row := cursor.fetchone()) is not None:  # one by one: those before a damaged page count
            printers.append(dict(zip(names, row, strict=True)))
    return printers, facts


def _take_over(db: sqlite3.Connection, printers: list[dict[str, Value]], facts: dict[str, str]) -> None:
    columns = {column[1] for column in db.execute("PRAGMA table_info(printers)")}
    db.execute("BEGIN IMMEDIATE")
    for printer in printers:
        names = [name for name in printer if name in columns and name != "state"]
        with suppress(sqlite3.IntegrityError):  # a damaged row: the printer is met again
            db.execute(
                f"INSERT OR IGNORE INTO printers ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608  our own column names
                [printer[name] for name in names],
            )
    for name, value in facts.items():
        if _KEPT_FACTS.fullmatch(name):
            db.execute("INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", (name, value))
    db.execute("COMMIT")
