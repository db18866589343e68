"""Reads rows out of a damaged SQLite file page by page: each sound page gives up its rows, whatever befell the others.

The format is SQLite's "Database File Format", sections 1.3, 1.6 (b-tree pages), 2.1 (records) and 4 (the WAL).
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

Value = int | float | str | bytes | None
Record = tuple[Value, ...]
Image = tuple[int, int]
"""The number of a page, and where in the log an image of it begins."""

PAGE_BYTES: Final = 4096  # what the spool is made with
WAL_HEADER_BYTES: Final = 32
FRAME_HEADER_BYTES: Final = 24
MAX_WAL_BYTES: Final = 64 * 1024 * 1024
MAX_COLUMNS: Final = 64
MAX_VALUE_BYTES: Final = 4 * 1024 * 1024
_LEAF: Final = 0x0D
_LEAF_HEADER_BYTES: Final = 8
_FIXED_BYTES: Final = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
_REAL: Final = 7
_FIRST_BLOB: Final = 12
_BIG_ENDIAN: Final = 1
_MASK: Final = 0xFFFFFFFF
_READ_ERRORS: Final = (IndexError, KeyError, struct.error, ValueError)


class WalFrames:
    """Where the sound images of pages are in a write-ahead log.

    Attributes:
        offsets: The newest image of each page as SQLite will see it: up to the last write that ended before any damage.
        beyond: Those of the same log after that: of a write that did not end, or behind damage.
        all: Every image there is, sound or not.
        has_gap: Whether a write was damaged and not merely cut short.
    """

    def __init__(self, file: Path) -> None:
        self.offsets: dict[int, int] = {}
        self.beyond: list[Image] = []
        self.all: list[Image] = []
        self.has_gap = False
        try:
            self._size = min(file.stat().st_size, MAX_WAL_BYTES)
            if self._size > WAL_HEADER_BYTES:
                with file.open("rb") as wal:
                    self._scan(wal)
        except OSError:
            self.offsets, self.beyond, self.all = {}, [], []

    def _scan(self, wal: BinaryIO) -> None:
        header = wal.read(WAL_HEADER_BYTES)
        order = ">" if header[3] & _BIG_ENDIAN else "<"
        # Each checksum begins with the one before it, which is stored too: a frame can be judged without the others.
        seeds = [struct.unpack(">II", header[24:32]), _checksum(order, (0, 0), header[:24])]
        is_broken = seeds[0] != seeds[1]
        salt = header[16:24] if not is_broken else wal.read(FRAME_HEADER_BYTES)[8:16]
        is_between_writes = True
        wal.seek(WAL_HEADER_BYTES)
        for start in range(WAL_HEADER_BYTES, self._size, FRAME_HEADER_BYTES + PAGE_BYTES):
            frame = wal.read(FRAME_HEADER_BYTES + PAGE_BYTES)
            if len(frame) < FRAME_HEADER_BYTES + PAGE_BYTES:
                break
            stored = struct.unpack(">II", frame[16:24])
            image = int.from_bytes(frame[:4], "big"), start + FRAME_HEADER_BYTES
            self.all.append(image)
            content = frame[:8] + frame[FRAME_HEADER_BYTES:]
            if frame[8:16] == salt:
                self.beyond.append(image)  # also one that cannot be judged, after a damaged one: its rows are sealed
            if frame[8:16] == salt and any(_checksum(order, seed, content) == stored for seed in seeds):
                seeds = [stored]
                is_end = any(frame[4:8])  # of a write
                # Behind a write that ended there may be what is left of an older one that did not.
                self.has_gap = self.has_gap or (is_broken and not is_between_writes)
                is_between_writes = is_end or (is_broken and is_between_writes)
                if is_end and not is_broken:
                    self.offsets.update(self.beyond)
                    self.beyond.clear()
            else:
                is_broken = True  # the end of what was written, or damage: what follows tells
                seeds = [stored, _checksum(order, seeds[0], content)]


class DamagedFile:
    """The pages of a database and of the log beside it, as far as they can be read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._wal_file = file.with_name(f"{file.name}-wal")
        self._wal = WalFrames(self._wal_file)

    @property
    def is_cut_to_nothing(self) -> bool:
        """Whether all that is left is the log, which SQLite would delete."""
        return bool(self._wal.offsets or self._wal.beyond) and not self._file.stat().st_size

    @property
    def has_damaged_log(self) -> bool:
        """Whether SQLite would forget writes that had ended."""
        return self._wal.has_gap

    def records(self) -> Iterator[tuple[int, Record]]:
        """Every row that an image of a table's leaf page holds, with its number; which table, its values must tell.

        A row comes as often as there are images of its page, and one that was deleted may come from an old image.

        Raises:
            OSError: The disk does not give the file.
        """
        with self._file.open("rb") as db, _opened(self._wal_file) as wal:
            pages = _Pages(db, wal, self._wal.offsets)
            for number in range(2, self._file.stat().st_size // PAGE_BYTES + 1):  # the first is the schema's
                yield from _leaf_records(pages, pages.in_database(number))
            for _, offset in self._wal.all:
                yield from _leaf_records(pages, pages.in_log(offset))

    def records_beyond(self) -> Iterator[tuple[int, Record]]:
        """Those on pages of a write that did not end, or behind damage in the log.

        Raises:
            OSError: The disk does not give the file.
        """
        with self._file.open("rb") as db, _opened(self._wal_file) as wal:
            pages = _Pages(db, wal, {**self._wal.offsets, **dict(self._wal.beyond)})
            for _, offset in self._wal.beyond:
                yield from _leaf_records(pages, pages.in_log(offset))


class _Pages:
    def __init__(self, db: BinaryIO, wal: BinaryIO, in_wal: dict[int, int]) -> None:
        self._db = db
        self._wal = wal
        self._in_wal = in_wal

    def read(self, number: int) -> bytes:
        offset = self._in_wal.get(number)
        return self.in_database(number) if offset is None else self.in_log(offset)

    def in_database(self, number: int) -> bytes:
        self._db.seek((number - 1) * PAGE_BYTES)
        return self._db.read(PAGE_BYTES)

    def in_log(self, offset: int) -> bytes:
        self._wal.seek(offset)
        return self._wal.read(PAGE_BYTES)


def _opened(path: Path) -> BinaryIO:
    return path.open("rb") if path.exists() else BytesIO()


def _leaf_records(pages: _Pages, page: bytes) -> Iterator[tuple[int, Record]]:
    if len(page) < PAGE_BYTES or page[0] != _LEAF:
        return
    cells = min(int.from_bytes(page[3:5], "big"), (PAGE_BYTES - _LEAF_HEADER_BYTES) // 2)
    for cell in range(cells):
        place = _LEAF_HEADER_BYTES + 2 * cell
        try:
            row, payload = _cell(pages, page, int.from_bytes(page[place : place + 2], "big"))
            record = _record(payload)
        except _READ_ERRORS:
            continue  # this row is damaged; the next may not be
        yield row, record


def _cell(pages: _Pages, page: bytes, offset: int) -> tuple[int, bytes]:
    size, offset = _varint(page, offset)
    row, offset = _varint(page, offset)
    if size > MAX_VALUE_BYTES:
        raise ValueError("longer than any row of ours")
    most = PAGE_BYTES - 35
    if size <= most:
        return row, page[offset : offset + size]
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    local = least + (size - least) % (PAGE_BYTES - 4)
    local = local if local <= most else least
    payload = bytearray(page[offset : offset + local])
    overflow = int.from_bytes(page[offset + local : offset + local + 4], "big")
    while len(payload) < size and overflow:  # ends: each turn adds octets, or the page is missing
        beyond = pages.read(overflow)
        if len(beyond) < PAGE_BYTES:
            raise ValueError("an overflow page is missing")
        overflow = int.from_bytes(beyond[:4], "big")
        payload += beyond[4 : 4 + size - len(payload)]
    return row, bytes(payload)


def _record(payload: bytes) -> Record:
    header_bytes, offset = _varint(payload, 0)
    kinds: list[int] = []
    while offset < header_bytes and len(kinds) < MAX_COLUMNS:
        kind, offset = _varint(payload, offset)
        kinds.append(kind)
    values: list[Value] = []
    offset = header_bytes
    for kind in kinds:
        size = (kind - _FIRST_BLOB) // 2 if kind >= _FIRST_BLOB else _FIXED_BYTES[kind]
        octets = payload[offset : offset + size]
        if len(octets) < size:
            raise ValueError("the row is cut short")
        values.append(_value(kind, octets))
        offset += size
    return tuple(values)


def _value(kind: int, octets: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        return octets.decode() if kind % 2 else octets
    if kind == 0:
        return None
    if kind == _REAL:
        return float(struct.unpack(">d", octets)[0])
    return kind - 8 if not octets else int.from_bytes(octets, "big", signed=True)


def _varint(octets: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        octet = octets[offset + place]
        if place == 8:  # noqa: PLR2004  the ninth octet gives all its bits
            return value << 8 | octet, offset + 9
        value = value << 7 | octet & 0x7F
        if octet < 0x80:  # noqa: PLR2004  the last octet of a number has no high bit
            return value, offset + place + 1
    raise ValueError("no number")


def _checksum(order: str, seed: tuple[int, ...], octets: bytes) -> tuple[int, ...]:
    first, second = seed
    words = struct.unpack(f"{order}{len(octets) // 4}I", octets)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second
