import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.snmp.codec import Absent, Binding, ErrorStatus, Oid, Reply, RequestKind
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.session import ReaderLimits, Session
from edge.snmp.v1 import ask_all
from tests.support.edge import MemoryTransport, plain_printer

V1 = CredentialSet("old", SnmpVersion.V1, "public")
SYSTEM = (1, 3, 6, 1, 2, 1, 1)
NAMES: tuple[Oid, ...] = tuple((*SYSTEM, number, 0) for number in range(1, 13))


class Agent:
    """A v1 agent that has some names, fails on some, and takes so many at once."""

    def __init__(
        self, has: set[Oid], *, fails_on: set[Oid] | None = None, most: int = 99, tells_which: bool = True
    ) -> None:
        self.has = has
        self.fails_on = fails_on or set()
        self.most = most
        self.tells_which = tells_which
        self.requests: list[tuple[Oid, ...]] = []

    async def ask(self, kind: RequestKind, names: tuple[Oid, ...]) -> Reply:
        assert kind is not RequestKind.GET_BULK
        assert names
        self.requests.append(names)
        if len(names) > self.most:
            return Reply(1, ErrorStatus.TOO_BIG, 0, [])
        for index, name in enumerate(names, start=1):
            blamed = index if self.tells_which else 0
            if name in self.fails_on:
                return Reply(1, ErrorStatus.GENERAL, blamed, [])
            if name not in self.has:
                return Reply(1, ErrorStatus.NO_SUCH_NAME, blamed, [])
        return Reply(1, ErrorStatus.NONE, 0, [(name, name[-2]) for name in names])


def asked(agent: Agent, kind: RequestKind = RequestKind.GET, names: tuple[Oid, ...] = NAMES) -> list[Binding]:
    reply = asyncio.run(ask_all(agent.ask, kind, names))
    assert reply.error is ErrorStatus.NONE
    return reply.bindings


def test_a_name_that_is_not_there_costs_no_other_name_its_value() -> None:
    agent = Agent(set(NAMES) - {NAMES[2], NAMES[7]})

    bindings = asked(agent)

    marks = [place for place, (_, value) in enumerate(bindings) if value is Absent.NO_SUCH_OBJECT]
    assert marks == [2, 7]
    assert [name for name, _ in bindings] == list(NAMES)
    assert len(agent.requests) == 3


def test_for_getnext_it_is_the_end_of_its_column() -> None:
    bindings = asked(Agent(set(NAMES[:1])), RequestKind.GET_NEXT, NAMES[:2])

    assert [value for _, value in bindings] == [1, Absent.END_OF_MIB_VIEW]


@given(
    has=st.sets(st.sampled_from(NAMES)),
    fails_on=st.sets(st.sampled_from(NAMES)),
    most=st.integers(1, 12),
    tells_which=st.booleans(),
)
def test_every_name_gets_its_own_answer_and_few_requests_are_spent(
    has: set[Oid], fails_on: set[Oid], most: int, tells_which: bool
) -> None:
    agent = Agent(has, fails_on=fails_on, most=most, tells_which=tells_which)

    bindings = asked(agent)

    for name, (answered, value) in zip(NAMES, bindings, strict=True):
        assert answered == name
        if name in fails_on:
            assert value is Absent.UNREADABLE
        else:
            assert value == (name[-2] if name in has else Absent.NO_SUCH_OBJECT)
    assert len(agent.requests) <= 2 * len(NAMES)


def test_a_reply_with_too_few_bindings_leaves_the_rest_unanswered() -> None:
    async def short(_kind: RequestKind, names: tuple[Oid, ...]) -> Reply:
        return Reply(1, ErrorStatus.NONE, 0, [(names[0], 5)])

    reply = asyncio.run(ask_all(short, RequestKind.GET, NAMES[:2]))

    assert reply.bindings == [(NAMES[0], 5), (NAMES[1], Absent.NULL)]


def test_a_session_over_v1_asks_no_getbulk_and_says_so() -> None:
    transport = MemoryTransport(plain_printer())
    columns = ((*SYSTEM, 1), (*SYSTEM, 5), (1, 3, 6, 1, 9))

    async def walk() -> tuple[bool, Reply]:
        session = Session(transport, ("10.0.0.5", 161), V1, ReaderLimits())
        reply = await session.ask(RequestKind.GET_BULK, columns, non_repeaters=1, repetitions=20)
        return session.can_bulk, reply

    can_bulk, reply = asyncio.run(walk())

    assert not can_bulk
    assert [name for name, _ in reply.bindings] == [(*SYSTEM, 1, 0), (*SYSTEM, 5, 0), (1, 3, 6, 1, 9)]
    assert reply.bindings[2][1] is Absent.END_OF_MIB_VIEW
    assert {request.version for request in transport.requests} == {0}


def test_a_prepared_get_over_v1_tells_its_error_as_over_v2c() -> None:
    transport = MemoryTransport(plain_printer())

    async def send() -> Reply:
        session = Session(transport, ("10.0.0.5", 161), V1, ReaderLimits())
        return await session.send(session.prepare(RequestKind.GET, ((*SYSTEM, 1, 0), (*SYSTEM, 99, 0))))

    reply = asyncio.run(send())

    assert (reply.error, reply.error_index) == (ErrorStatus.NO_SUCH_NAME, 2)


@pytest.mark.parametrize("version", [SnmpVersion.V2C, SnmpVersion.V3])
def test_other_versions_have_getbulk(version: SnmpVersion) -> None:
    async def can() -> bool:
        return Session(MemoryTransport({}), ("10.0.0.5", 161), CredentialSet("x", version), ReaderLimits()).can_bulk

    assert asyncio.run(can())
