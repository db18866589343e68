"""One UDP socket for all printers: requests out, the right replies back, everything else ignored.

A reply is taken only when its request id is waiting, it comes from the address that was asked and it is of the
version that was asked. A request is sent again with the same id, so that a late answer to the first sending still
counts.
"""

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from typing import Final, Self

from edge.snmp.ber import MalformedReply, cut
from edge.snmp.codec import REQUEST_IDS, Codec, PreparedRequest
from edge.snmp.deadlines import Deadlines
from edge.snmp.earlier import Earlier
from edge.snmp.exchange import CredentialRefused, Exchanges, Interruption, NoAnswer, Received, SecuredQuestion
from edge.snmp.fence import Fence
from edge.snmp.pacer import Pacer
from edge.snmp.resolve import Address, OutsideFence, UnknownHost, resolved
from edge.snmp.usm_engine import Engines
from edge.snmp.v3 import SecuredFrame, cut_secured, speaks_v3

__all__ = [
    "Address",
    "CredentialRefused",
    "Exchanges",
    "Interruption",
    "NoAnswer",
    "OutsideFence",
    "Pacer",
    "Received",
    "SecuredQuestion",
    "Transport",
    "UnknownHost",
]

_RECEIVE_BUFFER_OCTETS: Final = 1 << 20
_DATAGRAM_OCTETS: Final = 65_535
_IDS_AT_ONCE: Final = 1_024
_READ_AT_ONCE: Final = 64
_SENT_AT_ONCE: Final = 16
_IPV4_FIELDS: Final = 2
_ID_BITS: Final = 0x7FFF_FFFF


class _Waiting:
    """A request on its way."""

    __slots__ = ("address", "earlier", "future", "request")

    def __init__(
        self,
        address: Address,
        request: PreparedRequest | SecuredQuestion,
        future: "asyncio.Future[Received | None]",
        earlier: Earlier | None = None,
    ) -> None:
        self.address = address
        self.request = request
        self.future = future
        self.earlier = earlier


