import random
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from edge.spool.room import DAY_SECONDS, FIRST_TO_GO, OLD_ALERTS_DAYS
from edge.spool.rows import Reported
from edge.spool.spool import Spool
from shared.wire.reading import Supply
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

MARGIN_BYTES = 8 * 1024 * 1024  # for the log beside the database
EMPTY_BYTES = 72 * 1024  # what a database without readings takes, about
READING_BYTES = 630  # what one takes on disk, about


def event(reading_id: str, *, serial: str = "SN-1", day: int = 0, alert: bool = False) -> Reported:
    taken_at = NOON + timedelta(days=day)
    reading = a_reading(reading_id, serial=serial, taken_at=taken_at)
    return reported(reading, target=f"host-{serial}", at=taken_at, alerts_changed=alert)


def put(spool: Spool, reading_id: str, *, serial: str = "SN-1", day: int = 0, alert: bool = False) -> None:
    spool.record([event(reading_id, serial=serial, day=day, alert=alert)])


def for_about(readings: int) -> int:
    return EMPTY_BYTES + readings * READING_BYTES


def waiting(spool: Spool) -> list[str]:
    ids: list[str] = []
    while batch := spool.next_batch(NOON):
        ids += [reading.reading_id for reading in batch.readings]
        spool.settle(batch, {reading.reading_id: None for reading in batch.readings}, NOON)
    return ids


def test_intermediate_readings_are_given_up_first(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=for_about(60)) as spool:
        put(spool, "other", serial="SN-2")
        put(spool, "alert", alert=True)
        for day in range(2):
            spool.record([event(f"day{day}-{number}", day=day) for number in range(100)])

        kept = waiting(spool)

    assert {"other", "alert", "day0-99", "day1-99"} <= set(kept)
    assert "day0-0" not in kept
    assert 20 < len(kept) < 120


def test_older_days_are_given_up_before_alerts_and_the_newest_of_each_printer(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=for_about(60)) as spool:
        put(spool, "alert", alert=True)
        put(spool, "other", serial="SN-2")
        spool.record([event(f"day{day}", day=day) for day in range(200)])

        kept = waiting(spool)

    assert {"alert", "other", "day199"} <= set(kept)
    assert "day0" not in kept


def test_alerts_are_given_up_before_the_newest_of_each_printer(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=for_about(60)) as spool:
        put(spool, "other", serial="SN-2")
        spool.record([event(f"alert{number}", alert=True) for number in range(200)])

        kept = waiting(spool)

    assert {"other", "alert199"} <= set(kept)
    assert "alert0" not in kept


def test_no_more_is_given_up_than_must_be(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=for_about(100)) as spool:
        spool.record([event(f"day{day}", day=day) for day in range(60)])
        spool.record([event(f"more{number}", day=60) for number in range(200)])

        kept = waiting(spool)

    assert {f"day{day}" for day in range(60)} <= set(kept)


