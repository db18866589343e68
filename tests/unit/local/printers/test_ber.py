import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1902

from local.printers import ber

arcs = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20).map(lambda rest: (1, 3, *rest))


@given(st.integers(-(2**31), 2**31 - 1))
def test_integers_are_read_back_by_the_reference_library_and_by_us(number: int) -> None:
    encoded = ber.encode_integer(number)

    assert int(decoder.decode(encoded, asn1Spec=rfc1902.Integer32())[0]) == number
    assert ber.decode_integer(ber.decode_element(encoded).content) == number


@pytest.mark.parametrize(("number", "octets"), [(0, "00"), (127, "7f"), (128, "0080"), (-128, "80"), (-129, "ff7f")])
def test_integers_take_as_few_octets_as_x690_demands(number: int, octets: str) -> None:
    assert ber.decode_element(ber.encode_integer(number)).content.hex() == octets


@given(st.integers(0, 2**32 - 1))
def test_counters_are_encoded_as_the_reference_library_does(number: int) -> None:
    assert ber.encode_integer(number, 65) == encoder.encode(rfc1902.Counter32(number))


@given(arcs)
def test_object_identifiers_survive_the_wire_and_match_the_reference_library(oid: tuple[int, ...]) -> None:
    encoded = ber.encode_oid(oid)

    assert encoded == encoder.encode(rfc1902.ObjectName(oid))
    assert ber.decode_oid(ber.decode_element(encoded).content) == oid


@given(st.binary(max_size=70_000))
def test_octets_of_any_length_survive_the_wire(content: bytes) -> None:
    element = ber.decode_element(ber.encode_tlv(ber.OCTET_STRING, content))

    assert (element.tag, element.content) == (ber.OCTET_STRING, content)


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x30", b"\x30\x80", b"\x30\x84\x00\x00\x00\x01\x00", b"\x30\x82\x01", b"\x04\x05abcd"],
    ids=["empty", "tag only", "indefinite", "length too long", "length cut", "content cut"],
)
def test_a_malformed_element_is_refused(octets: bytes) -> None:
    with pytest.raises(ber.MalformedMessageError):
        ber.decode_element(octets)


@pytest.mark.parametrize(
    "content", [b"", b"\x2b\x86", b"\x2b" + b"\xff" * 6 + b"\x7f", b"\x2b" + b"\x01" * 200], ids=len
)
def test_a_malformed_object_identifier_is_refused(content: bytes) -> None:
    with pytest.raises(ber.MalformedMessageError):
        ber.decode_oid(content)
