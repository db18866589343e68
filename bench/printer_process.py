"""`python -m bench.printer_process`: many simulated printers in a process of its own, moved on by its standard input.

First line out: the printers' addresses as JSON. A line in is ``{"advance": seconds}``, ``{"latency": seconds}`` or
``{"loss": share}``; each is answered by a line with the packets seen so far. It ends when its input does.
Time stands still between commands, so that two readers see the same values.
"""

import argparse
import asyncio
import json
import random
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from local.printers.fleet import bind_addresses, model_printer
from local.printers.messages import answer, decode_request
from local.printers.models.catalogue import MODELS
from local.printers.printer import SimulatedPrinter

TUESDAY_MORNING: Final = datetime(2025, 11, 4, 9, 0, tzinfo=UTC)
_SEED: Final = 11
_MAC_OCTETS: Final = 3


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


@dataclass(slots=True)
class Network:
    """What lies between reader and printers.

    Attributes:
        latency: seconds from a request to its reply.
        loss: share of requests lost, and again of replies.
        packets: requests that arrived, lost ones included.
    """

    latency: float = 0.0
    loss: float = 0.0
    packets: int = 0


class _Endpoint(asyncio.DatagramProtocol):
    """One printer's socket."""

    def __init__(self, printer: SimulatedPrinter, network: Network, chance: random.Random) -> None:
        self._printer = printer
        self._network = network
        self._chance = chance
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        network = self._network
        network.packets += 1
        if self._printer.silent or (network.loss and self._lost()):
            return
        reply = answer(self._printer.view(), decode_request(data))
        if network.latency:
            asyncio.get_running_loop().call_later(network.latency, self._transport.sendto, reply, addr)
        else:
            self._transport.sendto(reply, addr)

    def _lost(self) -> bool:
        return min(self._chance.random(), self._chance.random()) < self._network.loss


def many_printers(count: int, dead: int, clock: StandingClock) -> list[SimulatedPrinter]:
    """The built-in models over and over, each with a serial number and MAC of its own; every so often a dead one."""
    alive = [model for model in MODELS if not model.silent]
    printers = []
    for place in range(count):
        model = alive[place % len(alive)]
        mac = model.mac and model.mac[: -3 * _MAC_OCTETS] + "".join(
            f":{octet:02x}" for octet in place.to_bytes(3, "big")
        )
        serial = model.serial and f"{model.serial[:-4]}{place:04d}"
        printers.append(model_printer(replace(model, serial=serial, mac=mac), clock=clock))
    for place in range(dead):
        printers[(2 * place + 1) * count // (2 * dead)].behaviour.go_silent()
    return printers


async def _serve(count: int, dead: int) -> None:
    loop = asyncio.get_running_loop()
    clock, network, chance = StandingClock(), Network(), random.Random(_SEED)  # noqa: S311 - a simulation
    printers = many_printers(count, dead, clock)
    sockets = bind_addresses(count, None)
    targets = [list(bound.getsockname()) for bound in sockets]
    for printer, bound in zip(printers, sockets, strict=True):
        await loop.create_datagram_endpoint(lambda one=printer: _Endpoint(one, network, chance), sock=bound)  # type: ignore[misc] # mypy cannot infer a lambda with a default
    _say({"targets": targets, "dead": [place for place, each in enumerate(printers) if each.silent]})
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        clock.advance(command.get("advance", 0.0))
        network.latency = command.get("latency", network.latency)
        network.loss = command.get("loss", network.loss)
        _say({"packets": network.packets})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.printer_process")
    parser.add_argument("count", type=int)
    parser.add_argument("--dead", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(_serve(given.count, given.dead))
