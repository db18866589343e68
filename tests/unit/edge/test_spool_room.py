from datetime import timedelta
from pathlib import Path

from edge.spool import Spool
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

READING_BYTES = 700  # about what one takes, with its row


def put(spool: Spool, reading_id: str, *, serial: str = "SN-1", day: int = 0, alert: bool = False) -> None:
    taken_at = NOON + timedelta(days=day)
    reading = a_reading(reading_id, serial=serial, taken_at=taken_at)
    spool.record([reported(reading, target=f"host-{serial}", at=taken_at, alerts_changed=alert)])


def waiting(spool: Spool) -> list[str]:
    ids: list[str] = []
    while batch := spool.next_batch(NOON):
        ids += [reading.reading_id for reading in batch.readings]
        spool.settle(batch, {reading.reading_id: None for reading in batch.readings}, NOON)
    return ids


def test_intermediate_readings_are_given_up_first(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=8 * READING_BYTES) as spool:
        put(spool, "other", serial="SN-2")
        put(spool, "alert", alert=True)
        for day in range(2):
            for number in range(6):
                put(spool, f"day{day}-{number}", day=day)

        kept = waiting(spool)

    assert {"other", "alert", "day0-5", "day1-5"} <= set(kept)
    assert "day0-0" not in kept


def test_older_days_are_given_up_before_alerts_and_the_newest_of_each_printer(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=6 * READING_BYTES) as spool:
        put(spool, "alert", alert=True)
        put(spool, "other", serial="SN-2")
        for day in range(12):
            put(spool, f"day{day}", day=day)

        kept = waiting(spool)

    assert {"alert", "other", "day11"} <= set(kept)
    assert "day0" not in kept


def test_what_was_given_up_is_counted_and_told_with_every_batch(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=4 * READING_BYTES, max_batch=1) as spool:
        for number in range(10):
            put(spool, f"r{number}")
        status = spool.status()

        first = spool.next_batch(NOON)
        assert first is not None
        spool.settle(first, {first.readings[0].reading_id: None}, NOON)
        second = spool.next_batch(NOON)

    assert status.dropped == 10 - status.queued > 0
    assert second is not None
    assert (first.dropped, second.dropped) == (status.dropped, status.dropped)


def test_a_batch_on_its_way_is_never_given_up(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=4 * READING_BYTES) as spool:
        put(spool, "r0")
        put(spool, "r1")
        batch = spool.next_batch(NOON)
        for number in range(2, 12):
            put(spool, f"r{number}")

        assert spool.next_batch(NOON) == batch


def test_readings_lost_before_they_reached_the_disk_are_counted_too(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([], lost=3)

        assert spool.status().dropped == 3
