"""Spools of every released agent are opened and lose nothing."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from edge.spool.file import SpoolError
from edge.spool.schema import MIGRATIONS
from edge.spool.spool import read_status
from tests.support.edge_damage import all_of
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

FIRST_RELEASED = "730b2602b4a4d077"


def a_spool_of_the_first_version(folder: Path) -> dict[str, str]:
    """Three printers, two days, a batch on its way, one alert; returns what waits."""
    bodies: dict[str, str] = {}
    with sqlite3.connect(folder / "spool.db", isolation_level=None) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(MIGRATIONS[0])
        db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO batches VALUES (7, 'boot_old', 3, ?)", (NOON.isoformat(),))
        for number in range(60):
            printer, day, is_alert = number % 3, f"2026-03-0{4 + number // 30}", number == 10
            reading_id = f"rd_{number}"
            bodies[reading_id] = json.dumps({"reading_id": reading_id, "pages": number})
            db.execute(
                "INSERT INTO readings"
                " (reading_id, printer, day, target, taken_at, has_alert_change, bytes, body, batch)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    reading_id,
                    f"SN-{printer}@192.0.2.{printer}",
                    day,
                    f"192.0.2.{printer}",
                    f"{day}T12:00:00+00:00",
                    is_alert,
                    300,
                    bodies[reading_id],
                    7 if number < 5 else None,
                ),
            )
        db.executemany(
            "INSERT INTO facts VALUES (?, ?)", [("owner", "site_1"), ("dropped", "3"), ("acknowledged", "40")]
        )
        db.execute(
            "INSERT INTO printers (target, model, serial_number, stage, seen_at) VALUES (?, ?, ?, ?, ?)",
            ("192.0.2.1", "Laser 9", "SN-1", "spooled", NOON.isoformat()),
        )
    db.close()
    return bodies


def test_a_released_schema_is_never_changed() -> None:
    assert hashlib.sha256(MIGRATIONS[0].encode()).hexdigest()[:16] == FIRST_RELEASED


def test_a_spool_of_the_first_version_is_sent_whole_and_in_order(tmp_path: Path) -> None:
    bodies = a_spool_of_the_first_version(tmp_path)

    with a_spool(tmp_path) as spool:
        first = spool.next_batch(NOON)
        status = spool.status()
        sent = all_of(spool)

    assert first is not None
    assert (first.boot_id, first.seq, len(first.readings)) == ("boot_old", 7, 5)
    assert sent == bodies
    assert list(sent) == list(bodies)
    assert (status.dropped_for, status.acknowledged, status.spools_set_aside) == ({"full": 3}, 40, 0)
    assert [printer.serial_number for printer in status.printers] == ["SN-1"]


def test_its_readings_are_ranked_for_what_is_given_up_first(tmp_path: Path) -> None:
    a_spool_of_the_first_version(tmp_path)

    with a_spool(tmp_path) as spool:
        tiers = dict(spool._db.execute("SELECT reading_id, tier FROM readings"))

    assert {name for name, tier in tiers.items() if tier == 3} == {"rd_57", "rd_58", "rd_59"}
    assert {name for name, tier in tiers.items() if tier == 2} == {"rd_10"}
    assert {name for name, tier in tiers.items() if tier == 1} == {"rd_27", "rd_28", "rd_29"}


def test_a_damaged_spool_of_the_first_version_is_salvaged_too(tmp_path: Path) -> None:
    bodies = a_spool_of_the_first_version(tmp_path)
    octets = bytearray((tmp_path / "spool.db").read_bytes())
    octets[-4_096:] = bytes(4_096)
    (tmp_path / "spool.db").write_bytes(octets)

    with a_spool(tmp_path) as spool:
        sent = all_of(spool)

    assert len(sent) > 30
    assert sent.items() <= bodies.items()


def test_a_reading_of_the_first_version_that_is_no_json_becomes_a_dead_letter(tmp_path: Path) -> None:
    a_spool_of_the_first_version(tmp_path)
    with sqlite3.connect(tmp_path / "spool.db") as db:
        db.execute("UPDATE readings SET body = substr(body, 1, 9) WHERE reading_id = 'rd_2'")
    db.close()

    with a_spool(tmp_path) as spool:
        sent = all_of(spool)

        assert len(sent) == 59
        assert (spool.status().dead_letters, spool.status().dropped_for["damaged"]) == (1, 1)


def test_status_of_a_spool_not_yet_brought_up_to_date_says_what_to_do(tmp_path: Path) -> None:
    a_spool_of_the_first_version(tmp_path)

    with pytest.raises(SpoolError, match="'platen-agent run' brings it up to date"):
        read_status(tmp_path / "spool.db")


def test_an_upgrade_cut_short_is_done_again(tmp_path: Path) -> None:
    bodies = a_spool_of_the_first_version(tmp_path)
    with sqlite3.connect(tmp_path / "spool.db", isolation_level=None) as db:
        db.executescript(f"BEGIN; {MIGRATIONS[1]} ROLLBACK;")
    db.close()

    with a_spool(tmp_path) as spool:
        spool.record([reported(a_reading("new"))])

        assert all_of(spool).keys() == bodies.keys() | {"new"}
