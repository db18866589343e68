"""How long a poll takes on a bad network, beside the floor client that sends the same datagrams."""

import time
from typing import Final

from bench.compiled import NotBuilt
from bench.floor import Floor
from bench.polls import AT_A_TIME, LIMITS, Poll, asked_in_a_poll, floor_of, poll
from bench.printers import Printers
from bench.responder import MOST_OCTETS
from bench.row import Row, is_true, left_out, ratio_at_most
from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.site.poller import Poller

RUNS: Final = 3
LONG_SECONDS: Final = 2.0
"""A run that takes so long waits for time-outs: once is enough."""
MOST: Final = 1.2
LEARNING_POLLS: Final = 4
"""Until the reader knows how much at once each of the printers can answer that answer less than usual."""


async def wall_rows(
    printers: Printers, when: str, *, latency: float = 0.0, loss: float = 0.0, most_octets: int = MOST_OCTETS
) -> list[Row]:
    """The agent's wall time beside the floor's, the median ratio of some runs, and whether a printer was lost.

    What the floor sends is what the agent asked in a poll of the same printers without loss.
    """
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        printers.network(most_octets=most_octets)
        living = [target for target in printers.targets if target not in printers.dead]
        for _ in range(1 if most_octets == MOST_OCTETS else LEARNING_POLLS):
            await poll(reader, living)
        asked = await asked_in_a_poll(reader, printers)
        runs: list[tuple[Poll, Floor]] = []
        try:
            while len(runs) < RUNS and (not runs or runs[0][0].wall_seconds < LONG_SECONDS):
                printers.network(latency=latency, loss=loss, most_octets=most_octets)
                own = await poll(reader, printers.targets)
                printers.network(latency=latency, loss=loss, most_octets=most_octets)
                runs.append((own, floor_of(asked)))
        except NotBuilt as why:
            return [left_out(f"{when}: wall", f"≤ {MOST} of floor", str(why))]
        finally:
            printers.network()
    own, floor = sorted(runs, key=lambda run: run[0].wall_seconds / run[1].wall_seconds)[len(runs) // 2]
    return _beside(when, own, floor)


async def dead_rows(printers: Printers, when: str, *, latency: float) -> list[Row]:
    """The same by the agent's poller, where some printers have died that it knew: the time until all others are read.

    The floor waits for every time-out.
    """
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        poller = Poller(reader, _Forgetting(), concurrency=AT_A_TIME, rate_limit_pps=1)
        living = [target for target in printers.targets if target not in printers.dead]
        await poller.read_all(living)
        asked = await asked_in_a_poll(reader, printers)
        try:
            printers.network(latency=latency)
            packets, began = reader.packets_sent, time.monotonic()
            read = await poller.read_all(printers.targets)
            wall = time.monotonic() - began
            own = Poll(len(printers.targets), read, reader.packets_sent - packets, wall, 0.0)
            printers.network(latency=latency)
            return _beside(when, own, floor_of(asked))
        except NotBuilt as why:
            return [left_out(f"{when}: wall", f"≤ {MOST} of floor", str(why))]
        finally:
            printers.network()


class _Forgetting:
    """Takes what the poller saw, and keeps nothing."""

    def put(self, event: object) -> None:
        """Take it."""


def _beside(when: str, own: Poll, floor: Floor) -> list[Row]:
    note = f"{own.read} of {own.asked} read, floor {floor.answered}; {own.packets_each:.1f} packets a printer"
    return [
        ratio_at_most(f"{when}: wall", own.wall_seconds, "s", ("floor", floor.wall_seconds), MOST, note),
        is_true(
            f"{when}: no printer lost",
            holds=own.read >= floor.answered,
            target="none that the floor client reads",
            note=note,
        ),
    ]
