"""The user-based security model as one who asks needs it: messages signed, encrypted, checked (RFC 3414 section 3).

A message taken from the network counts for something only here: when its signature is right and its time is not old,
or when it is a report, which may be unsigned. Everything else is as if it had not come.
"""

from enum import Enum
from typing import Final

from edge.snmp.ber import OBJECT_IDENTIFIER, REPORT_PDU, SEQUENCE, Frame, MalformedReply, inside
from edge.snmp.codec import PreparedRequest, RequestKind, prepare_pdu
from edge.snmp.credentials import CredentialSet
from edge.snmp.exchange import Interruption
from edge.snmp.usm_engine import Engine
from edge.snmp.usm_keys import LocalKeys
from edge.snmp.v3 import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORTABLE_FLAG,
    VERSION,
    SecuredFrame,
    Security,
    cut_scoped,
    framed,
    scoped_pdu,
)


class Trouble(Enum):
    """Why an engine reports instead of answering; named as RFC 3414, 3412 and 3413 name the counters."""

    SECURITY_LEVEL = "unsupportedSecLevels"
    TIME = "notInTimeWindows"
    USER = "unknownUserNames"
    ENGINE = "unknownEngineIDs"
    SIGNATURE = "wrongDigests"
    DECRYPTION = "decryptionErrors"
    CONTEXT = "unknownContexts"
    OUTDATED = "signed, but of an older time"
    OTHER = "a report without a name that we know"


_USM_STATS: Final = bytes.fromhex("2b060106030f0101")
_TARGET_OBJECTS: Final = bytes.fromhex("2b060106030c01")
_TROUBLES: Final = {
    _USM_STATS + b"\x01\x00": Trouble.SECURITY_LEVEL,
    _USM_STATS + b"\x02\x00": Trouble.TIME,
    _USM_STATS + b"\x03\x00": Trouble.USER,
    _USM_STATS + b"\x04\x00": Trouble.ENGINE,
    _USM_STATS + b"\x05\x00": Trouble.SIGNATURE,
    _USM_STATS + b"\x06\x00": Trouble.DECRYPTION,
    _TARGET_OBJECTS + b"\x04\x00": Trouble.CONTEXT,
    _TARGET_OBJECTS + b"\x05\x00": Trouble.CONTEXT,
}
"""1.3.6.1.6.3.15.1.1 and 1.3.6.1.6.3.12.1, as their names are encoded."""


class Reported(Interruption):
    """The engine reported trouble with a request.

    Attributes:
        trouble: which.
        security: the report's security parameters.
        signed: whether the report was signed, so that the engine's time in it is proven.
    """

    def __init__(self, trouble: Trouble, security: Security, *, signed: bool) -> None:
        super().__init__(f"reported: {trouble.value}")
        self.trouble = trouble
        self.security = security
        self.signed = signed


class Discovery:
    """The question for an engine's id: empty, of nobody, for no engine (RFC 3414 section 4)."""

    version: Final = VERSION

    def with_request_id(self, request_id: int) -> bytes:
        """The datagram; the message's id is the request's."""
        pdu = prepare_pdu(RequestKind.GET, ()).with_request_id(request_id)
        datagram, _ = framed(request_id, REPORTABLE_FLAG, Security(b"", 0, 0, b""), scoped_pdu(b"", b"", pdu))
        return datagram

    def opened(self, frame: SecuredFrame) -> Frame | None:
        """Nothing: what is wanted is a report.

        Raises:
            Reported: an engine says who it is.
            MalformedReply: the message's inside cannot be read.
        """
        if not frame.flags & AUTH_FLAG and frame.security.engine_id:
            report = cut_scoped(frame.scoped)
            if report.pdu_tag == REPORT_PDU:
                raise Reported(_trouble(report), frame.security, signed=False)
        return None


class SecuredRequest:
    """A request for one engine, by one user.

    Args:
        request: the PDU.
        credentials: who asks.
        keys: the set's, for this engine.
        engine: who is asked; signed answers tell it the time.
    """

    version: Final = VERSION

    def __init__(self, request: PreparedRequest, credentials: CredentialSet, keys: LocalKeys, engine: Engine) -> None:
        self._request = request
        self._keys = keys
        self._engine = engine
        self._user = credentials.user.encode()
        self._context_name = credentials.context_name.encode()
        self._level = (AUTH_FLAG if keys.signature_octets else 0) | (PRIV_FLAG if keys.encrypts else 0)

    def with_request_id(self, request_id: int) -> bytes:
        """The datagram, signed and encrypted as the set says; the message's id is the request's.

        Raises:
            CipherUnavailable: this computer cannot encrypt so.
        """
        keys, engine = self._keys, self._engine
        boots, time = engine.now()
        scoped = scoped_pdu(engine.engine_id, self._context_name, self._request.with_request_id(request_id))
        salt = b""
        if keys.encrypts:
            scoped, salt = keys.encrypt(scoped, boots, time)
        security = Security(engine.engine_id, boots, time, self._user, bytes(keys.signature_octets), salt)
        datagram, signature_at = framed(request_id, self._level | REPORTABLE_FLAG, security, scoped)
        return keys.sign(datagram, signature_at) if keys.signature_octets else datagram

    def opened(self, frame: SecuredFrame) -> Frame | None:
        """The response's PDU; None for a message that must not count (RFC 3414 section 3.2, RFC 3412 section 7.2).

        Raises:
            Reported: the engine reports trouble, or its signed answer is of an older time than one before.
            MalformedReply: the message's inside cannot be read.
        """
        security, signed = frame.security, bool(frame.flags & AUTH_FLAG)
        if signed:
            if (security.engine_id, security.user) != (self._engine.engine_id, self._user):
                return None
            if not self._keys.signed(frame.octets, frame.signature_at, security.signature):
                return None
            if not self._engine.accept(security.boots, security.time):
                raise Reported(Trouble.OUTDATED, security, signed=True)
        pdu = cut_scoped(self._decrypted(frame))
        if pdu.pdu_tag == REPORT_PDU:
            raise Reported(_trouble(pdu), security, signed=signed)
        as_asked = frame.flags & (AUTH_FLAG | PRIV_FLAG) == self._level and pdu.request_id == frame.message_id
        return pdu if as_asked else None

    def _decrypted(self, frame: SecuredFrame) -> bytes:
        if not frame.flags & PRIV_FLAG:
            return frame.scoped
        if not self._keys.encrypts:
            raise MalformedReply("an encrypted answer to a request that was not")
        return self._keys.decrypt(frame.scoped, frame.security.boots, frame.security.time, frame.security.salt)


def _trouble(report: Frame) -> Trouble:
    """Which counter the report's first binding names."""
    octets = report.binding_list
    start, stop = inside(octets, 0, len(octets), SEQUENCE)
    start, stop = inside(octets, start, stop, OBJECT_IDENTIFIER)
    return _TROUBLES.get(octets[start:stop], Trouble.OTHER)
