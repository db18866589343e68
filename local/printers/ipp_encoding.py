"""IPP messages as a printer writes and reads them (RFC 8010); written apart from the agent's, to check it."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

OPERATION_GROUP: Final = 0x01
JOB_GROUP: Final = 0x02
END: Final = 0x03
PRINTER_GROUP: Final = 0x04
_BEGIN_COLLECTION, _END_COLLECTION, _MEMBER_NAME = 0x34, 0x37, 0x4A


class Syntax(IntEnum):
    """Value tags (RFC 8010 section 3.5.2)."""

    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48


Content = int | str | bytes | Mapping[str, int]


@dataclass(frozen=True)
class Attribute:
    """An attribute's syntax and values."""

    syntax: Syntax
    values: tuple[Content, ...]


@dataclass(frozen=True)
class IppRequest:
    """What a client asks: version, operation, request id and its operation attributes' texts by name."""

    version: tuple[int, int]
    operation: int
    request_id: int
    attributes: Mapping[str, Sequence[str]]


def attribute(syntax: Syntax, *values: Content) -> Attribute:
    """An attribute with these values."""
    return Attribute(syntax, values)


def answer_octets(
    attributes: Mapping[str, Attribute], *, request_id: int = 1, status: int = 0, version: tuple[int, int] = (2, 0)
) -> bytes:
    """A response with one printer's attributes."""
    message = struct.pack(">BBHI", *version, status, request_id) + bytes([OPERATION_GROUP])
    message += _octets("attributes-charset", attribute(Syntax.CHARSET, "utf-8"))
    message += _octets("attributes-natural-language", attribute(Syntax.LANGUAGE, "en"))
    if attributes:
        message += bytes([PRINTER_GROUP])
        message += b"".join(_octets(name, each) for name, each in attributes.items())
    return message + bytes([END])


def read_request(message: bytes) -> IppRequest:
    """The request in a message.

    Raises:
        ValueError: it is none.
    """
    try:
        major, minor, operation, request_id = struct.unpack_from(">BBHI", message)
        texts: dict[str, list[str]] = {}
        at, name = 8, ""
        while message[at] != END:
            if message[at] < Syntax.NO_VALUE:
                at += 1
                continue
            own, at = _field(message, at + 1)
            content, at = _field(message, at)
            name = own.decode() or name
            texts.setdefault(name, []).append(content.decode("utf-8", "replace"))
    except (struct.error, IndexError) as error:
        raise ValueError("not an IPP request") from error
    return IppRequest((major, minor), operation, request_id, texts)


def _field(message: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + struct.unpack_from(">H", message, at)[0]
    return message[at + 2 : end], end


def _octets(name: str, each: Attribute) -> bytes:
    values = (_value(each.syntax, value, name if number == 0 else "") for number, value in enumerate(each.values))
    return b"".join(values)


def _value(syntax: int, value: Content, name: str) -> bytes:
    if isinstance(value, Mapping):
        members = b"".join(
            _tlv(_MEMBER_NAME, "", member.encode()) + _tlv(Syntax.INTEGER, "", struct.pack(">i", number))
            for member, number in value.items()
        )
        return _tlv(_BEGIN_COLLECTION, name, b"") + members + _tlv(_END_COLLECTION, "", b"")
    if isinstance(value, int):
        return _tlv(syntax, name, struct.pack(">?" if syntax == Syntax.BOOLEAN else ">i", value))
    content = value.encode() if isinstance(value, str) else value
    if syntax == Syntax.TEXT_WITH_LANGUAGE:
        content = _sized(b"en") + _sized(content)
    return _tlv(syntax, name, content)


def _tlv(tag: int, name: str, content: bytes) -> bytes:
    return bytes([tag]) + _sized(name.encode()) + _sized(content)


def _sized(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content
