"""The queue in front of the cloud: a reading is on disk until its outcome is known (design D6)."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from edge.spool import rows as spool_rows
from edge.spool.age import SpoolAge
from edge.spool.changes import ReportedState
from edge.spool.file import SQLITE_ERRORS, SpoolCorruptError, SpoolError, explained, read_only, tidy
from edge.spool.printer_keys import KnownPrinter
from edge.spool.recovery import open_own
from edge.spool.room import DropReason, expire, make_room
from edge.spool.rows import Batch, Reported
from edge.spool.schema import MIGRATIONS
from edge.spool.seal import Seal
from edge.spool.status import Fact, Found, Unchanged, entry_of, facts_of, known_printers, note, set_fact
from edge.spool.status_report import AgentStatus, agent_status, dropped_in, number_in
from edge.spool.traffic import Octets, add_traffic
from shared.wire.base import MAX_READINGS_PER_UPLOAD, MAX_UPLOAD_BYTES
from shared.wire.reading import Identity

SPOOL_FILE: Final = "spool.db"
ENVELOPE_BYTES: Final = 1024  # what an upload has beside its readings
DAYS_KEPT: Final = 30

Event = Reported | Fact


class SpoolLostError(Exception):
    """The spool was found damaged while in use and was replaced by an empty one; try again."""


class Spool:
    """Readings waiting for the cloud, and what is known of each printer. One process, one thread.

    Args:
        path: The database file; a damaged one is set aside and an empty one begun.
        owner: The site whose readings these are; another site's are set aside, never sent in its name.
        max_bytes: What the database may take on disk; above it readings are given up as `edge.spool.room` says.
            The log beside it takes up to 8 MB more.
        max_days: How long readings may wait, by the same rules.
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
        max_days: int = DAYS_KEPT,
        max_batch: int = MAX_READINGS_PER_UPLOAD,
        max_batch_bytes: int = MAX_UPLOAD_BYTES - ENVELOPE_BYTES,
    ) -> None:
        self._path = path
        self._owner = owner
        self._seal = Seal(owner)
        self._max_bytes = max_bytes
        self._max_days = max_days
        self._max_batch = max_batch
        self._max_batch_bytes = max_batch_bytes
        self._damage: str | None = None  # of a file that could not be set aside yet
        self.boot_id = ""
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._db.close()

    def state(self, target: str, identity: Identity) -> ReportedState | None:
        """What was last reported of the printer that answers at ``target`` now, wherever it was then."""
        with self._work() as db:
            _, entry = entry_of(db, target, identity)
            row = db.execute("SELECT state FROM printers WHERE printer = ?", (entry,)).fetchone()
        return ReportedState.from_json(row[0]) if row and row[0] else None

    def record(self, events: Sequence[Event], *, lost: int = 0) -> int:
        """Keep readings and facts in one durable transaction. Returns how many readings were given up for them.

        Safe to repeat: a reading is known by its id, a fact by its printer.

        Args:
            events: What happened, oldest first.
            lost: Readings that could not be kept before, to be counted with those given up.

        Raises:
            SpoolError: Nothing was kept.
            SpoolLostError: Nothing was kept, and what had been is set aside; call again.
        """
        with self._work() as db:
            age = self._age.seconds()
            expired, dropped = expire(db, age, self._max_days), 0
            for event in events:
                if isinstance(event, Reported):
                    spool_rows.append(db, event, self._seal, age)
                    dropped += make_room(db, self._max_bytes)
                else:
                    note(db, event)
            met = [(age, event.target) for event in events if isinstance(event, Reported | Found | Unchanged)]
            db.executemany("UPDATE printers SET seen_age = ? WHERE target = ?", met)
            _count_dropped(db, DropReason.FULL, dropped)
            _count_dropped(db, DropReason.EXPIRED, expired)
            _count_dropped(db, DropReason.NOT_WRITTEN, lost)
            for name, value in self._age.facts(datetime.now(UTC)).items():
                set_fact(db, name, value)
        return dropped + expired

    def next_batch(self, now: datetime) -> Batch | None:
        """The oldest batch not yet settled, or a new one of the oldest readings; None when nothing waits.

        Safe to repeat: a batch is durable before it is given out, and is the same after a crash. A reading that was
        altered on disk is never given out: it becomes a dead letter, and its batch is made anew without it.
        """
        with self._work() as db:
            is_made = False
            while True:  # ends: each turn dissolves a batch, and with it what is damaged, or makes the last one
                batch, damaged = spool_rows.oldest_batch(db, self._seal)
                if batch is not None and batch.readings and not damaged:
                    return batch
                if batch is None:
                    rows = spool_rows.oldest_rows(db, self._max_batch, self._max_batch_bytes)
                    if not rows:
                        return None
                    spool_rows.make_batch(db, self.boot_id, dropped_in(facts_of(db)), rows, now)
                    is_made = True
                elif is_made and not damaged:
                    raise SpoolCorruptError("readings are not found where they are")
                else:
                    for reading in damaged:
                        spool_rows.bury(db, reading, "damaged on disk", now)
                        spool_rows.remove_reading(db, reading)
                    _count_dropped(db, DropReason.DAMAGED, len(damaged))
                    spool_rows.remove_batch(db, batch)

    def settle(
        self,
        batch: Batch,
        outcomes: Mapping[str, str | None],
        now: datetime,
        octets: Octets | None = None,
        stored: Mapping[str, str | None] | None = None,
    ) -> int:
        """Delete what the cloud has answered for, with its batch. Returns how many readings had no outcome.

        Those wait for another batch. Safe to repeat: settling a batch that is gone deletes nothing more.

        Args:
            batch: The batch that was sent.
            outcomes: For each reading id answered, None when it is stored, else why it was rejected for good.
            now: Real time, aware.
            octets: What the upload took, if there was one.
            stored: Of reading ids, the printer whose whole reading the cloud has now, None where it has another.
        """
        answered = [reading for reading in batch.readings if reading.reading_id in outcomes]
        with self._work() as db:
            targets = spool_rows.targets_of(db, batch)
            for reading in answered:
                if (reason := outcomes[reading.reading_id]) is not None:
                    spool_rows.bury(db, reading, reason, now)
                spool_rows.remove_reading(db, reading)
            spool_rows.remove_batch(db, batch)
            settled = {reading.reading_id: outcomes[reading.reading_id] for reading in answered}
            spool_rows.note_settled(db, targets, settled, now)
            spool_rows.note_stored(db, targets, stored or {})
            taken = sum(reason is None for reason in settled.values())
            set_fact(db, "acknowledged", number_in(facts_of(db), "acknowledged") + taken)
            set_fact(db, "last_upload_at", now.isoformat())
            set_fact(db, "last_upload_error", "")
            if octets is not None:
                add_traffic(db, now, len(batch.readings), octets)
        return len(batch.readings) - len(answered)

    def split(self, batch: Batch, reason: str, now: datetime, octets: Octets | None = None) -> None:
        """Two batches in place of one that the cloud refused; a single reading becomes a dead letter.

        The new ones have new numbers: a (boot_id, seq) never stands for two contents. Safe to repeat: a batch
        that is gone is not split again.
        """
        if len(batch.readings) == 1:
            self.settle(batch, {batch.readings[0].reading_id: reason}, now, octets)
            return
        rows = [reading.row for reading in batch.readings]
        middle = len(rows) // 2
        with self._work() as db:
            if spool_rows.remove_batch(db, batch):
                for half in (rows[:middle], rows[middle:]):
                    spool_rows.make_batch(db, batch.boot_id, batch.dropped, half, now)
            if octets is not None:
                add_traffic(db, now, len(batch.readings), octets)

    def note_upload_failure(self, batch: Batch, reason: str, now: datetime, octets: Octets | None) -> None:
        """Keep why a batch still waits, for `status`. Safe to repeat.

        Args:
            batch: What was to be sent.
            reason: Why it is not settled.
            now: Real time, aware.
            octets: What the upload took; None when no server was reached.
        """
        with self._work() as db:
            set_fact(db, "last_upload_error", reason[:500])
            if octets is not None:
                add_traffic(db, now, len(batch.readings), octets)
                spool_rows.note_sent(db, set(spool_rows.targets_of(db, batch).values()))

    def known_printers(self, forgotten_after: timedelta) -> list[KnownPrinter]:
        """The printers that were met lately; those not met for so long are forgotten. Safe to repeat.

        The time is told by the spool's age: a clock that jumps makes the agent forget none.
        """
        with self._work() as db:
            since = self._age.seconds() - forgotten_after.total_seconds()
            db.execute("DELETE FROM printers WHERE seen_age < ?", (since,))
            return known_printers(db)

    def status(self) -> AgentStatus:
        """The facts `platen-agent status` shows."""
        with self._work() as db:
            return agent_status(db)

    def _open(self) -> None:
        self._db = open_own(self._path, self._owner, self._max_bytes, self._damage)
        self._damage = None
        self._age = SpoolAge(facts_of(self._db), datetime.now(UTC))
        self.boot_id = uuid4().hex

    @contextmanager
    def _work(self) -> Iterator[sqlite3.Connection]:
        if self._damage is not None:
            self._open()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
            tidy(self._path, self._db)
        except (*SQLITE_ERRORS, SpoolCorruptError) as error:
            self._undo()
            problem = error if isinstance(error, SpoolCorruptError) else explained(self._path, error)
            if isinstance(problem, SpoolCorruptError):
                self._db.close()
                self._damage = str(problem)
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


def _count_dropped(db: sqlite3.Connection, reason: DropReason, count: int) -> None:
    if count:
        name = f"dropped_{reason}"
        set_fact(db, name, number_in(facts_of(db), name) + count)


def read_status(path: Path) -> AgentStatus:
    """The facts of a spool that another process may be using; changes nothing.

    Raises:
        SpoolError: It cannot be read.
        SpoolCorruptError: It is damaged; the agent sets it aside when it next runs.
    """
    try:
        db = read_only(path)
        try:
            db.execute("BEGIN")
            if db.execute("PRAGMA user_version").fetchone()[0] < len(MIGRATIONS):
                raise SpoolError(
                    f"{path} was written by an earlier platen-agent: 'platen-agent run' brings it up to date"
                )
            return agent_status(db)
        finally:
            db.close()
    except SQLITE_ERRORS as error:
        raise explained(path, error) from error
