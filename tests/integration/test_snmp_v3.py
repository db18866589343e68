"""SNMP v3 over real UDP, answered by pysnmp's own engine: an implementation of the standard that is not ours."""

import asyncio
import socket
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import pytest
from pyasn1.type import univ
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context

from edge.snmp.codec import Absent, RequestKind
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol
from edge.snmp.session import CredentialRefused, NoAnswer, ReaderLimits, Session
from edge.snmp.transport import Address, Transport
from tests.support.v3_engine import v3_set

SYS_DESCR: Final = (1, 3, 6, 1, 2, 1, 1, 1)
SYS_UP_TIME: Final = (1, 3, 6, 1, 2, 1, 1, 3)
SIGNING, HIDING = "signing-secret", "hiding-secret"
PYSNMP_AUTH: Final = {
    AuthProtocol.MD5: config.USM_AUTH_HMAC96_MD5,
    AuthProtocol.SHA1: config.USM_AUTH_HMAC96_SHA,
    AuthProtocol.SHA224: config.USM_AUTH_HMAC128_SHA224,
    AuthProtocol.SHA256: config.USM_AUTH_HMAC192_SHA256,
    AuthProtocol.SHA384: config.USM_AUTH_HMAC256_SHA384,
    AuthProtocol.SHA512: config.USM_AUTH_HMAC384_SHA512,
}
PYSNMP_PRIV: Final = {
    PrivProtocol.DES: config.USM_PRIV_CBC56_DES,
    PrivProtocol.AES128: config.USM_PRIV_CFB128_AES,
    PrivProtocol.AES192: config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    PrivProtocol.AES256: config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    PrivProtocol.AES192_CISCO: config.USM_PRIV_CFB192_AES,
    PrivProtocol.AES256_CISCO: config.USM_PRIV_CFB256_AES,
}
LIMITS: Final = ReaderLimits(timeout_seconds=2, retries=1)
IMPATIENT: Final = ReaderLimits(timeout_seconds=0.3, retries=0)
T = TypeVar("T")


class PysnmpAgent:
    """pysnmp's engine as a command responder on a loopback port."""

    def __init__(self, users: list[CredentialSet], *, engine_id: bytes = b"\x80\x00\x1f\x88\x04printer") -> None:
        self._bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._bound.bind(("127.0.0.1", 0))
        self._bound.setblocking(False)
        self._users = users
        self._engine_id = engine_id

    async def __aenter__(self) -> Self:
        self.start(self._engine_id)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._engine.close_dispatcher()
        self._bound.close()

    @property
    def address(self) -> Address:
        host, port = self._bound.getsockname()
        return host, port

    def start(self, engine_id: bytes) -> None:
        """Begin with one more boot of that engine; pysnmp counts them in the folder for temporary files."""
        self._engine = SnmpEngine(univ.OctetString(engine_id))
        endpoint = udp.UdpTransport().open_server_mode(sock=self._bound.dup())
        config.add_transport(self._engine, udp.DOMAIN_NAME, endpoint)
        for user in self._users:
            self._add(user)
        names = context.SnmpContext(self._engine)
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.BulkCommandResponder):
            responder(self._engine, names)

    def restart(self, engine_id: bytes | None = None) -> None:
        """Go down and come back, as another engine when told so."""
        self._engine.close_dispatcher()
        self.start(engine_id or self._engine_id)

    def _add(self, user: CredentialSet) -> None:
        level, keys = "noAuthNoPriv", {}
        if user.auth is not None:
            level, keys = "authNoPriv", {"authProtocol": PYSNMP_AUTH[user.auth], "authKey": user.auth_password}
        if user.priv is not None:
            level, keys = "authPriv", {**keys, "privProtocol": PYSNMP_PRIV[user.priv], "privKey": user.priv_password}
        config.add_v3_user(self._engine, user.user, **keys)
        config.add_vacm_user(self._engine, 3, user.user, level, (1, 3, 6, 1, 2, 1))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


