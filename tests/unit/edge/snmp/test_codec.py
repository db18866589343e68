from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from edge.snmp.ber import MalformedReply, cut, cut_pdu
from edge.snmp.codec import Absent, Codec, ErrorStatus, RequestKind, prepare, prepare_for
from edge.snmp.credentials import CredentialSet, SnmpVersion
from tests.support.edge import binding_octets, message_octets, reply_octets

NAME = "1.3.6.1.2.1.43.11.1.1.9.1.1"
OID = (1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 9, 1, 1)
LONGEST_VALUE = 4_096
BULK_OVER_V1 = (RequestKind.GET_BULK, 0)
SOUND = reply_octets(7, [(NAME, -3), ("1.3.6.1.2.1.1.1.0", b"Bandeja"), ("1.3.6.1.2.1.1.2.0", (1, 3, 6, 1))])


def decoded(octets: bytes, codec: Codec | None = None) -> list[tuple[tuple[int, ...], Any]]:
    return (codec or Codec()).decode(cut(octets)).bindings


def test_values_are_decoded_by_kind() -> None:
    assert [value for _, value in decoded(SOUND)] == [-3, b"Bandeja", (1, 3, 6, 1)]


@pytest.mark.parametrize(
    ("octets", "mark"),
    [
        (b"\x80\x00", Absent.NO_SUCH_OBJECT),
        (b"\x81\x00", Absent.NO_SUCH_INSTANCE),
        (b"\x82\x00", Absent.END_OF_MIB_VIEW),
        (b"\x05\x00", Absent.NULL),
    ],
)
def test_marks_for_what_is_not_there_are_told_apart(octets: bytes, mark: Absent) -> None:
    assert decoded(message_octets([binding_octets(OID, octets)])) == [(OID, mark)]


@pytest.mark.parametrize(
    "octets",
    [
        b"\x41\x01\xff",  # a negative counter
        b"\x02\x00",  # an integer without octets
        b"\x24\x04\x04\x02ab",  # a constructed string
        b"\x41\x06\x01\x00\x00\x00\x00\x00",  # wider than 32 bits
        b"\x30\x00",
        b"\x40\x03\x0a\x00\x00",
    ],
)
def test_a_broken_value_is_unreadable_and_loses_no_other_row(octets: bytes) -> None:
    message = message_octets([binding_octets(OID, octets), binding_octets(OID, b"\x02\x01\x05")])

    assert decoded(message) == [(OID, Absent.UNREADABLE), (OID, 5)]


def test_a_request_is_no_reply() -> None:
    request = prepare(RequestKind.GET, "public", (OID,)).with_request_id(0x0100_0000)

    with pytest.raises(MalformedReply, match="not a response"):
        decoded(request)


def test_a_binding_that_comes_again_is_the_very_same_and_another_is_another() -> None:
    codec = Codec()
    again = reply_octets(8, [(NAME, -3)])

    assert decoded(SOUND, codec)[0] is decoded(again, codec)[0]
    assert decoded(reply_octets(9, [(NAME, -2)]), codec) == [(OID, -2)]


def test_a_v1_request_says_its_version_and_a_v3_one_is_the_pdu_alone() -> None:
    v1 = prepare_for(CredentialSet("old", SnmpVersion.V1, "s3cret"), RequestKind.GET_NEXT, (OID,))
    v3 = prepare_for(CredentialSet("new", SnmpVersion.V3, user="reader"), RequestKind.GET_BULK, (OID,), 0, 9)

    v1_frame = cut(v1.with_request_id(0x0100_0007))
    pdu = v3.with_request_id(0x0100_0008)
    v3_frame = cut_pdu(pdu, 0, len(pdu), version=3)

    assert (v1_frame.version, v1_frame.community, v1_frame.request_id) == (0, b"s3cret", 0x0100_0007)
    assert (v3_frame.pdu_tag, v3_frame.request_id, v3_frame.error_index) == (0xA5, 0x0100_0008, 9)
    assert (v1.version, v3.version) == (0, 3)


def test_a_community_is_sent_in_utf_8() -> None:
    request = prepare(RequestKind.GET, "öffentlich", (OID,)).with_request_id(0x0100_0000)

    assert cut(request).community == "öffentlich".encode()


def test_a_memo_too_small_for_the_reply_changes_nothing() -> None:
    codec = Codec(entries=1)

    assert decoded(SOUND, codec) == decoded(SOUND, codec) == decoded(SOUND)


