"""Asking over v3: engines are discovered, followed through restarts and board swaps, and never believed unsigned."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from edge.snmp.codec import RequestKind, Value
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol
from edge.snmp.session import CredentialRefused, NoAnswer, ReaderLimits, Session
from edge.snmp.v3 import AUTH_FLAG, PRIV_FLAG, cut_secured
from tests.support.edge import binding_octets
from tests.support.v3_engine import ENGINE_ID, NAME, EngineTransport, FakeEngine, v3_set

HOME = ("10.0.0.1", 161)
OFFICE = v3_set()
LIMITS = ReaderLimits(retries=0)
SECRETS = ("signing-secret", "hiding-secret", "not the password", "reader", "nobody")
T = TypeVar("T")
Twist = Callable[[bytes], bytes]


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


async def said(
    transport: EngineTransport, credentials: CredentialSet = OFFICE, address: tuple[str, int] = HOME
) -> Value:
    reply = await Session(transport, address, credentials, LIMITS).ask(RequestKind.GET, (NAME,))
    return reply.bindings[0][1]


@pytest.mark.parametrize("priv", [None, *PrivProtocol])
@pytest.mark.parametrize("auth", AuthProtocol)
def test_an_engine_is_discovered_once_and_then_asked_at_once(auth: AuthProtocol, priv: PrivProtocol | None) -> None:
    credentials = v3_set(auth=auth, priv=priv)
    transport = EngineTransport(FakeEngine([credentials]))

    async def twice() -> list[Value]:
        return [await said(transport, credentials), await said(transport, credentials)]

    assert run(twice()) == [b"printer", b"printer"]
    assert transport.packets_sent == 3


def test_a_user_without_signature_is_asked_without_one() -> None:
    nobody = v3_set(auth=None, priv=None)
    transport = EngineTransport(FakeEngine([nobody]))

    assert run(said(transport, nobody)) == b"printer"


def test_a_printer_that_restarted_is_asked_once_more_with_its_new_time() -> None:
    engine = FakeEngine()
    transport = EngineTransport(engine)

    async def restarted() -> Value:
        await said(transport)
        engine.boots, engine.time = 4, 5
        return await said(transport)

    assert run(restarted()) == b"printer"
    assert transport.packets_sent == 4


def test_a_printer_that_lost_count_of_its_boots_is_discovered_again() -> None:
    engine = FakeEngine(boots=7)
    transport = EngineTransport(engine)

    async def reset() -> Value:
        await said(transport)
        engine.boots, engine.time = 1, 5
        return await said(transport)

    assert run(reset()) == b"printer"


@pytest.mark.parametrize("blames_users", [False, True])
def test_a_printer_with_another_engine_is_followed_whatever_it_reports(blames_users: bool) -> None:
    engine = FakeEngine()
    transport = EngineTransport(engine)

    async def swapped() -> Value:
        await said(transport)
        new = FakeEngine(engine_id=b"\x80\0\0\0\x04new board", boots=1, time=5)
        new.blames_users = blames_users
        transport.engines_at[HOME] = new
        return await said(transport)

    assert run(swapped()) == b"printer"


def test_our_own_clock_standing_still_costs_one_more_request() -> None:
    engine = FakeEngine()
    transport = EngineTransport(engine)

    async def slept() -> Value:
        await said(transport)
        engine.time += 3_600
        return await said(transport)

    assert run(slept()) == b"printer"
    assert transport.packets_sent == 4


def test_printers_that_share_an_engine_id_keep_their_own_time() -> None:
    old, young = FakeEngine(boots=90, time=70_000, says=b"old"), FakeEngine(boots=1, time=3, says=b"young")
    transport = EngineTransport(old, young)

    async def in_turn() -> list[Value]:
        return [await said(transport, address=(f"10.0.0.{1 + at % 2}", 161)) for at in range(6)]

    assert run(in_turn()) == [b"old", b"young"] * 3
    assert transport.packets_sent == 8


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        (replace(OFFICE, user="nobody"), "check user"),
        (replace(OFFICE, auth_password="not the password"), "check auth_protocol and auth_password"),
        (replace(OFFICE, auth=AuthProtocol.MD5), "check auth_protocol and auth_password"),
        (v3_set(auth=None, priv=None), "check auth_protocol and priv_protocol"),
        (replace(OFFICE, priv_password="not the password"), "check priv_protocol and priv_password"),
        (replace(OFFICE, priv=PrivProtocol.AES256), "check priv_protocol and priv_password"),
    ],
)
def test_a_refused_set_is_named_with_what_to_check_and_never_with_a_secret(wrong: CredentialSet, fix: str) -> None:
    transport = EngineTransport(FakeEngine())

    with pytest.raises(CredentialRefused, match=fix) as refused:
        run(said(transport, wrong))

    assert refused.value.name == "office"
    assert not any(secret in repr(refused.value) for secret in SECRETS)


def test_a_silent_printer_is_silent_and_costs_one_wait() -> None:
    transport = EngineTransport()

    with pytest.raises(NoAnswer) as silent:
        run(said(transport))

    assert type(silent.value) is NoAnswer
    assert transport.packets_sent == 1


def test_a_printer_that_fell_silent_is_discovered_again() -> None:
    engine = FakeEngine()
    transport = EngineTransport(engine)

    async def fell_silent() -> Value:
        await said(transport)
        transport.lose = lambda _datagram: True
        with pytest.raises(NoAnswer):
            await said(transport)
        transport.lose = lambda _datagram: False
        engine.engine_id = b"\x80\0\0\0\x04other"
        return await said(transport)

    assert run(fell_silent()) == b"printer"
    assert [frame.security.engine_id for frame in engine.frames] == [b"", ENGINE_ID, b"", b"\x80\0\0\0\x04other"]


def forged(
    level: int, *, user: CredentialSet | None, engine: FakeEngine | None = None, request_id: int | None = None
) -> Twist:
    """A twist that puts somebody else's message in the place of the answer."""
    liar = engine or FakeEngine(says=b"forged")

    def twist(datagram: bytes) -> bytes:
        message_id = cut_secured(datagram).message_id
        value = binding_octets(NAME, b"\x04\x06forged")
        return liar.message(message_id, liar.pdu(0xA2, request_id or message_id, value), user=user, level=level)

    return twist


