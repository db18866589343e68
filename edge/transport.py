"""One UDP socket for all printers: requests out, the right replies back, everything else ignored.

A reply is taken only when its request id is waiting and it comes from the address that was asked. A request is
sent again with the same id, so that a late answer to the first sending still counts.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final, Self

from edge.ber import Frame, MalformedReply, cut
from edge.snmp_codec import REQUEST_IDS, Codec, PreparedRequest, Reply

Address = tuple[str, int]

_RECEIVE_BUFFER_OCTETS: Final = 1 << 20
_RESOLVE_SECONDS: Final = 5.0


class NoAnswer(Exception):
    """The printer sent nothing usable within the timeout and its retries."""


class UnknownHost(Exception):
    """The host name has no address."""


class _Waiting:
    """A request on its way."""

    __slots__ = ("address", "future")

    def __init__(self, address: Address, future: "asyncio.Future[Received | None]") -> None:
        self.address = address
        self.future = future


class Received:
    """A reply and what it weighed."""

    __slots__ = ("octets", "reply")

    def __init__(self, reply: Reply, octets: int) -> None:
        self.reply = reply
        self.octets = octets


class Pacer:
    """Spreads datagrams evenly: at most so many a second, None for no limit."""

    def __init__(self, packets_per_second: float | None) -> None:
        self._gap_seconds = 1 / packets_per_second if packets_per_second else 0.0
        self._next_slot = 0.0

    async def turn(self) -> None:
        """Wait until the next datagram may go."""
        if not self._gap_seconds:
            return
        now = asyncio.get_running_loop().time()
        slot = max(self._next_slot, now)
        self._next_slot = slot + self._gap_seconds
        if slot > now:
            await asyncio.sleep(slot - now)


class Transport(asyncio.DatagramProtocol):
    """The socket and the requests waiting on it. An async context manager; open it inside a running loop.

    Args:
        rate_limit_pps: most datagrams sent in a second, over all printers; None for no limit.
        codec: decodes the replies.
    """

    def __init__(self, *, rate_limit_pps: float | None = None, codec: Codec | None = None) -> None:
        self._pacer = Pacer(rate_limit_pps)
        self._codec = codec or Codec()
        self._waiting: dict[int, _Waiting] = {}
        self._sockets: dict[socket.AddressFamily, asyncio.DatagramTransport] = {}
        self.packets_sent = 0

    async def __aenter__(self) -> Self:
        await self._socket_for(socket.AF_INET)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for transport in self._sockets.values():
            transport.close()
        for waiting in self._waiting.values():
            waiting.future.cancel()
        self._waiting.clear()

    async def resolve(self, host: str, port: int) -> Address:
        """The address to send to: numeric ones as they are, names by the system's resolver.

        Raises:
            UnknownHost: the name has no address, or the resolver did not answer in time.
        """
        with contextlib.suppress(ValueError):
            return (str(ip_address(host)), port)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise UnknownHost(f"no address for host {host!r}: check the name or give the address") from error
        family_first = sorted(found, key=lambda entry: entry[0] is not socket.AF_INET)
        return (str(family_first[0][4][0]), port)

    async def exchange(self, address: Address, request: PreparedRequest, waits: tuple[float, ...]) -> Received:
        """Send a request and wait for its reply, once for each of ``waits`` (seconds).

        Raises:
            NoAnswer: nothing came in any of the waits.
            MalformedReply: the last that came could not be read.
        """
        loop = asyncio.get_running_loop()
        channel = await self._socket_for(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        with self._request_id() as request_id:
            datagram = request.with_request_id(request_id)
            malformed: MalformedReply | None = None
            for wait in waits:
                future: asyncio.Future[Received | None] = loop.create_future()
                self._waiting[request_id] = _Waiting(address, future)
                await self._pacer.turn()
                channel.sendto(datagram, address)
                self.packets_sent += 1
                expiry = loop.call_later(wait, _expire, future)
                try:
                    received = await future
                except MalformedReply as error:
                    malformed = error
                    continue
                finally:
                    expiry.cancel()
                if received is not None:
                    return received
        raise malformed or NoAnswer(f"no answer in {sum(waits):g} s ({len(waits)} requests)")

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Hand a reply to the request that waits for it (called by asyncio)."""
        source = (str(addr[0]), int(addr[1]))
        try:
            frame = cut(data)
            waiting = self._waiting.get(frame.request_id)
            if waiting is None or waiting.address != source or waiting.future.done():
                return
            self._deliver(waiting.future, frame, len(data))
        except MalformedReply as error:
            self._fail(source, error)

    def error_received(self, exc: Exception) -> None:
        """An ICMP error or an unreachable network: the request runs into its timeout (called by asyncio)."""

    def _deliver(self, future: "asyncio.Future[Received | None]", frame: Frame, octets: int) -> None:
        future.set_result(Received(self._codec.decode(frame), octets))

    def _fail(self, source: Address, error: MalformedReply) -> None:
        for waiting in self._waiting.values():
            if waiting.address == source and not waiting.future.done():
                waiting.future.set_exception(error)

    @contextlib.contextmanager
    def _request_id(self) -> Iterator[int]:
        request_id = REQUEST_IDS.start + secrets.randbelow(len(REQUEST_IDS))
        while request_id in self._waiting:
            request_id = REQUEST_IDS.start + secrets.randbelow(len(REQUEST_IDS))
        try:
            yield request_id
        finally:
            self._waiting.pop(request_id, None)

    async def _socket_for(self, family: socket.AddressFamily) -> asyncio.DatagramTransport:
        opened = self._sockets.get(family)
        if opened is not None:
            return opened
        any_address = "::" if family is socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - a client's own socket
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(any_address, 0), family=family
        )
        raw = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # a smaller buffer only costs retries
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_OCTETS)
        return self._sockets.setdefault(family, transport)


def _expire(future: "asyncio.Future[Received | None]") -> None:
    if not future.done():
        future.set_result(None)