def test_error_statuses_are_named() -> None:
    reply = Codec().decode(cut(message_octets([], error_status=1)))

    assert reply.error is ErrorStatus.TOO_BIG
    assert Codec().decode(cut(message_octets([], error_status=77))).error is ErrorStatus.OTHER


@given(st.integers(0x0100_0000, 0x7FFF_FFFE), st.sampled_from(RequestKind), st.text("abcdef", min_size=1, max_size=30))
def test_a_prepared_request_is_what_pysnmp_reads_with_the_id_patched_in(
    request_id: int, kind: RequestKind, community: str
) -> None:
    octets = prepare(kind, community, (OID, OID[:-1]), 1, 9).with_request_id(request_id)

    module: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
    message, rest = decoder.decode(octets, asn1Spec=module.Message())
    pdu = module.apiMessage.get_pdu(message)
    assert not rest
    assert module.apiMessage.get_community(message).asOctets() == community.encode()
    assert int(module.apiPDU.get_request_id(pdu)) == request_id
    assert [tuple(name) for name, _ in module.apiPDU.get_varbinds(pdu)] == [OID, OID[:-1]]


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(SOUND)))
@example([(0, 0)], 0)
def test_a_mutated_reply_raises_nothing_but_malformed_reply(changes: list[tuple[int, int]], cut_at: int) -> None:
    octets = bytearray(SOUND)
    for at, value in changes:
        octets[at] = value

    for mutated in (bytes(octets), bytes(octets[:cut_at]), bytes(octets[cut_at:] + octets[:cut_at])):
        try:
            bindings = decoded(mutated)
        except MalformedReply:
            continue
        assert all(isinstance(value, int | bytes | tuple | Absent) for _, value in bindings)


@given(st.binary(max_size=40), st.integers(0, 4), st.sampled_from([0, 100, 250, 4_052, 4_056, 6_000]))
@example(b"", 0, 0)
def test_an_octet_string_is_what_pyasn1_reads_whatever_the_form_of_its_length(
    content: bytes, length_octets: int, more: int
) -> None:
    content += bytes(more)
    short = length_octets == 0 and len(content) < 0x80
    size = max(length_octets, (len(content).bit_length() + 7) // 8, 1)
    length = bytes([len(content)]) if short else bytes([0x80 | size]) + len(content).to_bytes(size, "big")
    element = b"\x04" + length + content

    read, rest = decoder.decode(element, asn1Spec=api.PROTOCOL_MODULES[api.SNMP_VERSION_2C].OctetString())

    assert not rest
    wanted = bytes(read) if len(element) <= LONGEST_VALUE else Absent.UNREADABLE
    assert decoded(message_octets([binding_octets(OID, element)])) == [(OID, wanted)]


@given(st.integers(0, 255), st.binary(max_size=40))
def test_any_value_octets_are_a_value_or_unreadable(tag: int, content: bytes) -> None:
    octets = message_octets([binding_octets(OID, bytes([tag, len(content)]) + content)])

    [(name, value)] = decoded(octets)

    assert name == OID
    assert isinstance(value, int | bytes | tuple | Absent)


NAMES_ASKED = st.lists(
    st.tuples(st.just(1), st.just(3), *([st.integers(0, 2**32 - 1)] * 3)), max_size=70, unique=True
).map(tuple)


@given(
    st.sampled_from([(kind, version) for kind in RequestKind for version in (0, 1) if (kind, version) != BULK_OVER_V1]),
    st.text(max_size=200),
    NAMES_ASKED,
)
def test_a_request_is_what_pysnmp_makes_of_it_as_a_whole(
    way: tuple[RequestKind, int], community: str, names: tuple[tuple[int, ...], ...]
) -> None:
    kind, version = way
    module = api.PROTOCOL_MODULES[version]
    if kind is RequestKind.GET_BULK:
        pdu, pdu_api = module.GetBulkRequestPDU(), module.apiBulkPDU
        pdu_api.set_defaults(pdu)
        pdu_api.set_non_repeaters(pdu, 2)
        pdu_api.set_max_repetitions(pdu, 200)
    else:
        pdu = module.GetRequestPDU() if kind is RequestKind.GET else module.GetNextRequestPDU()
        pdu_api = module.apiPDU
        pdu_api.set_defaults(pdu)
    pdu_api.set_request_id(pdu, 0x0123_4567)
    pdu_api.set_varbinds(pdu, [(name, module.null) for name in names])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, community.encode())
    module.apiMessage.set_pdu(message, pdu)

    request = prepare(kind, community, names, 2, 200, version=version)

    assert request.with_request_id(0x0123_4567) == encoder.encode(message)
