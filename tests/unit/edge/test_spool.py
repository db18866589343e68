import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from edge.changes import ReportedState
from edge.spool import Spool, SpoolLostError, read_status
from edge.spool_file import MIGRATIONS, SpoolCorruptError, SpoolError
from edge.spool_rows import Batch
from edge.status import Failed, Found, Stage, Unchanged
from tests.support.edge_sending import NOON, a_reading, a_spool, reported


def fill(spool: Spool, *ids: str, target: str = "192.0.2.7") -> None:
    spool.record([reported(a_reading(reading_id), target=target) for reading_id in ids])


def ids_of(batch: Batch | None) -> list[str]:
    return [reading.reading_id for reading in batch.readings] if batch else []


def stored(batch: Batch) -> dict[str, str | None]:
    return dict.fromkeys(ids_of(batch))


def batch_of(spool: Spool) -> Batch:
    batch = spool.next_batch(NOON)
    assert batch is not None
    return batch


def test_readings_leave_in_the_order_they_came(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_batch=2) as spool:
        fill(spool, "a", "b", "c")

        first = batch_of(spool)
        spool.settle(first, stored(first), NOON)
        second = batch_of(spool)

    assert (ids_of(first), ids_of(second)) == (["a", "b"], ["c"])
    assert second.seq > first.seq