def test_a_day_that_comes_again_because_the_clock_was_set_back_keeps_one_newest(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        for reading_id, day in (("a", 0), ("b", 1), ("c", 0), ("d", 0)):
            put(spool, reading_id, day=day)

        tiers = dict(spool._db.execute("SELECT reading_id, tier FROM readings"))

    assert tiers == {"a": 0, "b": 1, "c": 0, "d": 3}


def test_what_was_given_up_is_counted_by_reason_and_told_with_every_batch(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=for_about(30), max_batch=1) as spool:
        spool.record([event(f"r{number}") for number in range(100)], lost=7)
        status = spool.status()

        first = spool.next_batch(NOON)
        assert first is not None
        spool.settle(first, {first.readings[0].reading_id: None}, NOON)
        second = spool.next_batch(NOON)

    assert status.dropped_for == {"full": 100 - status.queued, "not_written": 7}
    assert status.dropped == 107 - status.queued > 7
    assert second is not None
    assert (first.dropped, second.dropped) == (status.dropped, status.dropped)


def test_a_batch_on_its_way_is_never_given_up(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_bytes=for_about(30)) as spool:
        put(spool, "r0")
        put(spool, "r1")
        batch = spool.next_batch(NOON)
        spool.record([event(f"r{number}") for number in range(2, 120)])

        assert spool.next_batch(NOON) == batch
        assert spool.status().dropped > 0


def test_readings_lost_before_they_reached_the_disk_are_counted_too(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([], lost=3)

        assert spool.status().dropped == 3


def test_readings_expire_by_the_spools_age_intermediate_ones_first(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", owner="site_1", max_bytes=1 << 24, max_days=30) as spool:
        spool.record([event("between"), event("alert", alert=True), event("last-of-day"), event("new", day=40)])
        age = spool._age._before
        spool._age._before = age + 30 * DAY_SECONDS + 60
        spool.record([])
        after_the_days = spool.status()
        spool._age._before = age + (30 + OLD_ALERTS_DAYS) * DAY_SECONDS + 60
        spool.record([event("today", day=40)])

        assert (after_the_days.queued, after_the_days.dropped_for) == (3, {"expired": 1})
        assert waiting(spool) == ["today"]
        assert spool.status().dropped_for == {"expired": 4}


@pytest.mark.parametrize("jump", [timedelta(days=11_000), timedelta(days=-11_000)])
def test_a_clock_that_jumps_expires_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([event("a"), event("b"), event("c")])
        spool._db.execute("UPDATE facts SET value = ? WHERE name = 'age_at'", ((NOON + jump).isoformat(),))
    with a_spool(tmp_path) as spool:
        spool.record([event("d")])

        assert waiting(spool) == ["a", "b", "c", "d"]


def test_at_its_bound_the_files_on_disk_stay_below_it_and_a_margin(tmp_path: Path) -> None:
    megabytes = 256 if settings.get_current_profile_name() == "nightly" else 6
    bound = megabytes * 1024 * 1024
    dice = random.Random(5)  # noqa: S311  nothing secret
    most = number = 0
    with a_spool(tmp_path, max_bytes=bound) as spool:
        while number < bound // 2_500:
            spool.record([_sized(f"r{number + each}", dice) for each in range(200)])
            number += 200
            most = max(most, sum(file.stat().st_size for file in tmp_path.iterdir()))
        status = spool.status()
        kept = {row[0] for row in spool._db.execute("SELECT printer FROM readings WHERE tier = 3")}

    assert most <= bound + MARGIN_BYTES
    assert most > bound * 0.9
    assert status.queued + status.dropped == number
    assert status.dropped_for.keys() == {"full"}
    assert len(kept) == 40


def _sized(reading_id: str, dice: random.Random) -> Reported:
    """Of a few hundred octets to a few thousand: some rows take pages of their own."""
    supplies = [Supply(index=f"1.{row}", description="x" * 90) for row in range(1, dice.randrange(1, 60))]
    reading = a_reading(reading_id, serial=f"SN-{dice.randrange(40)}")
    return reported(reading.model_copy(update={"supplies": supplies}), target=reading.identity.serial_number or "")


def test_what_goes_first_is_found_without_sorting_all_that_waits(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        plan = [row[3] for row in spool._db.execute(f"EXPLAIN QUERY PLAN {FIRST_TO_GO}", (1,))]

    assert plan == ["SCAN readings USING INDEX readings_by_tier"]


def test_a_spool_that_was_full_gives_the_disk_back_what_it_took(tmp_path: Path) -> None:
    with a_spool(tmp_path, max_batch=200) as spool:
        for group in range(20):
            spool.record([event(f"r{group}-{number}") for number in range(300)])
        full = (tmp_path / "spool.db").stat().st_size + (tmp_path / "spool.db-wal").stat().st_size
        waiting(spool)
    empty = sum(file.stat().st_size for file in tmp_path.iterdir())

    assert full > 4_000_000
    assert empty < 2_500_000


def test_no_octet_of_a_settled_reading_stays_on_disk(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.record([event("r1", serial="SECRET-SERIAL")])
        spool._db.execute("DELETE FROM printers")
        waiting(spool)

    assert b"SECRET-SERIAL" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
