"""By what a printer is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.table.identity import Claim, IdentityKey, claim_of, components
from shared.directory.views import Registration
from shared.wire.reading import Identity


def claim(serial: str | None = None, mac: str | None = None, manufacturer: str | None = "HP") -> Claim:
    return claim_of(
        Identity(manufacturer=manufacturer, model="M507", serial_number=serial, mac_address=mac), "agt", "a"
    )


@pytest.mark.parametrize(
    "serial", ["", "  ", "0", "00000000", "XXXXXXXXXX", "---", "Unknown", "N/A", "Not Available", "serial_number"]
)
def test_a_placeholder_is_no_serial_number(serial: str) -> None:
    assert claim(serial).serial is None
    assert claim(serial).registration is Registration.FAILED


def test_case_and_spaces_do_not_make_another_printer() -> None:
    assert claim(" phb 123 ", manufacturer="hp").serial == claim("PHB  123", manufacturer="HP ").serial


def test_the_same_serial_number_of_two_makers_is_two_printers() -> None:
    assert claim("A1", manufacturer="HP").serial != claim("A1", manufacturer="Brother").serial


def test_text_cannot_pose_as_another_key() -> None:
    assert claim("A#B", manufacturer="HP").serial != claim("B", manufacturer="HP#A").serial
    assert claim("A#B", manufacturer="HP").serial == IdentityKey("SERIAL#hp#a b")


def test_an_empty_mac_is_no_identity() -> None:
    assert claim(mac="00:00:00:00:00:00").registration is Registration.FAILED
    assert claim(mac="00:11:22:33:44:55").registration is Registration.REGISTERED


@given(st.lists(st.tuples(st.integers(1, 4), st.one_of(st.none(), st.integers(0, 4))), max_size=12))
def test_claims_that_share_a_key_are_in_one_component(pairs: list[tuple[int, int | None]]) -> None:
    claims = [
        Claim(IdentityKey(f"S{serial}"), IdentityKey(f"M{mac}") if mac is not None else None, IdentityKey(f"A{number}"))
        for number, (serial, mac) in enumerate(pairs)
    ]

    groups = components(claims)

    assert sorted(position for group in groups for position in group) == list(range(len(claims)))
    keys = [{key for position in group for key in claims[position].keys} for group in groups]
    assert all(not (left & right) for place, left in enumerate(keys) for right in keys[:place])
