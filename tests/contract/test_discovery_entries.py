"""The cloud takes those discovery entries that the agent can read, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.snmp.targets import TargetError, parse_targets
from functions.ingest.agent_desk.models import Discovery
from functions.ingest.agents.discovery_entries import MOST_ADDRESSES, checked_entries, checked_entry
from tests.support.fleet_door import activated, fleet, problem, tables

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")
OCTET = st.integers(0, 300).map(str)
ADDRESS = st.tuples(OCTET, OCTET, OCTET, OCTET).map(".".join)
PORT = st.sampled_from(["", ":161", ":0", ":65535", ":65536"])
ENTRY = st.one_of(
    ADDRESS,
    st.builds("{}-{}".format, ADDRESS, st.one_of(ADDRESS, OCTET)),
    st.builds("{}/{}".format, ADDRESS, st.integers(14, 34)),
    st.sampled_from(["printer-7.example.test", "PRN_1", "-x", "a..b", "2001:db8::1", "[2001:db8::1]:161", "10.0.0"]),
    st.text(alphabet="abz019.:_/[]-", min_size=1, max_size=20),
)


def agent_reads(entry: str) -> bool:
    try:
        parse_targets([entry], limit=MOST_ADDRESSES)
    except TargetError:
        return False
    return True


def cloud_takes(entry: str) -> bool:
    try:
        checked_entry(entry)
    except ValueError:
        return False
    return True


@given(st.builds("{}{}".format, ENTRY, PORT))
def test_an_entry_is_taken_when_the_agent_can_read_it(entry: str) -> None:
    assert cloud_takes(entry) is agent_reads(entry)


@pytest.mark.parametrize(
    ("entries", "taken"),
    [
        (["10.0.0.0/16"], True),
        (["10.0.0.0/16", "10.0.0.0/17", "10.0.3.1-10.0.3.9", "10.0.3.1"], True),
        (["10.0.0.0/16", "10.1.0.0/24"], False),
        (["10.0.0.0/17", "10.0.128.0/17", "printer.example.test"], False),
    ],
)
def test_all_entries_together_name_no_more_than_an_agent_asks(entries: list[str], taken: bool) -> None:
    if taken:
        assert checked_entries(entries) == entries
        return
    with pytest.raises(ValueError, match="more than 65536"):
        checked_entries(entries)


def test_a_wrong_entry_is_named_by_its_place_and_with_the_way_to_write_it() -> None:
    agent_id = activated().agent_id
    wanted = {"discovery": {"include": ["192.0.2.0/24", "192.0.2.9-192.0.2.3"], "exclude": ["192.0.2.300"]}}

    refused = problem(fleet("PATCH", f"/v1/agents/{agent_id}", wanted), 422)

    told = {error["pointer"]: error["detail"] for error in refused["errors"]}
    assert "the range ends before it begins" in told["/discovery/include/1"]
    assert "is no address, range (10.0.0.5-20), block (10.0.0.0/24) or host name" in told["/discovery/exclude/0"]
    kept = Discovery(include=["192.0.2.0/24"])
    assert kept.exclude == []
