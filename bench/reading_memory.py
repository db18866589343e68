"""`python -m bench.reading_memory < targets`: polls them with nothing else imported and prints its peak in MB."""

import asyncio
import resource
import sys
from pathlib import Path
from typing import Final

from edge.cli_read import read_many
from edge.clock import SystemClock
from edge.reader import Reader
from edge.targets import Target, parse_targets

POLLS: Final = 6
AT_A_TIME: Final = 64
_STATUS: Final = Path("/proc/self/status")
_KILO: Final = 1_000
_OCTETS_PER_KB: Final = 1_024


async def _poll(targets: list[Target]) -> None:
    async with Reader(SystemClock()) as reader:
        for _ in range(POLLS):
            async for _ in read_many(reader, targets, AT_A_TIME):
                pass


def peak_mb() -> float:
    """The most memory this process ever had resident; the system's own count starts with the parent's."""
    if _STATUS.is_file():
        line = next(line for line in _STATUS.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * _OCTETS_PER_KB / _KILO / _KILO
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILO / _KILO


if __name__ == "__main__":
    asyncio.run(_poll(parse_targets(sys.stdin)))
    sys.stdout.write(f"{peak_mb():.1f}\n")
