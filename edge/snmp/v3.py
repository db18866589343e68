"""SNMP v3 messages as octets: framing on the way out, bounded slicing on the way in (RFC 3412 section 6).

What is inside a message's security parameters is the user-based security model's (RFC 3414 section 2.4), the only one
that printers have. Nothing here is trusted yet: `edge.snmp.usm` decides that.
"""

from typing import Final, NamedTuple

from edge.snmp.ber import (
    INTEGER,
    MAX_MESSAGE_OCTETS,
    OCTET_STRING,
    SEQUENCE,
    Frame,
    MalformedReply,
    cut_pdu,
    encoded,
    encoded_integer,
    inside,
    integer,
)

VERSION: Final = 3
USM: Final = 3
AUTH_FLAG: Final = 1
PRIV_FLAG: Final = 2
REPORTABLE_FLAG: Final = 4
_LEVEL: Final = AUTH_FLAG | PRIV_FLAG
MAX_ENGINE_OCTETS: Final = 64
"""RFC 3411 section 5 says 32; some makers' engine ids are longer."""

_LONG_FORM: Final = 0x80
_VERSION_ELEMENT: Final = b"\x02\x01\x03"
_MODEL_ELEMENT: Final = encoded_integer(USM)
_SIZE_ELEMENT: Final = encoded_integer(MAX_MESSAGE_OCTETS)
_MAX_USER_OCTETS: Final = 255
_MAX_AUTH_OCTETS: Final = 64
_MAX_PRIV_OCTETS: Final = 16
_MAX_INTEGER: Final = 2**31 - 1


class Security(NamedTuple):
    """The security parameters of a message."""

    engine_id: bytes
    boots: int
    time: int
    user: bytes
    signature: bytes = b""
    salt: bytes = b""


class SecuredFrame(NamedTuple):
    """A v3 message cut open: header, security parameters, and the scoped PDU as it came, perhaps encrypted.

    Attributes:
        message_id: pairs an answer with its request.
        flags: what the message says of itself: signed, encrypted.
        security: the security parameters.
        signature_at: where the signature begins in ``octets``.
        scoped: the scoped PDU; for an encrypted message the octets to decrypt.
        octets: the whole message without what follows it, as it was signed.
    """

    message_id: int
    flags: int
    security: Security
    signature_at: int
    scoped: bytes
    octets: bytes


def speaks_v3(octets: bytes) -> bool:
    """Whether the octets begin as a v3 message does."""
    at = 2 + (octets[1] & ~_LONG_FORM if octets[1:2] >= b"\x80" else 0)
    return octets[at : at + len(_VERSION_ELEMENT)] == _VERSION_ELEMENT


def framed(message_id: int, flags: int, security: Security, scoped: bytes) -> tuple[bytes, int]:
    """A whole message, and where its signature's place begins.

    Args:
        message_id: pairs the answer with it.
        flags: `AUTH_FLAG`, `PRIV_FLAG`, `REPORTABLE_FLAG`.
        security: its ``signature`` is as many zeros as the signature will have octets.
        scoped: the scoped PDU, as `scoped_pdu` makes it or encrypted.
    """
    header = encoded_integer(message_id) + _SIZE_ELEMENT + encoded(OCTET_STRING, bytes((flags,))) + _MODEL_ELEMENT
    salt = encoded(OCTET_STRING, security.salt)
    parameters = encoded(
        SEQUENCE,
        encoded(OCTET_STRING, security.engine_id)
        + encoded_integer(security.boots)
        + encoded_integer(security.time)
        + encoded(OCTET_STRING, security.user)
        + encoded(OCTET_STRING, security.signature)
        + salt,
    )
    data = encoded(OCTET_STRING, scoped) if flags & PRIV_FLAG else scoped
    octets = encoded(SEQUENCE, _VERSION_ELEMENT + encoded(SEQUENCE, header) + encoded(OCTET_STRING, parameters) + data)
    return octets, len(octets) - len(data) - len(salt) - len(security.signature)


