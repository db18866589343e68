import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders.table.models import OrderState
from functions.orders.table.order import TERMINAL, TRANSITIONS, can_move, is_past, move, purchase_order, steps_to
from shared.errors import Conflict
from tests.support.orders import an_order, at

states = st.sampled_from(list(OrderState))


@given(state=states, target=states)
def test_every_step_to_a_state_is_a_legal_transition(state: OrderState, target: OrderState) -> None:
    steps = steps_to(state, target)

    assert all(after in TRANSITIONS[before] for before, after in zip((state, *steps), steps, strict=False))
    assert not steps or steps[-1] is target


@given(state=states, target=states)
def test_a_state_that_cannot_be_reached_is_refused_and_nothing_changes(state: OrderState, target: OrderState) -> None:
    order = an_order(state)

    if can_move(order, target):
        moved = move(order, target, at=at(1), cause="test")
        assert moved.state is target
        assert moved.version == order.version + 1
        assert [entry.number for entry in moved.history] == list(range(1, moved.transitions + 1))
    else:
        with pytest.raises(Conflict):
            move(order, target, at=at(1), cause="test")


COURSE = [OrderState(name) for name in "submitted acknowledged shipped delivered installed".split()]


@given(reports=st.lists(st.sampled_from(COURSE[1:])))
def test_no_series_of_reports_ever_moves_an_order_backward(reports: list[OrderState]) -> None:
    order = an_order(OrderState.SUBMITTED)
    places = [0]

    for target in reports:
        if can_move(order, target):
            order = move(order, target, at=at(1), cause="test")
        places.append(COURSE.index(order.state))

    assert places == sorted(places)
    assert places[-1] == max([COURSE.index(target) for target in reports], default=0)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_nothing_follows_a_terminal_state(state: OrderState) -> None:
    assert not any(can_move(an_order(state), target) for target in OrderState)


def test_the_states_passed_unseen_are_in_the_history_as_implied() -> None:
    order = move(an_order(OrderState.SUBMITTED), OrderState.DELIVERED, at=at(2), cause="partner event delivered")

    assert [entry.state for entry in order.history[1:]] == ["acknowledged", "shipped", "delivered"]
    assert order.history[1].cause == "implied by partner event delivered"
    assert order.state_times["shipped"] == at(2)


@given(state=states)
def test_what_is_past_a_later_state_is_past_an_earlier_one(state: OrderState) -> None:
    awaited = [OrderState.ACKNOWLEDGED, OrderState.SHIPPED, OrderState.DELIVERED, OrderState.INSTALLED]

    past = [is_past(state, one) for one in awaited]

    assert past == sorted(past, reverse=True)


def test_an_order_not_yet_sent_is_past_nothing() -> None:
    assert not any(is_past(OrderState.APPROVED, state) for state in (OrderState.ACKNOWLEDGED, OrderState.INSTALLED))


def test_the_purchase_order_number_is_the_same_each_time() -> None:
    assert purchase_order("ord_01jd2x00000000000000000001") == "PO-01JD2X00000000000000000001"
