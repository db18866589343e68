"""An SNMP v3 engine in memory, as a printer is one: it answers, reports trouble, restarts, and can be made to lie."""

from collections.abc import Callable, Iterable

from edge.snmp.ber import encoded, encoded_integer
from edge.snmp.codec import PreparedRequest
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion
from edge.snmp.earlier import Earlier
from edge.snmp.transport import Address, NoAnswer, Received, SecuredQuestion, Transport
from edge.snmp.usm_keys import local_keys
from edge.snmp.v3 import AUTH_FLAG, PRIV_FLAG, SecuredFrame, Security, cut_secured, framed, scoped_pdu
from tests.support.edge import binding_octets

NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
ENGINE_ID = b"\x80\x00\x1f\x88\x04printer"
WINDOW_SECONDS = 150
_USM_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_RESPONSE, _REPORT = 0xA2, 0xA8


def v3_set(
    name: str = "office",
    *,
    auth: AuthProtocol | None = AuthProtocol.SHA256,
    priv: PrivProtocol | None = PrivProtocol.AES128,
    user: str = "reader",
    auth_password: str = "signing-secret",  # noqa: S107 - made up
    priv_password: str = "hiding-secret",  # noqa: S107 - made up
) -> CredentialSet:
    """A v3 set; without ``auth`` or ``priv`` also without their passwords."""
    return CredentialSet(
        name,
        SnmpVersion.V3,
        user=user,
        auth=auth,
        auth_password=auth_password if auth else "",
        priv=priv,
        priv_password=priv_password if priv else "",
    )


class FakeEngine:
    """Answers every request with one binding that says its name; checks it as RFC 3414 section 3.2 says.

    Attributes:
        boots: how often it started.
        time: seconds since it started.
        frames: the messages that it was asked, in order.
        blames_users: reports another engine's id as an unknown user, as pysnmp does.
        twist: changes an answer on its way.
    """

    def __init__(
        self,
        users: Iterable[CredentialSet] = (v3_set(),),
        *,
        engine_id: bytes = ENGINE_ID,
        boots: int = 3,
        time: int = 1_000,
        says: bytes = b"printer",
    ) -> None:
        self.engine_id = engine_id
        self.boots = boots
        self.time = time
        self.blames_users = False
        self.frames: list[SecuredFrame] = []
        self.twist: Callable[[bytes], bytes] = lambda datagram: datagram
        self._users = {each.user.encode(): each for each in users}
        self._says = says

    def answer(self, datagram: bytes) -> bytes | None:
        """The response, a report, or nothing."""
        frame = cut_secured(datagram)
        self.frames.append(frame)
        user = self._users.get(frame.security.user)
        counter = self._trouble(frame, user)
        if counter is not None or user is None:
            return self._report(frame, counter or 3, user=user if counter == 2 else None)
        if frame.flags & PRIV_FLAG:
            security = frame.security
            scoped = local_keys(user, self.engine_id).decrypt(
                frame.scoped, security.boots, security.time, security.salt
            )
            if scoped[:1] != b"\x30":
                return None  # as net-snmp: what decrypts to nonsense is dropped
        pdu = self.pdu(_RESPONSE, frame.message_id, binding_octets(NAME, encoded(0x04, self._says)))
        return self.twist(self.message(frame.message_id, pdu, user=user, level=frame.flags & (AUTH_FLAG | PRIV_FLAG)))

    def _trouble(self, frame: SecuredFrame, user: CredentialSet | None) -> int | None:
        """Which counter of usmStats the request makes go up."""
        security = frame.security
        if security.engine_id != self.engine_id:
            return 3 if self.blames_users and security.engine_id else 4
        if user is None:
            return 3
        keys = local_keys(user, self.engine_id)
        signed, encrypted = bool(frame.flags & AUTH_FLAG), bool(frame.flags & PRIV_FLAG)
        if signed > bool(keys.signature_octets) or encrypted > keys.encrypts or (not signed and user.auth):
            return 1
        if signed and not keys.signed(frame.octets, frame.signature_at, security.signature):
            return 5
        late = security.boots != self.boots or abs(security.time - self.time) > WINDOW_SECONDS
        return 2 if signed and late else None

    @staticmethod
    def pdu(tag: int, request_id: int, binding: bytes) -> bytes:
        """A PDU with one binding."""
        header = encoded_integer(request_id) + encoded_integer(0) + encoded_integer(0)
        return encoded(tag, header + encoded(0x30, binding))

    def message(
        self, message_id: int, pdu: bytes, *, user: CredentialSet | None, level: int, time: int | None = None
    ) -> bytes:
        """A message of this engine, signed and encrypted with the user's keys as the level says."""
        return self.message_around(message_id, scoped_pdu(self.engine_id, b"", pdu), user=user, level=level, time=time)

    def message_around(
        self, message_id: int, scoped: bytes, *, user: CredentialSet | None, level: int, time: int | None = None
    ) -> bytes:
        """`message` around whatever octets."""
        now = self.time if time is None else time
        salt, signature_octets, name = b"", 0, b""
        keys = None if user is None else local_keys(user, self.engine_id)
        if keys is not None and user is not None:
            name = user.user.encode()
            if level & PRIV_FLAG:
                scoped, salt = keys.encrypt(scoped, self.boots, now)
            signature_octets = keys.signature_octets if level & AUTH_FLAG else 0
        security = Security(self.engine_id, self.boots, now, name, bytes(signature_octets), salt)
        octets, at = framed(message_id, level, security, scoped)
        return keys.sign(octets, at) if keys is not None and signature_octets else octets

    def _report(self, frame: SecuredFrame, counter: int, *, user: CredentialSet | None = None) -> bytes:
        pdu = self.pdu(_REPORT, 0, binding_octets((*_USM_STATS, counter, 0), encoded(0x41, b"\x01")))
        return self.message(frame.message_id, pdu, user=user, level=AUTH_FLAG if user else 0)


class EngineTransport(Transport):
    """A transport to engines in memory: real octets, no socket.

    Attributes:
        engines_at: what answers by address.
        now: monotonic seconds, for the engines' time.
        lose: tells which datagrams get lost.
    """

    def __init__(self, *engines: FakeEngine) -> None:
        super().__init__()
        self.engines_at = {(f"10.0.0.{number}", 161): engine for number, engine in enumerate(engines, start=1)}
        self.now = 0.0
        self.clock = lambda: self.now
        self.lose: Callable[[bytes], bool] = lambda _datagram: False
        self._next_id = 0x0100_0000

    async def exchange(
        self,
        address: Address,
        request: PreparedRequest | SecuredQuestion,
        waits: tuple[float, ...],
        earlier: Earlier | None = None,
    ) -> Received:
        """Ask the engine there, as often as there are waits; what must not count is as good as silence."""
        assert not isinstance(request, PreparedRequest)
        self._next_id += 1
        for _ in waits:
            self.packets_sent += 1
            datagram = request.with_request_id(self._next_id)
            engine = self.engines_at.get(address)
            answer = engine.answer(datagram) if engine is not None and not self.lose(datagram) else None
            frame = None if answer is None else request.opened(cut_secured(answer))
            if frame is not None and answer is not None:
                return Received(self._codec.decode(frame, earlier), len(answer))
        raise NoAnswer("no answer")
