import asyncio
from pathlib import Path

import pytest
import structlog

from edge import recorder as recorder_room
from edge.recorder import Recorder, Taken
from edge.spool import Spool
from edge.spool_file import SpoolError
from tests.support.edge_sending import NOON, a_reading, a_spool


def taken(reading_id: str, pages: int, target: str = "192.0.2.1") -> Taken:
    return Taken(target, NOON, a_reading(reading_id, pages=pages))


def test_what_says_nothing_new_is_not_spooled_even_within_one_group(tmp_path: Path) -> None:
    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        for event in (taken("a", 1), taken("b", 1), taken("c", 2), taken("d", 2)):
            recorder.put(event)
        recorder.drain()
        assert recorder.kept.is_set()

    with a_spool(tmp_path) as spool:
        asyncio.run(go())

        batch = spool.next_batch(NOON)
    assert batch is not None
    assert [reading.reading_id for reading in batch.readings] == ["a", "c"]


def test_readings_wait_in_memory_while_the_disk_is_full_and_are_written_when_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_room, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(recorder_room, "MAX_WAITING", 2)
    is_full = True
    record = Spool.record

    def full(self: Spool, *arguments: object, **named: int) -> int:
        if is_full:
            raise SpoolError("no space left")
        return record(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Spool, "record", full)

    async def go() -> None:
        nonlocal is_full
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        writing = asyncio.create_task(recorder.run())
        recorder.put(taken("a", 1))
        await asyncio.sleep(0.05)
        for number in range(2, 6):
            recorder.put(taken(f"r{number}", number))  # two wait, two are lost
        is_full = False
        await asyncio.sleep(0.1)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs() as logs:
        asyncio.run(go())

        batch = spool.next_batch(NOON)
        assert spool.status().dropped == 2
    assert batch is not None
    assert [reading.reading_id for reading in batch.readings] == ["a", "r2", "r3"]
    assert [entry["event"] for entry in logs] == ["spool refuses readings", "spool takes readings again"]


def test_a_heartbeat_says_so_in_the_reading(tmp_path: Path) -> None:
    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=0)
        recorder.put(taken("a", 1))
        recorder.put(taken("b", 1))
        recorder.drain()

    with a_spool(tmp_path) as spool:
        asyncio.run(go())

        batch = spool.next_batch(NOON)
    assert batch is not None
    assert ['"heartbeat":true' in reading.body for reading in batch.readings] == [False, True]
