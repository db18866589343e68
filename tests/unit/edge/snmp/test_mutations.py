"""Spoilt replies of every version through the transport's own path: taken, told as malformed, or as if never come.

A small number always, 1,000,000 nightly. The seed is printed with a failure, and so is the reply.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random, SystemRandom
from typing import NamedTuple

import pytest
from hypothesis import settings

from edge.reading.plan import PROBE, TABLE_GROUPS
from edge.snmp.ber import REPORT_PDU, MalformedReply, element_at
from edge.snmp.codec import Absent, Oid, PreparedRequest, RequestKind, prepare, prepare_pdu
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion
from edge.snmp.transport import Interruption, SecuredQuestion, Transport, _Waiting
from edge.snmp.usm import Discovery, SecuredRequest
from edge.snmp.usm_engine import Engine
from edge.snmp.usm_keys import LocalKeys, local_keys
from edge.snmp.v3 import AUTH_FLAG, PRIV_FLAG, Security, framed, scoped_pdu
from local.printers.clock import WallClock
from local.printers.fleet import model_printer
from local.printers.messages import answer, decode_request
from local.printers.models.colour import XEROX_C8000
from local.printers.rows import MibView
from tests.support.mutations import spoilt

NIGHTLY = settings.get_current_profile_name() == "nightly"
REPLIES = 1_000_000 if NIGHTLY else 20_000
IN_A_BATCH = 5_000
SOURCE = ("10.0.0.5", 161)
REQUEST_ID = 0x0102_0304
SLOWEST_SECONDS = 2.0
MOST_VALUE = 4_096
ENGINE = b"\x80\x00\x1f\x88\x04printer"
BOOTS, TIME = 3, 4_000


class Case(NamedTuple):
    """A request that waits, and how to make a datagram of the reply's octets, spoilt before or after."""

    request: PreparedRequest | SecuredQuestion
    reply: bytes
    wrap: Callable[[bytes], bytes]


def as_it_is(octets: bytes) -> bytes:
    return octets


def replies_of(view: MibView, names: tuple[Oid, ...], version: int) -> list[tuple[PreparedRequest, bytes]]:
    """Requests of each kind and what a printer answers, errors among them."""
    requests = [prepare(kind, "public", names, version=version) for kind in (RequestKind.GET, RequestKind.GET_NEXT)]
    if version:
        requests.append(prepare(RequestKind.GET_BULK, "public", names, 1, 8))
    return [
        (request, answer(view, decode_request(request.with_request_id(REQUEST_ID)), max_response=most))
        for request in requests
        for most in (1_400, 200)
    ]


def secured(user: CredentialSet, keys: LocalKeys, names: tuple[Oid, ...], reply: bytes) -> Case:
    """The same over v3: what is spoilt is signed and encrypted afterwards, as by a printer that means it."""
    engine = Engine(ENGINE, BOOTS, TIME, time.monotonic)
    request = SecuredRequest(prepare_pdu(RequestKind.GET, names), user, keys, engine)
    flags = (AUTH_FLAG if user.auth else 0) | (PRIV_FLAG if user.priv else 0)

    def wrap(scoped: bytes) -> bytes:
        salt = b""
        if user.priv:
            scoped, salt = keys.encrypt(scoped, BOOTS, TIME)
        security = Security(ENGINE, BOOTS, TIME, user.user.encode(), bytes(keys.signature_octets), salt)
        datagram, at = framed(REQUEST_ID, flags, security, scoped)
        return keys.sign(datagram, at) if user.auth else datagram

    return Case(request, scoped_pdu(ENGINE, b"", pdu_of(reply)), wrap)


def pdu_of(message: bytes) -> bytes:
    whole = element_at(message, 0, len(message))
    version = element_at(message, whole.start, whole.stop)
    return message[element_at(message, version.stop, whole.stop).stop : whole.stop]


