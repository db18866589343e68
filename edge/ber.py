"""The bounded slicer: cuts an SNMP message by its lengths, so that only small, well-framed pieces reach a decoder.

BER as SNMP uses it (RFC 3417 section 8): definite lengths only. Nothing here recurses, allocates by a length
that a peer chose, or looks at a value. Whatever does not fit raises `MalformedReply`.
"""

from typing import Final, NamedTuple

SEQUENCE: Final = 0x30
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06
RESPONSE_PDU: Final = 0xA2

MAX_MESSAGE_OCTETS: Final = 65_507
MAX_BINDINGS: Final = 512
_LONG_FORM: Final = 0x80
_MAX_LENGTH_OCTETS: Final = 4
_MAX_INTEGER_OCTETS: Final = 5


class MalformedReply(ValueError):
    """The octets are not an SNMP message that we can read; the message says where it breaks."""


class Element(NamedTuple):
    """One tag-length-value: the value is ``octets[start:stop]``."""

    tag: int
    start: int
    stop: int


def element_at(octets: bytes, at: int, end: int) -> Element:
    """The element that begins at ``at`` and must end at or before ``end``.

    Raises:
        MalformedReply: it is cut off, its length is indefinite or longer than what is left.
    """
    if at + 2 > end:
        raise MalformedReply(f"element cut off at octet {at}")
    length = octets[at + 1]
    start = at + 2
    if length >= _LONG_FORM:
        count = length - _LONG_FORM
        if not 0 < count <= _MAX_LENGTH_OCTETS or start + count > end:
            raise MalformedReply(f"length form {length:#04x} at octet {at}")
        length = int.from_bytes(octets[start : start + count], "big")
        start += count
    if length > end - start:
        raise MalformedReply(f"element at octet {at} claims {length} octets, {end - start} are left")
    return Element(octets[at], start, start + length)


def expect(octets: bytes, at: int, end: int, tag: int) -> Element:
    """`element_at`, refusing any other tag."""
    element = element_at(octets, at, end)
    if element.tag != tag:
        raise MalformedReply(f"tag {element.tag:#04x} at octet {at} where {tag:#04x} belongs")
    return element


def integer(octets: bytes, element: Element) -> int:
    """A small signed integer of the message header."""
    if not 0 < element.stop - element.start <= _MAX_INTEGER_OCTETS:
        raise MalformedReply(f"header integer of {element.stop - element.start} octets")
    return int.from_bytes(octets[element.start : element.stop], "big", signed=True)


class Frame(NamedTuple):
    """An SNMP response cut open: header values and the untouched octets of each variable binding."""

    version: int
    community: bytes
    pdu_tag: int
    request_id: int
    request_id_at: int
    error_status: int
    error_index: int
    bindings: list[bytes]


def cut(octets: bytes) -> Frame:
    """Cut a v1/v2c message into header and bindings.

    Trailing octets after the message are ignored: some printers pad their datagrams.

    Raises:
        MalformedReply: oversized, cut off, wrongly nested, or too many bindings.
    """
    end = len(octets)
    if end > MAX_MESSAGE_OCTETS:
        raise MalformedReply(f"message of {end} octets")
    message = expect(octets, 0, end, SEQUENCE)
    version = expect(octets, message.start, message.stop, INTEGER)
    community = expect(octets, version.stop, message.stop, OCTET_STRING)
    pdu = element_at(octets, community.stop, message.stop)
    request_id = expect(octets, pdu.start, pdu.stop, INTEGER)
    error_status = expect(octets, request_id.stop, pdu.stop, INTEGER)
    error_index = expect(octets, error_status.stop, pdu.stop, INTEGER)
    binding_list = expect(octets, error_index.stop, pdu.stop, SEQUENCE)
    return Frame(
        version=integer(octets, version),
        community=octets[community.start : community.stop],
        pdu_tag=pdu.tag,
        request_id=integer(octets, request_id),
        request_id_at=request_id.start,
        error_status=integer(octets, error_status),
        error_index=integer(octets, error_index),
        bindings=_bindings(octets, binding_list.start, binding_list.stop),
    )


def _bindings(octets: bytes, at: int, end: int) -> list[bytes]:
    found: list[bytes] = []
    append = found.append
    while at < end:
        # The short form is spelled out: this loop runs once for every value of every printer.
        if at + 1 < end and octets[at] == SEQUENCE and octets[at + 1] < _LONG_FORM:
            stop = at + 2 + octets[at + 1]
            if stop > end:
                raise MalformedReply(f"binding at octet {at} runs past its list")
        else:
            stop = expect(octets, at, end, SEQUENCE).stop
        append(octets[at:stop])
        at = stop
        if len(found) > MAX_BINDINGS:
            raise MalformedReply(f"more than {MAX_BINDINGS} bindings")
    return found
