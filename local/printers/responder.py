"""Answers SNMP v1/v2c over UDP for many printers: each (host, port) is one of them."""

import asyncio
import errno
import logging
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, cast

from local.printers.ber import MalformedMessageError
from local.printers.manners import Manners, Sent
from local.printers.messages import DEFAULT_MAX_RESPONSE, Request, answer, decode_request
from local.printers.rows import MibView

log = logging.getLogger(__name__)

Address = tuple[str, int]
_HIGHEST_PORT = 65_535


class AddressUnavailableError(OSError):
    """A loopback address or port cannot be bound; the message says what to do."""

    def __str__(self) -> str:
        return self.strerror or super().__str__()


class SnmpAgent(Protocol):
    """What answers at one address."""

    @property
    def community(self) -> str:
        """The community that is answered; any other is ignored."""

    @property
    def silent(self) -> bool:
        """True when nothing at all is answered."""

    def view(self) -> MibView:
        """The rows as they are now."""


def bind_udp(address: Address) -> socket.socket:
    """A bound, non-blocking UDP socket.

    Raises:
        AddressUnavailableError: the address is not this machine's, or the port is in use.
    """
    host, port = address
    if not 0 <= port <= _HIGHEST_PORT:
        advice = f"ports end at {_HIGHEST_PORT}; choose a lower one"
        raise AddressUnavailableError(errno.EINVAL, f"cannot serve a printer on {host}:{port}: {advice}")
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRNOTAVAIL:
            advice = (
                f"{host} is not an address of this machine. Linux answers for all of 127.0.0.0/8; on macOS run "
                f"`sudo ifconfig lo0 alias {host} up`, or let the printers share 127.0.0.1 (--same-address)."
            )
        elif error.errno == errno.EADDRINUSE:
            advice = f"UDP port {port} on {host} is in use. Choose another port, or none to get a free one."
        else:
            advice = error.strerror or str(error)
        raise AddressUnavailableError(error.errno, f"cannot serve a printer on {host}:{port}: {advice}") from error
    bound.setblocking(False)
    return bound


class _Endpoint(asyncio.DatagramProtocol):
    """One printer's socket."""

    def __init__(self, agent: SnmpAgent, max_response: int, counts: Counter[str], manners: Manners | None) -> None:
        self._agent = agent
        self._manners = manners
        self._max_response = max_response
        self._counts = counts
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        outcome, replies = self._respond(data)
        self._counts[outcome] += 1
        for reply in replies:
            if reply.after_seconds:
                asyncio.get_running_loop().call_later(reply.after_seconds, self._send, reply, addr)
            else:
                self._send(reply, addr)

    def _send(self, reply: Sent, addr: Address) -> None:
        if reply.from_elsewhere:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.sendto(reply.octets, addr)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(reply.octets, addr)

    def _respond(self, datagram: bytes) -> tuple[str, Sequence[Sent]]:
        if self._agent.silent:
            return "silent", ()
        try:
            request = decode_request(datagram)
        except MalformedMessageError:
            return "malformed", ()
        if request.community != self._agent.community.encode():
            return "unknown_community", ()
        try:
            return "answered", self._answers(request)
        except Exception:
            # One printer's fault must not end the others; a real one would also just not answer.
            log.exception("printer could not answer")
            return "failed", ()

    def _answers(self, request: Request) -> Sequence[Sent]:
        properly = partial(answer, self._agent.view(), max_response=self._max_response)
        return [Sent(properly(request))] if self._manners is None else self._manners(request, properly)

    def error_received(self, exc: Exception) -> None:
        self._counts["unreachable_asker"] += 1
        log.debug("asker went away", extra={"error": str(exc)})


class Responder:
    """UDP endpoints of simulated printers on the running event loop.

    Unknown communities, malformed datagrams and unsupported operations are dropped and counted, as a printer
    drops them. Not thread-safe: `serve` and `close` belong to the loop's thread.
    """

    def __init__(self, *, max_response: int = DEFAULT_MAX_RESPONSE) -> None:
        self._max_response = max_response
        self._transports: list[asyncio.DatagramTransport] = []
        self._counts: dict[Address, Counter[str]] = {}

    async def serve(self, agent: SnmpAgent, endpoint: socket.socket, *, manners: Manners | None = None) -> Address:
        """Serves one printer on a bound socket, which the responder then owns; gives its address.

        Args:
            agent: the printer.
            endpoint: the socket.
            manners: bad ones, in which it answers.
        """
        address: Address = endpoint.getsockname()
        counts = self._counts[address] = Counter()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Endpoint(agent, self._max_response, counts, manners), sock=endpoint
        )
        self._transports.append(transport)
        return address

    def counts(self, address: Address) -> dict[str, int]:
        """Datagrams seen at an address by outcome: answered, silent, malformed, unknown_community, failed."""
        return dict(self._counts.get(address, {}))

    def totals(self) -> dict[str, int]:
        """Datagrams seen at all addresses by outcome."""
        total: Counter[str] = Counter()
        for counts in self._counts.values():
            total.update(counts)
        return dict(total)

    def close(self) -> None:
        """Closes every socket."""
        for transport in self._transports:
            with suppress(OSError):
                transport.close()
        self._transports.clear()

    def __iter__(self) -> Iterator[Address]:
        return iter(list(self._counts))
