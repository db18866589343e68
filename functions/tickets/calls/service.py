"""Use cases of the tickets context: from a printer's present alerts to at most one call a family.

Level-triggered (D3): every function decides from what is stored and what the printer reports now, and may
be called again at any time. A call and the problem that changed it are written together or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from functions.tickets.alerts import history as alert_history
from functions.tickets.alerts.classify import Classification, classify
from functions.tickets.alerts.problem import as_recurring, new_problem, recurs
from functions.tickets.alerts.rows import came_again, has_expired, standing
from functions.tickets.calls import call as calls
from functions.tickets.clocks import sla
from functions.tickets.clocks.calendar import BusinessCalendar, calendar_of
from functions.tickets.table.models import CallState, HistoryEntry, Problem, ServiceCall
from functions.tickets.table.ports import Due, Surroundings, TicketStore
from shared.directory.views import PrinterState
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.table import Item
from shared.wire.reading import Alert

AUTO_RESOLVE_AFTER = timedelta(minutes=60)
ATTEMPTS = 4
"""Tries of an optimistic write before the batch is left to the next delivery."""


@dataclass(frozen=True, slots=True)
class Tickets:
    """The use cases with what they need. ``delay_scale`` shortens waits in the local stack; SLA time never."""

    store: TicketStore
    surroundings: Surroundings
    delay_scale: Decimal = Decimal(1)

    def handle_printer(self, tenant_id: str, printer_id: str, now: datetime) -> None:
        """Bring the printer's calls in line with what it says now: an image of a stream may be an old one."""
        state = self.surroundings.state(tenant_id, printer_id)
        if state is not None:
            self.handle_state(state, now)

    def keep_past_alerts(self, old: Item, new: Item) -> None:
        """Keep what ended between two images of a printer's state. Safe to repeat: the same keys, the same items."""
        if new.get("alerts", []) == old.get("alerts", []):
            return
        wanted = alert_history.keys_begun(old, new)
        begun_at = self.store.alerts_begun(new["tenant_id"], new["printer_id"], wanted) if wanted else {}
        self.store.keep([*alert_history.begun(old, new), *alert_history.ended(old, new, begun_at)])

    def handle_state(self, state: PrinterState, now: datetime) -> None:
        """Bring problems and calls in line with a printer's alerts; unmanaged printers have none."""
        if not self.surroundings.is_managed(state.tenant_id, state.printer_id):
            return
        calendar = self._calendar(state.tenant_id, state.site_id)
        seen_at = min(state.taken_at, now)
        known = {problem.logical_key: problem for problem in self.store.problems(state.tenant_id, state.printer_id)}
        present = {
            key: alert
            for key, alert in standing(state.alerts).items()
            if not has_expired(alert, known.get(key), seen_at)
        }
        for key, alert in present.items():
            before = known.get(key)
            if before is not None and came_again(alert, before, state.boot_epoch) and not self._is_on_open_call(before):
                # It ended between two readings, and with it what a person's end of its call stood for.
                self._clear(before, seen_at, now)
                before = self.store.problem(state.tenant_id, state.printer_id, key)
            problem = self._seen(state, alert, before, known, calendar, seen_at)
            if problem.wants_call(now):
                self.open_call_if_due(problem, now)
            elif problem is not before:
                self.store.save_problem(problem)  # None: another writer was faster, and the next reading looks again
        for key, problem in known.items():
            if key not in present:
                self._clear(problem, seen_at, now)

    def handle_due(self, due: Due, now: datetime) -> None:
        """What the due index gave: a call to look at, or a problem whose delay has passed."""
        thing = self.store.thing(due)
        if isinstance(thing, ServiceCall):
            self.wake_up(thing, now)
        elif thing is not None and not self.surroundings.is_managed(thing.tenant_id, thing.printer_id):
            self._clear(thing, now, now)
        elif thing is not None:
            self.open_call_if_due(thing, now)

    def open_call_if_due(self, problem: Problem, now: datetime) -> None:
        """Open the problem's call, or attach it to the family's open one, once its delay has passed.

        The problem is stored with it, and need not have been before.
        """
        for _ in range(ATTEMPTS):
            if not problem.wants_call(now) or self._join_family(problem, now):
                return
            present = self.store.problem(problem.tenant_id, problem.printer_id, problem.logical_key)
            if present is not None and present.version != problem.version:
                problem = present
        raise Conflict("busy_family", "Other writers kept changing this call; the delivery is tried again.")

    def wake_up(self, call: ServiceCall, now: datetime) -> None:
        """Give the notices that are due and resolve what cleared long enough ago (SLA-08, ALR-11).

        Once a day the call is compared with its printer, so that a lost change of the stream changes nothing.
        """
        calendar = self._calendar(call.tenant_id, call.site_id)
        is_managed = self.surroundings.is_managed(call.tenant_id, call.printer_id)
        looks_again = now - call.looked_at >= calls.LOOK_AGAIN_AFTER
        if looks_again and is_managed:
            self.handle_printer(call.tenant_id, call.printer_id, now)
            call = self.store.call(call.tenant_id, call.call_id) or call
        if not call.is_open:
            return
        if not is_managed and calls.TRANSITIONS[call.state] >= {CallState.CANCELLED}:
            self._withdraw(call, now, calendar)
            return
        changed = self._timed(call)
        if self._should_resolve(changed, now):
            changed = calls.resolve_by_itself(changed, now, calendar)
        elif changed.is_open and changed.resolve_automatically_at is None:
            changed = _with_notices(changed, now, calendar)
        if looks_again:
            changed = changed.changed(looked_at=now)
        if changed is not call:
            self.store.save_call(changed)  # False: another writer was faster, and the next sweep looks again

    def _withdraw(self, call: ServiceCall, now: datetime, calendar: BusinessCalendar) -> None:
        """End the call of a printer that left the programme; should it come back, its alerts count as new."""
        if self.store.save_call(calls.cancel_by_itself(call, now, calendar)):
            for problem in self.store.problems(call.tenant_id, call.printer_id):
                if problem.call_id == call.call_id:
                    self._clear(problem, now, now)

    def transition(
        self, call: ServiceCall, to: CallState, now: datetime, *, by: str, reason: str | None
    ) -> ServiceCall:
        """A person moves the call; `Conflict` when the move is illegal or somebody else was faster."""
        calendar = self._calendar(call.tenant_id, call.site_id)
        moved = self._timed(calls.move(call, to, now, calendar, by=by, reason=reason))
        if to is CallState.REOPENED:
            self._check_reopening(call, now, calendar)
        if not self.store.save_call(moved):
            raise Conflict("changed_meanwhile", "The call was changed by another request; read it again.")
        return moved.changed(version=moved.version + 1)

    def visible_call(self, tenant_id: str, call_id: str, organization_path: str) -> ServiceCall:
        """The call when it is of the organisation or below; `NotFound` otherwise, missing or foreign alike."""
        call = self.store.call(tenant_id, call_id)
        if call is None or not call.organization_path.startswith(organization_path):
            raise NotFound("service call", call_id)
        return call

    def _check_reopening(self, call: ServiceCall, now: datetime, calendar: BusinessCalendar) -> None:
        """`Conflict` when a person reopens too late, or another call has the problem by now (BRK-03, ALR-08)."""
        resolved_at = call.resolved_at or now
        if now > calendar.day_after(resolved_at, calls.REOPEN_BUSINESS_DAYS):
            days = calls.REOPEN_BUSINESS_DAYS
            raise Conflict("too_late_to_reopen", f"A call can be reopened for {days} business days after it resolved.")
        marker = self.store.marker(call.tenant_id, call.printer_id, call.family)
        if marker is not None and marker.open and marker.call_id != call.call_id:
            raise Conflict("newer_call", f"Call '{marker.call_id}' is open for the same problem; go on with that one.")

    def _join_family(self, problem: Problem, now: datetime) -> bool:
        """Put the problem on its family's call, a new one if need be; False when another writer was faster."""
        calendar = self._calendar(problem.tenant_id, problem.site_id)
        marker = self.store.marker(problem.tenant_id, problem.printer_id, problem.family)
        call = self.store.call(problem.tenant_id, marker.call_id) if marker is not None else None
        if call is None or not (call.is_open or calls.may_reopen(call, now)):
            call = calls.open_call(new_id("sc"), problem, now, calendar, self._device(problem))
            return self.store.create_call(call, problem.changed(call_id=call.call_id))
        bring = calls.attach if call.is_open else calls.reopen
        joined = self._timed(bring(call, problem, now, calendar))
        on_call = problem.changed(call_id=call.call_id)
        return self.store.save_problem(on_call) is not None if joined is call else self.store.save_call(joined, on_call)

    def _clear(self, problem: Problem, at: datetime, now: datetime) -> None:
        """The problem is over, and its evidence with it; the call resolves itself later, or now if that has passed."""
        for _ in range(ATTEMPTS):
            if not problem.is_open:
                return
            cleared = problem.changed(cleared_at=max(at, problem.first_seen_at))
            if self._save_cleared(cleared, now):
                return
            present = self.store.problem(problem.tenant_id, problem.printer_id, problem.logical_key)
            if present is None:
                return
            problem = present
        raise Conflict("busy_call", "Other writers kept changing this call; the delivery is tried again.")

    def _save_cleared(self, cleared: Problem, now: datetime) -> bool:
        call = self.store.call(cleared.tenant_id, cleared.call_id) if cleared.call_id is not None else None
        if call is None:
            return self.store.save_problem(cleared) is not None
        changed = self._timed(calls.alert_cleared(call, cleared, cleared.cleared_at or now, now))
        if self._should_resolve(changed, now):
            changed = calls.resolve_by_itself(changed, now, self._calendar(call.tenant_id, call.site_id))
        if changed is call:
            return self.store.save_problem(cleared) is not None
        return self.store.save_call(changed, cleared)

    def _timed(self, call: ServiceCall) -> ServiceCall:
        """The call with the time at which it resolves by itself, as its state and evidence have it now."""
        at = calls.resolves_itself_at(call, self._scaled(AUTO_RESOLVE_AFTER))
        return call if at == call.resolve_automatically_at else call.changed(resolve_automatically_at=at)

    def _should_resolve(self, call: ServiceCall, now: datetime) -> bool:
        due = call.resolve_automatically_at
        return call.is_open and due is not None and due <= now

    def _seen(
        self,
        state: PrinterState,
        alert: Alert,
        before: Problem | None,
        known: Mapping[str, Problem],
        calendar: BusinessCalendar,
        seen_at: datetime,
    ) -> Problem:
        """The problem that a row is; the one before itself when the row says nothing new."""
        if before is None or not before.is_open or came_again(alert, before, state.boot_epoch):
            asked = classify(alert, self._manufacturer(state))
            problem = new_problem(state, alert, asked, before, seen_at)
            problem = problem.changed(call_due_at=self._call_due_at(asked, problem.first_seen_at, calendar))
            if before is not None and self._is_on_open_call(before):
                # It is back on the same call: no delay, and what stood until now stays attached.
                problem = problem.changed(call_due_at=seen_at, call_id=before.call_id if before.is_open else None)
            if recurs(problem, known.values()):
                problem = as_recurring(problem)
            return problem
        if (before.row, before.boot_epoch) != (alert.index, state.boot_epoch):
            return before.changed(row=alert.index, boot_epoch=state.boot_epoch)
        return before

    def _manufacturer(self, state: PrinterState) -> str | None:
        printer = self.surroundings.printer(state.tenant_id, state.printer_id)
        return printer.manufacturer if printer else None

    def _is_on_open_call(self, problem: Problem) -> bool:
        """True while its call goes on."""
        call = self.store.call(problem.tenant_id, problem.call_id) if problem.call_id is not None else None
        return call is not None and call.is_open

    def _call_due_at(self, asked: Classification, seen: datetime, calendar: BusinessCalendar) -> datetime | None:
        delay = asked.delay
        if delay is None:
            return None
        span = self._scaled(delay.span)
        return calendar.add(seen, span) if delay.in_business_hours else seen + span

    def _scaled(self, span: timedelta) -> timedelta:
        return timedelta(microseconds=int(Decimal(span // timedelta(microseconds=1)) * self.delay_scale))

    def _calendar(self, tenant_id: str, site_id: str) -> BusinessCalendar:
        return calendar_of(self.surroundings.site(tenant_id, site_id))

    def _device(self, problem: Problem) -> dict[str, str | None]:
        printer = self.surroundings.printer(problem.tenant_id, problem.printer_id)
        if printer is None:
            return {}
        return {
            "manufacturer": printer.manufacturer,
            "model": printer.model,
            "serial_number": printer.serial_number,
        }


def _with_notices(call: ServiceCall, now: datetime, calendar: BusinessCalendar) -> ServiceCall:
    for name, clock in call.clocks.items():
        for pct in sla.notices_due(clock, now, calendar):
            clock = sla.notified(clock, pct, calendar)  # noqa: PLW2901 - the clock with one more notice
            what = "sla_breached" if pct == sla.NOTICES_PCT[-1] else "sla_warning"
            call = call.changed(clocks={**call.clocks, name: clock})
            call = call.note(HistoryEntry(at=now, what=what, detail=f"{name} {pct} %"))
        if clock.next_notice_at is not None and clock.next_notice_at <= now:
            # The site's hours changed since: the notice is later than it was.
            later = clock.model_copy(update={"next_notice_at": sla.next_notice(clock, calendar)})
            call = call.changed(clocks={**call.clocks, name: later})
    return call
