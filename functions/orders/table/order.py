"""The order's life: which state may follow which (SUP-35), and never backward (SUP-37)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from functions.orders.table.models import MAX_HISTORY, HistoryEntry, Order, OrderState
from shared.errors import Conflict

_S = OrderState

TRANSITIONS: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    _S.PROPOSED: frozenset({_S.APPROVED, _S.HELD, _S.CANCELLED}),
    _S.HELD: frozenset({_S.APPROVED, _S.CANCELLED}),
    _S.APPROVED: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset({_S.ACKNOWLEDGED, _S.FAILED, _S.CANCELLED}),
    _S.ACKNOWLEDGED: frozenset({_S.BACKORDERED, _S.SHIPPED, _S.CANCELLED, _S.FAILED}),
    _S.BACKORDERED: frozenset({_S.SHIPPED, _S.CANCELLED}),
    _S.SHIPPED: frozenset({_S.DELIVERED, _S.LOST}),
    _S.LOST: frozenset({_S.SUBMITTED, _S.CLOSED}),
    _S.DELIVERED: frozenset({_S.INSTALLED, _S.RETURNED, _S.UNVERIFIED}),
    _S.INSTALLED: frozenset({_S.CLOSED}),
    _S.UNVERIFIED: frozenset({_S.INSTALLED, _S.RETURNED, _S.CLOSED}),
    _S.RETURNED: frozenset({_S.CLOSED}),
    _S.FAILED: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.CANCELLED: frozenset(),
    _S.CLOSED: frozenset(),
}
"""SUP-35 without `substituted`, which needs a compatibility list of part numbers."""

TERMINAL: Final = frozenset({_S.CANCELLED, _S.CLOSED})
RELEASES_EPOCH: Final = frozenset({_S.CANCELLED, _S.FAILED, _S.RETURNED})
"""After these a second order for the same cartridge epoch is allowed (SUP-18)."""
AWAITS_INSTALLATION: Final = frozenset({_S.SHIPPED, _S.DELIVERED, _S.UNVERIFIED})

_COURSE: Final = (_S.SUBMITTED, _S.ACKNOWLEDGED, _S.SHIPPED, _S.DELIVERED, _S.INSTALLED, _S.CLOSED)
_PLACE: Final = {state: place for place, state in enumerate(_COURSE)} | {_S.BACKORDERED: 1, _S.UNVERIFIED: 3}


def steps_to(state: OrderState, target: OrderState) -> tuple[OrderState, ...]:
    """The legal transitions from ``state`` that end in ``target``, shortest first; empty when there are none.

    A partner may ship without acknowledging, and a cartridge may be installed before the carrier reports it:
    the states that were passed unseen are passed here too. Nothing leads backward (SUP-37).
    """
    if target in TRANSITIONS[state]:
        return (target,)
    if target is _S.BACKORDERED and state is _S.SUBMITTED:
        return (_S.ACKNOWLEDGED, _S.BACKORDERED)
    if target is _S.LOST and state in _PLACE and _PLACE[state] < _PLACE[_S.SHIPPED]:
        return (*steps_to(state, _S.SHIPPED), _S.LOST)
    if state not in _PLACE or target not in _COURSE or _PLACE[state] >= _PLACE[target]:
        return ()
    return _COURSE[_PLACE[state] + 1 : _PLACE[target] + 1]


def move(order: Order, target: OrderState, *, at: datetime, cause: str, detail: str | None = None) -> Order:
    """The order in its next state, one version later; `Conflict` when SUP-35 does not allow it."""
    steps = steps_to(order.state, target)
    if not steps:
        raise Conflict("illegal_transition", f"An order that is {order.state} cannot become {target}.")
    entries = [
        HistoryEntry(
            number=order.transitions + ahead,
            state=state,
            at=at,
            cause=cause if state is target else f"implied by {cause}",
            detail=detail if state is target else None,
        )
        for ahead, state in enumerate(steps, start=1)
    ]
    return order.model_copy(
        update={
            "state": target,
            "history": [*order.history, *entries][-MAX_HISTORY:],
            "transitions": order.transitions + len(steps),
            "state_times": order.state_times | {state.value: at for state in steps},
            "version": order.version + 1,
        }
    )


def can_move(order: Order, target: OrderState) -> bool:
    """True when `move` would not refuse."""
    return bool(steps_to(order.state, target))


def is_past(state: OrderState, awaited: OrderState) -> bool:
    """True when waiting for ``awaited`` is over: reached, passed, or never to come."""
    if state in _PLACE:
        return _PLACE[state] >= _PLACE[awaited]
    return state in {_S.LOST, _S.RETURNED, _S.FAILED, _S.CANCELLED}


def purchase_order(order_id: str) -> str:
    """The number the partner knows the order by; derived, so that sending again uses the same (SUP-37)."""
    return f"PO-{order_id.removeprefix('ord_').upper()}"
