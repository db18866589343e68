"""Two agents see one printer: it stays where it is, until its own agent reads it no more."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.identities.ownership import MOST_SEEN, STALE_AFTER, digest_by, moves, owner_read_at, sighted
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from tests.support.api_events import AGENT, SITE
from tests.support.ingest import NOW, FakeDocuments
from tests.support.printer_lives import OTHER_AGENT, OTHER_SITE, THIRD_AGENT, Fleet

if TYPE_CHECKING:
    from shared.table import Item

HOUR = timedelta(hours=1)


def test_a_printer_that_two_agents_read_stays_with_the_first(documents: Documents) -> None:
    fleet = Fleet(documents)
    printer_id = fleet.read(AGENT)

    for hour in range(1, 30):
        assert fleet.read((AGENT, OTHER_AGENT)[hour % 2], after=hour * HOUR, life_count=1_000 + hour) == printer_id

    assert (fleet.meta(printer_id)["agent_id"], fleet.agents_of(printer_id)) == (AGENT, {AGENT})
    state = fleet.state(printer_id)
    assert (state["agent_id"], state["counters"][0]["value"]) == (AGENT, 1_029)
    seen = {agent_id: each["at"] for agent_id, each in state["seen_by"].items()}
    assert seen == {AGENT: key_time(NOW + 28 * HOUR), OTHER_AGENT: key_time(NOW + 29 * HOUR)}
    assert fleet.story(printer_id) == ["discovered"]


def test_a_second_agents_reading_costs_the_one_write_that_any_reading_costs() -> None:
    fleet = Fleet()
    for hour in range(4):
        fleet.read((AGENT, OTHER_AGENT)[hour % 2], after=hour * timedelta(minutes=1))
    assert isinstance(fleet.documents, FakeDocuments)
    before = fleet.documents.writes

    for minute in range(4, 8):
        fleet.read((AGENT, OTHER_AGENT)[minute % 2], after=minute * timedelta(minutes=1))

    # Then: of each reading its state, and of each upload what its agent told, with the receipt
    assert fleet.documents.writes - before == 4 * 2


def test_a_printer_that_its_agent_no_longer_reads_moves_once_to_the_one_that_does(documents: Documents) -> None:
    fleet = Fleet(documents)
    printer_id = fleet.read(AGENT)
    fleet.read(OTHER_AGENT, after=HOUR)

    fleet.read(OTHER_AGENT, after=STALE_AFTER - HOUR)
    assert fleet.agents_of(printer_id) == {AGENT}
    fleet.read(OTHER_AGENT, after=STALE_AFTER)
    fleet.read(AGENT, after=STALE_AFTER + HOUR)
    fleet.read(OTHER_AGENT, after=STALE_AFTER + 2 * HOUR)

    assert fleet.agents_of(printer_id) == {OTHER_AGENT}
    assert {fleet.meta(printer_id)["agent_id"], fleet.state(printer_id)["agent_id"]} == {OTHER_AGENT}
    assert fleet.story(printer_id) == ["discovered", "moved"]
    assert "site_move" not in fleet.meta(printer_id)


def test_a_move_to_another_site_is_told_and_asks_where_to_deliver() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT)

    fleet.read(THIRD_AGENT, after=4 * STALE_AFTER)

    meta = fleet.meta(printer_id)
    assert (meta["site_id"], fleet.state(printer_id)["site_id"]) == (OTHER_SITE, OTHER_SITE)
    assert (meta["site_move"]["from_site_id"], meta["site_move"]["to_site_id"]) == (SITE, OTHER_SITE)
    (event,) = fleet.events("PrinterMoved")
    assert event["data"]["site_move"] == "to_confirm"
    assert (event["data"]["from_agent_id"], event["data"]["to_agent_id"]) == (AGENT, THIRD_AGENT)


def test_a_printer_that_comes_back_to_its_site_has_nothing_to_ask() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT)

    fleet.read(THIRD_AGENT, after=STALE_AFTER)
    fleet.read(OTHER_AGENT, after=2 * STALE_AFTER)

    assert "site_move" not in fleet.meta(printer_id)
    assert isinstance(fleet.documents, FakeDocuments)
    assert fleet.documents.of_kind("QUESTION#") == []
    assert len(fleet.events("PrinterMoved")) == 2


def test_an_old_reading_that_comes_late_moves_nothing() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT, after=10 * STALE_AFTER)

    fleet.read(OTHER_AGENT, after=5 * STALE_AFTER)

    assert fleet.agents_of(printer_id) == {AGENT}


def test_another_agents_view_of_a_printer_overwrites_nothing_of_the_owners() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT, address="192.0.2.7")

    fleet.read(OTHER_AGENT, after=HOUR, address="198.51.100.7")

    assert fleet.meta(printer_id)["address"] == "192.0.2.7"
    assert fleet.state(printer_id)["taken_at"] == key_time(NOW + HOUR)


def test_a_printers_new_address_is_in_its_history() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT, address="192.0.2.7")

    fleet.read(AGENT, after=HOUR, address="192.0.2.8")

    assert (fleet.meta(printer_id)["address"], fleet.story(printer_id)[-1]) == ("192.0.2.8", "address_changed")


@pytest.mark.parametrize("crash_after", range(7))
def test_a_move_that_was_cut_short_is_done_once_by_the_repeat(crash_after: int) -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT)
    assert isinstance(fleet.documents, FakeDocuments)
    fleet.documents.fail_after = fleet.documents.writes + crash_after
    try:
        fleet.read(THIRD_AGENT, after=STALE_AFTER)
    except ConnectionError:
        fleet.uploads -= 1
    fleet.documents.fail_after = None

    fleet.read(THIRD_AGENT, after=STALE_AFTER)

    assert fleet.agents_of(printer_id) == {THIRD_AGENT}
    assert fleet.story(printer_id) == ["discovered", "moved"]
    assert len(fleet.events("PrinterMoved")) == 1
    assert len(fleet.documents.of_kind("QUESTION#")) == 1


SIGHTS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 60 * 24)), min_size=1, max_size=40)


@given(SIGHTS)
@settings(max_examples=150, deadline=None)
def test_the_owner_changes_only_after_its_stale_time_and_who_is_kept_is_bounded(sights: list[tuple[int, int]]) -> None:
    state: Item | None = None
    last: dict[str, str] = {}
    for number, hour in sights:
        agent_id, stamp = f"agt_{number}", key_time(NOW + hour * HOUR)
        before = state
        owner = agent_id if before is None or moves(before, agent_id, stamp) else before["agent_id"]
        newest = stamp if before is None else max(stamp, before["taken_at"])
        after = {**(before or {}), "agent_id": owner, "taken_at": newest}

        state = sighted(before, after, agent_id, stamp, f"d{number}")

        if before is not None and before["agent_id"] != owner:
            assert stamp >= key_time(from_key_time(last[before["agent_id"]]) + STALE_AFTER)
        last[agent_id] = max(stamp, last.get(agent_id, ""))
        assert owner_read_at(state) == last[owner]
        assert len(state.get("seen_by", {})) <= MOST_SEEN
        assert owner in state.get("seen_by", {owner: {}})
        assert digest_by(state, owner) in {f"d{owner[4:]}", None}
