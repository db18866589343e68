import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.snmp.credentials import of_community
from edge.snmp.targets import Target, TargetError, parse_targets


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


@pytest.mark.parametrize("repeats", [5, 256])
def test_blocks_that_are_too_many_together_are_refused_before_they_fill_the_memory(repeats: int) -> None:
    blocks = [f"10.{number}.0.0/23" for number in range(repeats)]

    for lines, exclude in ((blocks, []), (blocks[:1] * repeats, []), (["10.0.0.1"], blocks)):
        with pytest.raises(TargetError, match="more than 1000 in all"):
            parse_targets(lines, exclude=exclude, limit=1_000)


def test_a_block_may_be_named_again_and_be_left_out_in_part() -> None:
    targets = parse_targets(["10.0.0.0/23", "10.0.0.0/24"], exclude=["10.0.1.0/24", "10.0.1.0/24"], limit=510)

    assert len(targets) == 256


@pytest.mark.parametrize("zone", ["\x1b[31mred", "a b", "\n", "x" * 33])
def test_a_zone_that_is_no_interfaces_name_makes_no_address(zone: str) -> None:
    with pytest.raises(TargetError, match="is no address"):
        parse_targets([f"[fe80::1%{zone}]:161"])


def test_a_link_local_address_keeps_its_zone() -> None:
    assert [target.host for target in parse_targets(["fe80::1%eth0.5"])] == ["fe80::1%eth0.5"]


def test_a_community_never_shows() -> None:
    target = Target("10.0.0.1", credentials=(of_community("s3cret"),))

    assert "s3cret" not in f"{target!r} {target}"


@given(st.text(max_size=40))
def test_any_entry_is_targets_or_a_target_error(entry: str) -> None:
    try:
        targets = parse_targets([entry], limit=300)
    except TargetError:
        return
    assert len(targets) <= 302
