"""A reply beside the earlier one to the same question: only what differs is decoded, and nothing else is made of it."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.snmp.ber import MalformedReply, cut
from edge.snmp.codec import Binding, Codec, ErrorStatus, Reply
from edge.snmp.earlier import NOTHING_EARLIER, Earlier
from tests.support.edge import binding_octets, message_octets, reply_octets

NAMES = [f"1.3.6.1.2.1.43.11.1.1.9.1.{row}" for row in range(1, 8)]
BEFORE = [10, 20, 30, 40, 50, 60, 70]

values = st.one_of(st.integers(0, 127), st.integers(2**15, 2**31 - 1), st.binary(max_size=300))
lists = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=60)


def answered(bindings: Sequence[tuple[str, int | bytes]], earlier: Earlier | None, codec: Codec | None = None) -> Reply:
    return (codec or Codec()).decode(cut(reply_octets(7, list(bindings))), earlier)


def kept_of(bindings: Sequence[tuple[str, int | bytes]]) -> Earlier:
    kept = answered(bindings, NOTHING_EARLIER).kept
    assert kept is not None
    return kept


def patched(before: list[Binding], reply: Reply) -> list[Binding]:
    """All bindings, of the changes where there are any."""
    if reply.changes is None:
        return reply.bindings
    bindings = list(before)
    for place, binding in reply.changes:
        bindings[place] = binding
    return bindings


def test_only_the_bindings_that_differ_are_told() -> None:
    earlier = kept_of(list(zip(NAMES, BEFORE, strict=True)))

    reply = answered(list(zip(NAMES, [10, 20, 31, 40, 50, 60, 71], strict=True)), earlier)

    assert reply.bindings == []
    assert [(place, value) for place, (_, value) in reply.changes or []] == [(2, 31), (6, 71)]
    assert answered(list(zip(NAMES, BEFORE, strict=True)), earlier).changes == []


def test_a_reply_of_another_length_is_decoded_as_a_whole_and_is_the_earlier_one_of_the_next() -> None:
    longer = list(zip(NAMES, [10, 20, 3_000, 40, 50, 60, 70], strict=True))

    reply = answered(longer, kept_of(list(zip(NAMES, BEFORE, strict=True))))

    assert reply.changes is None
    assert [value for _, value in reply.bindings] == [10, 20, 3_000, 40, 50, 60, 70]
    assert answered(longer, reply.kept).changes == []


def test_what_moved_within_the_same_length_is_decoded_as_a_whole() -> None:
    one_longer = list(zip(NAMES, [10, 20, 30, 4_000, 50, 60, 70], strict=True))
    other_longer = list(zip(NAMES, [10, 2_000, 30, 40, 50, 60, 70], strict=True))

    reply = answered(other_longer, kept_of(one_longer))

    assert reply.changes is None
    assert [value for _, value in reply.bindings] == [10, 2_000, 30, 40, 50, 60, 70]


def test_an_error_is_not_compared_and_keeps_nothing() -> None:
    bindings = list(zip(NAMES, BEFORE, strict=True))
    octets = message_octets([cut(reply_octets(1, bindings)).binding_list], error_status=5)

    reply = Codec().decode(cut(octets), kept_of(bindings))

    assert (reply.error, len(reply.bindings), reply.changes, reply.kept) == (ErrorStatus.GENERAL, 7, None, None)


def test_a_binding_that_broke_within_its_length_is_malformed_as_ever() -> None:
    oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
    sound, broken = binding_octets(oid, b"\x02\x01\x05"), binding_octets(oid, b"\x02\x05\x05")
    kept = Codec().decode(cut(message_octets([sound, sound])), NOTHING_EARLIER).kept

    with pytest.raises(MalformedReply):
        Codec().decode(cut(message_octets([sound, broken])), kept)
    with pytest.raises(MalformedReply):
        Codec().decode(cut(message_octets([sound, b"\x31" + sound[1:]])), kept)


@given(lists, lists)
@example([(NAMES[0], b"x" * 126)], [(NAMES[0], b"x" * 125 + b"y")])
def test_whatever_came_earlier_the_bindings_are_those_of_the_reply(
    before: list[tuple[str, int | bytes]], after: list[tuple[str, int | bytes]]
) -> None:
    codec = Codec()
    first = answered(before, NOTHING_EARLIER, codec)
    whole = answered(after, None).bindings

    second = answered(after, first.kept, codec)

    assert patched(first.bindings, second) == whole
    assert answered(after, second.kept, codec).changes == []


@given(st.lists(values, min_size=1, max_size=60), st.data())
def test_changes_in_place_are_found_wherever_they_are(before: list[int | bytes], data: st.DataObject) -> None:
    names = [NAMES[place % len(NAMES)] for place in range(len(before))]
    after = [
        data.draw(st.binary(min_size=len(value), max_size=len(value))) if isinstance(value, bytes) else value ^ 1
        for value in before
    ]
    first = answered(list(zip(names, before, strict=True)), NOTHING_EARLIER)

    second = answered(list(zip(names, after, strict=True)), first.kept)

    assert second.changes is not None
    assert [place for place, _ in second.changes] == [
        place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new
    ]
    assert [value for _, value in patched(first.bindings, second)] == after


def test_a_later_list_of_the_same_form_takes_the_place_of_the_earlier_one() -> None:
    codec = Codec()
    first = NOTHING_EARLIER.followed_by(kept_of(list(zip(NAMES, BEFORE, strict=True))))
    before = first.octets
    changed = answered(list(zip(NAMES, [11, *BEFORE[1:]], strict=True)), first, codec).kept
    assert changed is not None

    second = first.followed_by(changed)

    assert second.octets is before
    assert second.octets == changed.octets
    assert second.followed_by(second) is second
    assert answered(list(zip(NAMES, [12, *BEFORE[1:]], strict=True)), second, codec).changes is not None
