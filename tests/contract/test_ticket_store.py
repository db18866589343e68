"""The in-memory store and the tickets table pass the same tests, so that the fake cannot rot."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from functions.tickets.calls.repository import DynamoTicketStore
from functions.tickets.calls.service import Tickets
from functions.tickets.table.models import CallState, Problem, ServiceCall
from functions.tickets.table.ports import TicketStore
from shared.names import DUE_INDEX, GSI1
from shared.table import Table
from tests.support.tables import make_table
from tests.support.tickets import (
    MONDAY,
    PRINTER_ID,
    TENANT,
    MemoryTicketStore,
    Office,
    a_fuser_failure,
    a_state,
    minutes,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[TicketStore]:
    if request.param == "memory":
        yield MemoryTicketStore()
        return
    with mock_aws():
        client: DynamoDBClient = boto3.client("dynamodb")
        make_table(client, "tickets", indexes=(GSI1, DUE_INDEX))
        yield DynamoTicketStore(Table("tickets", client))


def a_call(store: TicketStore, printer_id: str = PRINTER_ID) -> ServiceCall:
    """A call opened by the use case, as stored."""
    state = a_state(a_fuser_failure(MONDAY - minutes(10)), printer_id=printer_id)
    Tickets(store, Office()).handle_state(state, MONDAY)
    (problem,) = store.problems(TENANT, printer_id)
    call = store.call(TENANT, problem.call_id or "")
    assert call is not None
    return call


def test_a_stored_call_comes_back_whole(store: TicketStore) -> None:
    call = a_call(store)

    assert store.call(TENANT, call.call_id) == call
    assert call.evidence[0].code == 1004
    assert set(call.clocks) == {"acknowledge", "on_site", "resolve"}


def test_a_family_with_an_open_call_takes_no_second(store: TicketStore) -> None:
    call = a_call(store)

    assert not store.create_call(call.changed(call_id="sc_other"))
    assert store.call(TENANT, "sc_other") is None


def test_a_family_whose_call_is_resolved_takes_a_new_one(store: TicketStore) -> None:
    call = a_call(store)
    assert store.save_call(call.changed(state=CallState.RESOLVED, resolved_at=MONDAY))

    assert store.create_call(call.changed(call_id="sc_other"))
    marker = store.marker(TENANT, PRINTER_ID, call.family)
    assert marker is not None
    assert (marker.call_id, marker.open) == ("sc_other", True)


def test_the_slower_of_two_writers_is_refused(store: TicketStore) -> None:
    call = a_call(store)

    assert store.save_call(call.changed(title="first"))
    assert not store.save_call(call.changed(title="second"))

    stored = store.call(TENANT, call.call_id)
    assert stored is not None
    assert (stored.title, stored.version) == ("first", 2)


def test_an_old_call_cannot_be_reopened_over_a_newer_one(store: TicketStore) -> None:
    call = a_call(store)
    store.save_call(call.changed(state=CallState.RESOLVED))
    store.create_call(call.changed(call_id="sc_other"))

    reopened = call.changed(state=CallState.REOPENED, version=2)

    assert not store.save_call(reopened)


def test_an_old_call_can_be_closed_while_its_family_has_a_newer_one(store: TicketStore) -> None:
    call = a_call(store)
    store.save_call(call.changed(state=CallState.RESOLVED))
    store.create_call(call.changed(call_id="sc_other"))

    assert store.save_call(call.changed(state=CallState.CLOSED, version=2))

    marker = store.marker(TENANT, PRINTER_ID, call.family)
    assert marker is not None
    assert (marker.call_id, marker.open) == ("sc_other", True)


def test_the_slower_of_two_writers_of_a_problem_is_refused(store: TicketStore) -> None:
    a_call(store)
    (problem,) = store.problems(TENANT, PRINTER_ID)

    assert store.save_problem(problem.changed(name="first")) == problem.changed(name="first", version=2)
    assert store.save_problem(problem.changed(name="second")) is None
    assert store.save_problem(problem.changed(version=0)) is None


def test_a_call_and_its_problem_are_stored_together_or_not_at_all(store: TicketStore) -> None:
    call = a_call(store)
    (problem,) = store.problems(TENANT, PRINTER_ID)
    store.save_problem(problem.changed(cleared_at=MONDAY))

    assert not store.save_call(call.changed(title="late"), problem)
    assert store.save_call(call.changed(state=CallState.RESOLVED))
    assert not store.create_call(call.changed(call_id="sc_other"), problem)

    stored = store.call(TENANT, call.call_id)
    assert stored is not None
    assert stored.title == "Fuser failure"
    assert store.call(TENANT, "sc_other") is None


def test_what_is_put_off_comes_again_later(store: TicketStore) -> None:
    Tickets(store, Office()).handle_state(a_state(a_fuser_failure()), MONDAY)
    (due,) = store.due(MONDAY + minutes(5))

    store.put_off(due, MONDAY + minutes(10))

    assert list(store.due(MONDAY + minutes(9))) == []
    assert list(store.due(MONDAY + minutes(10))) == [due]


def test_what_is_due_is_found_and_what_is_not_is_not(store: TicketStore) -> None:
    Tickets(store, Office()).handle_state(a_state(a_fuser_failure()), MONDAY)

    assert list(store.due(MONDAY + minutes(4))) == []
    (due,) = store.due(MONDAY + minutes(5))
    problem = store.thing(due)
    assert isinstance(problem, Problem)
    assert problem.code == 1004


def test_a_call_is_due_at_its_next_notice_and_no_more_when_resolved(store: TicketStore) -> None:
    call = a_call(store)

    (due,) = store.due(MONDAY + minutes(30))
    assert store.thing(due) == call
    store.save_call(call.changed(state=CallState.RESOLVED))

    assert list(store.due(MONDAY + minutes(100_000))) == []


def test_calls_come_in_pages_newest_first_and_only_the_organisations_own(store: TicketStore) -> None:
    made = [a_call(store, f"prn_{number}").call_id for number in range(5)]
    seen: list[str] = []
    cursor = None

    while True:
        page, cursor = store.calls_page(TENANT, f"/{TENANT}/", limit=2, cursor=cursor)
        seen += [call.call_id for call in page]
        if cursor is None:
            break

    assert sorted(seen) == sorted(made)
    assert seen == sorted(seen, reverse=True)
    assert store.calls_page(TENANT, f"/{TENANT}/org_other/", limit=2, cursor=None) == ([], None)
    assert store.calls_page("org_x", f"/{TENANT}/", limit=2, cursor=None) == ([], None)


def test_another_tenants_call_is_not_there(store: TicketStore) -> None:
    call = a_call(store)

    assert store.call("org_x", call.call_id) is None
