import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.snmp.ber import Frame, MalformedReply, cut, element_at, encoded, encoded_integer, inside, integer
from tests.support.edge import reply_octets

SOUND = reply_octets(7, [("1.3.6.1.2.1.1.5.0", b"printer"), ("1.3.6.1.2.1.1.3.0", 4711)])


def test_a_sound_message_is_cut_into_header_and_bindings() -> None:
    frame = cut(SOUND)

    assert (frame.version, frame.community, frame.request_id, frame.error_status) == (1, b"public", 7, 0)
    assert len(frame.bindings) == 2
    assert SOUND.endswith(b"".join(frame.bindings))


def test_octets_after_the_message_are_ignored() -> None:
    assert cut(SOUND + b"\0\0").bindings == cut(SOUND).bindings


@pytest.mark.parametrize("kept", range(len(SOUND)))
def test_a_message_cut_short_anywhere_is_malformed(kept: int) -> None:
    with pytest.raises(MalformedReply):
        cut(SOUND[:kept])


@pytest.mark.parametrize(
    "octets",
    [
        b"\x30\x80\x02\x01\x01\x00\x00",  # indefinite length
        b"\x30\x85\x01\x00\x00\x00\x00\x02\x01\x01",  # five length octets
        b"\x30\x84\xff\xff\xff\xff\x02\x01\x01",  # four gibibytes
        b"\x04\x03abc",
        b"",
    ],
)
def test_lengths_that_cannot_be_are_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedReply):
        cut(octets)


def test_more_bindings_than_a_reply_may_have_are_malformed() -> None:
    octets = reply_octets(1, [("1.3.6.1.2.1.1.3.0", 1)] * 600)

    with pytest.raises(MalformedReply, match="more than 512"):
        cut(octets).bindings  # noqa: B018 - reading it is what raises


@given(st.binary(max_size=300))
def test_any_octets_give_a_frame_or_malformed(octets: bytes) -> None:
    try:
        frame = cut(octets)
        bindings = frame.bindings
    except MalformedReply:
        return
    assert isinstance(frame, Frame)
    assert b"".join(bindings) == frame.binding_list


@given(st.integers(0, 255), st.binary(max_size=70_000))
def test_what_is_encoded_is_found_again(tag: int, content: bytes) -> None:
    octets = encoded(tag, content)

    assert element_at(octets, 0, len(octets)) == (tag, len(octets) - len(content), len(octets))
    assert inside(octets, 0, len(octets), tag) == (len(octets) - len(content), len(octets))


@given(st.integers(0, 2**31 - 1))
def test_an_encoded_integer_is_found_again_in_as_few_octets_as_it_needs(number: int) -> None:
    octets = encoded_integer(number)

    assert integer(octets, 2, len(octets)) == number
    assert len(octets) - 2 == number.bit_length() // 8 + 1


@given(st.binary(min_size=2, max_size=20), st.integers(0, 18))
def test_an_element_never_reaches_past_its_end(octets: bytes, at: int) -> None:
    try:
        element = element_at(octets, at, len(octets))
    except MalformedReply:
        return
    assert at < element.start <= element.stop <= len(octets)
