"""The floor client (`bench/native/floor.c`): sends the agent's own datagrams and only counts what comes back.

It decodes nothing and knows beforehand what to ask, so no reader with the same requests, time-outs and number of
printers at a time can be faster on this machine and this network.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.compiled import program
from edge.snmp.transport import Address

_MICRO: Final = 1e-6
_MILLI: Final = 1_000
_LONGEST_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Floor:
    """What a run of the floor client took."""

    wall_seconds: float
    cpu_seconds: float
    answered: int


def run_floor(
    requests: Mapping[Address, Sequence[bytes]], *, concurrency: int, timeout_seconds: float, retries: int
) -> Floor:
    """Ask every address its datagrams in turn, so many addresses at a time.

    Raises:
        NotBuilt: the client cannot be built here.
    """
    lines = "".join(
        f"{host} {port} {' '.join(each.hex() for each in datagrams)}\n" for (host, port), datagrams in requests.items()
    )
    command = [str(program("floor")), str(concurrency), f"{timeout_seconds * _MILLI:.0f}", str(1 + retries)]
    ended = subprocess.run(  # noqa: S603 - our own program
        command, input=lines, capture_output=True, text=True, check=True, timeout=_LONGEST_SECONDS
    )
    _, wall, cpu, answered = ended.stdout.split()
    return Floor(int(wall) * _MICRO, int(cpu) * _MICRO, int(answered))
