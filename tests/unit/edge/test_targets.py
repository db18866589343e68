import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.targets import Target, TargetError, parse_targets


@pytest.mark.parametrize(
    ("entry", "targets"),
    [
        ("10.0.0.5", ["10.0.0.5"]),
        ("10.0.0.5:1161", ["10.0.0.5:1161"]),
        ("10.0.0.5-7", ["10.0.0.5", "10.0.0.6", "10.0.0.7"]),
        ("10.0.0.254-10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]),
        ("10.0.0.0/30", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1/32:1161", ["10.0.0.1:1161"]),
        ("127.0.10.1-2:10161", ["127.0.10.1:10161", "127.0.10.2:10161"]),
        ("Printer-1.example.com", ["printer-1.example.com"]),
        ("printer:161", ["printer"]),
        ("[fe80::1]:1161", ["[fe80::1]:1161"]),
        ("# nothing", []),
    ],
)
def test_places_are_read_as_people_write_them(entry: str, targets: list[str]) -> None:
    assert [str(target) for target in parse_targets([entry])] == targets


def test_a_place_named_twice_is_asked_once_and_order_is_kept() -> None:
    assert [t.host for t in parse_targets(["10.0.0.2", "10.0.0.1-3"])] == ["10.0.0.2", "10.0.0.1", "10.0.0.3"]


def test_an_exclusion_without_port_takes_every_port() -> None:
    found = parse_targets(["10.0.0.1-3:1161", "10.0.0.2:161"], exclude=["10.0.0.2", "10.0.0.3:9"])

    assert [str(target) for target in found] == ["10.0.0.1:1161", "10.0.0.3:1161"]


@pytest.mark.parametrize(
    "entry", ["10.0.0.300", "10.0.0.9-5", "10.0.0.0/33", "10.0.0.5:0", "10.0.0.5:70000", "a b", "10.0.0.1-", "http://x"]
)
def test_what_names_no_place_is_refused_by_name(entry: str) -> None:
    with pytest.raises(TargetError) as refused:
        parse_targets(["10.0.0.1", entry])

    assert repr(entry) in str(refused.value)


def test_too_many_addresses_are_refused_before_they_are_listed() -> None:
    for entry in ("10.0.0.0/8", "10.0.0.0-10.255.255.255", "::/0"):
        with pytest.raises(TargetError, match="more than"):
            parse_targets([entry])


def test_a_community_never_shows() -> None:
    target = Target("10.0.0.1", community="s3cret")

    assert "s3cret" not in f"{target!r} {target}"


@given(st.text(max_size=40))
def test_any_entry_is_targets_or_a_target_error(entry: str) -> None:
    try:
        targets = parse_targets([entry], limit=300)
    except TargetError:
        return
    assert len(targets) <= 302