async def asked(
    transport: Transport, agent: PysnmpAgent, credentials: CredentialSet, limits: ReaderLimits = LIMITS
) -> str:
    """What sysDescr says, asked with GETNEXT and GETBULK and GET over one session."""
    session = Session(transport, agent.address, credentials, limits)
    first = await session.ask(RequestKind.GET_NEXT, (SYS_DESCR,))
    bulk = await session.ask(RequestKind.GET_BULK, (SYS_UP_TIME, SYS_DESCR), non_repeaters=1, repetitions=3)
    prepared = await session.send(session.prepare(RequestKind.GET, ((*SYS_DESCR, 0), (*SYS_DESCR, 77))))
    assert len(bulk.bindings) == 4
    assert isinstance(prepared.bindings[1][1], Absent)
    [value] = {first.bindings[0][1], bulk.bindings[1][1], prepared.bindings[0][1]}
    assert isinstance(value, bytes)
    return value.decode()


def run(users: list[CredentialSet], script: Callable[[Transport, PysnmpAgent], Coroutine[Any, Any, T]]) -> T:
    async def main() -> T:
        async with PysnmpAgent(users) as agent, Transport() as transport:
            return await script(transport, agent)

    return asyncio.run(main())


EVERY: Final = [
    v3_set(f"{auth}-{priv}", user=f"{auth}-{priv}", auth=auth, priv=priv)
    for auth in AuthProtocol
    for priv in (None, *PrivProtocol)
]


def test_every_signature_with_every_cipher_is_understood_by_another_implementation() -> None:
    nobody = v3_set(user="nobody", auth=None, priv=None)

    async def ask_each(transport: Transport, agent: PysnmpAgent) -> dict[str, str]:
        return {each.user: await asked(transport, agent, each) for each in (nobody, *EVERY)}

    answers = run([nobody, *EVERY], ask_each)

    assert len(answers) == 43
    assert {answer.split()[0] for answer in answers.values()} == {"PySNMP"}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (v3_set(auth_password="another-secret"), "check auth_protocol and auth_password"),
        (v3_set(auth=AuthProtocol.SHA512), "check auth_protocol and auth_password"),
        (v3_set(user="stranger"), "check user"),
        (v3_set(priv_password="another-secret"), "check priv_protocol and priv_password"),
        (v3_set(priv=PrivProtocol.AES256), "check priv_protocol and priv_password"),
    ],
)
def test_a_wrong_set_is_refused_with_what_to_check(wrong: CredentialSet, complaint: str) -> None:
    async def ask(transport: Transport, agent: PysnmpAgent) -> str:
        with pytest.raises(CredentialRefused) as refused:
            await asked(transport, agent, wrong, IMPATIENT)
        assert refused.value.name == "office"
        return str(refused.value)

    assert complaint in run([v3_set()], ask)


def test_a_restart_and_a_new_board_are_followed() -> None:
    async def follow(transport: Transport, agent: PysnmpAgent) -> list[str]:
        said = [await asked(transport, agent, v3_set())]
        agent.restart()
        said.append(await asked(transport, agent, v3_set()))
        agent.restart(b"\x80\x00\x1f\x88\x04new board")
        said.append(await asked(transport, agent, v3_set()))
        return said

    assert len(run([v3_set()], follow)) == 3


def test_a_clock_far_off_is_put_right_while_the_printer_is_asked() -> None:
    async def drift(transport: Transport, agent: PysnmpAgent) -> int:
        await asked(transport, agent, v3_set())
        real, before = transport.clock, transport.packets_sent
        engine = transport.engines.get(agent.address)
        assert engine is not None
        engine._clock = lambda: real() + 10_000
        await asked(transport, agent, v3_set())
        return transport.packets_sent - before

    assert run([v3_set()], drift) in {4, 5}  # a second later or within the same one


def test_printers_of_one_model_that_share_an_engine_id_are_read_side_by_side() -> None:
    async def main() -> list[str]:
        async with PysnmpAgent([v3_set()]) as first, PysnmpAgent([v3_set()]) as second, Transport() as transport:
            second.restart()
            second.restart()
            return list(
                await asyncio.gather(*(asked(transport, each, v3_set()) for each in (first, second, first, second)))
            )

    assert len(asyncio.run(main())) == 4


def test_what_answers_v2c_only_is_silent_over_v3() -> None:
    async def main() -> None:
        with deaf() as address:
            async with Transport() as transport:
                session = Session(transport, address, v3_set(), IMPATIENT)
                with pytest.raises(NoAnswer) as silent:
                    await session.ask(RequestKind.GET, (SYS_DESCR,))
                assert type(silent.value) is NoAnswer

    asyncio.run(main())


@contextmanager
def deaf() -> Iterator[Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()
