"""SNMP requests and replies as octets, in pysnmp's hands.

Requests are encoded by pysnmp once for each shape: the message around its names, and each name once for all requests
that have it; only the request id is patched in. Replies are cut by `edge.snmp.ber`; pysnmp and pyasn1 decode just the
bindings that were not seen before, one primitive value at a time (between two polls nearly every binding arrives as the
same octets); an octet string, once cut out, is decoded. None of their exceptions leaves this room: a broken message is
`MalformedReply`, a broken value in a sound message is `Absent.UNREADABLE`.
"""

from functools import lru_cache
from typing import Any, Final

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from edge.snmp.ber import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    RESPONSE_PDU,
    SEQUENCE,
    Frame,
    MalformedReply,
    cut,
    cut_pdu,
    element_at,
    encoded,
    expect,
    inside,
)
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.earlier import Earlier
from edge.snmp.memo import Memo
from edge.snmp.reply import Absent, Binding, ErrorStatus, Oid, Reply, Value, error_of
from edge.snmp.requests import REQUEST_IDS, WIRE_VERSIONS, PreparedRequest, RequestKind, filled

__all__ = [
    "REQUEST_IDS",
    "WIRE_VERSIONS",
    "Absent",
    "Binding",
    "Codec",
    "ErrorStatus",
    "MalformedReply",
    "Oid",
    "PreparedRequest",
    "Reply",
    "RequestKind",
    "Value",
    "prepare",
    "prepare_for",
    "prepare_pdu",
]


_MEMO_ENTRIES: Final = 1_024
_MAX_NAME_OCTETS: Final = 128
_MAX_VALUE_OCTETS: Final = 4_096
_EMPTY_ELEMENT: Final = 2
_PLACEHOLDER_ID: Final = 0x5A5A_5A5A
_NULL: Final = b"\x05\x00"

_module: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]

_ABSENT_TAGS: Final = {
    0x05: Absent.NULL,
    0x80: Absent.NO_SUCH_OBJECT,
    0x81: Absent.NO_SUCH_INSTANCE,
    0x82: Absent.END_OF_MIB_VIEW,
}
_INTEGER_SPECS: Final[dict[int, Any]] = {
    0x02: _module.Integer32(),
    0x41: _module.Counter32(),
    0x42: _module.Unsigned32(),
    0x43: _module.TimeTicks(),
    0x46: _module.Counter64(),
}
_OCTET_SPECS: Final[dict[int, Any]] = {
    0x40: _module.IpAddress(),
    0x44: _module.Opaque(),
}
_NAME_SPEC: Final[Any] = _module.ObjectIdentifier()


def prepare_for(
    credentials: CredentialSet,
    kind: RequestKind,
    names: tuple[Oid, ...],
    non_repeaters: int = 0,
    repetitions: int = 0,
) -> PreparedRequest:
    """`prepare` or, for v3, `prepare_pdu`: a request for sessions of this set."""
    if credentials.version is SnmpVersion.V3:
        return prepare_pdu(kind, names, non_repeaters, repetitions)
    version = WIRE_VERSIONS[credentials.version]
    return prepare(kind, credentials.community, names, non_repeaters, repetitions, version=version)


@lru_cache(maxsize=4_096)
def prepare(
    kind: RequestKind,
    community: str,
    names: tuple[Oid, ...],
    non_repeaters: int = 0,
    repetitions: int = 0,
    *,
    version: int = 1,
) -> PreparedRequest:
    """Encode a v1 or v2c request; equal shapes (and so printers of one model) share one encoding.

    Args:
        kind: the operation; v1 has no GETBULK.
        community: sent as it is in UTF-8.
        names: the objects asked for.
        non_repeaters: GETBULK only: how many leading names are read once.
        repetitions: GETBULK only: max-repetitions for the others.
        version: 0 for v1, 1 for v2c.
    """
    module: Any = api.PROTOCOL_MODULES[version]
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, community.encode())
    module.apiMessage.set_pdu(message, _pdu(module, kind, non_repeaters, repetitions))
    octets: bytes = encoder.encode(message)
    start, end = inside(octets, 0, len(octets), SEQUENCE)
    _, stop = inside(octets, start, end, INTEGER)
    _, stop = inside(octets, stop, end, OCTET_STRING)
    whole = encoded(SEQUENCE, octets[start:stop] + filled(octets[stop:], map(_null_binding, names)))
    at = cut(whole).request_id_at
    return PreparedRequest(whole[:at], whole[at + 4 :], version)


@lru_cache(maxsize=4_096)
def prepare_pdu(
    kind: RequestKind, names: tuple[Oid, ...], non_repeaters: int = 0, repetitions: int = 0
) -> PreparedRequest:
    """Encode a v3 request's PDU; printers of one model share one encoding, whatever their keys."""
    octets = filled(encoder.encode(_pdu(_module, kind, non_repeaters, repetitions)), map(_null_binding, names))
    at = cut_pdu(octets, 0, len(octets), version=WIRE_VERSIONS[SnmpVersion.V3]).request_id_at
    return PreparedRequest(octets[:at], octets[at + 4 :], WIRE_VERSIONS[SnmpVersion.V3])


