import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from edge.spool.journal import Journal
from edge.spool.journal_entries import JournalError, newest_entries, sent_json
from edge.spool.rows import Batch, SpooledReading
from edge.spool.traffic import Octets
from tests.support.edge_sending import NOON


def a_batch(seq: int, boot_id: str = "boot_1") -> Batch:
    return Batch(boot_id, seq, 0, (SpooledReading(1, f"rd_{seq}", "{}"),))


def a_body(**identity: str) -> bytes:
    address = identity.pop("address", "192.0.2.7")
    return gzip.compress(json.dumps({"readings": [{"address": address, "identity": identity}]}).encode())


def journal_of(folder: Path, **bounds: int) -> Journal:
    return Journal(folder / "journal.db", **bounds)


def seqs(folder: Path, limit: int = 1_000, printer: str | None = None) -> list[int]:
    return [entry.seq for entry in newest_entries(folder / "journal.db", limit, printer)]


def test_an_entry_tells_what_was_sent_and_what_came_of_it(tmp_path: Path) -> None:
    body = a_body(serial_number="SN-1")
    with journal_of(tmp_path) as journal:
        journal.sending(a_batch(3), body, NOON)
        journal.answered(
            a_batch(3), status=200, octets=Octets(len(body), 90), result="answered", outcomes={"rd_3": "stored"}
        )

    (entry,) = newest_entries(tmp_path / "journal.db", 10)
    assert (entry.boot_id, entry.seq, entry.attempts, entry.readings) == ("boot_1", 3, 1, 1)
    assert (entry.sent_bytes, entry.received_bytes, entry.http_status) == (len(body), 90, 200)
    assert entry.counts() == {"stored": 1}
    assert sent_json(tmp_path / "journal.db", 3) == (gzip.decompress(body), 1)


def test_what_is_under_way_when_the_agent_dies_is_there_already(tmp_path: Path) -> None:
    journal = journal_of(tmp_path)
    journal.sending(a_batch(1), a_body(), NOON)

    (entry,) = newest_entries(tmp_path / "journal.db", 10)
    assert (entry.result, entry.http_status, entry.received_bytes) == (None, None, None)


def test_an_upload_tried_again_is_one_entry_with_its_newest_octets(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        for attempt in range(3):
            journal.sending(a_batch(1), a_body(serial_number=f"try{attempt}"), NOON + timedelta(minutes=attempt))
            journal.answered(a_batch(1), status=503, octets=Octets(1, 2), result="HTTP 503")

    (entry,) = newest_entries(tmp_path / "journal.db", 10)
    assert (entry.attempts, entry.result) == (3, "HTTP 503")
    assert entry.total_bytes > 2 * entry.sent_bytes
    assert (entry.first_sent_at, entry.sent_at) == (NOON.isoformat(), (NOON + timedelta(minutes=2)).isoformat())
    assert b"try2" in sent_json(tmp_path / "journal.db", 1)[0]


def test_the_newest_uploads_come_first_and_only_as_many_as_asked(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        for seq in range(5):
            journal.sending(a_batch(seq), a_body(), NOON)

    assert seqs(tmp_path, limit=2) == [4, 3]


@pytest.mark.parametrize("name", ["sn-ö1", "AA:00:00:00:00:01", "Front-Desk", "192.0.2.9:161", "192.0.2.9"])
def test_uploads_about_a_printer_are_found_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    with journal_of(tmp_path) as journal:
        journal.sending(a_batch(1), a_body(serial_number="SN-2", sys_descr="about SN-ö1 and 192.0.2.9"), NOON)
        wanted = {"serial_number": "SN-Ö1", "mac_address": "aa:00:00:00:00:01", "host_name": "front-desk"}
        journal.sending(a_batch(2), a_body(address="192.0.2.9:161", **wanted), NOON)

    assert seqs(tmp_path, printer=name) == [2]


def test_old_uploads_go_but_never_the_newest_few(tmp_path: Path) -> None:
    with journal_of(tmp_path, days_kept=7) as journal:
        for seq in range(30):
            journal.sending(a_batch(seq), a_body(), NOON)
        journal.sending(a_batch(30), a_body(), NOON + timedelta(days=11_000))

    assert seqs(tmp_path) == [*range(30, 10, -1)]


def test_it_stays_within_its_octets(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 100
    with journal_of(tmp_path, max_bytes=1024 * 1024) as journal:
        for seq in range(200):
            journal.sending(a_batch(seq), noise, NOON)
            assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3 * 1024 * 1024
    assert 20 < len(seqs(tmp_path)) < 60
    assert seqs(tmp_path)[0] == 199
    assert (tmp_path / "journal.db").stat().st_size <= 1024 * 1024 + 64 * 1024


def test_two_spools_may_have_the_same_number(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        journal.sending(a_batch(1, "boot_1"), a_body(serial_number="old"), NOON)
        journal.sending(a_batch(1, "boot_2"), a_body(serial_number="new"), NOON)

    newest, found = sent_json(tmp_path / "journal.db", 1)
    assert b"new" in newest
    assert found == 2
    assert b"old" in sent_json(tmp_path / "journal.db", 1, "boot_1")[0]


def test_a_damaged_journal_is_begun_anew_and_said(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"garbage" * 4_096)

    with structlog.testing.capture_logs() as logs, journal_of(tmp_path) as journal:
        journal.sending(a_batch(1), a_body(), NOON)

    assert [entry["event"] for entry in logs] == ["journal was damaged and is begun anew"]
    assert seqs(tmp_path) == [1]


def test_a_journal_damaged_in_use_is_begun_anew(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        for seq in range(50):
            journal.sending(a_batch(seq), bytes(5_000), NOON)
    with (tmp_path / "journal.db").open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * 100_000)

    with structlog.testing.capture_logs(), journal_of(tmp_path) as journal:
        for seq in range(50, 53):
            journal.sending(a_batch(seq), a_body(), NOON)

    assert seqs(tmp_path) == [52, 51, 50]


def test_a_journal_that_cannot_be_written_is_said_once_and_raises_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "missing" / "journal.db")

    with structlog.testing.capture_logs() as logs:
        for seq in range(3):
            journal.sending(a_batch(seq), a_body(), NOON)
            journal.answered(a_batch(seq), status=200, octets=Octets(), result="answered")
        (tmp_path / "missing").mkdir()
        journal.sending(a_batch(9), a_body(), NOON)

    assert [entry["event"] for entry in logs] == [
        "journal cannot be written; sending goes on",
        "journal is written again",
    ]
    assert seqs(tmp_path / "missing") == [9]


def test_a_number_that_is_not_there_and_a_journal_that_is_not_are_explained(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="nothing was sent yet"):
        newest_entries(tmp_path / "journal.db", 1)
    with journal_of(tmp_path) as journal:
        journal.sending(a_batch(1), b"no gzip", NOON)

    with pytest.raises(JournalError, match="has no upload 7"):
        sent_json(tmp_path / "journal.db", 7)
    with pytest.raises(JournalError, match="damaged"):
        sent_json(tmp_path / "journal.db", 1)
    assert seqs(tmp_path, printer="SN-1") == []
