"""What the agent's socket takes for a reply, over real UDP on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from edge.reading.reader import Reader, ReaderLimits
from edge.snmp.ber import cut
from edge.snmp.codec import RequestKind, prepare
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.session import Session
from edge.snmp.targets import Target
from edge.snmp.transport import Address, NoAnswer, Transport
from edge.snmp.v3 import speaks_v3
from local.printers.responder import Responder, bind_udp
from local.printers.rows import MibView
from shared.wire.reading import PrinterReading
from tests.support.bad_printers import Agent
from tests.support.edge import FixedClock, plain_printer, reply_octets
from tests.support.stopwatch import run_jumping
from tests.support.v3_engine import NAME, FakeEngine, v3_set

REQUEST = prepare(RequestKind.GET, "public", ((1, 3, 6, 1, 2, 1, 1, 1, 0),))
CROWD = 150
"""As many as the answering socket's buffer takes at once."""
Answers = Callable[[bytes], list[bytes]]


class Scripted(asyncio.DatagramProtocol):
    """Answers each datagram with what the script says."""

    def __init__(self, script: Answers) -> None:
        self._script = script
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # asyncio's own is no subclass of DatagramTransport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        assert self._transport is not None
        for octets in self._script(data):
            self._transport.sendto(octets, addr)


@asynccontextmanager
async def scripted(script: Answers, *, host: str = "127.0.0.1") -> AsyncIterator[Address]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Scripted(script), local_addr=(host, 0))
    try:
        yield transport.get_extra_info("sockname")[:2]
    finally:
        transport.close()


def v2c(datagram: bytes, words: bytes = b"right") -> bytes:
    return reply_octets(cut(datagram).request_id, [("1.3.6.1.2.1.1.1.0", words)])


def v1(datagram: bytes) -> bytes:
    return v2c(datagram, b"wrong").replace(b"\x02\x01\x01\x04\x06public", b"\x02\x01\x00\x04\x06public", 1)


def test_a_reply_of_another_version_than_was_asked_is_ignored() -> None:
    def as_v3(datagram: bytes) -> bytes:
        engine = FakeEngine(says=b"wrong")
        request_id = cut(datagram).request_id
        return engine.message(request_id, engine.pdu(0xA2, request_id, b""), user=v3_set(), level=3)

    async def run() -> object:
        async with (
            scripted(lambda asked: [v1(asked), as_v3(asked), v2c(asked)]) as address,
            Transport() as transport,
        ):
            escaped: list[dict[str, object]] = []
            asyncio.get_running_loop().set_exception_handler(lambda _loop, told: escaped.append(told))
            received = await transport.exchange(address, REQUEST, (1.0,))
            assert not escaped
            return received.reply.bindings[0][1]

    assert run_jumping(run()) == b"right"


def test_a_v2c_reply_to_a_v3_question_is_ignored() -> None:
    engine = FakeEngine()

    def both(datagram: bytes) -> list[bytes]:
        assert speaks_v3(datagram)
        answer = engine.answer(datagram)
        forged = reply_octets(engine.frames[-1].message_id, [("1.3.6.1.2.1.1.1.0", b"wrong")])
        return [forged, *([answer] if answer else [])]

    async def run() -> object:
        async with scripted(both) as address, Transport() as transport:
            session = Session(transport, address, v3_set(), ReaderLimits(retries=0))
            return (await session.ask(RequestKind.GET, (NAME,))).bindings[0][1]

    assert run_jumping(run()) == b"printer"


def test_a_forged_v3_answer_neither_counts_nor_ends_the_wait_for_the_right_one() -> None:
    engine, liar = FakeEngine(), FakeEngine([v3_set(auth_password="another-secret")], says=b"forged")

    def lie_first(datagram: bytes) -> list[bytes]:
        answer = engine.answer(datagram)
        message_id = engine.frames[-1].message_id
        lie = liar.message(
            message_id, liar.pdu(0xA2, message_id, b""), user=v3_set(auth_password="another-secret"), level=3
        )
        return [lie, *([answer] if answer else [])]

    async def run() -> object:
        async with scripted(lie_first) as address, Transport() as transport:
            session = Session(transport, address, v3_set(), ReaderLimits(retries=0))
            return (await session.ask(RequestKind.GET, (NAME,))).bindings[0][1]

    assert run_jumping(run()) == b"printer"


