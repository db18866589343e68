"""Use case: look at a printer's supplies and order what runs out (design flow 2).

Level-triggered and safe to repeat (D3): a reading evaluated twice finds its own order in the epoch's marker,
and two evaluations at once are kept apart by the position's version.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

from functions.orders.supplies.epoch import Change, Step, observe
from functions.orders.supplies.facts import PrinterFacts, World
from functions.orders.supplies.forecast import Unheard, forecast, learned_yield
from functions.orders.supplies.guards import hold_reasons, is_stale
from functions.orders.supplies.placing import Proposal, decision_of, propose, released
from functions.orders.supplies.position import Observation, described, new_position, observations, rated_pages
from functions.orders.supplies.triggers import marked_low, trigger_of
from functions.orders.supplies.usage import history
from functions.orders.table import order as orders
from functions.orders.table.models import Decision, DecisionKind, Order, OrderState, Position, Trigger
from functions.orders.table.ports import Placed
from shared.directory.views import PrinterState
from shared.errors import Unavailable

ATTEMPTS: Final = 4
_CHANGES: Final = {
    Change.CONFIRMED: DecisionKind.REPLACEMENT_CONFIRMED,
    Change.SUSPECTED: DecisionKind.REPLACEMENT_SUSPECTED,
    Change.SHAKEN: DecisionKind.LEVEL_SHAKEN,
    Change.RESUMED: DecisionKind.CARTRIDGE_RESUMED,
}


def is_worth_a_look(old: PrinterState | None, new: PrinterState) -> bool:
    """True when a change of a printer's state can change a decision: its values, or that a day has passed."""
    if old is None or old.taken_at.date() != new.taken_at.date():
        return True
    return (
        old.supplies != new.supplies
        or old.counters != new.counters
        or old.alerts != new.alerts
        or old.status.detected_errors != new.status.detected_errors
    )


def evaluate_printer(
    state: PrinterState,
    previous: PrinterState | None,
    *,
    world: World,
    now: datetime,
    heard_at: datetime | None = None,
) -> None:
    """Bring every supply position of a managed printer up to the reading, and order what it needs.

    ``heard_at`` is when a printer that was silent was heard again: it may have said the same as in that reading.
    `Unavailable` when other evaluations of the same printer were faster several times: the reading comes again.
    """
    if not state.supplies or not world.enrolments.is_managed(state.tenant_id, state.printer_id):
        return
    evaluation = Evaluation(state, world, now, read_at=max(state.taken_at, heard_at or state.taken_at))
    settle_each(observations(state, previous), evaluation.settle, state, world)


def settle_each(
    seen: Iterable[Observation],
    settle: Callable[[Position | None, Observation], bool],
    state: PrinterState,
    world: World,
) -> None:
    """Settle each position as it is stored, again when it was changed meanwhile."""
    stored = world.store.positions(state.tenant_id, state.printer_id)
    for each in seen:
        for _ in range(ATTEMPTS):
            if settle(stored.get(each.position_id), each):
                break
            stored = world.store.positions(state.tenant_id, state.printer_id)
        else:
            raise Unavailable("position_contended", "Another evaluation of this printer is running.")


