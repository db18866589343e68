"""Polls of many printers by the agent's reader, and what they took."""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

import edge.reading.printer
import edge.reading.reader
from bench.floor import Floor, run_floor
from bench.printers import Printers
from edge.clock import SystemClock
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.answers import Answers
from edge.snmp.targets import Target
from edge.snmp.transport import Address

AT_A_TIME: Final = 64
LIMITS: Final = ReaderLimits()
POLL_SECONDS: Final = 900
KILO: Final = 1_000


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of some printers."""

    asked: int
    read: int
    packets: int
    wall_seconds: float
    cpu_seconds: float

    @property
    def milliseconds(self) -> float:
        """CPU a printer."""
        return self.cpu_seconds * KILO / self.asked

    @property
    def packets_each(self) -> float:
        """Datagrams sent a printer."""
        return self.packets / self.asked


def typical(polls: Sequence[Poll]) -> Poll:
    """The one of median CPU."""
    return sorted(polls, key=lambda each: each.cpu_seconds)[len(polls) // 2]


async def poll(reader: Reader, targets: Sequence[Target]) -> Poll:
    """Read each once, so many at a time."""
    waiting, read = iter(targets), 0

    async def work() -> None:
        nonlocal read
        for target in waiting:
            try:
                await reader.read(target)
            except ReadError:
                continue
            read += 1

    gc.collect()
    gc.freeze()  # what we keep is not for the reader's collections to look through
    packets, cpu, began = reader.packets_sent, time.process_time(), time.monotonic()
    await asyncio.gather(*(work() for _ in range(AT_A_TIME)))
    spent, cpu = time.monotonic() - began, time.process_time() - cpu
    return Poll(len(targets), read, reader.packets_sent - packets, spent, cpu)


async def first_poll(targets: Sequence[Target]) -> Poll:
    """A poll by a reader that knows nothing of the printers, in a process that has met none like them."""
    _forget()
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        return await poll(reader, targets)


def _forget() -> None:
    """Empty every memory of the rooms that ask and understand printers."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("edge.snmp.", "edge.reading.")):
            for each in list(vars(module).values()):
                getattr(each, "cache_clear", bool)()


async def steady_polls(reader: Reader, printers: Printers, count: int) -> list[Poll]:
    """Polls with fifteen minutes of the printers' time before each."""
    polls = []
    for _ in range(count):
        printers.advance(POLL_SECONDS)
        polls.append(await poll(reader, printers.targets))
    return polls


@contextmanager
def without_mapping() -> Iterator[None]:
    """Meanwhile a printer's answers are made into a reading once only, and it gets that again: SNMP alone."""
    made: dict[str, Any] = {}
    real: Callable[..., Any] = edge.reading.printer.compose

    def composed(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed through
        address = named["address"]
        if address not in made:
            made[address] = real(*given, **named)
        return made[address]

    with mock.patch.object(edge.reading.reader, "compose", composed):
        yield


@contextmanager
def answers_kept() -> Iterator[dict[str, Answers]]:
    """What the printers answer meanwhile, by address: each value as it was read."""
    kept: dict[str, Answers] = {}
    real: Callable[..., Any] = edge.reading.printer.compose

    def keeping(answers: Answers, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed through
        kept[named["address"]] = answers
        return real(answers, *given, **named)

    with mock.patch.object(edge.reading.reader, "compose", keeping):
        yield kept


async def asked_in_a_poll(reader: Reader, printers: Printers) -> dict[Address, list[bytes]]:
    """The datagrams of one poll of printers that are known, for the floor client to send again."""
    printers.note()
    await poll(reader, printers.targets)
    asked = printers.noted()
    return {(target.host, target.port): asked.get((target.host, target.port), []) for target in printers.targets}


def floor_of(asked: dict[Address, list[bytes]]) -> Floor:
    """What those datagrams take at least, with the agent's time-outs and number of printers at a time."""
    return run_floor(asked, concurrency=AT_A_TIME, timeout_seconds=LIMITS.timeout_seconds, retries=LIMITS.retries)
