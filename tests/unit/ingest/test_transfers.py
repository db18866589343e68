"""Printers go from one agent to another when people say so: each once, and none is brought back by its old agent."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.identities.ownership import STALE_AFTER
from functions.ingest.lineages import transfers
from functions.ingest.lineages.chores import do_chores
from functions.ingest.table import keys
from functions.ingest.table.holdings import Holding
from functions.ingest.table.ports import Documents
from shared.directory.views import PrinterState
from shared.errors import Conflict
from shared.table import Item
from shared.visibility import Visible
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION
from tests.support.ingest import NOW, FakeDocuments, reading
from tests.support.printer_lives import (
    ALL,
    KEY,
    OTHER_AGENT,
    OTHER_ORGANIZATION,
    SITES,
    TENANT,
    THIRD_AGENT,
    Fleet,
    holding,
)

HOUR = timedelta(hours=1)


def agent(agent_id: str, *, status: str = "active", organization_id: str = CHILD_ORGANIZATION) -> Item:
    path = f"/{ROOT_ORGANIZATION}/{organization_id}/"
    place = {"tenant_id": TENANT, "organization_id": organization_id, "organization_path": path}
    return {"agent_id": agent_id, "site_id": SITES[agent_id], "status": status, **place}


def asked(
    fleet: Fleet, source: str, target: str, *printer_ids: str, visible: Visible = ALL, after: timedelta = HOUR
) -> Item:
    names = list(printer_ids) or None
    place = agent(source), agent(target)
    return transfers.ask(fleet.documents, *place, names, visible=visible, key_id=KEY, now=NOW + after)


def transferred(fleet: Fleet, source: str, target: str, *printer_ids: str, after: timedelta = HOUR) -> Item:
    wanted = asked(fleet, source, target, *printer_ids, after=after)
    return transfers.step(fleet.documents, wanted, holding(), NOW + after)


def done(fleet: Fleet, failures: list[Exception], *, has_time: bool = True) -> int:
    def failed(_entity: str, error: Exception) -> None:
        failures.append(error)

    return do_chores(fleet.documents, holding(), NOW + 2 * HOUR, failed=failed, has_time=lambda: has_time)


def results(fleet: Fleet, transfer: Item) -> dict[str, str]:
    partition, _ = keys.transfer_item(transfer["transfer_id"], "")
    return {item["printer_id"]: item.get("error_code", "ok") for item in fleet.documents.page(partition).items}


def test_a_transferred_printer_stays_though_its_old_agent_reads_it_on(documents: Documents) -> None:
    fleet = Fleet(documents)
    printer_id = fleet.read(AGENT)

    done = transferred(fleet, AGENT, OTHER_AGENT)

    assert (done["state"], done["moved"], done["refused"]) == ("completed", 1, 0)
    assert results(fleet, done) == {printer_id: "ok"}
    for hour in range(2, 40):
        fleet.read((AGENT, OTHER_AGENT)[hour % 10 == 0], after=hour * HOUR)
        assert fleet.agents_of(printer_id) == {OTHER_AGENT}
    assert {fleet.meta(printer_id)["agent_id"], fleet.state(printer_id)["agent_id"]} == {OTHER_AGENT}
    assert fleet.story(printer_id) == ["discovered", "transferred"]
    partition, _ = keys.meta(TENANT, printer_id)
    (_, story) = documents.page(partition, sk_prefix=keys.AUDIT_PREFIX).items
    assert (story["key_id"], story["details"]["from_agent_id"]) == (KEY, AGENT)


def test_a_printer_given_to_an_agent_that_never_reads_it_comes_back_after_the_stale_time_only() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT)
    transferred(fleet, AGENT, OTHER_AGENT)

    fleet.read(AGENT, after=STALE_AFTER)
    assert fleet.agents_of(printer_id) == {OTHER_AGENT}
    fleet.read(AGENT, after=STALE_AFTER + HOUR)

    assert fleet.agents_of(printer_id) == {AGENT}


def test_when_its_new_agent_read_a_printer_is_told_as_it_was() -> None:
    fleet = Fleet()
    known = fleet.read(AGENT)
    fleet.read(OTHER_AGENT, after=HOUR)
    unknown = fleet.read(AGENT, serial_number="X1", mac_address=None)

    for _ in range(2):  # there, back, and there again
        transferred(fleet, AGENT, OTHER_AGENT, known, unknown)
        transferred(fleet, OTHER_AGENT, AGENT, known, unknown)
    transferred(fleet, AGENT, OTHER_AGENT, known, unknown)

    read_at = {
        printer_id: PrinterState.model_validate(fleet.state(printer_id)).seen_by[OTHER_AGENT].last_read_at
        for printer_id in (known, unknown)
    }
    assert read_at == {known: NOW + HOUR, unknown: None}
    fleet.read(OTHER_AGENT, after=9 * HOUR, serial_number="X1", mac_address=None)
    state = PrinterState.model_validate(fleet.state(unknown))
    assert state.seen_by[OTHER_AGENT].last_read_at == NOW + 9 * HOUR


def test_a_managed_printer_goes_only_to_an_agent_that_has_read_it() -> None:
    fleet = Fleet()
    seen = fleet.read(AGENT)
    fleet.read(OTHER_AGENT, after=HOUR)
    unseen = fleet.read(AGENT, serial_number="X1", mac_address=None)
    free = fleet.read(AGENT, serial_number="X2", mac_address=None)
    held = holding({seen: {Holding.MANAGED}, unseen: {Holding.MANAGED}})

    done = transfers.step(fleet.documents, asked(fleet, AGENT, OTHER_AGENT), held, NOW + HOUR)

    assert (done["state"], done["moved"], done["refused"]) == ("completed_with_errors", 2, 1)
    assert results(fleet, done) == {seen: "ok", unseen: "not_seen_by_target", free: "ok"}
    assert fleet.agents_of(unseen) == {AGENT}


def test_a_sweep_without_time_leaves_the_transfer_for_the_next() -> None:
    fleet = Fleet()
    fleet.read(AGENT)
    wanted = asked(fleet, AGENT, OTHER_AGENT)
    untold: list[Exception] = []

    for has_time, steps in ((False, 0), (True, 1), (True, 0)):
        assert done(fleet, untold, has_time=has_time) == steps

    key = keys.key_of(wanted)
    assert (fleet.documents.load([key])[key]["state"], untold) == ("completed", [])


def test_each_printer_that_cannot_go_is_named_with_its_reason() -> None:
    fleet = Fleet()
    elsewhere = fleet.read(THIRD_AGENT)
    missing = "prn_01jd2x00000000000000000000"

    done = transferred(fleet, AGENT, OTHER_AGENT, elsewhere, missing)

    assert (done["state"], done["refused"]) == ("failed", 2)
    assert results(fleet, done) == {elsewhere: "not_on_agent", missing: "not_found"}


def test_a_printer_out_of_sight_is_a_missing_one() -> None:
    fleet = Fleet()
    printer_id = fleet.read(AGENT)
    outside = Visible(TENANT, f"/{TENANT}/{OTHER_ORGANIZATION}/")

    wanted = asked(fleet, AGENT, OTHER_AGENT, printer_id, visible=outside)
    done = transfers.step(fleet.documents, wanted, holding(), NOW)

    assert results(fleet, done) == {printer_id: "not_found"}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (agent(AGENT), "same_agent"),
        (agent(OTHER_AGENT, status="suspended"), "agent_not_active"),
        (agent(OTHER_AGENT, organization_id=OTHER_ORGANIZATION), "agents_of_different_organizations"),
    ],
)
def test_an_agent_that_cannot_take_printers_is_refused_at_once(target: Item, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        transfers.ask(FakeDocuments(), agent(AGENT), target, None, visible=ALL, key_id=KEY, now=NOW)

    assert refused.value.code == code


@pytest.mark.parametrize("crash_after", [0, 1, 37, 100, 101, 160])
def test_hundreds_of_printers_go_in_steps_and_a_step_that_was_cut_short_is_taken_again(crash_after: int) -> None:
    fleet = Fleet()
    count = 130
    each = [reading(f"r{n}", serial_number=f"SN-{n}", mac_address=None, level=None) for n in range(count)]
    fleet.send(AGENT, *each, now=NOW)
    assert isinstance(fleet.documents, FakeDocuments)
    wanted = asked(fleet, AGENT, THIRD_AGENT)
    failures: list[Exception] = []
    fleet.documents.fail_after = fleet.documents.writes + crash_after

    try:
        done(fleet, failures)
    except ConnectionError:
        failures.append(ConnectionError())
    fleet.documents.fail_after = None
    done(fleet, failures)
    done(fleet, failures)

    key = keys.key_of(wanted)
    after = fleet.documents.load([key])[key]
    assert (after["state"], after["moved"], after["refused"]) == ("completed", count, 0)
    assert bool(failures) == (crash_after < count + count // transfers.STEP + 1)
    assert len(fleet.events("PrinterMoved")) == len(fleet.documents.of_kind("QUESTION#")) == count
    assert {item["agent_id"] for item in fleet.documents.of_kind("META")} == {THIRD_AGENT}


STEPS = st.lists(st.tuples(st.sampled_from([*SITES, "to"]), st.integers(0, 4), st.integers(1, 40)), max_size=25)


@given(STEPS)
@settings(max_examples=100, deadline=None)
def test_whatever_agents_and_people_do_a_printer_has_one_owner_and_moves_only_for_a_reason(
    steps: list[tuple[str, int, int]],
) -> None:
    fleet = Fleet()
    printer_id, at = fleet.read(AGENT), timedelta()
    moves = 0
    owner_read_at = at
    for who, target, hours in steps:
        owner = fleet.meta(printer_id)["agent_id"]
        if who == "to":
            goal = list(SITES)[target % len(SITES)]
            if goal != owner:
                transferred(fleet, owner, goal, printer_id, after=at)
                moves, owner_read_at = moves + 1, at
            continue
        at += timedelta(hours=hours)
        fleet.read(who, after=at)
        if who != owner and at - owner_read_at >= STALE_AFTER:
            moves, owner_read_at = moves + 1, at
        if who == owner:
            owner_read_at = at

    final = fleet.meta(printer_id)["agent_id"]
    assert fleet.agents_of(printer_id) == {final} == {fleet.state(printer_id)["agent_id"]}
    assert len(fleet.events("PrinterMoved")) == moves
    story = fleet.story(printer_id)
    assert story.count("moved") + story.count("transferred") == moves
