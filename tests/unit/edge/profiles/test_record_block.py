from hypothesis import given
from hypothesis import strategies as st

from edge.profiles.record_block import record_value
from edge.profiles.supplies import RecordLayout
from tests.support.recordings import BROTHERS, records

LAYOUT = RecordLayout.model_validate(BROTHERS)
layouts = st.builds(
    RecordLayout,
    code_octets=st.integers(1, 4),
    skip_octets=st.integers(0, 8),
    length_octets=st.integers(1, 4),
    end=st.none() | st.integers(0, 255),
)


def test_a_record_is_found_and_the_block_is_never_read_past_its_end() -> None:
    block = bytes.fromhex("010104000001cd020104000001ebff0901010a")

    assert [record_value(block, code, LAYOUT) for code in (1, 2, 9)] == [b"\0\0\1\xcd", b"\0\0\1\xeb", None]
    assert record_value(block[:10], 2, LAYOUT) is None
    assert record_value(b"", 0, LAYOUT) is None


@given(st.lists(st.tuples(st.integers(0, 254), st.binary(max_size=20)), max_size=20, unique_by=lambda pair: pair[0]))
def test_every_record_of_a_block_is_found(pairs: list[tuple[int, bytes]]) -> None:
    block = records(*pairs)

    assert [record_value(block, code, LAYOUT) for code, _ in pairs] == [value for _, value in pairs]


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), layouts)
def test_any_octets_come_to_an_end(octets: bytes, code: int, layout: RecordLayout) -> None:
    value = record_value(octets, code, layout)

    assert value is None or value in octets


def test_a_layout_may_have_long_codes_and_no_end_mark() -> None:
    layout = RecordLayout(code_octets=2, skip_octets=0, length_octets=2)
    block = bytes.fromhex("0102 0003 616263 ffff 0001 7a")

    assert record_value(block, 0x0102, layout) == b"abc"
    assert record_value(block, 0xFFFF, layout) == b"z"
