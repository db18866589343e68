"""How fast printers are found among addresses where mostly nobody is, and whether the configured rate is kept.

The rate is measured where the questions arrive, by the system's own time of each datagram's arrival.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.compiled import NotBuilt, program
from bench.printers import Printers
from bench.responder import Counts
from bench.row import Row, at_most, is_true, left_out
from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.targets import Target

ADDRESSES: Final = 1_024
ALIVE: Final = 103
RATE: Final = 1_000
RUNS: Final = 3
LATENCY_SECONDS: Final = 0.002
MOST_SECONDS: Final = 2.5
_EDGE: Final = 1
"""A span of a second holds one more than the rate when it begins and ends at a datagram."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of the block."""

    found: int
    wall_seconds: float
    cpu_seconds: float
    counts: Counts


def run() -> list[Row]:
    """All rows; the printers are started and ended here."""
    try:
        program("responder")  # at addresses where nobody is, the one in Python lets the system refuse
    except NotBuilt as why:
        return [left_out("sweep", f"≤ {MOST_SECONDS:g} s", str(why))]
    with Printers(ALIVE, every=ADDRESSES // ALIVE) as printers:
        block = printers.block(ADDRESSES)
        free = sorted((_sweep(printers, block) for _ in range(RUNS)), key=lambda each: each.wall_seconds)[RUNS // 2]
        paced = _sweep(printers, block, rate=RATE)
    return [*_free_rows(free), *_paced_rows(paced)]


def _sweep(printers: Printers, block: Sequence[Target], rate: float | None = None) -> Sweep:
    async def found() -> int:
        async with Reader(SystemClock()) as reader:
            return len([target async for target in reader.discover(block, rate_limit_pps=rate)])

    printers.network(latency=LATENCY_SECONDS)
    cpu, began = time.process_time(), time.monotonic()
    count = asyncio.run(found())
    return Sweep(count, time.monotonic() - began, time.process_time() - cpu, printers.counts())


def _free_rows(sweep: Sweep) -> list[Row]:
    what = f"sweep of {ADDRESSES:,} addresses, {ALIVE} alive, no rate limit"
    note = f"median of {RUNS}; {sweep.counts.packets} datagrams arrived, {sweep.counts.overflown} lost by the system"
    return [
        at_most(f"{what}: wall", sweep.wall_seconds, "s", MOST_SECONDS, note),
        Row(f"{what}: CPU", sweep.cpu_seconds, "s"),
        is_true(f"{what}: all found", holds=sweep.found == ALIVE, target=f"{ALIVE} printers", note=f"{sweep.found}"),
    ]


def _paced_rows(sweep: Sweep) -> list[Row]:
    what = f"the same at {RATE} datagrams a second"
    note = f"most in any 100 ms: {sweep.counts.busiest_tenth}; {sweep.found} found"
    return [
        at_most(f"{what}: most in any second", sweep.counts.busiest_second, "", RATE + _EDGE, note),
        Row(f"{what}: wall", sweep.wall_seconds, "s", sweep.counts.packets / RATE, "as the rate allows"),
    ]
