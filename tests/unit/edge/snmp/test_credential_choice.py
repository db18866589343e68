import pytest

from edge.snmp.credential_choice import sets_for
from edge.snmp.credentials import CredentialSet, SnmpVersion, of_community
from edge.snmp.targets import Target, parse_targets

V1, V2C, V3 = SnmpVersion


def a_set(name: str, version: SnmpVersion, *targets: str) -> CredentialSet:
    return CredentialSet(name, version, targets=targets)


GENERAL = (a_set("old", V1), a_set("usual", V2C), a_set("secure", V3))
LAB = (a_set("lab", V2C, "10.1.0.0/16"), a_set("lab-secure", V3, "10.1.0.0/16"))


def names(target: Target, *sets: CredentialSet, address: str | None = None) -> list[str]:
    return [each.name for each in sets_for(target, sets, address=address)]


def test_sets_that_name_the_printer_come_first_and_each_part_has_v3_before_v2c_before_v1() -> None:
    assert names(Target("10.1.2.3"), *GENERAL, *LAB) == ["lab-secure", "lab", "secure", "usual", "old"]
    assert names(Target("10.2.0.1"), *GENERAL, *LAB) == ["secure", "usual", "old"]


def test_within_a_version_the_order_is_the_files() -> None:
    assert names(Target("10.0.0.1"), a_set("b", V2C), a_set("a", V2C), a_set("c", V3)) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("entry", "target", "named"),
    [
        ("10.0.0.5", Target("10.0.0.5"), True),
        ("10.0.0.5", Target("10.0.0.50"), False),
        ("10.0.0.5-20", Target("10.0.0.20"), True),
        ("10.0.0.5-10.0.1.2", Target("10.0.1.3"), False),
        ("10.0.0.0/24", Target("10.0.0.255"), True),
        ("10.0.0.0/8", Target("10.200.3.4"), True),
        ("fd00::/64", Target("fd00::12"), True),
        ("fd00::/64", Target("10.0.0.1"), False),
        ("Printer-7.Example.com", Target("printer-7.example.com"), True),
        ("printer-7", Target("printer-70"), False),
        ("10.0.0.5:1161", Target("10.0.0.5", 1161), True),
        ("10.0.0.5:1161", Target("10.0.0.5"), False),
        ("10.0.0.5  # the lobby", Target("10.0.0.5"), True),
    ],
)
def test_an_entry_names_a_printer_as_discovery_criteria_do(entry: str, target: Target, named: bool) -> None:
    assert bool(names(target, a_set("it", V2C, "192.0.2.1", entry))) is named


def test_a_host_name_is_named_by_its_address_once_that_is_known() -> None:
    printer = Target("printer-7")

    assert names(printer, *LAB) == []
    assert names(printer, *LAB, address="10.1.0.7") == ["lab-secure", "lab"]


def test_targets_carry_their_own_sets_and_one_that_none_is_for_carries_none() -> None:
    first, second = parse_targets(["10.1.0.1", "10.2.0.1"], credentials=LAB)

    assert [each.name for each in first.credentials] == ["lab-secure", "lab"]
    assert second.credentials == ()


def test_targets_of_sets_for_everybody_carry_them_in_their_order() -> None:
    [target] = parse_targets(["10.1.0.1"], credentials=GENERAL)

    assert [each.name for each in target.credentials] == ["secure", "usual", "old"]


@pytest.mark.parametrize("name", ["office-v3", "Büro 2. OG", "community", "n" * 64])
def test_readings_tell_a_set_s_name_as_the_site_chose_it(name: str) -> None:
    assert CredentialSet(name=name, community="s3cret-words", user="mps").told_name == name


@pytest.mark.parametrize(
    "told",
    [
        CredentialSet("old hush-hush set", community="Hush-Hush"),
        CredentialSet("old hush-hush set", V3, user="hush-hush"),
        CredentialSet("old hush-hush set", V3, auth_password="HUSH"),
        CredentialSet("old hush-hush set", V3, priv_password="hush-hush"),
        CredentialSet("x", community="x"),
    ],
    ids=["community", "user", "auth password", "priv password", "short community"],
)
def test_a_name_that_tells_what_is_in_the_set_stays_at_the_site(told: CredentialSet) -> None:
    assert told.told_name is None


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[2J", "a\u202eb", "", "n" * 65])
def test_a_name_that_is_no_plain_line_is_left_out_and_the_reading_is_not_lost(name: str) -> None:
    assert CredentialSet(name=name).told_name is None


def test_a_set_named_after_the_community_that_everybody_knows_is_told() -> None:
    assert CredentialSet(name="public v2c", community="public").told_name == "public v2c"


def test_a_set_is_described_without_what_opens_a_printer() -> None:
    secure = CredentialSet("lab", V3, user="reader", auth_password="s3cret-sign", targets=("10.1.0.0/16",))

    assert secure.described() == "lab: SNMP v3, noAuthNoPriv, for 10.1.0.0/16"
    assert of_community("s3cret").described() == "community: SNMP v2c, community, for every printer"
