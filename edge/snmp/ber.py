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
REPORT_PDU: Final = 0xA8

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


def inside(octets: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """`expect` without its record: where the value starts and stops. The short form is spelled out for speed."""
    if at + 1 < end and octets[at] == tag and octets[at + 1] < _LONG_FORM:
        stop = at + 2 + octets[at + 1]
        if stop <= end:
            return at + 2, stop
    _, start, stop = expect(octets, at, end, tag)
    return start, stop


def integer(octets: bytes, start: int, stop: int) -> int:
    """A small signed integer of the message header."""
    if not 0 < stop - start <= _MAX_INTEGER_OCTETS:
        raise MalformedReply(f"header integer of {stop - start} octets")
    return int.from_bytes(octets[start:stop], "big", signed=True)


class Frame(NamedTuple):
    """An SNMP response cut open: header values and the untouched octets of its list of variable bindings."""

    version: int
    community: bytes
    pdu_tag: int
    request_id: int
    request_id_at: int
    error_status: int
    error_index: int
    binding_list: bytes

    @property
    def bindings(self) -> list[bytes]:
        """The octets of each variable binding.

        Raises:
            MalformedReply: one runs past the list, or there are too many.
        """
        return _bindings(self.binding_list)


def cut(octets: bytes) -> Frame:
    """Cut a v1/v2c message into header and bindings.

    Trailing octets after the message are ignored: some printers pad their datagrams.

    Raises:
        MalformedReply: oversized, cut off or wrongly nested.
    """
    end = len(octets)
    if end > MAX_MESSAGE_OCTETS:
        raise MalformedReply(f"message of {end} octets")
    start, end = inside(octets, 0, end, SEQUENCE)
    start, stop = inside(octets, start, end, INTEGER)
    version = integer(octets, start, stop)
    start, stop = inside(octets, stop, end, OCTET_STRING)
    return cut_pdu(octets, stop, end, version=version, community=octets[start:stop])


def cut_pdu(octets: bytes, at: int, end: int, *, version: int, community: bytes = b"") -> Frame:
    """Cut the PDU that begins at ``at`` and must end at or before ``end``.

    Raises:
        MalformedReply: cut off or wrongly nested.
    """
    tag = octets[at] if at < end else SEQUENCE
    start, end = inside(octets, at, end, tag)
    id_start, stop = inside(octets, start, end, INTEGER)
    request_id = integer(octets, id_start, stop)
    start, stop = inside(octets, stop, end, INTEGER)
    error_status = integer(octets, start, stop)
    start, stop = inside(octets, stop, end, INTEGER)
    error_index = integer(octets, start, stop)
    start, stop = inside(octets, stop, end, SEQUENCE)
    return Frame(version, community, tag, request_id, id_start, error_status, error_index, octets[start:stop])


def _bindings(octets: bytes) -> list[bytes]:
    found: list[bytes] = []
    append = found.append
    at, end = 0, len(octets)
    while at < end:
        # As `inside`, without a call: this loop runs once for every value of every printer.
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


def encoded(tag: int, content: bytes) -> bytes:
    """One tag-length-value, with the shortest length form."""
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG_FORM | size)) + length.to_bytes(size, "big") + content


def encoded_integer(number: int) -> bytes:
    """An INTEGER of a message header; those that we send are never negative."""
    return encoded(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))
