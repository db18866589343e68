"""Fills, limits or locks its own disk beneath a spool, and tells what came of it. Arguments: how, folder."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from edge.spool import recorder as recorder_room
from edge.spool.file import SpoolError
from edge.spool.recorder import Recorder
from edge.spool.spool import Spool
from edge.spool.waiting import Taken
from shared.wire.reading import Alert, Status
from tests.support.edge_damage import all_of
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

JAM = [Alert(index="1.1", code=8)]


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def limit(folder: Path) -> None:
    """No file may grow by more than a little."""
    biggest = max(file.stat().st_size for file in folder.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (biggest + 64 * 1024, resource.RLIM_INFINITY))


def unlimit(_: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def fill(folder: Path) -> None:
    with (folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4_096)):
            pass


def empty(folder: Path) -> None:
    (folder / "filler").unlink()


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)  # noqa: S607  the test made it


def kept_until_refused(spool: Spool) -> list[str]:
    kept: list[str] = []
    try:
        for number in range(5_000):
            spool.record([reported(a_reading(f"r{number}"))])
            kept.append(f"r{number}")
    except SpoolError:
        tell("refused")
    return kept


def without_room(folder: Path, away: Callable[[Path], None], back: Callable[[Path], None]) -> None:
    with a_spool(folder) as spool:
        away(folder)
        kept = kept_until_refused(spool)
    with a_spool(folder) as spool:
        tell("comes up")
        back(folder)
        assert list(all_of(spool)) == kept
        tell("all kept are there")
        asyncio.run(recorder_rides_it_out(spool, lambda: away(folder), lambda: back(folder)))


def read_only(folder: Path) -> None:
    with a_spool(folder) as spool:
        spool.record([reported(a_reading("r1"))])
    remount(folder, "ro")
    try:
        a_spool(folder)
    except SpoolError as error:
        tell(str(error).partition(": ")[2])
    remount(folder, "rw")
    with a_spool(folder) as spool:
        assert list(all_of(spool)) == ["r1"]
        tell("all kept are there")


async def recorder_rides_it_out(spool: Spool, away: Callable[[], None], back: Callable[[], None]) -> None:
    recorder = Recorder(spool, heartbeat_seconds=3_600)
    writing = asyncio.create_task(recorder.run())
    away()
    sent = 3_000
    for number in range(sent):
        alerts = JAM if number == 1_000 else []
        status = Status(device_status=f"state {number}")
        recorder.put(Taken("192.0.2.1", NOON, a_reading(f"q{number}", pages=number, alerts=alerts, status=status)))
        if number % 10 == 0:
            await asyncio.sleep(0)
    back()
    async with asyncio.timeout(20):
        while recorder._waiting.events():  # noqa: ASYNC110  the child has nothing else to do
            await asyncio.sleep(0.02)
    writing.cancel()
    recorder.put(Taken("192.0.2.1", NOON, a_reading("last", pages=9_999, status=Status(device_status="last"))))
    recorder.drain()
    dropped = spool.status().dropped
    ids = all_of(spool)
    assert len(ids) + dropped == sent + 1, (len(ids), dropped)
    assert {"q1000", "q2999", "last"} <= ids.keys(), "an alert or the newest reading was lost"
    assert dropped, "the disk was never away"
    tell("recorder kept what waited, counted what it lost")


if __name__ == "__main__":
    how, where = sys.argv[1], Path(sys.argv[2])
    vars(recorder_room).update(RETRY_SECONDS=0.01, MAX_WAITING=4)
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    if how == "read-only":
        read_only(where)
    else:
        without_room(where, *{"limited": (limit, unlimit), "full": (fill, empty)}[how])
