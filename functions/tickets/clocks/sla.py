"""SLA clocks of a call: targets by priority, pauses, warnings, breach, re-target (SLA-01..11). Pure."""

from datetime import datetime, timedelta
from typing import Final

from functions.tickets.clocks.calendar import BusinessCalendar
from functions.tickets.table.models import Clock, ClockState

POLICY_VERSION: Final = "default-1"
ACKNOWLEDGE: Final = "acknowledge"
ON_SITE: Final = "on_site"
RESOLVE: Final = "resolve"

_HOUR: Final = 60
TARGET_MINUTES: Final[dict[int, dict[str, int]]] = {
    1: {ACKNOWLEDGE: 30, ON_SITE: 2 * _HOUR, RESOLVE: 4 * _HOUR},
    2: {ACKNOWLEDGE: _HOUR, ON_SITE: 4 * _HOUR, RESOLVE: 8 * _HOUR},
    3: {ACKNOWLEDGE: _HOUR, ON_SITE: 8 * _HOUR, RESOLVE: 16 * _HOUR},
    4: {ACKNOWLEDGE: 2 * _HOUR, ON_SITE: 16 * _HOUR, RESOLVE: 24 * _HOUR},
    5: {ACKNOWLEDGE: 4 * _HOUR, ON_SITE: 24 * _HOUR, RESOLVE: 40 * _HOUR},
}
"""Minutes of the site's business time by priority; P2 is the trade's usual promise (SLA-11)."""

NOTICES_PCT: Final = (50, 75, 90, 100)
_LIVE: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED})


def start_clocks(priority: int, started_at: datetime, calendar: BusinessCalendar) -> dict[str, Clock]:
    """A running clock for each target of the priority."""
    return {name: started(minutes, started_at, calendar) for name, minutes in TARGET_MINUTES[priority].items()}


def started(minutes: int, at: datetime, calendar: BusinessCalendar) -> Clock:
    """A clock that runs from ``at``."""
    return _run(Clock(target_minutes=minutes, started_at=at, counted_from=at, due_at=at), at, 0, calendar)


def elapsed(clock: Clock, at: datetime, calendar: BusinessCalendar) -> timedelta:
    """Business time that counts against the target until ``at``, or until the clock stopped (SLA-04, SLA-05)."""
    used = timedelta(seconds=clock.used_seconds)
    if clock.state is ClockState.PAUSED:
        return used
    return used + calendar.between(clock.counted_from, clock.ended_at or at)


def retarget(clock: Clock, minutes: int, changed_at: datetime, calendar: BusinessCalendar) -> Clock:
    """The clock under another target from ``changed_at``: the share that is left is kept (SLA-09)."""
    if clock.state not in _LIVE:
        return clock
    share = elapsed(clock, changed_at, calendar) / timedelta(minutes=clock.target_minutes)
    used = round(share * minutes * 60)
    moved = clock.model_copy(update={"target_minutes": minutes, "used_seconds": used, "counted_from": changed_at})
    return moved if clock.state is ClockState.PAUSED else _run(moved, changed_at, used, calendar)


def pause(clock: Clock, at: datetime, calendar: BusinessCalendar) -> Clock:
    """The clock held while somebody else has the next move (SLA-06)."""
    if clock.state is not ClockState.RUNNING:
        return clock
    used = _seconds(elapsed(clock, at, calendar))
    held = {"state": ClockState.PAUSED, "used_seconds": used, "counted_from": at, "next_notice_at": None}
    return clock.model_copy(update=held)


def resume(clock: Clock, at: datetime, calendar: BusinessCalendar) -> Clock:
    """A paused clock going on: its due time moves by the business time of the pause (SLA-05)."""
    if clock.state is not ClockState.PAUSED:
        return clock
    return _run(clock, at, clock.used_seconds, calendar)


def reopen(clock: Clock, at: datetime, calendar: BusinessCalendar) -> Clock:
    """A clock that ended in time going on with the share it had used; a breach stays one (ALR-11).

    The share never falls, so a notice that was given stays given and none comes twice (SLA-08).
    """
    if clock.state not in {ClockState.MET, ClockState.CANCELLED} or clock.ended_at is None:
        return clock
    return _run(clock, at, _seconds(elapsed(clock, at, calendar)), calendar)


def end(clock: Clock, at: datetime) -> Clock:
    """The clock stopped by its event: met when not after the due time (SLA-04)."""
    if clock.state is ClockState.BREACHED and clock.ended_at is None:
        return clock.model_copy(update={"ended_at": at})
    is_late = clock.state is ClockState.RUNNING and at > clock.due_at
    return _stop(clock, at, ClockState.BREACHED if is_late else ClockState.MET)


def cancel(clock: Clock, at: datetime) -> Clock:
    """The clock of an event that will not come; breached when it should have come before ``at``."""
    is_late = clock.state is ClockState.RUNNING and at > clock.due_at
    return _stop(clock, at, ClockState.BREACHED if is_late else ClockState.CANCELLED)


def notices_due(clock: Clock, now: datetime, calendar: BusinessCalendar) -> list[int]:
    """The notices (50, 75, 90, 100 percent) that are due and were not given, oldest first (SLA-08)."""
    if clock.state is not ClockState.RUNNING:
        return []
    return [pct for pct in NOTICES_PCT if pct > clock.notified_pct and notice_at(clock, pct, calendar) <= now]


def notified(clock: Clock, pct: int, calendar: BusinessCalendar) -> Clock:
    """The clock with that notice given; at 100 percent it is breached."""
    given = clock.model_copy(update={"notified_pct": pct})
    if pct >= NOTICES_PCT[-1]:
        return given.model_copy(update={"state": ClockState.BREACHED, "next_notice_at": None})
    return given.model_copy(update={"next_notice_at": next_notice(given, calendar)})


def next_notice(clock: Clock, calendar: BusinessCalendar) -> datetime | None:
    """When the clock has to be looked at next, None when never."""
    pending = [pct for pct in NOTICES_PCT if pct > clock.notified_pct]
    if clock.state is not ClockState.RUNNING or not pending:
        return None
    return notice_at(clock, pending[0], calendar)


def notice_at(clock: Clock, pct: int, calendar: BusinessCalendar) -> datetime:
    """When ``pct`` percent of the target has passed; never after the due time, which alone was promised (SLA-07)."""
    if pct >= NOTICES_PCT[-1]:
        return clock.due_at
    left = timedelta(minutes=clock.target_minutes) * pct / 100 - timedelta(seconds=clock.used_seconds)
    return min(calendar.add(clock.counted_from, left), clock.due_at)


def _run(clock: Clock, at: datetime, used_seconds: int, calendar: BusinessCalendar) -> Clock:
    """The clock running from ``at`` with that much of its target used; due at once when all of it is (SLA-09)."""
    left = timedelta(minutes=clock.target_minutes, seconds=-used_seconds)
    running = {
        "state": ClockState.RUNNING,
        "counted_from": at,
        "used_seconds": used_seconds,
        "due_at": calendar.add(at, left),
        "ended_at": None,
    }
    going = clock.model_copy(update=running)
    return going.model_copy(update={"next_notice_at": next_notice(going, calendar)})


def _stop(clock: Clock, at: datetime, state: ClockState) -> Clock:
    if clock.state not in _LIVE:
        return clock
    stopped: dict[str, object] = {"state": state, "ended_at": at, "next_notice_at": None}
    if clock.state is ClockState.PAUSED:
        stopped["counted_from"] = at  # the pause is not counted
    return clock.model_copy(update=stopped)


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)
