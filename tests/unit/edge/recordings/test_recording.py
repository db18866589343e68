from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.recordings.recording import (
    INTEGER,
    OCTET_STRING,
    RecordingError,
    Row,
    TypedCodec,
    read_recording,
    recording_text,
)
from edge.snmp.ber import cut
from edge.snmp.codec import Absent
from edge.snmp.oids import parse_oid
from local.printers.recording import parse_recording
from tests.support.edge import reply_octets

VALUES = st.one_of(
    st.builds(Row, st.sampled_from([INTEGER]), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Row, st.sampled_from([65, 66, 67]), st.integers(0, 2**32 - 1)),
    st.builds(Row, st.just(OCTET_STRING), st.binary(max_size=40)),
    st.builds(Row, st.just(64), st.binary(min_size=4, max_size=4)),
    st.builds(Row, st.just(6), st.tuples(st.just(1), st.just(3), st.integers(0, 2**32 - 1))),
)
NAMES = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12).map(lambda arcs: (1, 3, *arcs))


def refusal(folder: Path, content: str) -> str:
    file = folder / "walk.snmprec"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(RecordingError) as refused:
        read_recording(file)
    return str(refused.value)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=8))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[tuple[int, ...], Row]
) -> None:
    file = tmp_path_factory.getbasetemp() / "again.snmprec"
    file.write_text(recording_text(rows), "ascii", newline="\n")

    assert read_recording(file) == rows


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=8))
def test_the_simulated_printers_read_the_same_from_it(rows: dict[tuple[int, ...], Row]) -> None:
    served = parse_recording(recording_text(rows), name="ours")

    assert {name: (int(value.tag), value.content) for name, value in served.items()} == {
        name: (row.tag, row.value) for name, row in rows.items()
    }


def test_lines_are_in_the_order_of_their_names_and_text_stays_text() -> None:
    rows = {
        (1, 3, 10): Row(OCTET_STRING, b"Toner | black"),
        (1, 3, 9): Row(OCTET_STRING, b" padded"),
        (1, 3): Row(2, 7),
    }

    assert recording_text(rows).splitlines() == ["1.3|2|7", "1.3.9|4x|20706164646564", "1.3.10|4|Toner | black"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "has no rows"),
        ("1.3.6|4\n", ":1: has not three fields; a line is OID|tag|value"),
        ("1.3.6|2|1\n1.3.7|2|x\n", ":2: "),
        ("1.3.6|99|1\n", "tag 99 is not known"),
        ("1.3.6|2x|1\n", "cannot be hexadecimal"),
        ("1.3.-6|2|1\n", "is no object identifier"),
        ("1.3.6|4x|0g\n", ":1: "),
    ],
)
def test_a_wrong_recording_is_refused_by_line(tmp_path: Path, content: str, complaint: str) -> None:
    assert complaint in refusal(tmp_path, content)


def test_a_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none\.snmprec: cannot be read: No such file"):
        read_recording(tmp_path / "none.snmprec")


def test_the_type_of_each_value_is_kept_beside_it() -> None:
    codec = TypedCodec()
    name, text = parse_oid("1.3.6.1.2.1.1.3.0"), parse_oid("1.3.6.1.2.1.1.1.0")

    codec.decode(cut(reply_octets(7, [("1.3.6.1.2.1.1.3.0", 5), ("1.3.6.1.2.1.1.1.0", b"x")])))

    assert codec.row(name, 5) == Row(INTEGER, 5)
    assert codec.row(text, b"x") == Row(OCTET_STRING, b"x")
    assert codec.row(text, Absent.UNREADABLE) is None
    assert codec.row((1, 3, 6), 5) is None
