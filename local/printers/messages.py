"""SNMP v1 and v2c messages as a printer sees them: a request in, a response out (RFC 1157, RFC 3416)."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from local.printers import ber
from local.printers.rows import MibView, Oid

V1: Final = 0
V2C: Final = 1
DEFAULT_MAX_RESPONSE: Final = 1_400
MAX_BINDINGS: Final = 256
_NO_SUCH_OBJECT: Final = b"\x80\x00"
_NO_SUCH_INSTANCE: Final = b"\x81\x00"
_END_OF_MIB_VIEW: Final = b"\x82\x00"
_RESPONSE: Final = 0xA2
_MESSAGE_OVERHEAD: Final = 32
"""Octets of a response beside community and bindings: four lengths, version, id, two integers."""


class Operation(IntEnum):
    """The PDUs a read-only agent answers, by their BER tag."""

    GET = 0xA0
    GET_NEXT = 0xA1
    GET_BULK = 0xA5


class ErrorStatus(IntEnum):
    """RFC 3416 section 3: the error-status values used here."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    GENERAL = 5


class Request(NamedTuple):
    """A decoded request. For GETBULK the two numbers are its non-repeaters and max-repetitions."""

    version: int
    community: bytes
    operation: Operation
    request_id: int
    non_repeaters: int
    max_repetitions: int
    oids: tuple[Oid, ...]


def _decode_oids(bindings: bytes) -> tuple[Oid, ...]:
    oids: list[Oid] = []
    position = 0
    while position < len(bindings):
        binding = ber.expect(bindings, position, ber.SEQUENCE)
        oids.append(ber.decode_oid(ber.expect(binding.content, 0, ber.OBJECT_IDENTIFIER).content))
        if len(oids) > MAX_BINDINGS:
            raise ber.MalformedMessageError(f"more than {MAX_BINDINGS} bindings")
        position = binding.end
    return tuple(oids)


def decode_request(datagram: bytes) -> Request:
    """The request in a datagram.

    Raises:
        MalformedMessageError: it is no SNMP v1/v2c GET, GETNEXT or GETBULK, or is malformed.
    """
    message = ber.expect(datagram, 0, ber.SEQUENCE).content
    version_element = ber.expect(message, 0, ber.INTEGER)
    version = ber.decode_integer(version_element.content)
    community = ber.expect(message, version_element.end, ber.OCTET_STRING)
    pdu = ber.decode_element(message, community.end)
    if version not in {V1, V2C} or pdu.tag not in set(Operation) or (version == V1 and pdu.tag == Operation.GET_BULK):
        raise ber.MalformedMessageError("not a version or operation that is answered")
    numbers: list[int] = []
    position = 0
    for _ in range(3):
        element = ber.expect(pdu.content, position, ber.INTEGER)
        numbers.append(ber.decode_integer(element.content))
        position = element.end
    bindings = ber.expect(pdu.content, position, ber.SEQUENCE).content
    return Request(
        version,
        community.content,
        Operation(pdu.tag),
        numbers[0],
        max(numbers[1], 0),
        max(numbers[2], 0),
        _decode_oids(bindings),
    )


def encode_response(
    request: Request, bindings: Sequence[bytes], *, status: ErrorStatus = ErrorStatus.NO_ERROR, index: int = 0
) -> bytes:
    """The whole response message around encoded variable bindings."""
    pdu = (
        ber.encode_integer(request.request_id)
        + ber.encode_integer(status)
        + ber.encode_integer(index)
        + ber.encode_tlv(ber.SEQUENCE, b"".join(bindings))
    )
    return ber.encode_tlv(
        ber.SEQUENCE,
        ber.encode_integer(request.version)
        + ber.encode_tlv(ber.OCTET_STRING, request.community)
        + ber.encode_tlv(_RESPONSE, pdu),
    )


def _binding(oid: Oid, value: bytes = ber.NULL) -> bytes:
    return ber.encode_tlv(ber.SEQUENCE, ber.encode_oid(oid) + value)


def _got(view: MibView, oid: Oid) -> bytes | None:
    return view.encoded(oid) if view.get(oid) is not None else None


def _got_next(view: MibView, oid: Oid) -> bytes | None:
    following = view.following(oid)
    return view.encoded(following) if following is not None else None


def _mark(view: MibView, request: Request, oid: Oid) -> bytes:
    if request.operation is not Operation.GET:
        return _binding(oid, _END_OF_MIB_VIEW)
    return _binding(oid, _NO_SUCH_INSTANCE if view.has_below(oid[:-1]) else _NO_SUCH_OBJECT)


def _answer_each(
    view: MibView, request: Request, look_up: Callable[[MibView, Oid], bytes | None], max_response: int
) -> bytes:
    bindings: list[bytes] = []
    for position, oid in enumerate(request.oids, start=1):
        found = look_up(view, oid)
        if found is None and request.version == V1:
            asked = [_binding(each) for each in request.oids]
            return encode_response(request, asked, status=ErrorStatus.NO_SUCH_NAME, index=position)
        bindings.append(found if found is not None else _mark(view, request, oid))
    response = encode_response(request, bindings)
    if len(response) <= max_response:
        return response
    # RFC 1157 repeats the request's bindings, RFC 3416 section 4.2.1 leaves them out.
    kept = [_binding(oid) for oid in request.oids] if request.version == V1 else []
    return encode_response(request, kept, status=ErrorStatus.TOO_BIG)


def _bulk_bindings(view: MibView, request: Request) -> Iterator[bytes]:
    """The bindings of a GETBULK in the order of RFC 3416 section 4.2.3; stops when every column has ended."""

    def next_binding(oid: Oid) -> tuple[Oid | None, bytes]:
        following = view.following(oid)
        return following, view.encoded(following) if following is not None else _mark(view, request, oid)

    for oid in request.oids[: request.non_repeaters]:
        yield next_binding(oid)[1]
    repeaters = list(request.oids[request.non_repeaters :])
    for _ in range(request.max_repetitions):
        ended = True
        for column, oid in enumerate(repeaters):
            following, binding = next_binding(oid)
            if following is not None:
                ended = False
                repeaters[column] = following
            yield binding
        if ended:
            return


def _answer_bulk(view: MibView, request: Request, max_response: int) -> bytes:
    bindings: list[bytes] = []
    room = max_response - _MESSAGE_OVERHEAD - len(request.community)
    for binding in _bulk_bindings(view, request):
        room -= len(binding)
        if room < 0:
            break
        bindings.append(binding)
    return encode_response(request, bindings)


def answer(view: MibView, request: Request, *, max_response: int = DEFAULT_MAX_RESPONSE) -> bytes:
    """The response to a request whose community was accepted, of at most ``max_response`` octets.

    GETBULK is cut to what fits (RFC 3416 section 4.2.3) and ends at the end of the view; a GET or GETNEXT
    that does not fit is answered with tooBig.
    """
    if request.operation is Operation.GET_BULK:
        return _answer_bulk(view, request, max_response)
    look_up = _got if request.operation is Operation.GET else _got_next
    return _answer_each(view, request, look_up, max_response)
