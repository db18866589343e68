from edge.profiles.makers import load_profiles
from edge.reading.allow_list import Allowed, Extent, allow_list
from edge.snmp import oids
from edge.snmp.codec import Oid
from edge.snmp.oids import parse_oid

JOB_LISTS = tuple(
    map(
        parse_oid,
        (
            "1.3.6.1.4.1.1347.47.6",  # Kyocera's, with titles and users
            "1.3.6.1.4.1.2699.1.1",  # the Job Monitoring MIB, RFC 2707
            "1.3.6.1.4.1.11.2.3.9.4.2.1.1.6",  # HP's
        ),
    )
)
SYS_CONTACT = (*oids.MIB_2, 1, 4)


def overlap(one: Oid, other: Oid) -> bool:
    size = min(len(one), len(other))
    return one[:size] == other[:size]


def test_a_column_covers_its_rows_and_not_its_neighbours() -> None:
    entry = Allowed(oids.PRT_ALERT_CODE, Extent.COLUMN)

    assert entry.covers(oids.PRT_ALERT_CODE)
    assert entry.covers((*oids.PRT_ALERT_CODE, 1, 7))
    assert not entry.covers(oids.PRT_ALERT_DESCRIPTION)
    assert not entry.covers(oids.PRT_ALERT_ENTRY)


def test_a_makers_object_covers_itself_and_the_name_just_before_it() -> None:
    scalar = Allowed(parse_oid("1.3.6.1.4.1.9999.1.0"), Extent.OBJECT)
    cell = Allowed(parse_oid("1.3.6.1.4.1.9999.2.5"), Extent.OBJECT)

    assert scalar.covers(parse_oid("1.3.6.1.4.1.9999.1"))
    assert cell.covers(parse_oid("1.3.6.1.4.1.9999.2.4"))
    assert not cell.covers(parse_oid("1.3.6.1.4.1.9999.2"))
    assert not cell.covers(parse_oid("1.3.6.1.4.1.9999.2.5.1"))
    assert not scalar.covers(parse_oid("1.3.6.1.4.1.9999.1.1"))


def test_a_start_covers_only_itself() -> None:
    entry = Allowed(oids.PRINTER_MIB, Extent.START)

    assert entry.covers(oids.PRINTER_MIB)
    assert not entry.covers((*oids.PRINTER_MIB, 5))


def test_nothing_on_the_list_is_or_holds_or_lies_in_a_list_of_jobs() -> None:
    names = [entry.name for entry in allow_list() if entry.extent is not Extent.START]

    assert [name for name in names for jobs in JOB_LISTS if overlap(name, jobs)] == []


def test_the_person_to_contact_is_not_on_the_list() -> None:
    assert not any(entry.covers((*SYS_CONTACT, 0)) for entry in allow_list())


def test_every_object_of_every_profile_is_on_the_list_with_its_maker() -> None:
    listed = {entry.name: entry.makers for entry in allow_list()}

    for profile in load_profiles():
        for name in profile.oids():
            assert profile.name in listed[name]


def test_no_name_is_listed_twice() -> None:
    names = [entry.name for entry in allow_list()]

    assert len(names) == len(set(names))
