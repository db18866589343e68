"""A damaged spool: set aside, salvaged, begun anew."""

import sqlite3
from pathlib import Path

import pytest
import structlog

from edge.spool.file import SpoolCorruptError, SpoolError
from edge.spool.rows import Batch
from edge.spool.spool import Spool, SpoolLostError, read_status
from tests.support.edge_sending import NOON, a_reading, a_spool, reported


def fill(spool: Spool, *ids: str) -> None:
    spool.record([reported(a_reading(reading_id)) for reading_id in ids])


def ids_of(batch: Batch | None) -> list[str]:
    return [reading.reading_id for reading in batch.readings] if batch else []


@pytest.mark.parametrize("damage", [b"", b"garbage" * 4_096, b"SQLite format 3\0" + b"\xff" * 20_000])
def test_a_damaged_file_is_set_aside_and_the_agent_starts_empty(tmp_path: Path, damage: bytes) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
    (tmp_path / "spool.db").write_bytes(damage or b"\0" * 4_096)

    with a_spool(tmp_path) as spool:
        fill(spool, "b")

        assert ids_of(spool.next_batch(NOON)) == ["b"]
        assert spool.status().spools_set_aside == 1
    assert (tmp_path / "spool.db.aside-0001").exists()


def test_of_torn_files_the_newest_few_are_kept_and_what_is_sound_in_them_is_taken_over(tmp_path: Path) -> None:
    for round_ in range(5):
        with a_spool(tmp_path) as spool:
            fill(spool, *(f"{round_}-{number}" for number in range(200)))
        file = tmp_path / "spool.db"
        file.write_bytes(file.read_bytes()[: -100 * 1024])

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs():
        status = spool.status()
        assert status.spools_set_aside == 5
        assert status.queued == int(status.facts["salvaged"]) > 200
        assert status.facts["set_aside_reason"]
    asides = {path.name.removesuffix("-shm").removesuffix("-wal") for path in tmp_path.glob("spool.db.aside-*")}
    assert asides == {f"spool.db.aside-000{number}" for number in (3, 4, 5)}


def test_what_is_set_aside_is_bounded_in_octets_but_for_the_newest(tmp_path: Path) -> None:
    for round_ in range(3):
        with a_spool(tmp_path, max_bytes=300_000) as spool:
            fill(spool, *(f"{round_}-{number}" for number in range(200)))
        (tmp_path / "spool.db").write_bytes(b"\0" * 200_000)

    with a_spool(tmp_path, max_bytes=300_000) as spool:
        assert spool.status().spools_set_aside == 3
    assert [path.name for path in tmp_path.glob("spool.db.aside-*")] == ["spool.db.aside-0003"]


def test_a_spool_that_is_set_aside_is_logged_once(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"garbage" * 4_096)

    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            with a_spool(tmp_path) as spool:
                fill(spool, "a")

    assert [entry["event"] for entry in logs] == ["spool set aside and begun anew"]


def test_a_salvage_cut_short_by_a_crash_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, *(f"r{number}" for number in range(300)))
    with (tmp_path / "spool.db").open("r+b") as file:
        file.seek(5 * 4_096)
        file.write(b"\xff" * 4_096)
    with monkeypatch.context() as patch:
        patch.setattr("edge.spool.recovery.salvage", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            a_spool(tmp_path)

    with a_spool(tmp_path) as spool:
        assert spool.status().queued > 280
        assert spool.status().spools_set_aside == 1


def test_a_file_damaged_while_in_use_is_set_aside_and_work_goes_on(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, *(f"r{number}" for number in range(200)))
        boot_id = spool.boot_id
        spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        spool._db.execute("PRAGMA shrink_memory")
        with (tmp_path / "spool.db").open("r+b") as file:
            file.seek(4_096)
            file.write(b"\xff" * 400_000)

        with pytest.raises(SpoolLostError):
            fill(spool, *(f"s{number}" for number in range(200)))
        fill(spool, "after")

        assert ids_of(spool.next_batch(NOON)) == ["after"]
        assert spool.boot_id != boot_id
        assert spool.status().spools_set_aside == 1


def test_readings_of_another_site_are_set_aside_never_sent_in_this_ones_name(tmp_path: Path) -> None:
    with a_spool(tmp_path, owner="site_1") as spool:
        fill(spool, "a")

    with a_spool(tmp_path, owner="site_2") as spool:
        assert spool.next_batch(NOON) is None
        assert spool.state("192.0.2.7", a_reading().identity) is None


def test_a_damaged_file_that_cannot_be_moved_yet_is_moved_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage = sqlite3.DatabaseError("database disk image is malformed")
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    with a_spool(tmp_path) as spool, structlog.testing.capture_logs():
        fill(spool, "a")
        with monkeypatch.context() as patch:
            patch.setattr("edge.spool.rows.make_batch", lambda *_: (_ for _ in ()).throw(damage))
            patch.setattr("edge.spool.recovery.quarantine", lambda *_: (_ for _ in ()).throw(SpoolError("disk full")))
            for _ in range(2):
                with pytest.raises(SpoolError, match="disk full"):
                    spool.next_batch(NOON)

        assert ids_of(spool.next_batch(NOON)) == ["a"]
        assert spool.status().spools_set_aside == 1


def test_a_spool_damaged_beneath_status_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"garbage" * 4_096)

    with pytest.raises(SpoolCorruptError):
        read_status(tmp_path / "spool.db")