def every_case() -> list[Case]:
    view = model_printer(XEROX_C8000, clock=WallClock()).view()
    cases = []
    for names in (PROBE, TABLE_GROUPS[0].columns):
        for version in (0, 1):
            cases += [Case(request, reply, as_it_is) for request, reply in replies_of(view, names, version)]
        reply = answer(view, decode_request(prepare(RequestKind.GET_NEXT, "public", names).with_request_id(REQUEST_ID)))
        for auth, priv in ((None, None), (AuthProtocol.SHA1, None), (AuthProtocol.SHA256, PrivProtocol.AES128)):
            user = CredentialSet("v3", SnmpVersion.V3, user="u", auth=auth, priv=priv)
            user = replace(user, auth_password="signing-words", priv_password="hiding-words")
            inside = secured(user, local_keys(user, ENGINE), names, reply)
            cases += [inside, Case(inside.request, inside.wrap(inside.reply), as_it_is)]
    pdu = bytes((REPORT_PDU,)) + pdu_of(reply)[1:]
    report, _ = framed(REQUEST_ID, 0, Security(ENGINE, BOOTS, TIME, b""), scoped_pdu(ENGINE, b"", pdu))
    return [*cases, Case(Discovery(), report, as_it_is)]


CASES = every_case()


async def outcome(transport: Transport, case: Case, datagram: bytes, source: tuple[str, int]) -> str:
    """What became of a datagram: ``taken``, ``malformed``, ``reported`` or ``ignored``; anything else is raised."""
    future = asyncio.get_running_loop().create_future()
    transport._waiting = {REQUEST_ID: _Waiting(SOURCE, case.request, future)}
    transport.datagram_received(datagram, source)
    if not future.done():
        return "ignored"
    try:
        received = future.result()
    except MalformedReply:
        return "malformed"
    except Interruption:
        return "reported"
    for name, value in received.reply.bindings:
        assert all(isinstance(arc, int) for arc in name)
        assert isinstance(value, (int, bytes, tuple, Absent))
        assert not isinstance(value, bytes) or len(value) <= MOST_VALUE
    return "taken"


async def batch(seed: int) -> tuple[dict[str, int], float]:
    chance = Random(seed)  # noqa: S311 - what is spoilt, not a secret
    transport = Transport()
    seen: dict[str, int] = {}
    slowest = 0.0
    for _ in range(IN_A_BATCH):
        case = chance.choice(CASES)
        datagram = case.wrap(spoilt(case.reply, chance))
        began = time.perf_counter()
        try:
            became = await outcome(transport, case, datagram, SOURCE)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__} for {datagram[:400].hex()}") from error
        slowest = max(slowest, time.perf_counter() - began)
        seen[became] = seen.get(became, 0) + 1
    return seen, slowest


def test_sound_replies_are_taken_in_every_version() -> None:
    async def outcomes() -> list[str]:
        transport = Transport()
        return [await outcome(transport, case, case.wrap(case.reply), SOURCE) for case in CASES]

    *replies, report = asyncio.run(outcomes())

    assert set(replies) == {"taken"}
    assert report == "reported"


@pytest.mark.parametrize("number", range(REPLIES // IN_A_BATCH))
def test_no_spoilt_reply_raises_what_is_not_declared_or_takes_long(number: int) -> None:
    seed = SystemRandom().randrange(2**32) if NIGHTLY else number

    seen, slowest = asyncio.run(batch(seed))

    assert sum(seen.values()) == IN_A_BATCH, f"seed {seed}"
    assert min(seen.get(became, 0) for became in ("taken", "malformed", "ignored", "reported")) > 20, f"seed {seed}"
    assert slowest < SLOWEST_SECONDS, f"seed {seed}"


def test_a_sound_reply_of_somebody_else_is_ignored() -> None:
    async def outcomes() -> list[str]:
        transport = Transport()
        strangers = [("10.0.0.6", 161), ("10.0.0.5", 162)]
        return [
            await outcome(transport, case, case.wrap(case.reply), stranger) for case in CASES for stranger in strangers
        ]

    assert set(asyncio.run(outcomes())) == {"ignored"}
