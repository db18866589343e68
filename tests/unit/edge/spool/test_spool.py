import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from edge.spool.changes import ReportedState
from edge.spool.file import SpoolError
from edge.spool.rows import Batch
from edge.spool.schema import MIGRATIONS
from edge.spool.spool import Spool, read_status
from edge.spool.status import Failed, Found, Stage, Unchanged
from shared.wire.reading import Identity
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
    monkeypatch.setattr("edge.spool.rows.MAX_DEAD_LETTERS", 3)
    with a_spool(tmp_path) as spool:
        fill(spool, *"abcdef")

        spool.settle(batch_of(spool), dict.fromkeys("abcdef", "no"), NOON)

        assert spool.status().dead_letters == 3


def test_what_was_reported_of_a_printer_survives_a_restart(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
    with a_spool(tmp_path) as spool:
        identity = a_reading().identity
        assert spool.state("192.0.2.7", identity) == ReportedState({"counters": "a"}, NOON)
        assert spool.state("192.0.2.8", Identity(serial_number="SN-2")) is None


def test_nothing_of_a_group_is_kept_when_a_part_of_it_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_spool(tmp_path) as spool:
        with monkeypatch.context() as patch:
            patch.setattr("edge.spool.rows.note_read", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("io")))
            with pytest.raises(SpoolError):
                fill(spool, "a")

        assert spool.next_batch(NOON) is None
        assert spool.status().queued_bytes == 0


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
        spool.note_upload_failure(batch_of(spool), "server cannot be reached", NOON, None)

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
        spool.record([Found("192.0.2.1", NOON)])
        spool._age._before += timedelta(days=36).total_seconds()
        spool.record([Found("192.0.2.2", NOON)])

        assert [printer.target for printer in spool.known_printers(timedelta(days=35))] == ["192.0.2.2"]


def test_a_clock_that_jumps_makes_the_spool_forget_no_printer_and_no_reading(tmp_path: Path) -> None:
    ages = timedelta(days=11_000)
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        spool.record([Found("192.0.2.1", NOON), Found("192.0.2.2", NOON + ages), Found("192.0.2.3", NOON - ages)])

        assert len(spool.known_printers(timedelta(days=35))) == 4
        spool.record([reported(a_reading("b", taken_at=NOON + ages), at=NOON + ages)])
        spool.record([reported(a_reading("c", taken_at=NOON - ages), at=NOON - ages)])
        assert ids_of(spool.next_batch(NOON)) == ["a", "b", "c"]
