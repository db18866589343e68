"""The life of a call: what each move does to its clocks, its evidence and its end."""

from datetime import timedelta

import pytest

from functions.tickets.alerts.classify import classify
from functions.tickets.alerts.problem import new_problem
from functions.tickets.calls import call as calls
from functions.tickets.clocks import sla
from functions.tickets.clocks.calendar import calendar_of
from functions.tickets.table.models import (
    MAX_EVIDENCE,
    MAX_HISTORY,
    CallState,
    ClockState,
    HistoryEntry,
    Problem,
    ServiceCall,
)
from shared.errors import Conflict
from tests.support.tickets import MONDAY, SITE, a_fuser_failure, a_state, minutes

CALENDAR = calendar_of(SITE)
HOUR = timedelta(hours=1)


def a_problem(**fields: object) -> Problem:
    alert = a_fuser_failure(MONDAY, **fields)
    return new_problem(a_state(alert), alert, classify(alert), None, MONDAY)


def a_call() -> ServiceCall:
    return calls.open_call("sc_1", a_problem(), MONDAY, CALENDAR, {})


def moved(call: ServiceCall, *states: CallState) -> ServiceCall:
    for state in states:
        call = calls.move(call, state, MONDAY, CALENDAR, by="key_1")
    return call


def test_every_state_but_the_last_can_be_left_and_each_is_reached() -> None:
    reached = {state for states in calls.TRANSITIONS.values() for state in states}

    assert set(calls.TRANSITIONS) == set(CallState)
    assert reached == set(CallState) - {CallState.NEW}
    assert {state for state, following in calls.TRANSITIONS.items() if not following} == {
        CallState.CLOSED,
        CallState.CANCELLED,
    }


@pytest.mark.parametrize(("state", "to"), [(CallState.NEW, CallState.CLOSED), (CallState.IN_SERVICE, CallState.NEW)])
def test_an_illegal_move_names_the_legal_ones(state: CallState, to: CallState) -> None:
    with pytest.raises(Conflict, match="resolved"):
        calls.move(a_call().changed(state=state), to, MONDAY, CALENDAR, by="key_1")


def test_waiting_for_the_customer_holds_on_site_and_resolve() -> None:
    """SLA-06."""
    waiting = moved(a_call(), CallState.TRIAGE, CallState.AWAITING_CUSTOMER)

    going_on = calls.move(waiting, CallState.TO_DISPATCH, MONDAY + 2 * HOUR, CALENDAR, by="key_1")

    assert waiting.clocks[sla.ACKNOWLEDGE].state is ClockState.MET
    assert {waiting.clocks[name].state for name in (sla.ON_SITE, sla.RESOLVE)} == {ClockState.PAUSED}
    assert going_on.clocks[sla.ON_SITE].due_at == a_call().clocks[sla.ON_SITE].due_at + 2 * HOUR


def test_an_arrival_ends_the_on_site_clock_and_a_repair_the_resolve_clock() -> None:
    there = moved(a_call(), CallState.TRIAGE, CallState.TO_DISPATCH, CallState.SCHEDULED, CallState.IN_SERVICE)
    done = calls.move(there, CallState.RESOLVED, MONDAY + HOUR, CALENDAR, by="key_1")

    assert there.clocks[sla.ON_SITE].state is ClockState.MET
    assert there.clocks[sla.RESOLVE].state is ClockState.RUNNING
    assert (done.clocks[sla.RESOLVE].state, done.cause) == (ClockState.MET, calls.BY_PERSON)


def test_a_person_reopens_and_the_clocks_go_on_and_the_end_is_forgotten() -> None:
    done = calls.move(a_call(), CallState.RESOLVED, MONDAY + HOUR, CALENDAR, by="key_1")

    again = calls.move(done, CallState.REOPENED, MONDAY + 3 * HOUR, CALENDAR, by="key_1")

    assert (again.resolved_at, again.cause, again.reopened_at) == (None, None, MONDAY + 3 * HOUR)
    assert again.clocks[sla.RESOLVE].state is ClockState.RUNNING
    assert again.clocks[sla.RESOLVE].due_at == a_call().clocks[sla.RESOLVE].due_at + 2 * HOUR
    assert again.clocks[sla.ON_SITE].state is ClockState.RUNNING


