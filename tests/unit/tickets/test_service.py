"""From a printer's alerts to its calls: one a family, resolved by itself, reopened within a day."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.tickets.calls.service import Tickets
from functions.tickets.clocks import sla
from functions.tickets.table.models import AlertClass, CallState, ClockState, Family, ServiceCall
from shared.errors import Conflict
from shared.wire.reading import Alert
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

PAPER_EMPTY = Alert(
    index="1.2", code=808, group="input", group_index=1, severity="critical", training_level="untrained"
)


def the_calls(store: MemoryTicketStore) -> list[ServiceCall]:
    return list(store.stored_calls.values())


def sweep(tickets: Tickets, now: datetime) -> None:
    for thing in tickets.store.due(now):
        tickets.handle_due(thing, now)


@pytest.fixture
def store() -> MemoryTicketStore:
    return MemoryTicketStore()


@pytest.fixture
def tickets(store: MemoryTicketStore) -> Tickets:
    return Tickets(store, Office())


def test_a_fuser_failure_opens_one_call_after_its_delay_with_due_times(
    tickets: Tickets, store: MemoryTicketStore
) -> None:
    tickets.handle_state(a_state(a_fuser_failure()), MONDAY)
    assert the_calls(store) == []

    sweep(tickets, MONDAY + minutes(4))
    assert the_calls(store) == []

    sweep(tickets, MONDAY + minutes(5))
    sweep(tickets, MONDAY + minutes(6))
    tickets.handle_state(a_state(a_fuser_failure(), at=MONDAY + minutes(15)), MONDAY + minutes(15))

    (call,) = the_calls(store)
    assert (call.family, call.priority, call.call_type, call.title) == (Family.FUSER_THERMAL, 2, "CM", "Fuser failure")
    assert call.clocks[sla.ON_SITE].due_at == MONDAY + minutes(5 + 240)
    assert call.clocks[sla.RESOLVE].due_at > call.clocks[sla.ON_SITE].due_at
    assert call.model == "Laser 100"


def test_a_failure_that_is_already_old_opens_its_call_at_once(tickets: Tickets, store: MemoryTicketStore) -> None:
    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(30))), MONDAY)

    assert len(the_calls(store)) == 1


def test_paper_empty_opens_no_call_ever(tickets: Tickets, store: MemoryTicketStore) -> None:
    tickets.handle_state(a_state(PAPER_EMPTY), MONDAY)
    sweep(tickets, MONDAY + minutes(100_000))

    assert the_calls(store) == []
    (problem,) = store.problems(TENANT, PRINTER_ID)
    assert problem.alert_class is AlertClass.OP


def test_a_warm_up_that_ends_in_time_opens_nothing(tickets: Tickets, store: MemoryTicketStore) -> None:
    """AT-ALR-09: under temperature for eight minutes after waking up."""
    cold = a_fuser_failure(code=35, description="Warming")

    tickets.handle_state(a_state(cold), MONDAY)
    tickets.handle_state(a_state(at=MONDAY + minutes(8)), MONDAY + minutes(8))
    sweep(tickets, MONDAY + minutes(60))

    assert the_calls(store) == []


def test_a_second_alert_of_the_family_is_evidence_and_may_raise_the_priority(
    tickets: Tickets, store: MemoryTicketStore
) -> None:
    cold = a_fuser_failure(MONDAY - minutes(60), code=1001, index="1.1", description="Fuser cold")
    hot = a_fuser_failure(MONDAY - minutes(60), code=1002, index="1.2", description="Fuser hot")

    tickets.handle_state(a_state(cold), MONDAY)
    tickets.handle_state(a_state(cold, hot, at=MONDAY + minutes(1)), MONDAY + minutes(1))
    tickets.handle_state(a_state(cold, hot, at=MONDAY + minutes(2)), MONDAY + minutes(2))

    (call,) = the_calls(store)
    assert [evidence.code for evidence in call.evidence] == [1001, 1002]
    assert call.priority == 2
    assert call.clocks[sla.ON_SITE].target_minutes == sla.TARGET_MINUTES[2][sla.ON_SITE]


def test_a_cleared_alert_resolves_its_call_after_an_hour(tickets: Tickets, store: MemoryTicketStore) -> None:
    """ALR-11 and SLA-10."""
    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(10))), MONDAY)
    tickets.handle_state(a_state(at=MONDAY + minutes(20)), MONDAY + minutes(20))

    sweep(tickets, MONDAY + minutes(79))
    assert the_calls(store)[0].is_open

    sweep(tickets, MONDAY + minutes(80))
    (call,) = the_calls(store)
    assert (call.state, call.cause) == (CallState.RESOLVED, "self_cleared")
    assert call.clocks[sla.RESOLVE].state is ClockState.MET
    assert call.clocks[sla.RESOLVE].ended_at == MONDAY + minutes(20)
    assert call.clocks[sla.ON_SITE].state is ClockState.CANCELLED


def test_the_same_failure_within_a_day_reopens_the_same_call(tickets: Tickets, store: MemoryTicketStore) -> None:
    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(10))), MONDAY)
    tickets.handle_state(a_state(at=MONDAY + minutes(20)), MONDAY + minutes(20))
    sweep(tickets, MONDAY + minutes(80))
    again = MONDAY + minutes(200)

    tickets.handle_state(a_state(a_fuser_failure(again - minutes(10)), at=again), again)

    (call,) = the_calls(store)
    assert call.state is CallState.REOPENED
    assert call.clocks[sla.RESOLVE].state is ClockState.RUNNING
    assert call.clocks[sla.RESOLVE].due_at > MONDAY + minutes(480)


def test_the_same_failure_days_later_is_a_new_call(tickets: Tickets, store: MemoryTicketStore) -> None:
    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(10))), MONDAY)
    tickets.handle_state(a_state(at=MONDAY + minutes(20)), MONDAY + minutes(20))
    sweep(tickets, MONDAY + minutes(80))
    later = MONDAY + minutes(3 * 24 * 60)

    tickets.handle_state(a_state(a_fuser_failure(later - minutes(10)), at=later), later)

    assert sorted(call.state for call in the_calls(store)) == [CallState.NEW, CallState.RESOLVED]


def test_a_printer_that_is_not_managed_opens_nothing(store: MemoryTicketStore) -> None:
    tickets = Tickets(store, Office(managed=False))

    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(10))), MONDAY)

    assert store.problems(TENANT, PRINTER_ID) == []


def test_each_warning_and_the_breach_are_noted_once(tickets: Tickets, store: MemoryTicketStore) -> None:
    """SLA-08."""
    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(10))), MONDAY)

    for minute in range(0, 70, 5):
        sweep(tickets, MONDAY + minutes(minute))

    (call,) = the_calls(store)
    notices = [
        entry.detail for entry in call.history if entry.what.startswith("sla") and "acknowledge" in str(entry.detail)
    ]
    assert notices == ["acknowledge 50 %", "acknowledge 75 %", "acknowledge 90 %", "acknowledge 100 %"]
    assert call.clocks[sla.ACKNOWLEDGE].state is ClockState.BREACHED


def test_a_person_acknowledges_in_time_and_an_illegal_move_names_the_legal_ones(
    tickets: Tickets, store: MemoryTicketStore
) -> None:
    tickets.handle_state(a_state(a_fuser_failure(MONDAY - minutes(10))), MONDAY)
    (call,) = the_calls(store)

    moved = tickets.transition(call, CallState.TRIAGE, MONDAY + minutes(30), by="key_1", reason=None)

    assert moved.clocks[sla.ACKNOWLEDGE].state is ClockState.MET
    with pytest.raises(Conflict, match="to_dispatch"):
        tickets.transition(moved, CallState.CLOSED, MONDAY + minutes(31), by="key_1", reason=None)
    with pytest.raises(Conflict, match="another request"):
        tickets.transition(call, CallState.TRIAGE, MONDAY + minutes(32), by="key_2", reason=None)


def test_delays_can_be_shortened_for_a_demonstration_but_sla_time_cannot(store: MemoryTicketStore) -> None:
    tickets = Tickets(store, Office(), Decimal("0.001"))

    tickets.handle_state(a_state(a_fuser_failure(MONDAY)), MONDAY + minutes(0.01))

    (call,) = the_calls(store)
    assert call.clocks[sla.ON_SITE].due_at == MONDAY + minutes(240.01)


faults = st.lists(
    st.tuples(st.sampled_from(["fail", "clear", "sweep", "both", "repeat"]), st.integers(min_value=1, max_value=90)),
    max_size=25,
)


@given(faults)
def test_a_family_never_has_two_open_calls_whatever_happens(steps: list[tuple[str, int]]) -> None:
    store = MemoryTicketStore()
    tickets = Tickets(store, Office())
    now, state = MONDAY, a_state()
    for what, passed in steps:
        now += minutes(passed)
        if what == "sweep":
            sweep(tickets, now)
        elif what == "repeat":
            tickets.handle_state(state, now)
        else:
            alerts = {"clear": [], "fail": [1004], "both": [1004, 1002]}[what]
            state = a_state(*(a_fuser_failure(now, code=code) for code in alerts), at=now)
            tickets.handle_state(state, now)

        assert sum(call.is_open for call in the_calls(store)) <= 1
        for problem in store.problems(TENANT, PRINTER_ID):
            if problem.is_open and problem.call_id:
                assert store.stored_calls[TENANT, problem.call_id].is_open
