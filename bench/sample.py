"""Readings as the agent takes them: of the simulated printers, by its own reader, over loopback."""

import asyncio

from bench.printers import Printers
from edge.cli.read import read_many
from edge.clock import SystemClock
from edge.reading.reader import Reader, ReadError
from shared.wire.reading import PrinterReading

_AT_A_TIME = 32


def sample_readings(count: int) -> list[PrinterReading]:
    """One reading of each of so many printers, in the order of their addresses.

    Raises:
        ReadError: A printer could not be read.
    """
    with Printers(count) as printers:
        taken = asyncio.run(_read(printers))
        return [taken[str(target)] for target in printers.targets]


async def _read(printers: Printers) -> dict[str, PrinterReading]:
    taken = {}
    async with Reader(SystemClock()) as reader:
        async for target, outcome in read_many(reader, printers.targets, _AT_A_TIME):
            if isinstance(outcome, ReadError):
                raise outcome
            taken[str(target)] = outcome
    return taken
