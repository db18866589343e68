"""`python -m bench.reading_memory < targets`: polls them with nothing else imported and prints its peak in MB."""

import asyncio
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.targets import Target, parse_targets

POLLS: Final = 6
AT_A_TIME: Final = 64
_KILO: Final = 1_000
_OCTETS_PER_KB: Final = 1_024


async def _poll(targets: list[Target]) -> None:
    async with Reader(SystemClock()) as reader:
        for _ in range(POLLS):
            waiting = iter(targets)
            await asyncio.gather(*(_read(reader, waiting) for _ in range(AT_A_TIME)))


async def _read(reader: Reader, waiting: Iterator[Target]) -> None:
    for target in waiting:
        await reader.read(target)


def peak_mb(process: int | str = "self") -> float:
    """The most memory a process ever had resident; the system's other count starts with the parent's."""
    status = Path(f"/proc/{process}/status")
    if status.is_file():
        line = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * _OCTETS_PER_KB / _KILO / _KILO
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILO / _KILO


if __name__ == "__main__":
    asyncio.run(_poll(parse_targets(sys.stdin)))
    sys.stdout.write(f"{peak_mb():.1f}\n")
