"""How a million printers' traffic falls on the fleet table's partition keys: its busiest second and its busiest keys.

A key is never on two partitions, and a partition serves 1,000 write units and 3,000 read units a second: that is the
limit of each key, whatever the table as a whole may take. Agents of different sizes upload once an hour at times of
their own; what an upload asks of each kind of key is counted by the other benchmarks and stands in the table below.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Final

from bench.row import Row, at_most
from shared.names import DUE_SHARDS
from shared.wire.base import MAX_READINGS_PER_UPLOAD

PRINTERS: Final = 1_000_000
HOUR: Final = int(timedelta(hours=1).total_seconds())
SITES: Final = ((3, 0.30), (10, 0.35), (50, 0.25), (200, 0.08), (1_000, 0.02))
"""Printers of an agent, and the share of agents that have so many; assumed."""
LARGEST: Final = 5_000
"""One more agent with as many as one item of what agents told may hold."""
WHOLE: Final = 0.7
"""Of the printers that are read in the busiest hour, those that are sent whole; assumed."""
PRINTER_UNITS: Final = 5
"""Most that one reading writes under its printer's key: state, two weeks, trays, and who it is."""
TOLD_OCTETS: Final = 13
"""What one printer takes in its agent's item."""
CONTACT_OCTETS: Final = 320
"""What that item takes beside: when the agent was heard of, and the receipt."""
UPLOAD_READS: Final = 2
"""Under the agent's key beside that item: its row, twice."""
LOOK_UNITS: Final = 2
"""Of the due index, once in three hours an agent: its place is taken out of a shard and put in again."""
WRITE_LIMIT: Final = 1_000
READ_LIMIT: Final = 3_000
_SEED: Final = 7


@dataclass(slots=True)
class Heat:
    """Units of one busy hour, by second: of all keys together, and of each agent's and each shard's own."""

    all: Counter[int] = field(default_factory=Counter)
    keys: Counter[tuple[str, int]] = field(default_factory=Counter)
    reads: Counter[tuple[str, int]] = field(default_factory=Counter)
    of_a_key: Counter[str] = field(default_factory=Counter)

    def write(self, key: str, second: int, units: int) -> None:
        """Units written under one key."""
        self.all[second] += units
        self.keys[key, second] += units
        self.of_a_key[key] += units


def heat_rows() -> list[Row]:
    """The busiest hour of a million printers."""
    heat, agents = _busy_hour()
    (agent, _), most = heat.keys.most_common(1)[0]
    shard = max(units for (key, _), units in heat.keys.items() if key.startswith("WATCH"))
    share = max(heat.of_a_key.values()) / heat.all.total() * 100
    return [
        Row(
            "write units of the busiest second, a million printers simulated",
            max(heat.all.values()),
            "WRU",
            note=f"{agents:,} agents with 3 to {LARGEST:,} printers; {heat.all.total() / HOUR:.0f} a second on average",
        ),
        at_most(
            "the same of the busiest partition key",
            most,
            "WRU",
            WRITE_LIMIT,
            f"{agent}; a printer's key at most {PRINTER_UNITS}, a shard of the due index {shard}",
        ),
        at_most("read units a second of the busiest partition key", max(heat.reads.values()), "RRU", READ_LIMIT),
        Row("share of the hour's write units that the busiest key has", share, "%"),
    ]


def _busy_hour() -> tuple[Heat, int]:
    chance = random.Random(_SEED)  # noqa: S311 - a simulation
    heat, sizes = Heat(), _sizes(chance)
    for number, size in enumerate(sizes):
        agent, began = f"AGENT of {size:,} printers, number {number}", chance.randrange(HOUR)
        told = ceil((CONTACT_OCTETS + size * TOLD_OCTETS) / 1_024)
        for batch, first in enumerate(range(0, size, MAX_READINGS_PER_UPLOAD)):
            second = began + batch  # an upload of hundreds takes a second at least, and the next one waits for it
            count = min(MAX_READINGS_PER_UPLOAD, size - first)
            heat.write(agent, second, told)
            heat.reads[agent, second] += ceil(told / 4) + UPLOAD_READS
            heat.all[second] += round(count * WHOLE) * 2  # state and, in the worst of hours, its week
        if chance.random() < 1 / 3:
            heat.write(f"WATCH shard {number % DUE_SHARDS}", began, LOOK_UNITS)
    return heat, len(sizes)


def _sizes(chance: random.Random) -> list[int]:
    kinds, shares = zip(*SITES, strict=True)
    sizes, left = [LARGEST], PRINTERS - LARGEST
    while left > 0:
        sizes.append(min(left, int(chance.choices(kinds, shares)[0])))
        left -= sizes[-1]
    return sizes
