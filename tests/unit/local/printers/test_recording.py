from pathlib import Path

import pytest

from local.printers.recording import RecordingError, find_recordings, parse_recording, read_recording
from local.printers.rows import Tag, Value

SOUND = """\
1.3.6.1.2.1.1.1.0|4|Text | with a bar
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.11
1.3.6.1.2.1.1.3.0|67|4294967295
1.3.6.1.2.1.2.2.1.6.1|4x|00ff80
1.3.6.1.2.1.4.20.1.1.10.0.0.1|64|10.0.0.1
1.3.6.1.2.1.43.10.2.1.4.1.1|65|4294967295
1.3.6.1.2.1.43.11.1.1.9.1.1|2|-3
1.3.6.1.2.1.43.11.1.1.9.1.2|66|7
1.3.6.1.2.1.43.16.5.1.2.1.1|4|
"""


def test_every_tag_keeps_its_type_and_its_value() -> None:
    rows = parse_recording(SOUND, name="sound")

    assert list(rows.values()) == [
        Value(Tag.OCTET_STRING, b"Text | with a bar"),
        Value(Tag.OBJECT_IDENTIFIER, (1, 3, 6, 1, 4, 1, 11)),
        Value(Tag.TIME_TICKS, 2**32 - 1),
        Value(Tag.OCTET_STRING, b"\x00\xff\x80"),
        Value(Tag.IP_ADDRESS, bytes((10, 0, 0, 1))),
        Value(Tag.COUNTER32, 2**32 - 1),
        Value(Tag.INTEGER, -3),
        Value(Tag.GAUGE32, 7),
        Value(Tag.OCTET_STRING, b""),
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1.3.6.1|4", r"expected OID\|tag\|value"),
        ("1.3.x|2|1", "not an object identifier"),
        ("1.3.6|70|1", "70 is not a valid Tag"),
        ("1.3.6|2x|01", "cannot be hexadecimal"),
        ("1.3.6|four|1", "invalid literal"),
        ("1.3.6|2|many", "invalid literal"),
        ("1.3.6|2|2147483648", "does not fit INTEGER"),
        ("1.3.6|65|-1", "does not fit COUNTER32"),
        ("1.3.6|4x|0g", "non-hexadecimal"),
        ("1.3.6|6|nowhere", "not an object identifier"),
        ("1.3.6|64|10.0.0", "Expected 4 octets"),
        ("1.3.6|64x|0a00", "four octets"),
        ("1.3.6.1.2.1.1.1.0|4|again", "recorded before"),
    ],
)
def test_a_bad_line_is_refused_by_file_and_number(line: str, complaint: str) -> None:
    with pytest.raises(RecordingError, match=rf"^walk, line 10: .*{complaint}"):
        parse_recording(f"{SOUND}{line}\n", name="walk")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(RecordingError, match="no rows"):
        parse_recording("\n\n", name="walk")


def test_octets_that_are_no_utf8_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "odd.snmprec"
    path.write_bytes(b"1.3.6.1.2.1.1.1.0|4|caf\xe9\r\n")

    assert read_recording(path) == {(1, 3, 6, 1, 2, 1, 1, 1, 0): Value(Tag.OCTET_STRING, b"caf\xe9")}


def test_a_missing_file_or_folder_says_which(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"gone\.snmprec: No such file"):
        read_recording(tmp_path / "gone.snmprec")
    with pytest.raises(RecordingError, match="not a folder"):
        find_recordings(tmp_path / "nowhere")
    with pytest.raises(RecordingError, match=r"holds no \.snmprec file"):
        find_recordings(tmp_path)
