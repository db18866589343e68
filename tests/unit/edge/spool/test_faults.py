"""The disk refuses at any moment: what was kept stays, what was not is tried again, and every loss is counted."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.spool.file import SpoolError
from edge.spool.spool import Spool
from edge.spool.traffic import Octets
from tests.support.edge_damage import all_of
from tests.support.edge_sending import NOON, a_reading, a_spool, reported


class FailingDatabase:
    """A connection of which one statement, the ``countdown``-th, is refused by the disk."""

    def __init__(self, db: sqlite3.Connection, countdown: int) -> None:
        self._db = db
        self._countdown = countdown

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        self._count(statement)
        return self._db.execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        self._count(statement)
        return self._db.executemany(statement, rows)

    def _count(self, statement: str) -> None:
        if statement == "ROLLBACK":
            return
        self._countdown -= 1
        if self._countdown == 0:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
            raise error

    def __getattr__(self, name: str) -> object:
        return getattr(self._db, name)


def record(spool: Spool) -> None:
    spool.record([reported(a_reading(f"new{number}")) for number in range(3)], lost=2)


def settle(spool: Spool) -> None:
    batch = spool.next_batch(NOON)
    assert batch is not None
    outcomes = {reading.reading_id: None for reading in batch.readings}
    spool.settle(batch, {**outcomes, batch.readings[0].reading_id: "no"}, NOON, Octets(10, 10))


def split(spool: Spool) -> None:
    batch = spool.next_batch(NOON)
    assert batch is not None
    spool.split(batch, "HTTP 413", NOON, Octets(10, 10))


def keep(spool: Spool) -> None:
    batch = spool.next_batch(NOON)
    assert batch is not None
    spool.note_upload_failure(batch, "HTTP 503", NOON, Octets(10, 10))


@pytest.mark.parametrize(
    "work",
    [record, settle, split, keep, lambda spool: spool.known_printers(timedelta(days=35)), Spool.status],
    ids=["record", "settle", "split", "keep", "known", "status"],
)
def test_a_write_refused_at_any_statement_changes_nothing_and_succeeds_when_repeated(
    tmp_path: Path, work: Callable[[Spool], object]
) -> None:
    failures = 0
    for countdown in range(1, 200):
        folder = tmp_path / str(countdown)
        folder.mkdir()
        with a_spool(folder, max_batch=4) as spool:
            spool.record([reported(a_reading(f"old{number}"), alerts_changed=True) for number in range(4)])
            real = spool._db
            before = content(real)
            spool._db = FailingDatabase(real, countdown)  # type: ignore[assignment]
            try:
                work(spool)
            except SpoolError:
                failures += 1
                if work in {record, keep}:  # the others make a batch first, which is durable by itself
                    assert content(real)["readings"] == before["readings"]
                spool._db = real
                work(spool)
            else:
                spool._db = real
            again = spool.status()
            expected = 7 if work is record else 0 if work is settle else 4
            assert again.queued == expected
            assert again.dropped == (2 if work is record else 0)
            assert len(all_of(spool)) == expected
            if spool._db is real and failures < countdown:
                break
    assert failures >= 2


def content(db: sqlite3.Connection) -> dict[str, list[str]]:
    return {"readings": [row[0] for row in db.execute("SELECT reading_id FROM readings ORDER BY row")]}


def test_a_full_disk_refuses_readings_until_there_is_room_and_loses_none(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        (pages,) = spool._db.execute("PRAGMA page_count").fetchone()
        spool._db.execute(f"PRAGMA max_page_count = {pages + 8}")
        kept: list[str] = []
        with pytest.raises(SpoolError, match="no space left"):
            record_one_by_one(spool, kept)

        spool._db.execute("PRAGMA max_page_count = 100000")
        spool.record([reported(a_reading("after"))])

        assert list(all_of(spool)) == [*kept, "after"]
        assert kept


def record_one_by_one(spool: Spool, kept: list[str]) -> None:
    for number in range(1_000):
        spool.record([reported(a_reading(f"r{number}"))])
        kept.append(f"r{number}")


def test_an_altered_octet_of_a_reading_is_never_sent(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([reported(a_reading(f"r{number}", pages=123_456)) for number in range(3)])
    octets = (tmp_path / "spool.db").read_bytes()
    place = octets.rindex(b"123456")
    (tmp_path / "spool.db").write_bytes(octets[:place] + b"923456" + octets[place + 6 :])

    with a_spool(tmp_path) as spool:
        bodies = all_of(spool)

        assert len(bodies) == 2
        assert all("123456" in body for body in bodies.values())
        assert (spool.status().dead_letters, spool.status().dropped_for) == (1, {"damaged": 1})


def test_readings_moved_into_another_sites_spool_are_not_sent(tmp_path: Path) -> None:
    with a_spool(tmp_path, owner="site_1") as spool:
        spool.record([reported(a_reading("theirs"))])
        spool._db.execute("UPDATE facts SET value = 'site_2' WHERE name = 'owner'")

    with a_spool(tmp_path, owner="site_2") as spool:
        assert all_of(spool) == {}
