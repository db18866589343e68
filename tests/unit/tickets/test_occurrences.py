"""One alert over time: it comes again, is renumbered, recurs; a person ends its call or reopens it."""

from datetime import timedelta

import pytest

from functions.tickets.calls.service import Tickets
from functions.tickets.table.models import CallState
from shared.errors import Conflict
from tests.support.tickets import (
    MONDAY,
    TENANT,
    MemoryTicketStore,
    Office,
    a_fuser_failure,
    a_state,
    clears,
    fails,
    minutes,
    moves,
    sweep,
    the_call,
)

OLD = MONDAY - minutes(30)


@pytest.fixture
def store() -> MemoryTicketStore:
    return MemoryTicketStore()


@pytest.fixture
def tickets(store: MemoryTicketStore) -> Tickets:
    return Tickets(store, Office())


def test_a_call_that_a_person_cancelled_stays_so_while_its_alert_stands(
    tickets: Tickets, store: MemoryTicketStore
) -> None:
    fails(tickets, 0, at=OLD)
    moves(tickets, store, CallState.CANCELLED, 10)

    fails(tickets, 20, at=OLD)
    sweep(tickets, 60)
    assert the_call(store).state is CallState.CANCELLED

    clears(tickets, 70)
    fails(tickets, 80, at=MONDAY + minutes(71))
    assert len(store.stored_calls) == 2


def test_after_a_person_ended_the_call_a_new_occurrence_is_a_new_call_even_if_no_reading_saw_the_gap(
    tickets: Tickets, store: MemoryTicketStore
) -> None:
    fails(tickets, 0, at=OLD, index="1.5")
    moves(tickets, store, CallState.RESOLVED, 10)

    fails(tickets, 60, at=MONDAY + minutes(50), index="1.9")

    assert sorted(call.state for call in store.stored_calls.values()) == [CallState.NEW, CallState.RESOLVED]


def test_a_restart_that_renumbers_the_rows_makes_no_second_call(tickets: Tickets, store: MemoryTicketStore) -> None:
    """AT-ALR-05."""
    fails(tickets, 0, at=OLD, index="1.57")
    moves(tickets, store, CallState.CANCELLED, 10)
    now = MONDAY + minutes(60)

    tickets.handle_state(a_state(a_fuser_failure(now, index="1.2"), at=now, boot_epoch=1), now)
    sweep(tickets, 90)

    assert the_call(store).state is CallState.CANCELLED


def test_two_short_alerts_are_not_one_long_one(tickets: Tickets, store: MemoryTicketStore) -> None:
    """AT-ALR-09, twice within two readings."""
    fails(tickets, 0, code=35, index="1.5", at=MONDAY)
    fails(tickets, 28, code=35, index="1.6", at=MONDAY + minutes(25))

    sweep(tickets, 31)
    assert store.stored_calls == {}

    sweep(tickets, 55)
    assert len(store.stored_calls) == 1


def test_a_printer_that_numbers_its_row_anew_each_time_still_gets_its_call(
    tickets: Tickets, store: MemoryTicketStore
) -> None:
    for minute in range(0, 20, 2):
        fails(tickets, minute, at=OLD, index=f"1.{minute + 1}")

    assert len(store.stored_calls) == 1


def test_a_time_from_the_future_or_from_long_ago_holds_nothing_up(tickets: Tickets, store: MemoryTicketStore) -> None:
    ahead = MONDAY + minutes(4)

    future = a_fuser_failure(MONDAY + timedelta(days=400))
    past = a_fuser_failure(MONDAY.replace(year=1), code=3, group="cover")

    tickets.handle_state(a_state(future, past, at=ahead), MONDAY)
    sweep(tickets, 5)

    assert sorted(call.family for call in store.stored_calls.values()) == ["fuser_thermal", "paper_path"]


def test_three_jams_in_a_day_are_one_call_for_a_technician(tickets: Tickets, store: MemoryTicketStore) -> None:
    """AT-ALR-10."""
    for minute in (0, 100, 200):
        assert store.stored_calls == {}
        fails(tickets, minute, code=8, group="mediaPath", training_level="untrained", index=f"1.{minute + 1}")
        if minute < 200:
            clears(tickets, minute + 20)

    call = the_call(store)
    assert (call.priority, call.call_type, call.evidence[0].name) == (3, "CM", "recurring jam")


def test_who_reopens_after_a_newer_call_began_is_told_which(tickets: Tickets, store: MemoryTicketStore) -> None:
    fails(tickets, 0, at=OLD)
    first = the_call(store)
    moves(tickets, store, CallState.RESOLVED, 10)
    fails(tickets, 60, at=MONDAY + minutes(50), index="1.9")
    first = store.stored_calls[TENANT, first.call_id]
    newer = next(call for call in store.stored_calls.values() if call.is_open)

    with pytest.raises(Conflict, match=newer.call_id):
        tickets.transition(first, CallState.REOPENED, MONDAY + minutes(70), by="key_1", reason=None)
    closed = tickets.transition(first, CallState.CLOSED, MONDAY + minutes(70), by="key_1", reason=None)
    assert closed.state is CallState.CLOSED


def test_a_person_reopens_within_five_business_days_and_no_later(tickets: Tickets, store: MemoryTicketStore) -> None:
    """BRK-03: resolved on a Monday, so until the next Monday closes at 17:00."""
    fails(tickets, 0, at=OLD)
    moves(tickets, store, CallState.RESOLVED, 10)
    call = the_call(store)
    closing = MONDAY + timedelta(days=7, hours=7)

    with pytest.raises(Conflict, match="5 business days"):
        tickets.transition(call, CallState.REOPENED, closing + minutes(1), by="key_1", reason=None)
    again = tickets.transition(call, CallState.REOPENED, closing, by="key_1", reason=None)
    assert again.state is CallState.REOPENED


def test_a_technician_on_site_is_not_sent_home_by_a_cleared_alert(tickets: Tickets, store: MemoryTicketStore) -> None:
    """ALR-11."""
    fails(tickets, 0, at=OLD)
    clears(tickets, 10)
    for to in (CallState.TRIAGE, CallState.TO_DISPATCH, CallState.SCHEDULED, CallState.IN_SERVICE):
        moves(tickets, store, to, 20)

    sweep(tickets, 300)
    assert the_call(store).state is CallState.IN_SERVICE

    moves(tickets, store, CallState.ON_HOLD, 301)
    sweep(tickets, 302)
    assert the_call(store).state is CallState.RESOLVED
