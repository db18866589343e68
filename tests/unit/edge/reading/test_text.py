import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.reading.text import decode, line_or_none, text_or_none


@pytest.mark.parametrize(
    ("octets", "character_set", "text"),
    [
        (b"Black Toner", 2001, "Black Toner"),
        (b"Black Cartridge\0\0", None, "Black Cartridge"),
        (b"Black Cartridge HP ", None, "Black Cartridge HP "),
        (b"Kit manuten\x87\xc6o", 2009, "Kit manutenção"),
        ("Лоток 2 пустой".encode(), 2251, "Лоток 2 пустой"),  # declared wrongly: it is UTF-8
        (b"\xc1\xdf\xef", 8, "Спя"),
        (b"\xdfber", 3, "ßber"),
        (b"\xff\xfe", 9999, "ÿþ"),
    ],
)
def test_text_is_ascii_then_utf8_then_the_declared_set_then_latin1(
    octets: bytes, character_set: int | None, text: str
) -> None:
    assert decode(octets, character_set) == text


def test_controls_that_would_act_on_a_terminal_go_and_line_breaks_stay() -> None:
    assert decode(b"Ready\x1b[31m\r\nPaper\tlow\x07") == "Ready[31m\nPaper\tlow"


def test_a_vendor_prefix_of_octets_that_do_not_print_goes() -> None:
    assert decode(b"\x01\x15CNBX123456") == "CNBX123456"


def test_nothing_is_none() -> None:
    assert text_or_none(None) is None
    assert text_or_none(b"\0") is None
    assert line_or_none(b"   ") is None
    assert line_or_none(b" HP  LaserJet\n") == "HP LaserJet"


@given(st.binary(max_size=600), st.integers(0, 3000))
def test_any_octets_in_any_set_give_bounded_text(octets: bytes, character_set: int) -> None:
    assert len(decode(octets, character_set)) <= 255