class Evaluation:
    """One reading of one printer against what is stored of its positions."""

    def __init__(self, state: PrinterState, world: World, now: datetime, *, read_at: datetime) -> None:
        self._state = state
        self._read_at = read_at
        self._store = world.store
        self._facts = PrinterFacts(state, world)
        self._now = now
        self._day = state.taken_at.date().isoformat()

    def settle(self, before: Position | None, seen: Observation) -> bool:
        """Write what follows from the observation; False when the position changed meanwhile."""
        if seen.supply is None or (before is not None and seen.at < before.observed_at):
            return True
        known = before if before is not None else self._seeded(seen)
        step = observe(described(known, seen.supply), seen)
        is_new_day = known.evaluated_day != self._day
        if step.position == before and not is_new_day and not known.order_held:
            return True
        noted: list[Decision] = []
        position = step.position
        if step.change is not Change.NONE:
            noted.append(decision_of(position, self._state, self._now, _CHANGES[step.change], detail=_residual(step)))
        order = self._replaced_order(step)
        if order is not None:
            position = _next(position)
            if not self._store.advance(order, position=position, decisions=noted):
                return False
            noted = []
        return self._decide(position, seen, noted, is_new_day=is_new_day)

    def foresee(self, position: Position | None, seen: Observation) -> Placed:
        """Hold an order for a position that the silence lets run out; `TAKEN` when there is nothing to be held."""
        if position is None or self._existing(position) is not None:
            return Placed.TAKEN
        unheard = Unheard(self._facts.day_of(self._read_at), self._facts.day_of(self._now))
        proposal = self._proposal(position, seen, unheard)
        if proposal.trigger is not Trigger.PREDICTED:
            return Placed.TAKEN
        return self._place(_next(_between_orders(position)), proposal, [])

    def _seeded(self, seen: Observation) -> Position:
        """A position never seen before, with the epochs that its day roll-ups tell of."""
        if seen.supply is None:
            message = "an observation of a reading carries its supply row"
            raise ValueError(message)
        past = [day for day in self._facts.days if day.last_reading_at < seen.at]
        first = past[0].last_reading_at if past else seen.at
        position = described(new_position(self._state, seen.supply, first), seen.supply)
        for earlier in history(past, position):
            position = observe(position, earlier).position
        return position

    def _replaced_order(self, step: Step) -> Order | None:
        """The order of the epoch that ended, in the state that its replacement puts it in (SUP-36)."""
        if step.change is not Change.CONFIRMED or step.ended is None or step.seen_at is None:
            return None
        position = step.position
        order = self._store.order_of_epoch(
            position.tenant_id, position.printer_id, position.position_id, step.ended.epoch
        )
        if order is None:
            return None
        if order.state in orders.AWAITS_INSTALLATION and _fits(order, position, step.seen_at):
            return orders.move(order, OrderState.INSTALLED, at=step.seen_at, cause="replacement seen on the printer")
        if order.state in {OrderState.PROPOSED, OrderState.HELD}:
            return orders.move(order, OrderState.CANCELLED, at=self._now, cause="replaced before it was sent")
        return None

    def _decide(self, position: Position, seen: Observation, noted: list[Decision], *, is_new_day: bool) -> bool:
        existing = self._existing(position)
        if existing is None:
            position = _between_orders(position)
        proposal = self._proposal(position, seen)
        low = marked_low(position, proposal.forecast, proposal.trigger, seen.at)
        position = _next(position.model_copy(update={"evaluated_day": self._day, "low": low}))
        if proposal.trigger is None:
            if existing is not None and _was_foreseen(existing):
                return self._withdraw(position, proposal, existing, noted)
            if is_new_day:
                noted.append(self._noted(position, DecisionKind.NOTHING, proposal))
            return self._store.save_position(position, noted)
        if existing is None:
            return self._place(position, proposal, noted) is Placed.CREATED
        if existing.state in {OrderState.PROPOSED, OrderState.HELD}:
            return self._review(position, proposal, existing, noted)
        if is_new_day:
            noted.append(self._noted(position, DecisionKind.ALREADY_ORDERED, proposal, existing.order_id))
        return self._store.save_position(position.model_copy(update={"order_held": False}), noted)

    def _existing(self, position: Position) -> Order | None:
        if position.ordered_at is None:
            return None
        return self._store.order_of_epoch(position.tenant_id, position.printer_id, position.position_id, position.epoch)

    def _proposal(self, position: Position, seen: Observation, unheard: Unheard | None = None) -> Proposal:
        """Forecast, trigger, and what holds the order back; contacts are looked up only when a trigger fired."""
        rated = rated_pages(position)
        today: date = self._facts.today
        snapshot = forecast(
            position,
            self._facts.usage(position),
            pages_now=seen.pages,
            rated_yield=rated,
            today=today,
            horizon_days=self._facts.horizon_days,
            unheard=unheard,
        )
        trigger = trigger_of(position, snapshot, seen.level_state, seen.at, self._facts.limits)
        if trigger is None:
            return Proposal(snapshot, self._facts.limits)
        reasons = hold_reasons(
            position,
            snapshot,
            is_stale=unheard is not None or is_stale(self._read_at, self._now, self._facts.limits),
            now=self._now,
            pages_now=seen.pages,
            expected_yield=learned_yield(position.past) or rated,
            has_contact=self._facts.ship_to is not None,
            has_partner=self._facts.partner is not None,
            limits=self._facts.limits,
            is_moving=self._facts.is_moving,
        )
        return Proposal(snapshot, self._facts.limits, trigger, reasons)

    def _place(self, position: Position, proposal: Proposal, noted: list[Decision]) -> Placed:
        order = propose(position, proposal, self._state, self._facts, self._now)
        is_held = order.state is OrderState.HELD
        position = position.model_copy(update={"ordered_at": self._now, "order_held": is_held})
        kind = DecisionKind.HELD if is_held else DecisionKind.ORDERED
        noted.append(self._noted(position, kind, proposal, order.order_id))
        return self._store.place(order, position, noted)

    def _withdraw(self, position: Position, proposal: Proposal, order: Order, noted: list[Decision]) -> bool:
        """What was held because a silent printer might run out: it was heard again, and does not."""
        noted.append(self._noted(position, DecisionKind.WITHDRAWN, proposal, order.order_id))
        after = orders.move(order, OrderState.CANCELLED, at=self._now, cause="heard again, and it lasts")
        position = position.model_copy(update={"ordered_at": None, "order_held": False})
        return self._store.advance(after, position=position, decisions=noted)

    def _review(self, position: Position, proposal: Proposal, order: Order, noted: list[Decision]) -> bool:
        """A held order goes out once nothing holds it; until then its reasons are kept up to date."""
        if not proposal.hold_reasons:
            noted.append(self._noted(position, DecisionKind.RELEASED, proposal, order.order_id))
            after = released(order, self._facts, self._now)
            return self._store.advance(
                after, position=position.model_copy(update={"order_held": False}), decisions=noted
            )
        if proposal.hold_reasons == order.hold_reasons:
            return self._store.save_position(position, noted)
        noted.append(self._noted(position, DecisionKind.HELD, proposal, order.order_id))
        reasons = {"hold_reasons": proposal.hold_reasons, "version": order.version + 1}
        return self._store.advance(order.model_copy(update=reasons), position=position, decisions=noted)

    def _noted(
        self, position: Position, kind: DecisionKind, proposal: Proposal, order_id: str | None = None
    ) -> Decision:
        return decision_of(position, self._state, self._now, kind, proposal=proposal, order_id=order_id)


def _fits(order: Order, position: Position, seen_at: datetime) -> bool:
    """SUP-36: seen after shipment, and the same part where both tell it."""
    shipped_at = order.state_times.get(OrderState.SHIPPED)
    same_part = not order.part_number or not position.part_number or order.part_number == position.part_number
    return shipped_at is not None and seen_at > shipped_at and same_part


def _between_orders(position: Position) -> Position:
    """The position whose order, if it had one, gave its epoch back."""
    if position.ordered_at is None:
        return position
    return position.model_copy(update={"previous_order_at": position.ordered_at, "ordered_at": None})


def _was_foreseen(order: Order) -> bool:
    """True for an order that nobody has decided on and that only a silence has made (SUP-30)."""
    return order.state is OrderState.HELD and order.forecast.unheard_days > 0


def _residual(step: Step) -> str | None:
    if step.ended is None:
        return None
    premature = ", premature" if step.ended.premature else ""
    return f"residual {step.ended.residual_percent}{premature}"


def _next(position: Position) -> Position:
    return position.model_copy(update={"version": position.version + 1})
