"""Which readings to give up when the spool is full: counters are cumulative, so it costs resolution, not pages."""

import sqlite3
from typing import Final

TARGET_SHARE: Final = 0.95  # room is made in strides, not for each reading
_STRIDE: Final = 256
_NEWER_SAME_DAY: Final = (
    "EXISTS (SELECT 1 FROM readings n WHERE n.printer = r.printer AND n.day = r.day AND n.row > r.row)"
)
_NEWER: Final = "EXISTS (SELECT 1 FROM readings n WHERE n.printer = r.printer AND n.row > r.row)"

TIERS: Final = (
    f"has_alert_change = 0 AND {_NEWER_SAME_DAY}",  # intermediate readings
    f"has_alert_change = 0 AND {_NEWER}",  # older days
    _NEWER,  # old alerts
    "TRUE",
)
"""What is given up first to last, oldest first in each. A reading in a batch stays: it may be on its way."""


def make_room(connection: sqlite3.Connection, held_bytes: int, max_bytes: int) -> tuple[int, int]:
    """Drop readings inside the caller's transaction until the spool is below its bound.

    Returns:
        How many were dropped, and the bytes still held.
    """
    dropped = 0
    if held_bytes <= max_bytes:
        return dropped, held_bytes
    target = int(max_bytes * TARGET_SHARE)
    for tier in TIERS:
        while held_bytes > target:
            rows = _oldest(connection, tier, held_bytes - target)
            if not rows:
                break
            connection.executemany("DELETE FROM readings WHERE row = ?", [(row,) for row, _ in rows])
            dropped += len(rows)
            held_bytes -= sum(size for _, size in rows)
    return dropped, held_bytes


def _oldest(connection: sqlite3.Connection, tier: str, excess: int) -> list[tuple[int, int]]:
    rows = connection.execute(
        f"SELECT row, bytes FROM readings r WHERE batch IS NULL AND {tier} ORDER BY row LIMIT ?",  # noqa: S608  ours
        (_STRIDE,),
    )
    chosen: list[tuple[int, int]] = []
    for row, size in rows:
        if excess <= 0:
            break
        chosen.append((row, size))
        excess -= size
    return chosen
