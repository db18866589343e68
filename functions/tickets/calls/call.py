"""The life of a service call: legal moves and what each does to the clocks (BRK-03, ALR-08, ALR-11). Pure."""

from datetime import datetime, timedelta
from typing import Final

from functions.tickets.clocks import sla
from functions.tickets.clocks.calendar import BusinessCalendar
from functions.tickets.table.models import (
    MAX_EVIDENCE,
    CallState,
    CallType,
    Clock,
    ClockState,
    Evidence,
    HistoryEntry,
    Problem,
    ServiceCall,
)
from shared.errors import Conflict

TRANSITIONS: Final[dict[CallState, frozenset[CallState]]] = {
    CallState.NEW: frozenset({CallState.TRIAGE, CallState.RESOLVED, CallState.CANCELLED}),
    CallState.TRIAGE: frozenset(
        {
            CallState.REMOTE_WORK,
            CallState.AWAITING_CUSTOMER,
            CallState.TO_DISPATCH,
            CallState.RESOLVED,
            CallState.CANCELLED,
        }
    ),
    CallState.REMOTE_WORK: frozenset(
        {CallState.AWAITING_CUSTOMER, CallState.TO_DISPATCH, CallState.RESOLVED, CallState.CANCELLED}
    ),
    CallState.AWAITING_CUSTOMER: frozenset(
        {CallState.REMOTE_WORK, CallState.TO_DISPATCH, CallState.RESOLVED, CallState.CANCELLED}
    ),
    CallState.TO_DISPATCH: frozenset({CallState.SCHEDULED, CallState.RESOLVED, CallState.CANCELLED}),
    CallState.SCHEDULED: frozenset({CallState.IN_SERVICE, CallState.TO_DISPATCH, CallState.RESOLVED}),
    CallState.IN_SERVICE: frozenset({CallState.RESOLVED, CallState.ON_HOLD}),
    CallState.ON_HOLD: frozenset({CallState.SCHEDULED, CallState.IN_SERVICE, CallState.RESOLVED}),
    CallState.RESOLVED: frozenset({CallState.CLOSED, CallState.REOPENED}),
    CallState.REOPENED: frozenset({CallState.TRIAGE, CallState.RESOLVED, CallState.CANCELLED}),
    CallState.CLOSED: frozenset(),
    CallState.CANCELLED: frozenset(),
}
TECHNICIAN_STATES: Final = frozenset({CallState.IN_SERVICE})
"""While a technician is there, a cleared alert resolves nothing by itself (ALR-11)."""
REOPEN_WITHIN: Final = timedelta(hours=24)
REOPEN_BUSINESS_DAYS: Final = 5
"""How long a person may reopen a resolved call (BRK-03)."""
LOOK_AGAIN_AFTER: Final = timedelta(hours=24)
SELF_CLEARED: Final = "self_cleared"
BY_PERSON: Final = "by_person"
LEFT_PROGRAMME: Final = "left_programme"
PAUSING_STATES: Final = frozenset({CallState.AWAITING_CUSTOMER})
"""While the customer has the next move, on-site and resolve are held (SLA-06)."""
_PAUSABLE: Final = (sla.ON_SITE, sla.RESOLVE)


def open_call(
    call_id: str, problem: Problem, now: datetime, calendar: BusinessCalendar, device: dict[str, str | None]
) -> ServiceCall:
    """A new call for a problem, its clocks running from ``now``."""
    priority = problem.priority or 4
    call = ServiceCall(
        call_id=call_id,
        tenant_id=problem.tenant_id,
        organization_id=problem.organization_id,
        organization_path=problem.organization_path,
        site_id=problem.site_id,
        printer_id=problem.printer_id,
        call_type=problem.call_type or CallType.PHONE_FIX,
        family=problem.family,
        priority=priority,
        title=problem.description or problem.name,
        opened_at=now,
        looked_at=now,
        policy_version=sla.POLICY_VERSION,
        clocks=sla.start_clocks(priority, now, calendar),
        evidence=[evidence_of(problem)],
        **device,
    )
    return call.note(HistoryEntry(at=now, what="opened", detail=problem.name))


