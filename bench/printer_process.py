"""`python -m bench.printer_process`: many simulated printers in a process of its own, moved on by its standard input.

First line out: the printers' addresses as JSON. A line in is any of ``{"advance": seconds, "latency": seconds,
"loss": share, "most_octets": count}``; each is answered by a line with what was counted since the network was last
set. ``{"note": 1}`` keeps the requests from then on, ``{"noted": 1}`` is answered by them, ``{"silence": count}`` ends
so many printers. It ends when its input does. Time stands still between commands: two readers see the same values.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bench.compiled import NotBuilt
from bench.fleets import Fleet, many_printers, spread
from bench.responder import MOST_OCTETS
from bench.serving import NativeServing, PythonServing, Serving
from local.printers.printer import SimulatedPrinter

TUESDAY_MORNING: Final = datetime(2025, 11, 4, 9, 0, tzinfo=UTC)
_NETWORK: Final = {"latency": 0.0, "loss": 0.0, "most_octets": MOST_OCTETS}


class StandingClock:
    """Time that only commands move."""

    def __init__(self) -> None:
        self._now = TUESDAY_MORNING

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


async def _opened(printers: Sequence[SimulatedPrinter], slow: list[int], slow_seconds: float, every: int) -> Serving:
    try:
        return NativeServing(printers, slow, slow_seconds, every)
    except NotBuilt:
        if slow or every > 1:
            raise
        return await PythonServing.open(printers)


async def _serve(options: argparse.Namespace) -> None:
    clock = StandingClock()
    printers = many_printers(options.count, options.dead, clock, Fleet(options.fleet))
    slow = spread(options.slow, options.count, shift=1)
    serving = await _opened(printers, slow, options.slow_seconds, options.every)
    native = isinstance(serving, NativeServing)
    dead = [place for place, each in enumerate(printers) if each.silent]
    _say({"targets": serving.targets, "dead": dead, "native": native})
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        _say(_obeyed(command, serving, clock))
    serving.close()


def _obeyed(command: dict[str, Any], serving: Serving, clock: StandingClock) -> dict[str, Any]:
    if "noted" in command:
        return {"noted": [(number, datagram.hex()) for number, datagram in serving.noted()]}
    if "note" in command:
        serving.note()
    elif "silence" in command:
        serving.silence(spread(command["silence"], len(serving.targets)))
    elif "advance" in command:
        clock.advance(command["advance"])
        serving.refresh()
    elif command:
        serving.network(**_NETWORK | command)
    return asdict(serving.counts())


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.printer_process")
    parser.add_argument("count", type=int)
    parser.add_argument("--dead", type=int, default=0)
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--slow-seconds", type=float, default=1.0)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--fleet", choices=[each.value for each in Fleet], default=Fleet.SMALL.value)
    asyncio.run(_serve(parser.parse_args()))