def test_a_crowd_of_replies_at_once_all_reach_their_requests() -> None:
    def own_id(datagram: bytes) -> list[bytes]:
        return [v2c(datagram, cut(datagram).request_id.to_bytes(4, "big"))]

    async def run() -> list[bool]:
        async with scripted(own_id) as address, Transport() as transport:
            received = await asyncio.gather(*(transport.exchange(address, REQUEST, (5.0,)) for _ in range(CROWD)))
            assert not transport._waiting
            return [each.reply.bindings[0][1] == each.reply.request_id.to_bytes(4, "big") for each in received]

    assert run_jumping(run()) == [True] * CROWD


def test_printers_are_read_over_ipv6_too() -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")

    async def run() -> object:
        async with scripted(lambda asked: [v2c(asked)], host="::1") as address, Transport() as transport:
            to = await transport.resolve(*address)
            both = await asyncio.gather(*(transport.exchange(to, REQUEST, (1.0,)) for _ in range(2)))
            return [each.reply.bindings[0][1] for each in both]

    assert run_jumping(run()) == [b"right", b"right"]


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as bound:
            bound.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_closed_transport_leaves_nobody_waiting() -> None:
    async def run() -> None:
        async with scripted(lambda _asked: []) as address:
            async with Transport() as transport:
                waiting = asyncio.create_task(transport.exchange(address, REQUEST, (30.0,)))
                await asyncio.sleep(0.05)
            with pytest.raises(asyncio.CancelledError):
                await waiting

    run_jumping(asyncio.wait_for(run(), 5))


def test_a_printer_reads_the_same_over_v1_as_over_v2c() -> None:
    sets = {version: CredentialSet(version, version, "public") for version in (SnmpVersion.V1, SnmpVersion.V2C)}

    async def run() -> list[PrinterReading]:
        responder = Responder()
        try:
            address = await responder.serve(Agent(MibView(plain_printer())), bind_udp(("127.0.0.1", 0)))
            readings = []
            for each in sets.values():
                target = Target(*address, credentials=(each,))
                async with Reader(FixedClock(), limits=ReaderLimits(timeout_seconds=1)) as reader:
                    in_full, by_what_is_known = await reader.read(target), await reader.read(target)
                readings += [in_full, by_what_is_known]
            return readings
        finally:
            responder.close()

    first, *others = run_jumping(run())

    assert first.identity.serial_number == "CNBX123456"
    assert len(first.supplies or []) == 5
    assert len(first.alerts or []) == 1
    for other in others:
        assert other.model_copy(update={"reading_id": first.reading_id, "credentials": first.credentials}) == first
    assert [each.credentials for each in (first, *others)] == ["1", "1", "2c", "2c"]


def test_a_printer_of_v1_alone_is_found_by_the_set_that_it_answers_to() -> None:
    async def run() -> str | None:
        async with scripted(lambda _asked: []) as address, Transport() as transport:
            with pytest.raises(NoAnswer):
                await transport.exchange(address, REQUEST, (0.05,))
        responder = Responder()
        try:
            address = await responder.serve(Agent(MibView(plain_printer())), bind_udp(("127.0.0.1", 0)))
            wrong = CredentialSet("wrong", SnmpVersion.V2C, "private")
            right = CredentialSet("right", SnmpVersion.V1, "public")
            limits = ReaderLimits(timeout_seconds=0.2, retries=0)
            async with Reader(FixedClock(), limits=limits) as reader:
                reading = await reader.read(Target(*address, credentials=(v3_set(), wrong, right)))
                return reading.identity.serial_number
        finally:
            responder.close()

    assert run_jumping(run()) == "CNBX123456"