def test_a_technician_who_was_there_is_not_awaited_again_when_the_call_is_reopened() -> None:
    there = moved(a_call(), CallState.TRIAGE, CallState.TO_DISPATCH, CallState.SCHEDULED, CallState.IN_SERVICE)

    again = moved(there, CallState.RESOLVED, CallState.REOPENED)

    assert again.clocks[sla.ON_SITE].state is ClockState.MET


def test_nothing_resolves_itself_while_a_technician_is_there_nor_what_a_person_reopened() -> None:
    """ALR-11."""
    clear = calls.alert_cleared(a_call(), a_problem(), MONDAY, MONDAY)
    there = moved(clear, CallState.TRIAGE, CallState.TO_DISPATCH, CallState.SCHEDULED, CallState.IN_SERVICE)
    left = moved(there, CallState.ON_HOLD)
    reopened = moved(left, CallState.RESOLVED, CallState.REOPENED)

    assert calls.resolves_itself_at(a_call(), HOUR) is None
    assert calls.resolves_itself_at(clear, HOUR) == MONDAY + HOUR
    assert calls.resolves_itself_at(there, HOUR) is None
    assert calls.resolves_itself_at(left, HOUR) == MONDAY + HOUR
    assert calls.resolves_itself_at(reopened, HOUR) is None


def test_an_alert_that_comes_and_goes_is_one_piece_of_evidence_that_counts() -> None:
    call = a_call()
    for _ in range(3):
        call = calls.attach(calls.alert_cleared(call, a_problem(), MONDAY, MONDAY), a_problem(), MONDAY, CALENDAR)

    (evidence,) = call.evidence
    assert (evidence.times, evidence.cleared_at) == (4, None)


def test_too_much_evidence_drops_what_is_over_and_never_what_stands() -> None:
    call = a_call()
    for number in range(2 * MAX_EVIDENCE):
        problem = a_problem(location=number)
        call = calls.attach(call, problem, MONDAY, CALENDAR)
        call = calls.alert_cleared(call, problem, MONDAY, MONDAY)

    assert len(call.evidence) == MAX_EVIDENCE
    assert call.evidence[0].cleared_at is None
    assert calls.resolves_itself_at(call, HOUR) is None


def test_a_long_history_keeps_its_beginning_and_its_end_and_fits_an_item() -> None:
    call = a_call()
    reason = "ü" * 500
    for number in range(3 * MAX_HISTORY):
        call = call.note(HistoryEntry(at=MONDAY + minutes(number), what="triage", by="k" * 30, detail=reason))
    for number in range(MAX_EVIDENCE):
        call = calls.attach(call, a_problem(location=number, description="ü" * 255), MONDAY, CALENDAR)

    assert (len(call.history), call.history[0].what) == (MAX_HISTORY, "opened")
    assert len(call.model_dump_json().encode()) < 400 * 1024


def test_a_closed_call_stays_as_it_was_closed() -> None:
    closed = moved(a_call(), CallState.RESOLVED, CallState.CLOSED)

    assert calls.alert_cleared(closed, a_problem(), MONDAY, MONDAY) is closed


def test_an_open_call_is_looked_at_once_a_day_at_the_latest() -> None:
    call = a_call()
    done = {name: sla.end(clock, MONDAY) for name, clock in call.clocks.items()}

    assert calls.next_wake_up(call) == MONDAY + minutes(30)
    assert calls.next_wake_up(call.changed(clocks=done)) == MONDAY + timedelta(hours=24)
    assert calls.next_wake_up(call.changed(resolve_automatically_at=MONDAY + HOUR)) == MONDAY + HOUR
