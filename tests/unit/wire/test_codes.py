"""Activation codes as people type them."""

import string

from hypothesis import given
from hypothesis import strategies as st

from shared.wire.codes import ALPHABET, CODE_LENGTH, check_symbol, code_digest, format_code, normalise_code

BODIES = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


@given(BODIES)
def test_a_shown_code_is_read_back(body: str) -> None:
    code = body + check_symbol(body)

    assert normalise_code(format_code(code)) == code
    assert normalise_code(f"  {format_code(code).lower()} ") == code


@given(BODIES, st.data())
def test_one_wrong_symbol_is_noticed(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, CODE_LENGTH - 1))
    other = data.draw(st.sampled_from(ALPHABET.replace(body[place], "")))

    assert normalise_code(body[:place] + other + body[place + 1 :] + check_symbol(body)) is None


@given(BODIES, st.integers(0, CODE_LENGTH - 2))
def test_two_swapped_neighbours_are_noticed(body: str, place: int) -> None:
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]

    assert swapped == body or normalise_code(swapped + check_symbol(body)) is None


def test_look_alikes_are_read_as_digits() -> None:
    body = "0110" * 4

    assert normalise_code("OILO-oilo-0110-0110" + check_symbol(body)) == body + check_symbol(body)


@given(st.text(string.printable, max_size=40))
def test_any_text_is_a_code_or_none(typed: str) -> None:
    code = normalise_code(typed)

    assert code is None or (len(code) == CODE_LENGTH + 1 and len(code_digest(code)) == 64)