class Transport(asyncio.DatagramProtocol):
    """The socket and the requests waiting on it. An async context manager; open it inside a running loop.

    Args:
        rate_limit_pps: most datagrams sent in a second, over all printers; None for no limit.
        codec: decodes the replies.
        fence: which addresses may be asked; None for all, when a person names them.

    Attributes:
        packets_sent: datagrams since it was opened.
        engines: what is known of the v3 engines by address.
        clock: monotonic seconds, by which the engines' time goes on.
    """

    def __init__(
        self, *, rate_limit_pps: float | None = None, codec: Codec | None = None, fence: Fence | None = None
    ) -> None:
        self._paced = rate_limit_pps is not None
        self._pacer = Pacer(rate_limit_pps)
        self._codec = codec or Codec()
        self._fence = fence
        self._waiting: dict[int, _Waiting] = {}
        self._deadlines = Deadlines()
        self._ids = _random_ids()
        self._outgoing: list[tuple[asyncio.DatagramTransport, bytes, Address]] = []
        self._channels: dict[socket.AddressFamily, tuple[asyncio.DatagramTransport, socket.socket]] = {}
        self.packets_sent = 0
        self.engines = Engines()
        self.clock: Callable[[], float] = time.monotonic

    async def __aenter__(self) -> Self:
        await self._channel_for(socket.AF_INET)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._send_all()
        self._deadlines.clear()
        for transport, _ in self._channels.values():
            transport.close()
        for waiting in self._waiting.values():
            waiting.future.cancel()
        self._waiting.clear()

    async def resolve(self, host: str, port: int) -> Address:
        """The address to send to: numeric ones as they are, names by the system's resolver, IPv4 first.

        Raises:
            UnknownHost: the name has no address, or the resolver did not answer in time.
            OutsideFence: no address of it may be asked.
        """
        return await resolved(host, port, self._fence)

    async def exchange(
        self,
        address: Address,
        request: PreparedRequest | SecuredQuestion,
        waits: tuple[float, ...],
        earlier: Earlier | None = None,
    ) -> Received:
        """Send a request and wait for its reply, once for each of ``waits`` (seconds).

        Args:
            address: where to send.
            request: what to send.
            waits: how long to wait after each sending.
            earlier: what was kept of the last reply to it, for `Codec.decode`.

        Raises:
            NoAnswer: nothing came in any of the waits.
            MalformedReply: the last that came could not be read.
            Interruption: a v3 engine reported trouble.
        """
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        channel = (self._channels.get(family) or await self._channel_for(family))[0]
        request_id = next(self._ids)
        while request_id in self._waiting:
            request_id = next(self._ids)
        datagram = request.with_request_id(request_id)
        malformed: MalformedReply | None = None
        try:
            for wait in waits:
                future: asyncio.Future[Received | None] = loop.create_future()
                self._waiting[request_id] = _Waiting(address, request, future, earlier)
                if self._paced:
                    await self._pacer.turn()
                self._send(channel, datagram, address)
                deadline = self._deadlines.begin(future, wait)
                try:
                    received = await future
                except MalformedReply as error:
                    malformed = error
                    continue
                finally:
                    deadline.over()
                if received is not None:
                    return received
        finally:
            self._waiting.pop(request_id, None)
        raise malformed or NoAnswer(f"no answer in {sum(waits):g} s ({len(waits)} requests)")

    def _send(self, channel: asyncio.DatagramTransport, datagram: bytes, address: Address) -> None:
        """Send a datagram together with some others of this turn of the loop.

        One after another without a pause they cost less: the system wakes whoever takes them once.
        """
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._send_all)
        self._outgoing.append((channel, datagram, address))
        self.packets_sent += 1
        if len(self._outgoing) >= _SENT_AT_ONCE:  # the first of them should not wait for the last of very many
            self._send_all()

    def _send_all(self) -> None:
        """Send what waits; nothing is sent twice."""
        outgoing, self._outgoing = self._outgoing, []
        for channel, datagram, address in outgoing:
            channel.sendto(datagram, address)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Hand a reply to the request that waits for it, and all that came meanwhile (called by asyncio)."""
        self._take(data, (str(addr[0]), int(addr[1])))
        channel = self._channels.get(_family_of(addr))
        if channel is None or not isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop):
            return
        receive = channel[1].recvfrom
        for _ in range(_READ_AT_ONCE):  # one turn of the loop for many replies
            try:
                more, source = receive(_DATAGRAM_OCTETS)
            except OSError:  # nothing left; an ICMP error is as good as silence
                return
            self._take(more, (source[0], source[1]))

    def error_received(self, exc: Exception) -> None:
        """An ICMP error or an unreachable network: the request runs into its timeout (called by asyncio)."""

    def _take(self, octets: bytes, source: Address) -> None:
        try:
            if speaks_v3(octets):
                self._take_secured(cut_secured(octets), source, len(octets))
                return
            frame = cut(octets)
            waiting = self._waiting_for(frame.request_id, source)
            if waiting is not None and waiting.request.version == frame.version:
                waiting.future.set_result(Received(self._codec.decode(frame, waiting.earlier), len(octets)))
        except MalformedReply as error:
            self._fail(source, error)

    def _take_secured(self, secured: SecuredFrame, source: Address, octets: int) -> None:
        waiting = self._waiting_for(secured.message_id, source)
        if waiting is None or isinstance(waiting.request, PreparedRequest):
            return
        try:
            frame = waiting.request.opened(secured)
        except Interruption as interruption:
            waiting.future.set_exception(interruption)
            return
        if frame is not None:
            waiting.future.set_result(Received(self._codec.decode(frame, waiting.earlier), octets))

    def _waiting_for(self, request_id: int, source: Address) -> _Waiting | None:
        waiting = self._waiting.get(request_id)
        if waiting is None or waiting.address != source or waiting.future.done():
            return None
        return waiting

    def _fail(self, source: Address, error: MalformedReply) -> None:
        for waiting in self._waiting.values():
            if waiting.address == source and not waiting.future.done():
                waiting.future.set_exception(error)

    async def _channel_for(self, family: socket.AddressFamily) -> tuple[asyncio.DatagramTransport, socket.socket]:
        any_address = "::" if family is socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - a client's own socket
        own = socket.socket(family, socket.SOCK_DGRAM)
        try:
            own.setblocking(False)
            own.bind((any_address, 0))
            with contextlib.suppress(OSError):  # a smaller buffer only costs retries
                own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_OCTETS)
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=own)
        except BaseException:
            own.close()
            raise
        opened = self._channels.setdefault(family, (transport, own))
        if opened[0] is not transport:  # another request opened one meanwhile
            transport.close()
        return opened


def _family_of(address: tuple[str | int, ...]) -> socket.AddressFamily:
    return socket.AF_INET if len(address) == _IPV4_FIELDS else socket.AF_INET6


def _random_ids() -> Iterator[int]:
    """Request ids that nobody can foresee, so that nobody off the path can forge a reply."""
    while True:
        octets = secrets.token_bytes(4 * _IDS_AT_ONCE)
        for at in range(0, len(octets), 4):
            request_id = int.from_bytes(octets[at : at + 4], "big") & _ID_BITS
            if request_id in REQUEST_IDS:
                yield request_id
