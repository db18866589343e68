"""Two ways to serve simulated printers: by the responder in C and, where it cannot be built, by asyncio.

Both answer the same; the one in C is fast enough to be no limit to a reader, and can do more.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import Any, Final, Protocol

from bench.responder import MOST_OCTETS, Counts, Responder
from local.printers.fleet import COMMUNITY, bind_addresses
from local.printers.messages import answer, decode_request
from local.printers.printer import SimulatedPrinter

FIRST_ADDRESS: Final = IPv4Address("127.0.32.1")
_HOSTS: Final = 254
_SEED: Final = 11


class Serving(Protocol):
    """Printers at their addresses."""

    targets: list[tuple[str, int]]

    def refresh(self) -> None:
        """Show the printers as they are now."""

    def silence(self, printers: Sequence[int]) -> None:
        """Those numbers answer nothing from now on."""

    def network(self, *, latency: float, loss: float, most_octets: int) -> None:
        """Set latency (seconds), loss each way and the size of responses; the counts begin anew."""

    def counts(self) -> Counts:
        """What arrived since."""

    def note(self) -> None:
        """Keep every request from now on."""

    def noted(self) -> list[tuple[int, bytes]]:
        """The printers' numbers and what they were asked since `note`."""

    def close(self) -> None:
        """End it."""


def addresses(count: int) -> Iterator[str]:
    """Loopback addresses, 254 of each 256."""
    for position in range(count):
        network, host = divmod(position, _HOSTS)
        yield str(FIRST_ADDRESS + network * 256 + host)


class NativeServing:
    """By the responder in C.

    Args:
        printers: in the order of their addresses.
        slow: numbers of printers that answer late.
        slow_seconds: how late.
        every: addresses from one printer to the next; nobody is at those between.

    Raises:
        NotBuilt: the responder cannot be built here.
    """

    def __init__(
        self, printers: Sequence[SimulatedPrinter], slow: Sequence[int], slow_seconds: float, every: int
    ) -> None:
        hosts = list(addresses(len(printers) * every))[::every]
        self._printers = printers
        self._responder = Responder(hosts, COMMUNITY)
        self._shown: list[dict[tuple[int, ...], bytes]] = [{} for _ in printers]
        self.silence([number for number, printer in enumerate(printers) if printer.silent])
        self._responder.slow(slow, slow_seconds)
        self.targets = [(host, self._responder.port) for host in hosts]
        self.refresh()

    def refresh(self) -> None:
        """Send the rows that changed."""
        for number, printer in enumerate(self._printers):
            view = printer.view()
            rows = {oid: view.encoded(oid) for oid, _ in view.below(())}
            shown = self._shown[number]
            self._responder.cut(number, [shown[oid] for oid in shown.keys() - rows.keys()])
            self._responder.put(number, [row for oid, row in rows.items() if shown.get(oid) != row])
            self._shown[number] = rows
        self._responder.counts()

    def silence(self, printers: Sequence[int]) -> None:
        """The responder knows them."""
        self._responder.silence(printers)

    def network(self, *, latency: float, loss: float, most_octets: int) -> None:
        """Set what lies in between."""
        self._responder.network(latency=latency, loss=loss, most_octets=most_octets)

    def counts(self) -> Counts:
        """As the responder counts."""
        return self._responder.counts()

    def note(self) -> None:
        """The responder keeps the requests."""
        self._responder.note()

    def noted(self) -> list[tuple[int, bytes]]:
        """Those kept."""
        return self._responder.noted()

    def close(self) -> None:
        """End the responder."""
        self._responder.__exit__()


class _Endpoint(asyncio.DatagramProtocol):
    """One printer's socket."""

    def __init__(self, printer: SimulatedPrinter, serving: "PythonServing") -> None:
        self._printer = printer
        self._serving = serving
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        serving = self._serving
        serving.packets += 1
        if self._printer.silent or serving.is_lost():
            return
        reply = answer(self._printer.view(), decode_request(data), max_response=serving.most_octets)
        if serving.latency:
            asyncio.get_running_loop().call_later(serving.latency, self._transport.sendto, reply, addr)
        else:
            self._transport.sendto(reply, addr)


class PythonServing:
    """By asyncio, in the running loop; make it with `open`. None is slow, and addresses follow one another."""

    def __init__(self, printers: Sequence[SimulatedPrinter]) -> None:
        self._printers = printers
        self.targets: list[tuple[str, int]] = []
        self.latency = 0.0
        self.most_octets = MOST_OCTETS
        self.packets = 0
        self._loss = 0.0
        self._chance = random.Random(_SEED)  # noqa: S311 - a simulation
        self._transports: list[asyncio.BaseTransport] = []

    @classmethod
    async def open(cls, printers: Sequence[SimulatedPrinter]) -> "PythonServing":
        """Printers served from now on."""
        serving = cls(printers)
        for printer, bound in zip(printers, bind_addresses(len(printers), None), strict=True):
            serving.targets.append(bound.getsockname())
            endpoint = _Endpoint(printer, serving)
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda one=endpoint: one,  # type: ignore[misc] # mypy cannot infer a lambda with a default
                sock=bound,
            )
            serving._transports.append(transport)
        return serving

    def refresh(self) -> None:
        """Nothing to do: every request sees the printer as it is."""

    def silence(self, printers: Sequence[int]) -> None:
        """The printers know."""
        for number in printers:
            self._printers[number].behaviour.go_silent()

    def network(self, *, latency: float, loss: float, most_octets: int) -> None:
        """Set what lies in between."""
        self.latency, self._loss, self.most_octets = latency, loss, most_octets
        self.packets = 0
        self._chance.seed(_SEED)

    def is_lost(self) -> bool:
        """Whether this datagram is, on its way there or back."""
        return bool(self._loss) and min(self._chance.random(), self._chance.random()) < self._loss

    def counts(self) -> Counts:
        """Packets only; the rest is not counted here."""
        return Counts(self.packets, 0, 0, 0, 0, 0)

    def note(self) -> None:
        """Nothing is kept here."""

    def noted(self) -> list[tuple[int, bytes]]:
        """None."""
        return []

    def close(self) -> None:
        """Close every socket."""
        for transport in self._transports:
            transport.close()
