"""A spool with a past, as files, and what a bad disk does to them."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from edge.spool.pages import FRAME_HEADER_BYTES, PAGE_BYTES, WAL_HEADER_BYTES
from edge.spool.rows import Batch
from edge.spool.spool import Spool
from tests.support.edge_sending import NOON, a_reading, reported

OWNER = "site_1"
FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES


@dataclass
class Past:
    """The files as they were when the agent died, and what they held.

    ``waiting`` and ``settled`` map reading ids to bodies: those that wait, and those the cloud had answered for.
    """

    folder: Path
    waiting: dict[str, str] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)

    def copy_to(self, folder: Path) -> None:
        for file in self.folder.iterdir():
            shutil.copy(file, folder / file.name)


def a_past(folder: Path, *, groups: int, of_each: int, settled_every: int, checkpoint_at: int | None = None) -> Past:
    """Record groups of readings and settle some, then copy the files as a killed agent would leave them."""
    work, kept = folder / "work", folder / "image"
    work.mkdir(parents=True)
    kept.mkdir()
    past = Past(kept)
    with Spool(work / "spool.db", owner=OWNER, max_bytes=64 * 1024 * 1024, max_batch=of_each) as spool:
        for group in range(groups):
            events = []
            for number in range(of_each):
                reading = a_reading(
                    f"r{group}-{number}-{'x' * 20}",
                    serial=f"SN-{number}",
                    pages=group,
                    taken_at=NOON + timedelta(minutes=group),
                    uptime_ticks=random.Random(group * 1_000 + number).getrandbits(31),  # noqa: S311  nothing secret
                )
                events.append(reported(reading, target=f"192.0.2.{number}", alerts_changed=number % 7 == 0))
            spool.record(events)
            if group % settled_every == settled_every - 1:
                settle_one(spool, past)
            if group == checkpoint_at:
                spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        past.waiting = dict(spool._db.execute("SELECT reading_id, body FROM readings ORDER BY row"))
        for name in ("spool.db", "spool.db-wal"):
            shutil.copy(work / name, kept / name)
    return past


def settle_one(spool: Spool, past: Past) -> None:
    batch = spool.next_batch(NOON)
    assert batch is not None
    past.settled |= {reading.reading_id: reading.body for reading in batch.readings}
    spool.settle(batch, {reading.reading_id: None for reading in batch.readings}, NOON)


@dataclass(frozen=True)
class Tear:
    """Octets of a file that are no longer what was written; ``end`` is None when the file ends at ``start``."""

    name: str
    kind: str
    start: int
    end: int | None


def torn(folder: Path, dice: random.Random) -> list[Tear]:
    """Damage the files in one to three places."""
    return [
        _tear(folder / dice.choice(["spool.db", "spool.db-wal"]), dice) for _ in range(dice.choice([1, 1, 1, 2, 3]))
    ]


def _tear(file: Path, dice: random.Random) -> Tear:
    octets = bytearray(file.read_bytes())
    size = len(octets)
    kind = dice.choice(["cut", "flip", "zero page", "zero", "noise", "other page"])
    start = dice.randrange(max(size, 1))
    end = min(size, start + dice.choice([1, 16, 512, PAGE_BYTES]))
    if kind == "cut":
        del octets[start:]
        file.write_bytes(octets)
        return Tear(file.name, kind, start, None)
    if kind in {"zero page", "other page"}:
        start, end = _page_at(file, start, size)
    if kind == "flip":
        end = min(size, start + 1)
        octets[start:end] = bytes(octet ^ (1 << dice.randrange(8)) for octet in octets[start:end])
    elif kind == "other page":
        other, _ = _page_at(file, dice.randrange(max(size, 1)), size)
        octets[start:end] = octets[other : other + end - start].ljust(end - start, b"\0")
    else:
        octets[start:end] = dice.randbytes(end - start) if kind == "noise" else bytes(end - start)
    file.write_bytes(octets)
    return Tear(file.name, kind, start, end)


def _page_at(file: Path, offset: int, size: int) -> tuple[int, int]:
    first, step = (WAL_HEADER_BYTES, FRAME_BYTES) if file.name.endswith("-wal") else (0, PAGE_BYTES)
    start = first + max(0, offset - first) // step * step
    return min(start, size), min(size, start + step)


def must_survive(past: Past, tears: list[Tear]) -> set[str]:
    """The waiting readings of which a copy lies in a page, or a frame of the log, that no tear touched."""
    files = {name: (past.folder / name).read_bytes() for name in ("spool.db", "spool.db-wal")}
    return {
        reading_id
        for reading_id, body in past.waiting.items()
        if any(not _is_touched(name, place, tears) for name, place in _places(files, body.encode()))
    }


def _places(files: dict[str, bytes], body: bytes) -> Iterator[tuple[str, int]]:
    for name, octets in files.items():
        place = octets.find(body)
        while place >= 0:
            yield name, place
            place = octets.find(body, place + 1)


def _is_touched(name: str, place: int, tears: list[Tear]) -> bool:
    first, step = (WAL_HEADER_BYTES, FRAME_BYTES) if name.endswith("-wal") else (0, PAGE_BYTES)
    start = first + (place - first) // step * step
    return any(
        tear.name == name and tear.start < start + step and (tear.end is None or tear.end > start) for tear in tears
    )


def all_of(spool: Spool) -> dict[str, str]:
    """Everything that is offered for sending, in that order."""
    bodies: dict[str, str] = {}
    while (batch := spool.next_batch(NOON)) is not None:
        bodies |= {reading.reading_id: reading.body for reading in batch.readings}
        spool.settle(batch, dict.fromkeys(_ids(batch)), NOON)
    return bodies


def _ids(batch: Batch) -> list[str]:
    return [reading.reading_id for reading in batch.readings]
