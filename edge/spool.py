"""The queue in front of the cloud: a reading is on disk until its outcome is known (design D6)."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from edge import spool_rows
from edge.changes import ReportedState
from edge.spool_file import BUSY_SECONDS, SpoolCorruptError, explained, open_file, quarantine
from edge.spool_room import make_room
from edge.spool_rows import Batch, Reported
from edge.status import AgentStatus, Failed, Found, Unchanged, agent_status, facts_of, note, set_fact
from shared.wire.base import MAX_READINGS_PER_UPLOAD, MAX_UPLOAD_BYTES

SPOOL_FILE: Final = "spool.db"
ENVELOPE_BYTES: Final = 1024  # what an upload has beside its readings

Event = Reported | Found | Failed | Unchanged


class SpoolLostError(Exception):
    """The spool was found damaged while in use and was replaced by an empty one; try again."""


class Spool:
    """Readings waiting for the cloud, and what is known of each printer. One process, one thread.

    Args:
        path: The database file; a damaged one is set aside and an empty one begun.
        owner: The site whose readings these are; another site's are set aside, never sent in its name.
        max_bytes: What may wait, by body and row; above it readings are given up as `edge.spool_room` says.
        max_batch: Most readings of a batch; ``max_batch_bytes`` bounds their bodies.

    Raises:
        SpoolError: The file cannot be opened; the message names the fix.
    """

    def __init__(
        self,
        path: Path,
        *,
        owner: str,
        max_bytes: int,
        max_batch: int = MAX_READINGS_PER_UPLOAD,
        max_batch_bytes: int = MAX_UPLOAD_BYTES - ENVELOPE_BYTES,
    ) -> None:
        self._path = path
        self._owner = owner
        self._max_bytes = max_bytes
        self._max_batch = max_batch
        self._max_batch_bytes = max_batch_bytes
        self.boot_id = ""
        self._held_bytes = 0
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._db.close()

    def state(self, target: str) -> ReportedState | None:
        """What was last reported of the printer at ``target``."""
        with self._work() as db:
            row = db.execute("SELECT state FROM printers WHERE target = ?", (target,)).fetchone()
        return ReportedState.from_json(row[0]) if row and row[0] else None

    def record(self, events: Sequence[Event], *, lost: int = 0) -> int:
        """Keep readings and facts in one durable transaction. Returns how many readings were given up for room.

        Safe to repeat: a reading is known by its id, a fact by its printer.

        Args:
            events: What happened, oldest first.
            lost: Readings that could not be kept before, to be counted with those given up.

        Raises:
            SpoolError: Nothing was kept.
            SpoolLostError: Nothing was kept, and what had been is set aside; call again.
        """
        with self._work() as db:
            held = self._held_bytes
            for event in events:
                if isinstance(event, Reported):
                    held += spool_rows.append(db, event)
                else:
                    note(db, event)
            dropped, held = make_room(db, held, self._max_bytes)
            if dropped or lost:
                set_fact(db, "dropped", int(facts_of(db).get("dropped", 0)) + dropped + lost)
        self._held_bytes = held
        return dropped

    def next_batch(self, now: datetime) -> Batch | None:
        """The oldest batch not yet settled, or a new one of the oldest readings; None when nothing waits.

        Safe to repeat: a batch is durable before it is given out, and is the same after a crash.
        """
        with self._work() as db:
            batch = spool_rows.oldest_batch(db)
            if batch is not None:
                return batch
            rows = spool_rows.oldest_rows(db, self._max_batch, self._max_batch_bytes)
            if not rows:
                return None
            spool_rows.make_batch(db, self.boot_id, int(facts_of(db).get("dropped", 0)), rows, now)
            return spool_rows.oldest_batch(db)

    def settle(self, batch: Batch, outcomes: Mapping[str, str | None], now: datetime) -> int:
        """Delete what the cloud has answered for, with its batch. Returns how many readings had no outcome.

        Those wait for another batch. Safe to repeat: settling a batch that is gone deletes nothing more.

        Args:
            batch: The batch that was sent.
            outcomes: For each reading id answered, None when it is stored, else why it was rejected for good.
            now: Real time, aware.
        """
        answered = [reading for reading in batch.readings if reading.reading_id in outcomes]
        freed = 0
        with self._work() as db:
            targets = spool_rows.targets_of(db, batch)
            for reading in answered:
                if (reason := outcomes[reading.reading_id]) is not None:
                    spool_rows.bury(db, reading, reason, now)
                freed += spool_rows.remove_reading(db, reading)
            spool_rows.remove_batch(db, batch)
            settled = {reading.reading_id: outcomes[reading.reading_id] for reading in answered}
            spool_rows.note_settled(db, targets, settled, now)
            stored = sum(reason is None for reason in settled.values())
            set_fact(db, "acknowledged", int(facts_of(db).get("acknowledged", 0)) + stored)
            set_fact(db, "last_upload_at", now.isoformat())
            set_fact(db, "last_upload_error", "")
        self._held_bytes -= freed
        return len(batch.readings) - len(answered)

    def split(self, batch: Batch, reason: str, now: datetime) -> None:
        """Two batches in place of one that the cloud refused; a single reading becomes a dead letter.

        The new ones have new numbers: a (boot_id, seq) never stands for two contents. Safe to repeat: a batch
        that is gone is not split again.
        """
        if len(batch.readings) == 1:
            self.settle(batch, {batch.readings[0].reading_id: reason}, now)
            return
        rows = [reading.row for reading in batch.readings]
        middle = len(rows) // 2
        with self._work() as db:
            if spool_rows.remove_batch(db, batch):
                for half in (rows[:middle], rows[middle:]):
                    spool_rows.make_batch(db, batch.boot_id, batch.dropped, half, now)

    def note_upload_failure(self, batch: Batch, reason: str, *, was_answered: bool) -> None:
        """Keep why a batch still waits, for `status`. Safe to repeat."""
        with self._work() as db:
            set_fact(db, "last_upload_error", reason[:500])
            if was_answered:
                spool_rows.note_sent(db, set(spool_rows.targets_of(db, batch).values()))

    def known_targets(self, since: datetime) -> list[str]:
        """Where printers were found or read since then, and where none was is forgotten. Safe to repeat."""
        with self._work() as db:
            db.execute("DELETE FROM printers WHERE seen_at < ?", (since.isoformat(),))
            return [target for (target,) in db.execute("SELECT target FROM printers ORDER BY target")]

    def status(self) -> AgentStatus:
        """The facts `platen-agent status` shows."""
        with self._work() as db:
            return agent_status(db)

    def _open(self) -> None:
        self._db, set_aside = _open_own(self._path, self._owner)
        self.boot_id = uuid4().hex
        with self._work() as db:
            set_fact(db, "owner", self._owner)
            if set_aside is not None:
                set_fact(db, "set_aside", set_aside)
            held = spool_rows.held_bytes(db)
        self._held_bytes = held

    @contextmanager
    def _work(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            problem = explained(self._path, error)
            if isinstance(problem, SpoolCorruptError):
                self._db.close()
                self._open()
                raise SpoolLostError(f"{self._path} was damaged and is set aside") from error
            raise problem from error
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _open_own(path: Path, owner: str) -> tuple[sqlite3.Connection, int | None]:
    """The database, and how many were set aside if this is a new one in place of another."""
    try:
        db = open_file(path)
        if facts_of(db).get("owner", owner) == owner:
            return db, None
        db.close()
    except SpoolCorruptError:
        pass  # the same cure
    set_aside = quarantine(path)
    return open_file(path), set_aside


def read_status(path: Path) -> AgentStatus:
    """The facts of a spool that another process may be using; changes nothing.

    Raises:
        SpoolError: It cannot be read.
        SpoolCorruptError: It is damaged; the agent sets it aside when it next runs.
    """
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("BEGIN")
            return agent_status(db)
        finally:
            db.close()
    except sqlite3.Error as error:
        raise explained(path, error) from error