def attach(call: ServiceCall, problem: Problem, now: datetime, calendar: BusinessCalendar) -> ServiceCall:
    """The call with one more alert as evidence; its priority may only rise (ALR-08).

    An alert that was there before and came back is the same evidence, once more; of too much evidence the
    oldest that is over falls out first.
    """
    before = next((each for each in call.evidence if each.logical_key == problem.logical_key), None)
    if before is None or before.cleared_at is not None:
        call = call.changed(evidence=_with_evidence(call, problem, before))
        call = call.note(HistoryEntry(at=now, what="alert_attached", detail=problem.name))
    if problem.priority is None or problem.priority >= call.priority:
        return call
    targets = sla.TARGET_MINUTES[problem.priority]
    clocks = {name: sla.retarget(clock, targets[name], now, calendar) for name, clock in call.clocks.items()}
    raised = call.changed(priority=problem.priority, clocks=clocks)
    return raised.note(HistoryEntry(at=now, what="priority_raised", detail=f"P{problem.priority}"))


def alert_cleared(call: ServiceCall, problem: Problem, at: datetime, now: datetime) -> ServiceCall:
    """The call with that alert marked as over; a call that is closed stays as it was closed."""
    if call.state in {CallState.CLOSED, CallState.CANCELLED}:
        return call
    evidence = [
        each.model_copy(update={"cleared_at": at})
        if each.logical_key == problem.logical_key and each.cleared_at is None
        else each
        for each in call.evidence
    ]
    if evidence == call.evidence:
        return call
    return call.changed(evidence=evidence).note(HistoryEntry(at=now, what="alert_cleared", detail=problem.name))


def resolves_itself_at(call: ServiceCall, after: timedelta) -> datetime | None:
    """When the call resolves by itself: ``after`` its last alert cleared, no technician being there (ALR-11).

    Never for what had cleared before a person reopened the call: the person knew.
    """
    cleared = [each.cleared_at for each in call.evidence if each.cleared_at is not None]
    if not call.is_open or call.state in TECHNICIAN_STATES or not cleared or len(cleared) < len(call.evidence):
        return None
    last = max(cleared)
    return None if call.reopened_at is not None and last <= call.reopened_at else last + after


def move(
    call: ServiceCall,
    to: CallState,
    now: datetime,
    calendar: BusinessCalendar,
    *,
    by: str,
    reason: str | None = None,
) -> ServiceCall:
    """The call in its next state, its clocks with it; `Conflict` names the legal ones when the move is not."""
    if to not in TRANSITIONS[call.state]:
        legal = ", ".join(sorted(TRANSITIONS[call.state])) or "none"
        raise Conflict("illegal_transition", f"A call that is '{call.state}' can become: {legal}.")
    clocks = _clocks_after(call, to, now, calendar)
    moved = call.changed(state=to, clocks=clocks)
    for name in _newly_breached(call.clocks, clocks):
        moved = moved.note(HistoryEntry(at=now, what="sla_breached", detail=f"{name} 100 %"))
    moved = moved.note(HistoryEntry(at=now, what=to, by=by, detail=reason))
    if to is CallState.RESOLVED:
        return moved.changed(resolved_at=now, cause=BY_PERSON)
    if to is CallState.REOPENED:
        return moved.changed(reopened_at=now, resolved_at=None, cause=None)
    return moved


def resolve_by_itself(call: ServiceCall, now: datetime, calendar: BusinessCalendar) -> ServiceCall:
    """The call resolved because every alert is over; its clocks count as met in time (SLA-10, ALR-11)."""
    cleared_at = max((each.cleared_at for each in call.evidence if each.cleared_at is not None), default=now)
    ended = {
        name: sla.cancel(clock, cleared_at) if name == sla.ON_SITE else sla.end(clock, cleared_at)
        for name, clock in call.clocks.items()
    }
    before = call.changed(clocks=ended, resolve_automatically_at=None)
    resolved = move(before, CallState.RESOLVED, now, calendar, by="platen", reason=SELF_CLEARED)
    return resolved.changed(cause=SELF_CLEARED)