def test_a_batch_is_the_same_after_a_restart_until_it_is_settled(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")
        before = batch_of(spool)
    with a_spool(tmp_path) as spool:
        fill(spool, "c")
        after = batch_of(spool)

        assert after == before
        assert spool.boot_id != after.boot_id


def test_a_number_is_never_given_twice_even_when_the_spool_was_empty_in_between(tmp_path: Path) -> None:
    seqs = []
    for round_ in range(3):
        with a_spool(tmp_path) as spool:
            fill(spool, f"r{round_}")
            batch = batch_of(spool)
            spool.settle(batch, stored(batch), NOON)
            seqs.append(batch.seq)

    assert seqs == sorted(set(seqs))


def test_a_reading_without_an_outcome_waits_for_another_batch(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")
        batch = batch_of(spool)

        unsettled = spool.settle(batch, {"a": None}, NOON)

        assert unsettled == 1
        again = batch_of(spool)
        assert ids_of(again) == ["b"]
        assert again.seq != batch.seq


def test_a_rejected_reading_becomes_a_dead_letter_with_its_reason(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")

        spool.settle(batch_of(spool), {"a": "identity.model: too long"}, NOON)

        status = spool.status()
        assert (status.queued, status.dead_letters) == (0, 1)
        assert status.printers[0].stage == Stage.SENT
        assert status.printers[0].reason == "rejected: identity.model: too long"


def test_settling_twice_changes_nothing_more(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        batch = batch_of(spool)
        spool.settle(batch, {"a": "no"}, NOON)
        fill(spool, "b")

        spool.settle(batch, {"a": "no"}, NOON)

        assert (spool.status().queued, spool.status().dead_letters) == (1, 1)


def test_the_same_reading_recorded_twice_is_kept_once(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        fill(spool, "a")

        assert ids_of(spool.next_batch(NOON)) == ["a"]


def test_a_split_batch_is_sent_as_two_under_new_numbers(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b", "c")
        whole = batch_of(spool)

        spool.split(whole, "HTTP 413", NOON)

        first = batch_of(spool)
        spool.settle(first, stored(first), NOON)
        second = batch_of(spool)
        assert ids_of(first) + ids_of(second) == ["a", "b", "c"]
        assert len({whole.seq, first.seq, second.seq}) == 3


def test_a_single_reading_that_cannot_be_split_becomes_a_dead_letter(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")

        spool.split(batch_of(spool), "HTTP 422 wrong", NOON)

        assert spool.next_batch(NOON) is None
        assert spool.status().dead_letters == 1


def test_dead_letters_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.spool_rows.MAX_DEAD_LETTERS", 3)
    with a_spool(tmp_path) as spool:
        fill(spool, *"abcdef")

        spool.settle(batch_of(spool), dict.fromkeys("abcdef", "no"), NOON)

        assert spool.status().dead_letters == 3


def test_what_was_reported_of_a_printer_survives_a_restart(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
    with a_spool(tmp_path) as spool:
        assert spool.state("192.0.2.7") == ReportedState({"counters": "a"}, NOON)
        assert spool.state("192.0.2.8") is None


def test_nothing_of_a_group_is_kept_when_a_part_of_it_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_spool(tmp_path) as spool:
        with monkeypatch.context() as patch:
            patch.setattr("edge.spool_rows.note_read", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("io")))
            with pytest.raises(SpoolError):
                fill(spool, "a")

        assert spool.next_batch(NOON) is None
        assert spool.status().queued_bytes == 0


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


def test_a_torn_file_is_set_aside_and_only_the_newest_few_are_kept(tmp_path: Path) -> None:
    for round_ in range(5):
        with a_spool(tmp_path) as spool:
            fill(spool, *(f"{round_}-{number}" for number in range(200)))
        file = tmp_path / "spool.db"
        file.write_bytes(file.read_bytes()[:20_000])

    with a_spool(tmp_path) as spool:
        assert spool.status().spools_set_aside == 5
    assert sorted(path.name for path in tmp_path.glob("spool.db.aside-*")) == [
        f"spool.db.aside-000{number}" for number in (3, 4, 5)
    ]


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
        assert spool.state("192.0.2.7") is None


def test_a_spool_of_a_newer_agent_is_left_alone(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
    with sqlite3.connect(tmp_path / "spool.db") as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()

    with pytest.raises(SpoolError, match="written by a newer platen-agent"):
        a_spool(tmp_path)

    assert not list(tmp_path.glob("*.aside-*"))


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="give the agent's user write permission"):
        a_spool(tmp_path / "missing")


def test_the_file_is_for_the_agents_user_only(tmp_path: Path) -> None:
    with a_spool(tmp_path):
        assert stat.S_IMODE((tmp_path / "spool.db").stat().st_mode) == 0o600


def test_status_tells_how_far_each_printer_came(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([Found("192.0.2.1", NOON), Found("192.0.2.2", NOON), Failed("192.0.2.2", NOON, "found", "silent")])
        fill(spool, "a", target="192.0.2.3")
        spool.note_upload_failure(batch_of(spool), "server cannot be reached", was_answered=False)

        printers = {printer.target: (printer.stage, printer.reason) for printer in spool.status().printers}

    assert printers == {
        "192.0.2.1": (Stage.FOUND, None),
        "192.0.2.2": (Stage.FOUND, "silent"),
        "192.0.2.3": (Stage.SPOOLED, "server cannot be reached"),
    }
    assert read_status(tmp_path / "spool.db").last_upload_error == "server cannot be reached"


def test_a_printer_that_answers_again_is_where_it_was(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        batch = batch_of(spool)
        spool.settle(batch, stored(batch), NOON)
        spool.record([Failed("192.0.2.7", NOON, "answered", "half a table")])
        assert spool.status().printers[0].stage == Stage.ANSWERED

        spool.record([Unchanged("192.0.2.7", NOON, a_reading("b"))])

        (printer,) = spool.status().printers
        assert (printer.stage, printer.reason) == (Stage.ACKNOWLEDGED, None)


def test_printers_not_met_for_long_are_forgotten(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([Found("192.0.2.1", NOON - timedelta(days=36)), Found("192.0.2.2", NOON)])

        assert spool.known_targets(NOON - timedelta(days=35)) == ["192.0.2.2"]


def test_a_spool_damaged_beneath_status_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"garbage" * 4_096)

    with pytest.raises(SpoolCorruptError):
        read_status(tmp_path / "spool.db")
