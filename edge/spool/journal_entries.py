"""The journal's entries as `platen-agent journal` shows them; only reads."""

import gzip
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Final

from edge.spool.file import SQLITE_ERRORS, read_only

MAX_UNPACKED_BYTES: Final = 8 * 1024 * 1024


class JournalError(Exception):
    """The journal cannot be read, or has no such entry; the message says the fix."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One upload.

    Attributes:
        boot_id: which spool it is from; with ``seq`` it names the upload.
        first_sent_at: when it was sent first (ISO-8601, UTC); ``sent_at`` when last.
        attempts: how often it was sent.
        readings: how many it carries.
        sent_bytes: its packed size; ``total_bytes`` of all attempts.
        received_bytes: the answer's size; None when no answer came.
        http_status: None when no answer came.
        result: what came of it; None while it is under way, or when the agent ended then.
        outcomes: what became of each reading, by its id; empty without a receipt.
    """

    boot_id: str
    seq: int
    first_sent_at: str
    sent_at: str
    attempts: int
    readings: int
    sent_bytes: int
    total_bytes: int
    received_bytes: int | None
    http_status: int | None
    result: str | None
    outcomes: Mapping[str, str]

    def counts(self) -> dict[str, int]:
        """How many readings had each outcome."""
        return dict(Counter(outcome.partition(":")[0] for outcome in self.outcomes.values()))


_NAMES: Final = tuple(field.name for field in fields(Entry))


def newest_entries(path: Path, limit: int, printer: str | None = None) -> list[Entry]:
    """The newest uploads, the newest first.

    Args:
        path: The journal's file.
        limit: How many at most.
        printer: Only those that carry a reading of this printer: its serial number, hardware address, host name or
            address, as it stands in the upload.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    try:
        with closing(_opened(path)) as db:
            rows = db.execute(f"SELECT body, {', '.join(_NAMES)} FROM uploads ORDER BY number DESC")  # noqa: S608  our own names
            return list(islice((_entry(row[1:]) for row in rows if printer is None or _has(row[0], printer)), limit))
    except SQLITE_ERRORS as error:
        raise _unreadable(path, error) from error


def sent_json(path: Path, seq: int, boot_id: str | None = None) -> tuple[bytes, int]:
    """The exact JSON of an upload as it left the site last, and how many uploads have that number.

    Raises:
        JournalError: There is no such entry, or its octets are damaged.
    """
    try:
        with closing(_opened(path)) as db:
            rows = db.execute(
                "SELECT body FROM uploads WHERE seq = ?1 AND (?2 IS NULL OR boot_id = ?2) ORDER BY number DESC",
                (seq, boot_id),
            ).fetchall()
    except SQLITE_ERRORS as error:
        raise _unreadable(path, error) from error
    if not rows:
        raise JournalError(f"the journal has no upload {seq}: 'platen-agent journal' lists those it has")
    unpacked = _unpacked(rows[0][0])
    if unpacked is None:
        raise JournalError(f"upload {seq} is damaged in the journal")
    return unpacked, len(rows)


def _opened(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise JournalError("nothing was sent yet: start the agent with 'platen-agent run'")
    return read_only(path)


def _unreadable(path: Path, error: Exception) -> JournalError:
    return JournalError(f"{path} cannot be read ({error}): remove it, and the agent begins a new one")


def _entry(row: tuple[Any, ...]) -> Entry:
    known = dict(zip(_NAMES, row, strict=True))
    return Entry(**{**known, "outcomes": _outcomes(known["outcomes"])})


def _outcomes(text: str | None) -> dict[str, str]:
    try:
        return dict(json.loads(text or "{}"))
    except (ValueError, TypeError):  # damaged; what was sent can still be shown
        return {}


def _unpacked(body: bytes) -> bytes | None:
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as packed:
            return packed.read(MAX_UNPACKED_BYTES)
    except (OSError, EOFError, zlib.error):
        return None


def _has(body: bytes, printer: str) -> bool:
    unpacked = _unpacked(body) or b"{}"
    wanted = printer.casefold()
    # Most uploads are told by their octets alone; what is not ASCII stands escaped in them, in either case.
    if wanted.isascii() and json.dumps(wanted)[1:-1].encode() not in unpacked.lower():
        return False
    return any(wanted in names for names in _names(json.loads(unpacked)))


def _names(upload: Mapping[str, Any]) -> Iterator[set[str]]:
    for reading in upload.get("readings", []):
        identity = reading.get("identity", {})
        address = str(reading.get("address", ""))
        names = [identity.get(name) for name in ("serial_number", "mac_address", "host_name")]
        yield {str(name).casefold() for name in (*names, address, address.rpartition(":")[0]) if name}