def cancel_by_itself(call: ServiceCall, now: datetime, calendar: BusinessCalendar) -> ServiceCall:
    """The call cancelled because its printer left the programme (BRK-03: before a visit is planned)."""
    cancelled = move(call, CallState.CANCELLED, now, calendar, by="platen", reason=LEFT_PROGRAMME)
    return cancelled.changed(cause=LEFT_PROGRAMME)


def reopen(call: ServiceCall, problem: Problem, now: datetime, calendar: BusinessCalendar) -> ServiceCall:
    """The same call again, for an alert that came back within a day; its clocks go on (ALR-11)."""
    again = move(call, CallState.REOPENED, now, calendar, by="platen", reason=problem.name)
    return attach(again, problem, now, calendar)


def may_reopen(call: ServiceCall, now: datetime) -> bool:
    """True when an alert that is back reopens the call: it had resolved by itself within a day (ALR-11)."""
    self_cleared = call.state is CallState.RESOLVED and call.cause == SELF_CLEARED
    return self_cleared and call.resolved_at is not None and now - call.resolved_at <= REOPEN_WITHIN


def next_wake_up(call: ServiceCall) -> datetime:
    """When an open call has to be looked at next (SLA-08).

    Its automatic resolution or else its earliest notice, and once a day in any case: while all its alerts are
    over no notice is given, because it counts as met when they cleared in time (SLA-10).
    """
    again = call.looked_at + LOOK_AGAIN_AFTER
    if call.resolve_automatically_at is not None:
        return min(call.resolve_automatically_at, again)
    return min([again, *(clock.next_notice_at for clock in call.clocks.values() if clock.next_notice_at is not None)])


def _clocks_after(call: ServiceCall, to: CallState, now: datetime, calendar: BusinessCalendar) -> dict[str, Clock]:
    clocks = dict(call.clocks)
    if to is CallState.CANCELLED:
        return {name: sla.cancel(clock, now) for name, clock in clocks.items()}
    clocks[sla.ACKNOWLEDGE] = sla.end(clocks[sla.ACKNOWLEDGE], now)
    for name in _PAUSABLE:
        if to in PAUSING_STATES:
            clocks[name] = sla.pause(clocks[name], now, calendar)
        elif to is CallState.REOPENED and not (name == sla.ON_SITE and clocks[name].state is ClockState.MET):
            clocks[name] = sla.reopen(clocks[name], now, calendar)
        elif to is not CallState.RESOLVED:
            clocks[name] = sla.resume(clocks[name], now, calendar)
    if to is CallState.IN_SERVICE:
        clocks[sla.ON_SITE] = sla.end(clocks[sla.ON_SITE], now)
    if to is CallState.RESOLVED:
        clocks[sla.ON_SITE] = sla.cancel(clocks[sla.ON_SITE], now)
        clocks[sla.RESOLVE] = sla.end(clocks[sla.RESOLVE], now)
    return clocks


def _newly_breached(before: dict[str, Clock], after: dict[str, Clock]) -> list[str]:
    return [
        name
        for name, clock in after.items()
        if clock.state is ClockState.BREACHED and before[name].state is not ClockState.BREACHED
    ]


def _with_evidence(call: ServiceCall, problem: Problem, before: Evidence | None) -> list[Evidence]:
    times = before.times + 1 if before is not None else 1
    newest = evidence_of(problem).model_copy(update={"times": times})
    evidence = [*(each for each in call.evidence if each is not before), newest]
    while len(evidence) > MAX_EVIDENCE:
        over = next((place for place, each in enumerate(evidence) if each.cleared_at is not None), 0)
        del evidence[over]
    return evidence


def evidence_of(problem: Problem) -> Evidence:
    """A problem as it stands on a call."""
    return Evidence.model_validate(problem.model_dump())
