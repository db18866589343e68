"""The text of a partner key."""

from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.api_keys.text import SECRET_BITS, display_prefix, hash_of, is_well_formed, key_from

secrets = st.integers(min_value=0, max_value=2**SECRET_BITS - 1)


@given(secrets)
def test_every_secret_makes_a_well_formed_key_of_fifty_eight_characters(secret: int) -> None:
    key = key_from(secret)

    assert is_well_formed(key)
    assert len(key) == 58
    assert key.startswith("plt_live_")


@given(secrets, secrets)
def test_two_secrets_never_make_the_same_key(one: int, two: int) -> None:
    assert (key_from(one) == key_from(two)) == (one == two)


@given(secrets, st.integers(min_value=9, max_value=57), st.sampled_from("0123456789ABCxyz"))
def test_a_key_with_one_wrong_character_is_refused_by_its_checksum(secret: int, place: int, character: str) -> None:
    key = key_from(secret)
    typed = key[:place] + character + key[place + 1 :]

    assert is_well_formed(typed) == (typed == key)


@given(st.text(max_size=80))
def test_junk_is_refused(text: str) -> None:
    assert not is_well_formed(text)


def test_a_trailing_line_break_is_refused() -> None:
    assert not is_well_formed(key_from(1) + "\n")


def test_what_is_shown_and_stored_does_not_give_the_secret_away() -> None:
    key = key_from(2**255 + 12345)

    assert display_prefix(key) == key[:12]
    assert len(hash_of(key)) == 64
    assert key[12:] not in hash_of(key)