def _pdu(module: Any, kind: RequestKind, non_repeaters: int, repetitions: int) -> Any:  # noqa: ANN401 - pysnmp publishes no types
    """A PDU without names."""
    if kind is RequestKind.GET_BULK:
        pdu_api = module.apiBulkPDU
        pdu = module.GetBulkRequestPDU()
        pdu_api.set_defaults(pdu)
        pdu_api.set_non_repeaters(pdu, non_repeaters)
        pdu_api.set_max_repetitions(pdu, repetitions)
    else:
        pdu_api = module.apiPDU
        pdu = module.GetRequestPDU() if kind is RequestKind.GET else module.GetNextRequestPDU()
        pdu_api.set_defaults(pdu)
    pdu_api.set_request_id(pdu, _PLACEHOLDER_ID)
    pdu_api.set_varbinds(pdu, [])
    return pdu


@lru_cache(maxsize=512)
def _null_binding(name: Oid) -> bytes:
    """The binding that asks for an object."""
    return encoded(SEQUENCE, encoder.encode(_NAME_SPEC.clone(name)) + _NULL)


class Codec:
    """Decodes replies, remembering names and bindings that it has seen.

    Args:
        entries: how many of each are kept in a generation.
    """

    def __init__(self, entries: int = _MEMO_ENTRIES) -> None:
        self._entries = entries
        self._bindings: Memo[Binding] = Memo(entries)
        self._names: dict[bytes, Oid] = {}

    def decode(self, frame: Frame, earlier: Earlier | None = None) -> Reply:
        """Decode a response that `edge.snmp.ber` has cut open.

        Args:
            frame: the response.
            earlier: what was kept of the last reply to the same question, to decode only what is different.

        Raises:
            MalformedReply: it is not one, or a binding is not a name and a value.
        """
        if frame.pdu_tag != RESPONSE_PDU:
            raise MalformedReply(f"not a response: pdu {frame.pdu_tag:#04x}")
        error, octets = error_of(frame.error_status), frame.binding_list
        if earlier is None or error is not ErrorStatus.NONE:
            return Reply(frame.request_id, error, frame.error_index, self._decoded(frame.bindings))
        places = earlier.differing(octets)
        if places is None:
            cut_out = frame.bindings
            kept = Earlier.of(octets, cut_out)
            return Reply(frame.request_id, error, frame.error_index, self._decoded(cut_out), None, kept)
        ends = earlier.ends
        changed = self._decoded([octets[ends[place] : ends[place + 1]] for place in places])
        changes = list(zip(places, changed, strict=True))
        kept = Earlier(octets, ends) if places else earlier
        return Reply(frame.request_id, error, frame.error_index, [], changes, kept)

    def _decoded(self, bindings: list[bytes]) -> list[Binding]:
        young = self._bindings.young
        return [young.get(binding) or self._recall(binding) for binding in bindings]

    def _recall(self, octets: bytes) -> Binding:
        binding = self._bindings.recall(octets)
        if binding is None:
            binding = self._decode_binding(octets)
            self._bindings.keep(octets, binding)
        return binding

    def _decode_binding(self, octets: bytes) -> Binding:
        end = len(octets)
        pair = expect(octets, 0, end, SEQUENCE)
        name = expect(octets, pair.start, pair.stop, OBJECT_IDENTIFIER)
        value = element_at(octets, name.stop, pair.stop)
        if value.stop != pair.stop:
            raise MalformedReply("binding holds more than a name and a value")
        oid = self._name(octets[pair.start : name.stop])
        if value.tag in _ABSENT_TAGS:
            return oid, _ABSENT_TAGS[value.tag]
        if value.tag == OCTET_STRING and value.stop - name.stop <= _MAX_VALUE_OCTETS:
            return oid, octets[value.start : value.stop]  # a primitive string is its content: nothing to decode
        return oid, _value(value.tag, octets[name.stop : value.stop])

    def _name(self, octets: bytes) -> Oid:
        known = self._names.get(octets)
        if known is not None:
            return known
        if len(octets) > _MAX_NAME_OCTETS:
            raise MalformedReply(f"object name of {len(octets)} octets")
        decoded = _primitive(octets, _NAME_SPEC)
        if decoded is None:
            raise MalformedReply(f"object name {octets.hex()}")
        if len(self._names) >= self._entries:
            self._names.clear()
        oid: Oid = tuple(decoded)
        self._names[octets] = oid
        return oid


def _value(tag: int, octets: bytes) -> Value:
    if len(octets) > _MAX_VALUE_OCTETS:
        return Absent.UNREADABLE
    if tag in _INTEGER_SPECS:
        # pyasn1 reads an integer without octets as 0; a number is never invented.
        number = _primitive(octets, _INTEGER_SPECS[tag]) if len(octets) > _EMPTY_ELEMENT else None
        return Absent.UNREADABLE if number is None else int(number)
    if tag in _OCTET_SPECS:
        text = _primitive(octets, _OCTET_SPECS[tag])
        return Absent.UNREADABLE if text is None else bytes(text)
    if tag == OBJECT_IDENTIFIER:
        oid = _primitive(octets, _NAME_SPEC)
        return Absent.UNREADABLE if oid is None else tuple(oid)
    return Absent.UNREADABLE


def _primitive(octets: bytes, spec: Any) -> Any:  # noqa: ANN401 - pyasn1 publishes no types
    """What pyasn1 makes of one primitive element, None when it cannot."""
    try:
        decoded, rest = decoder.decode(octets, asn1Spec=spec)
    except Exception:  # noqa: BLE001 - whatever a decoder raises on a printer's octets means: not readable
        return None
    return None if rest else decoded
