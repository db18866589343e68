"""What a change of a call tells others: once each, with ids that a repetition does not change."""

from itertools import pairwise

from functions.tickets.alerts.classify import classify
from functions.tickets.alerts.problem import new_problem
from functions.tickets.calls import call as calls
from functions.tickets.calls.announcements import announcements
from functions.tickets.clocks import sla
from functions.tickets.clocks.calendar import calendar_of
from functions.tickets.table.models import CallState, ServiceCall
from shared.events import EventName
from tests.support.tickets import MONDAY, SITE, a_fuser_failure, a_state, minutes

CALENDAR = calendar_of(SITE)
CALL_ID = "sc_01jd2x00000000000000000001"


def a_call() -> ServiceCall:
    alert = a_fuser_failure()
    problem = new_problem(a_state(alert), alert, classify(alert), None, MONDAY)
    return calls.open_call(CALL_ID, problem, MONDAY, CALENDAR, {})


def with_notice(call: ServiceCall, pct: int) -> ServiceCall:
    clock = sla.notified(call.clocks[sla.ACKNOWLEDGE], pct, CALENDAR)
    return call.changed(clocks={**call.clocks, sla.ACKNOWLEDGE: clock}, version=call.version + 1)


def test_a_new_call_is_announced_with_its_priority() -> None:
    (event,) = announcements(None, a_call())

    assert (event.name, event.subject_id, event.occurred_at) == (EventName.SERVICE_CALL_OPENED, CALL_ID, MONDAY)
    assert event.data == {"printer_id": a_call().printer_id, "state": "new", "priority": 2, "title": "Fuser failure"}


def test_the_same_change_twice_carries_the_same_ids() -> None:
    call = a_call()
    warned = with_notice(call, 50)

    assert announcements(call, warned) == announcements(call, warned)
    assert announcements(None, call)[0].event_id == announcements(None, call)[0].event_id


def test_each_notice_is_one_event_with_an_id_of_its_own() -> None:
    steps = [a_call()]
    for pct in sla.NOTICES_PCT:
        steps.append(with_notice(steps[-1], pct))

    events = [event for old, new in pairwise(steps) for event in announcements(old, new)]

    assert [(event.name, event.data["pct"]) for event in events] == [
        (EventName.SLA_WARNING, 50),
        (EventName.SLA_WARNING, 75),
        (EventName.SLA_WARNING, 90),
        (EventName.SLA_BREACHED, 100),
    ]
    assert len({event.event_id for event in events}) == 4


def test_an_acknowledgement_after_the_due_time_is_announced_as_a_breach_although_no_sweep_saw_it() -> None:
    call = a_call()

    late = calls.move(call, CallState.TRIAGE, MONDAY + minutes(61), CALENDAR, by="key_1")

    (event,) = announcements(call, late)
    assert (event.name, event.data["target"]) == (EventName.SLA_BREACHED, sla.ACKNOWLEDGE)
    assert [entry.what for entry in late.history] == ["opened", "sla_breached", "triage"]


def test_a_breach_is_announced_once_although_the_call_goes_on_changing() -> None:
    breached = with_notice(a_call(), 100)

    assert announcements(breached, breached.changed(title="Fuser", version=3)) == []


def test_each_resolution_is_announced_and_closing_is_not() -> None:
    call = a_call()
    resolved = calls.move(call, CallState.RESOLVED, MONDAY, CALENDAR, by="key_1").changed(version=2)
    reopened = calls.move(resolved, CallState.REOPENED, MONDAY, CALENDAR, by="key_1").changed(version=3)
    again = calls.move(reopened, CallState.RESOLVED, MONDAY, CALENDAR, by="key_1").changed(version=4)
    closed = calls.move(again, CallState.CLOSED, MONDAY, CALENDAR, by="key_1").changed(version=5)

    first, second = announcements(call, resolved)[0], announcements(reopened, again)[0]

    assert first.name == second.name == EventName.SERVICE_CALL_RESOLVED
    assert first.event_id != second.event_id
    assert first.data["cause"] == "by_person"
    assert announcements(again, closed) == []
