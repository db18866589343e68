"""Two writers at once, deliveries that are late, lost or repeated, people in between: what stands is what is true."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.tickets.calls.service import Tickets
from functions.tickets.clocks import sla
from functions.tickets.table.models import CallState, ClockState, Problem, ServiceCall
from shared.errors import Conflict
from tests.support.tickets import (
    MONDAY,
    PRINTER_ID,
    TENANT,
    MemoryTicketStore,
    Office,
    a_fuser_failure,
    a_state,
    clears,
    fails,
    minutes,
    sweep,
    the_call,
)

OLD = MONDAY - minutes(30)


@dataclass
class InterruptedStore(MemoryTicketStore):
    """Somebody else does something just before the n-th write."""

    before_write: int = 0
    interruption: Callable[[], None] | None = None

    def save_problem(self, problem: Problem) -> Problem | None:
        self._interrupt()
        return super().save_problem(problem)

    def create_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        self._interrupt()
        return super().create_call(call, problem)

    def save_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        self._interrupt()
        return super().save_call(call, problem)

    def interrupt_with(self, interruption: Callable[[], None], before_write: int = 1) -> None:
        self.interruption, self.before_write = interruption, before_write

    def _interrupt(self) -> None:
        self.before_write -= 1
        if self.before_write == 0 and self.interruption is not None:
            interruption, self.interruption = self.interruption, None
            interruption()


@pytest.fixture
def store() -> InterruptedStore:
    return InterruptedStore()


@pytest.fixture
def tickets(store: InterruptedStore) -> Tickets:
    return Tickets(store, Office())


def assert_consistent(store: MemoryTicketStore) -> None:
    """One open call a family, whose evidence stands exactly as long as a problem that is on the call."""
    open_calls = [call for call in store.stored_calls.values() if call.is_open]
    assert len({call.family for call in open_calls}) == len(open_calls)
    problems = {problem.logical_key: problem for problem in store.problems(TENANT, PRINTER_ID)}
    for call in open_calls:
        for evidence in call.evidence:
            problem = problems[evidence.logical_key]
            assert (evidence.cleared_at is None) == (problem.is_open and problem.call_id == call.call_id)
    on_open_calls = {evidence.logical_key for call in open_calls for evidence in call.evidence}
    open_ids = {call.call_id for call in open_calls}
    assert {key for key, problem in problems.items() if problem.call_id in open_ids} <= on_open_calls


def test_an_alert_that_clears_while_the_sweep_opens_its_call_leaves_no_call_open_for_ever(
    tickets: Tickets, store: InterruptedStore
) -> None:
    fails(tickets, 0)
    store.interrupt_with(lambda: clears(tickets, 5))

    sweep(tickets, 6)
    sweep(tickets, 70)

    assert [call for call in store.stored_calls.values() if call.is_open] == []
    assert_consistent(store)


def test_a_call_that_the_sweep_opens_while_its_alert_clears_learns_of_it(
    tickets: Tickets, store: InterruptedStore
) -> None:
    fails(tickets, 0)
    store.interrupt_with(lambda: sweep(tickets, 5))

    clears(tickets, 6)

    assert the_call(store).evidence[0].cleared_at == MONDAY + minutes(6)
    sweep(tickets, 66)
    assert the_call(store).state is CallState.RESOLVED


def test_an_alert_that_clears_while_the_sweep_gives_a_notice_is_cleared_on_the_call_too(
    tickets: Tickets, store: InterruptedStore
) -> None:
    fails(tickets, 0, at=OLD)
    store.interrupt_with(lambda: sweep(tickets, 31))

    clears(tickets, 32)

    assert the_call(store).clocks[sla.ACKNOWLEDGE].notified_pct == 50
    assert the_call(store).evidence[0].cleared_at == MONDAY + minutes(32)


def test_two_deliveries_of_one_reading_at_once_make_one_call(tickets: Tickets, store: InterruptedStore) -> None:
    store.interrupt_with(lambda: fails(tickets, 0, at=OLD), before_write=2)

    fails(tickets, 0, at=OLD)

    assert len(the_call(store).evidence) == 1
    assert_consistent(store)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["one", "other", "both", "none", "sweep", "person"]),
            st.sampled_from(["one", "other", "both", "none", "sweep", "person"]),
            st.integers(0, 4),
            st.integers(1, 90),
        ),
        max_size=14,
    )
)
def test_calls_and_problems_agree_whoever_writes_in_between(steps: list[tuple[str, str, int, int]]) -> None:
    store = InterruptedStore()
    tickets = Tickets(store, Office())
    minute = 0

    def act(what: str, minute: int) -> None:
        now = MONDAY + minutes(minute)
        if what == "sweep":
            sweep(tickets, minute)
            return
        if what == "person":
            for call in list(store.stored_calls.values()):
                for to in (CallState.TRIAGE, CallState.RESOLVED, CallState.REOPENED):
                    with suppress(Conflict):
                        tickets.transition(call, to, now, by="key_1", reason=None)
            return
        codes = {"one": [1004], "other": [1002], "both": [1004, 1002], "none": []}[what]
        alerts = [a_fuser_failure(now, code=code, index=f"1.{minute}{code}") for code in codes]
        with suppress(Conflict):
            tickets.handle_state(a_state(*alerts, at=now), now)

    for what, meanwhile, before_write, passed in steps:
        minute += passed
        store.interrupt_with(lambda meanwhile=meanwhile, minute=minute: act(meanwhile, minute), before_write)  # type: ignore[misc] # bound now
        act(what, minute)
        store.interruption = None
        act("none" if what == "sweep" else what, minute)

        assert_consistent(store)


def test_an_old_image_that_comes_again_changes_nothing(store: InterruptedStore) -> None:
    """A batch that failed at one record delivers those after it again, the oldest first."""
    office = Office(says=a_state(at=MONDAY + minutes(100)))
    tickets = Tickets(store, office)
    fails(tickets, 0, at=OLD)
    clears(tickets, 10)
    sweep(tickets, 70)

    tickets.handle_printer(TENANT, PRINTER_ID, MONDAY + minutes(101))

    assert the_call(store).state is CallState.RESOLVED


def test_a_change_that_never_arrived_is_found_the_next_day(store: InterruptedStore) -> None:
    office = Office()
    tickets = Tickets(store, office)
    fails(tickets, 0, at=OLD)
    office.says = a_state(at=MONDAY + minutes(10))

    sweep(tickets, 24 * 60)
    sweep(tickets, 24 * 60 + 1)

    assert the_call(store).state is CallState.RESOLVED


def test_an_open_call_does_not_stay_due(tickets: Tickets, store: InterruptedStore) -> None:
    fails(tickets, 0, at=OLD)
    for minute in (24 * 60, 3 * 24 * 60, 30 * 24 * 60):
        sweep(tickets, minute)

        assert list(store.due(MONDAY + minutes(minute + 1))) == []


def test_a_call_of_a_printer_that_left_the_programme_is_cancelled_and_counts_anew_when_it_returns(
    store: InterruptedStore,
) -> None:
    office = Office()
    tickets = Tickets(store, office)
    fails(tickets, 0, at=OLD)
    office.managed = False

    sweep(tickets, 31)
    assert (the_call(store).state, the_call(store).cause) == (CallState.CANCELLED, "left_programme")
    assert list(store.due(MONDAY + timedelta(days=60))) == []

    office.managed = True
    fails(tickets, 90, at=OLD)
    assert sorted(call.state for call in store.stored_calls.values()) == [CallState.CANCELLED, CallState.NEW]


def test_a_printer_that_leaves_before_the_delay_has_passed_gets_no_call(store: InterruptedStore) -> None:
    office = Office()
    tickets = Tickets(store, office)
    fails(tickets, 0)
    office.managed = False

    sweep(tickets, 6)

    assert store.stored_calls == {}
    assert list(store.due(MONDAY + minutes(7))) == []


def test_while_all_alerts_are_over_no_breach_is_told_because_the_call_counts_as_met(
    tickets: Tickets, store: InterruptedStore
) -> None:
    """SLA-10: cleared ten minutes before the acknowledgement was due, resolved by itself fifty minutes after."""
    fails(tickets, 0, at=OLD)
    clears(tickets, 50)

    for minute in range(51, 115):
        sweep(tickets, minute)

    assert the_call(store).state is CallState.RESOLVED
    assert the_call(store).clocks[sla.ACKNOWLEDGE].state is ClockState.MET
    assert not [entry for entry in the_call(store).history if entry.what == "sla_breached"]


def test_an_alert_that_comes_back_before_the_hour_is_over_makes_up_for_the_notices(
    tickets: Tickets, store: InterruptedStore
) -> None:
    fails(tickets, 0, at=OLD)
    clears(tickets, 50)
    fails(tickets, 65)
    sweep(tickets, 70)

    sweep(tickets, 71)

    assert the_call(store).clocks[sla.ACKNOWLEDGE].state is ClockState.BREACHED
    assert the_call(store).evidence[0].times == 2