@pytest.mark.parametrize(
    "twist",
    [
        forged(0, user=None),
        forged(AUTH_FLAG, user=OFFICE),  # not encrypted, though it was asked so
        forged(AUTH_FLAG | PRIV_FLAG, user=replace(OFFICE, auth_password="somebody else's")),
        forged(AUTH_FLAG | PRIV_FLAG, user=replace(OFFICE, user="somebody")),
        forged(AUTH_FLAG | PRIV_FLAG, user=OFFICE, engine=FakeEngine(engine_id=b"\x80\0\0\0\x04other")),
        forged(AUTH_FLAG | PRIV_FLAG, user=OFFICE, request_id=0x0200_0000),  # the answer to another request
    ],
)
def test_an_answer_that_proves_nothing_does_not_count(twist: Twist) -> None:
    engine = FakeEngine()
    transport = EngineTransport(engine)

    async def lied_to() -> Value:
        assert await said(transport) == b"printer"
        engine.twist = twist
        return await said(transport)

    with pytest.raises(NoAnswer):
        run(lied_to())


def test_an_answer_with_the_right_keys_counts_whoever_sent_it() -> None:
    engine = FakeEngine()
    engine.twist = forged(AUTH_FLAG | PRIV_FLAG, user=OFFICE)

    assert run(said(EngineTransport(engine))) == b"forged"


def test_an_engine_id_that_ends_in_zeros_is_signed_in_the_right_place() -> None:
    engine = FakeEngine(engine_id=b"\x80\0\0\x0b\x05" + bytes(27))

    assert run(said(EngineTransport(engine))) == b"printer"


def test_reports_without_end_are_followed_no_further_than_twice() -> None:
    engine = FakeEngine()
    transport = EngineTransport(engine)

    def restless(datagram: bytes) -> bool:
        engine.boots += 1
        return not datagram

    transport.lose = restless

    with pytest.raises(CredentialRefused, match="notInTimeWindows"):
        run(said(transport))
    assert transport.packets_sent == 4
