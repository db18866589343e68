"""Clocks: re-target, pauses, reopening, notices; the share of the target that has passed never falls."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.tickets.clocks import sla
from functions.tickets.clocks.calendar import BusinessCalendar
from functions.tickets.table.models import Clock, ClockState

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = BusinessCalendar(NEW_YORK, dict.fromkeys(range(1, 6), ((time(8), time(17)),)))


def monday(hour: int, minute: int = 0, day: int = 11) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def test_a_raised_priority_keeps_the_share_that_is_left() -> None:
    """AT-SLA-15: P3 8 h from Monday 08:00, at 13:00 P2 4 h: 37.5 % left, due 14:30."""
    clock = sla.started(480, monday(8), OFFICE)

    moved = sla.retarget(clock, 240, monday(13), OFFICE)

    assert moved.due_at == monday(14, 30)
    assert (moved.target_minutes, moved.started_at) == (240, monday(8))


def test_after_a_new_target_notices_follow_the_share_and_not_the_start() -> None:
    clock = sla.notified(sla.started(480, monday(8), OFFICE), 50, OFFICE)

    moved = sla.retarget(clock, 240, monday(13), OFFICE)

    assert sla.notices_due(moved, monday(13), OFFICE) == []
    assert moved.next_notice_at == monday(13, 30)  # 75 % of four hours, two and a half of them used


def test_a_target_already_used_up_is_due_when_it_was_changed_and_not_before() -> None:
    clock = sla.started(480, monday(8), OFFICE)

    moved = sla.retarget(clock, 240, monday(20), OFFICE)

    assert moved.due_at == monday(20)


def test_a_pause_moves_the_due_time_by_its_business_time() -> None:
    """AT-SLA-08: eight hours from Friday 10:00, paused from Friday 15:00 to Monday 09:00."""
    clock = sla.started(480, monday(10, day=15), OFFICE)

    held = sla.pause(clock, monday(15, day=15), OFFICE)
    again = sla.resume(held, monday(9, day=18), OFFICE)

    assert (held.state, held.next_notice_at) == (ClockState.PAUSED, None)
    assert again.due_at == monday(12, day=18)


def test_a_paused_clock_gives_no_notice_and_cannot_breach() -> None:
    held = sla.pause(sla.started(60, monday(8), OFFICE), monday(8, 50), OFFICE)

    assert sla.notices_due(held, monday(16), OFFICE) == []
    assert sla.end(held, monday(16)).state is ClockState.MET
    assert sla.elapsed(sla.end(held, monday(16)), monday(17), OFFICE) == timedelta(minutes=50)


def test_a_clock_that_ended_twice_in_time_goes_on_with_what_is_left() -> None:
    first = sla.reopen(sla.end(sla.started(480, monday(8), OFFICE), monday(10)), monday(12), OFFICE)

    second = sla.reopen(sla.end(first, monday(13)), monday(15), OFFICE)

    assert sla.elapsed(second, monday(15), OFFICE) == timedelta(hours=3)
    assert second.due_at == monday(11, day=12)


def test_a_breach_stays_a_breach_when_the_call_is_reopened() -> None:
    late = sla.end(sla.started(60, monday(8), OFFICE), monday(10))

    assert late.state is ClockState.BREACHED
    assert sla.reopen(late, monday(11), OFFICE) == late


def test_a_breached_clock_still_learns_when_its_event_came() -> None:
    breached = sla.notified(sla.started(60, monday(8), OFFICE), 100, OFFICE)

    ended = sla.end(breached, monday(11))

    assert (ended.state, ended.ended_at) == (ClockState.BREACHED, monday(11))


def test_an_event_at_the_very_due_time_is_in_time() -> None:
    clock = sla.started(60, monday(16), OFFICE)

    assert clock.due_at == monday(17)
    assert sla.end(clock, monday(17)).state is ClockState.MET


def test_a_target_that_runs_out_unmet_is_no_longer_cancelled_but_breached() -> None:
    clock = sla.started(60, monday(8), OFFICE)

    assert sla.cancel(clock, monday(9)).state is ClockState.CANCELLED
    assert sla.cancel(clock, monday(9, 1)).state is ClockState.BREACHED


def test_after_an_outage_all_notices_are_due_oldest_first() -> None:
    clock = sla.started(60, monday(8), OFFICE)

    assert sla.notices_due(clock, monday(8, 45), OFFICE) == [50, 75]
    assert sla.notices_due(clock, monday(9), OFFICE) == [50, 75, 90, 100]


def test_a_site_that_opens_less_than_it_did_warns_no_later_than_it_promised() -> None:
    """SLA-07: the due time stays the one of the call, so a warning must not come after it."""
    clock = sla.started(480, monday(8), OFFICE)
    mornings = BusinessCalendar(NEW_YORK, dict.fromkeys(range(1, 6), ((time(8), time(9)),)))

    assert sla.next_notice(clock, mornings) == clock.due_at == monday(16)


@pytest.mark.parametrize("minutes", [0, -60])
def test_a_target_of_no_time_is_no_target(minutes: int) -> None:
    with pytest.raises(ValidationError):
        Clock(target_minutes=minutes, started_at=monday(8), counted_from=monday(8), due_at=monday(8))


steps = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "raise", "lower", "end", "reopen"]), st.integers(1, 2_000)),
    max_size=12,
)


@given(steps)
def test_the_share_that_has_passed_never_falls_whatever_is_done(moves: list[tuple[str, int]]) -> None:
    clock, now, share = sla.started(480, monday(8), OFFICE), monday(8), 0.0
    second = 1.5 / (240 * 60)
    for what, minutes in moves:
        now += timedelta(minutes=minutes)
        clock = {
            "pause": lambda clock=clock, now=now: sla.pause(clock, now, OFFICE),
            "resume": lambda clock=clock, now=now: sla.resume(clock, now, OFFICE),
            "raise": lambda clock=clock, now=now: sla.retarget(clock, 240, now, OFFICE),
            "lower": lambda clock=clock, now=now: sla.retarget(clock, 480, now, OFFICE),
            "end": lambda clock=clock, now=now: sla.end(clock, now),
            "reopen": lambda clock=clock, now=now: sla.reopen(clock, now, OFFICE),
        }[what]()
        after = sla.elapsed(clock, now, OFFICE) / timedelta(minutes=clock.target_minutes)

        assert after >= share - second
        if clock.state is ClockState.RUNNING and clock.due_at > now:
            assert OFFICE.between(now, clock.due_at) / timedelta(minutes=clock.target_minutes) == pytest.approx(
                1 - after, abs=second
            )
        share = after