def scoped_pdu(engine_id: bytes, context_name: bytes, pdu: bytes) -> bytes:
    """A PDU with the engine and the context that it is for."""
    return encoded(SEQUENCE, encoded(OCTET_STRING, engine_id) + encoded(OCTET_STRING, context_name) + pdu)


def cut_secured(octets: bytes) -> SecuredFrame:
    """Cut a v3 message open; neither its signature nor its time is looked at.

    Raises:
        MalformedReply: oversized, cut off, wrongly nested, of another security model, encrypted without a signature, or
            a field is out of its bounds.
    """
    if len(octets) > MAX_MESSAGE_OCTETS:
        raise MalformedReply(f"message of {len(octets)} octets")
    start, end = inside(octets, 0, len(octets), SEQUENCE)
    start, stop = inside(octets, start, end, INTEGER)
    version = integer(octets, start, stop)
    header, header_end = inside(octets, stop, end, SEQUENCE)
    start, stop = inside(octets, header, header_end, INTEGER)
    message_id = integer(octets, start, stop)
    _, stop = inside(octets, stop, header_end, INTEGER)
    start, stop = inside(octets, stop, header_end, OCTET_STRING)
    flags = octets[start] if stop - start == 1 else PRIV_FLAG
    start, stop = inside(octets, stop, header_end, INTEGER)
    if version != VERSION or integer(octets, start, stop) != USM or flags & _LEVEL == PRIV_FLAG:
        raise MalformedReply("not a v3 message of the user-based security model, or encrypted and not signed")
    start, parameters_end = inside(octets, header_end, end, OCTET_STRING)
    security, signature_at = _security(octets, start, parameters_end)
    start, stop = inside(octets, parameters_end, end, OCTET_STRING if flags & PRIV_FLAG else SEQUENCE)
    scoped = octets[start if flags & PRIV_FLAG else parameters_end : stop]
    return SecuredFrame(message_id, flags, security, signature_at, scoped, octets[:end])


def cut_scoped(octets: bytes) -> Frame:
    """Cut a scoped PDU that was signed and decrypted as the user wants it; padding after it is ignored.

    Raises:
        MalformedReply: it is none: cut off, wrongly nested, or decrypted with the wrong key.
    """
    start, end = inside(octets, 0, len(octets), SEQUENCE)
    _, stop = inside(octets, start, end, OCTET_STRING)
    _, stop = inside(octets, stop, end, OCTET_STRING)
    return cut_pdu(octets, stop, end, version=VERSION)


def _security(octets: bytes, start: int, stop: int) -> tuple[Security, int]:
    start, end = inside(octets, start, stop, SEQUENCE)
    engine_id, stop = _text(octets, start, end, MAX_ENGINE_OCTETS)
    start, stop = inside(octets, stop, end, INTEGER)
    boots = integer(octets, start, stop)
    start, stop = inside(octets, stop, end, INTEGER)
    time = integer(octets, start, stop)
    user, stop = _text(octets, stop, end, _MAX_USER_OCTETS)
    signature, stop = _text(octets, stop, end, _MAX_AUTH_OCTETS)
    signature_at = stop - len(signature)
    salt, _ = _text(octets, stop, end, _MAX_PRIV_OCTETS)
    if not (0 <= boots <= _MAX_INTEGER and 0 <= time <= _MAX_INTEGER):
        raise MalformedReply(f"engine boots {boots} and time {time}")
    return Security(engine_id, boots, time, user, signature, salt), signature_at


def _text(octets: bytes, at: int, end: int, most: int) -> tuple[bytes, int]:
    """An octet string of the security parameters and where it stops."""
    start, stop = inside(octets, at, end, OCTET_STRING)
    if stop - start > most:
        raise MalformedReply(f"security parameter of {stop - start} octets at octet {at}, {most} at most")
    return octets[start:stop], stop
