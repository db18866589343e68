"""The few BER encodings SNMP v1 and v2c need (ITU-T X.690; RFC 1157, RFC 3416, RFC 3417).

Written out instead of taken from a library because one process plays dozens of printers: a general ASN.1
library spends milliseconds on each message, this spends tens of microseconds. It is also independent of the
codec the agent uses, so that the two check each other.
"""

from typing import Final, NamedTuple

SEQUENCE: Final = 0x30
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = b"\x05\x00"
OBJECT_IDENTIFIER: Final = 0x06
IP_ADDRESS: Final = 0x40

MAX_ARCS: Final = 128
_SHORT_FORM: Final = 0x80
_MAX_LENGTH_OCTETS: Final = 3
_MAX_INTEGER_OCTETS: Final = 5


class MalformedMessageError(ValueError):
    """The octets are not the message they should be; a printer ignores such a datagram."""


class Element(NamedTuple):
    """One tag-length-value: its tag, its content, and where the next one begins."""

    tag: int
    content: bytes
    end: int


def encode_tlv(tag: int, content: bytes) -> bytes:
    """Tag, definite length, content."""
    size = len(content)
    if size < _SHORT_FORM:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_FORM | len(length))) + length + content


def encode_integer(number: int, tag: int = INTEGER) -> bytes:
    """Two's complement in as few octets as possible; Counter32, Gauge32 and TimeTicks by their tag."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return encode_tlv(tag, number.to_bytes(size, "big", signed=True))


def _encode_arc(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))


def encode_oid(oid: tuple[int, ...]) -> bytes:
    """An OBJECT IDENTIFIER of at least two arcs."""
    first = _encode_arc(oid[0] * 40 + oid[1])
    return encode_tlv(OBJECT_IDENTIFIER, first + b"".join(map(_encode_arc, oid[2:])))


def encode_value(tag: int, content: int | bytes | tuple[int, ...]) -> bytes:
    """A value by its SNMP type tag."""
    if isinstance(content, int):
        return encode_integer(content, tag)
    if isinstance(content, bytes):
        return encode_tlv(tag, content)
    return encode_oid(content)


def decode_element(octets: bytes, start: int = 0) -> Element:
    """The element that begins at ``start``.

    Raises:
        MalformedMessageError: it is cut short, or its length is indefinite or above 16 MiB.
    """
    if start + 2 > len(octets):
        raise MalformedMessageError("element is cut short")
    tag, size, begin = octets[start], octets[start + 1], start + 2
    if size >= _SHORT_FORM:
        count = size & 0x7F
        if not 1 <= count <= _MAX_LENGTH_OCTETS or begin + count > len(octets):
            raise MalformedMessageError("length is indefinite, too long or cut short")
        size = int.from_bytes(octets[begin : begin + count], "big")
        begin += count
    if begin + size > len(octets):
        raise MalformedMessageError("content is cut short")
    return Element(tag, octets[begin : begin + size], begin + size)


def expect(octets: bytes, start: int, tag: int) -> Element:
    """`decode_element`, which must carry ``tag``.

    Raises:
        MalformedMessageError: it is another element, or malformed.
    """
    element = decode_element(octets, start)
    if element.tag != tag:
        raise MalformedMessageError(f"tag {element.tag:#x} where {tag:#x} belongs")
    return element


def decode_integer(content: bytes) -> int:
    """Two's complement.

    Raises:
        MalformedMessageError: no octet, or more than SNMP has numbers for.
    """
    if not 1 <= len(content) <= _MAX_INTEGER_OCTETS:
        raise MalformedMessageError("integer has no octets or too many")
    return int.from_bytes(content, "big", signed=True)


def decode_oid(content: bytes) -> tuple[int, ...]:
    """The arcs of an OBJECT IDENTIFIER.

    Raises:
        MalformedMessageError: empty, cut short, an arc of 2**32 or above, or more than 128 arcs.
    """
    if not content or content[-1] & 0x80:
        raise MalformedMessageError("object identifier is empty or cut short")
    subidentifiers: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if value >= 2**32 + 80:
            raise MalformedMessageError("object identifier has an arc above 32 bits")
        if not octet & 0x80:
            subidentifiers.append(value)
            value = 0
    if len(subidentifiers) >= MAX_ARCS:
        raise MalformedMessageError("object identifier has more than 128 arcs")
    root = min(subidentifiers[0] // 40, 2)
    return (root, subidentifiers[0] - root * 40, *subidentifiers[1:])
