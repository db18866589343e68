"""The floor: a client that sends the agent's own datagrams and only counts what comes back.

It decodes nothing and knows beforehand what to ask, so no reader with the same requests, time-outs and number of
printers at a time can be faster on this machine and this network.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.transport import Address

_RECEIVE_OCTETS: Final = 65_535
_BUFFER_OCTETS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Floor:
    """What a run of the floor client took."""

    wall_seconds: float
    cpu_seconds: float
    answered: int


@dataclass(slots=True)
class _Printer:
    datagrams: Sequence[bytes]
    at: int = 0
    sent: int = 0
    due: float = 0.0


def run_floor(
    requests: Mapping[Address, Sequence[bytes]], *, concurrency: int, timeout_seconds: float, retries: int
) -> Floor:
    """Ask every address its datagrams in turn, so many addresses at a time."""
    cpu, began = time.process_time(), time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel, selectors.DefaultSelector() as selector:
        channel.setblocking(False)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_OCTETS)
        selector.register(channel, selectors.EVENT_READ)
        client = _Client(channel, timeout_seconds, 1 + retries)
        waiting = deque(requests.items())
        while waiting or client.asked:
            while waiting and len(client.asked) < concurrency:
                client.begin(*waiting.popleft())
            selector.select(client.seconds_to_wait())
            client.receive()
            client.repeat()
    return Floor(time.monotonic() - began, time.process_time() - cpu, client.answered)


class _Client:
    def __init__(self, channel: socket.socket, timeout_seconds: float, attempts: int) -> None:
        self.asked: dict[Address, _Printer] = {}
        self.answered = 0
        self._channel = channel
        self._timeout_seconds = timeout_seconds
        self._attempts = attempts

    def begin(self, address: Address, datagrams: Sequence[bytes]) -> None:
        self._send(address, _Printer(datagrams))

    def seconds_to_wait(self) -> float:
        return max(0.0, next(iter(self.asked.values())).due - time.monotonic())

    def receive(self) -> None:
        """Take all that came; each printer has one request on its way."""
        for source in _sources(self._channel):
            printer = self.asked.get(source)
            if printer is None:
                continue
            printer.at, printer.sent = printer.at + 1, 0
            if printer.at < len(printer.datagrams):
                self._send(source, printer)
            else:
                del self.asked[source]
                self.answered += 1

    def repeat(self) -> None:
        """Ask again who is due, or give it up."""
        now = time.monotonic()
        for address, printer in [entry for entry in self.asked.items() if entry[1].due <= now]:
            if printer.sent < self._attempts:
                self._send(address, printer)
            else:
                del self.asked[address]

    def _send(self, address: Address, printer: _Printer) -> None:
        self._channel.sendto(printer.datagrams[printer.at], address)
        printer.sent += 1
        printer.due = time.monotonic() + self._timeout_seconds
        self.asked.pop(address, None)
        self.asked[address] = printer  # at the end: who is first is due first


def _sources(channel: socket.socket) -> Iterator[Address]:
    while True:
        try:
            yield channel.recvfrom(_RECEIVE_OCTETS)[1]
        except BlockingIOError:
            return
