import asyncio
from pathlib import Path

import pytest
import structlog

from edge.spool import recorder as recorder_room
from edge.spool.file import SpoolError
from edge.spool.recorder import Recorder
from edge.spool.spool import Spool
from edge.spool.waiting import Taken
from shared.wire.reading import Alert, Identity, PrinterReading
from tests.support.edge_sending import NOON, a_reading, a_spool
from tests.support.stopwatch import run_jumping


def taken(reading_id: str, pages: int, target: str = "192.0.2.1") -> Taken:
    return Taken(target, NOON, a_reading(reading_id, pages=pages, address=f"192.0.2.{pages}"))


def test_what_says_nothing_new_is_not_spooled_even_within_one_group(tmp_path: Path) -> None:
    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        for event in (taken("a", 1), taken("b", 1), taken("c", 2), taken("d", 2)):
            recorder.put(event)
        recorder.drain()
        assert recorder.kept.is_set()

    with a_spool(tmp_path) as spool:
        run_jumping(go())

        batch = spool.next_batch(NOON)
    assert batch is not None
    assert [reading.reading_id for reading in batch.readings] == ["a", "c"]


def test_readings_wait_in_memory_while_the_disk_is_full_and_are_written_when_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_room, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(recorder_room, "MAX_WAITING", 3)
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
            recorder.put(taken(f"r{number}", number))  # three wait; those between the first and the newest are lost
        is_full = False
        await asyncio.sleep(0.1)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs() as logs:
        run_jumping(go())

        batch = spool.next_batch(NOON)
        assert spool.status().dropped_for == {"not_written": 2}
    assert batch is not None
    assert [reading.reading_id for reading in batch.readings] == ["a", "r4", "r5"]
    assert [entry["event"] for entry in logs] == ["spool refuses readings", "spool takes readings again"]


def test_a_heartbeat_says_so_in_the_reading(tmp_path: Path) -> None:
    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=0)
        recorder.put(taken("a", 1))
        recorder.put(taken("b", 1))
        recorder.drain()

    with a_spool(tmp_path) as spool:
        run_jumping(go())

        batch = spool.next_batch(NOON)
    assert batch is not None
    assert ['"heartbeat":true' in reading.body for reading in batch.readings] == [False, True]


def test_what_failed_to_be_written_is_written_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        writing = asyncio.create_task(recorder.run())
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "record", lambda *_, **__: (_ for _ in ()).throw(SpoolError("no space left")))
            recorder.put(taken("a", 1))
            await asyncio.sleep(0.01)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        recorder.drain()

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs():
        run_jumping(go())

        assert spool.status().queued == 1


def test_an_event_that_cannot_be_kept_costs_no_other_and_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Spool.state

    def of_no_poison(self: Spool, target: str, identity: Identity) -> object:
        if target == "poison":
            raise ZeroDivisionError
        return state(self, target, identity)

    monkeypatch.setattr(Spool, "state", of_no_poison)

    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        for number in range(7):
            recorder.put(taken(f"r{number}", number, "poison" if number == 3 else f"192.0.2.{number}"))
        recorder.drain()

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs() as logs:
        run_jumping(go())

        assert (spool.status().queued, spool.status().dropped_for) == (6, {"not_written": 1})
    assert [entry["event"] for entry in logs] == ["event cannot be kept"]


@pytest.mark.parametrize(
    ("then", "is_urgent"),
    [
        (a_reading("b", pages=2), False),
        (a_reading("b", toner=70), False),
        (a_reading("b", alerts=[Alert(index="1.1", code=8)]), True),
    ],
)
def test_only_what_does_not_wait_sets_urgent(tmp_path: Path, then: PrinterReading, is_urgent: bool) -> None:
    async def go() -> bool:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        recorder.put(Taken("192.0.2.1", NOON, a_reading("a", pages=1)))
        recorder.drain()
        assert not recorder.urgent.is_set()
        recorder.put(Taken("192.0.2.1", NOON, then))
        recorder.drain()
        assert recorder.kept.is_set()
        return recorder.urgent.is_set()

    with a_spool(tmp_path) as spool:
        assert run_jumping(go()) is is_urgent
