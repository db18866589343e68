"""Networks that a key may be used from."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.accounts.api_keys.source_addresses import Cidr, admits, covers

CIDR: TypeAdapter[str] = TypeAdapter(Cidr)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("203.0.113.0/24", "203.0.113.0/24"), ("203.0.113.7", "203.0.113.7/32"), ("2001:DB8::/32", "2001:db8::/32")],
)
def test_a_network_is_kept_in_one_form(text: str, kept: str) -> None:
    assert CIDR.validate_python(text) == kept


@pytest.mark.parametrize(
    "text", ["203.0.113.1/24", "0.0.0.0/0", "::/0", "::ffff:203.0.113.0/120", "example.com", "", "1.2.3", "10.0.0.0/33"]
)
def test_what_is_no_network_or_the_whole_world_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        CIDR.validate_python(text)


@pytest.mark.parametrize(
    ("source", "admitted"),
    [
        ("203.0.113.200", True),
        ("::ffff:203.0.113.200", True),
        ("203.0.114.1", False),
        ("2001:db8:1::5", True),
        ("2001:db9::5", False),
        ("not an address", False),
        ("", False),
        (None, False),
    ],
)
def test_a_source_is_admitted_from_inside_the_networks_only(source: str | None, admitted: bool) -> None:
    assert admits(["203.0.113.0/24", "2001:db8::/32"], source) is admitted


def test_no_networks_mean_from_anywhere() -> None:
    assert admits([], "198.51.100.1")
    assert admits([], None)


def test_a_restricted_maker_covers_narrower_networks_only() -> None:
    maker = ["203.0.113.0/24", "2001:db8::/32"]

    assert covers(maker, ["203.0.113.128/25", "2001:db8:5::/48"])
    assert not covers(maker, ["203.0.112.0/23"])
    assert not covers(maker, ["203.0.113.0/24", "198.51.100.0/24"])
    assert not covers(maker, [])
    assert covers([], ["198.51.100.0/24"])


@given(st.ip_addresses(v=4), st.integers(1, 32), st.integers(0, 31))
def test_whatever_a_covered_network_admits_its_cover_admits_too(address: object, prefix: int, wider: int) -> None:
    inner = f"{address}/{prefix}"
    text = str(ip_network(inner, strict=False))
    outer = str(ip_network(f"{address}/{max(1, prefix - wider)}", strict=False))

    assert covers([outer], [text])
    assert admits([text], str(address))
    assert admits([outer], str(address))
