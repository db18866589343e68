"""Jams that recur become a technician's work (ALR-10)."""

from datetime import datetime, timedelta

import pytest

from functions.tickets.alerts.classify import classify
from functions.tickets.alerts.problem import as_recurring, new_problem, recurs
from functions.tickets.table.models import CallType, Problem
from tests.support.tickets import MONDAY, a_fuser_failure, a_state


def jams(*at: datetime, location: int = 3, code: int = 8) -> Problem:
    """A jam that occurred at these times, the last one just now."""
    problem = None
    for moment in at:
        alert = a_fuser_failure(moment, code=code, group="mediaPath", location=location, training_level="untrained")
        problem = new_problem(a_state(alert, at=moment), alert, classify(alert), problem, moment)
    assert problem is not None
    return problem


def hours(*ago: float) -> list[datetime]:
    return [MONDAY - timedelta(hours=each) for each in ago]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [((23, 12, 0), True), ((24, 12, 0), True), ((25, 12, 0), False), ((12, 0), False)],
)
def test_three_jams_at_one_place_within_a_day_recur(ago: tuple[float, ...], expected: bool) -> None:
    assert recurs(jams(*hours(*ago)), []) is expected


def test_five_jams_of_a_printer_within_a_week_recur_wherever_they_were() -> None:
    here = jams(*hours(100, 50, 0))
    there = jams(*hours(150, 90), location=9).changed(cleared_at=MONDAY)

    assert not recurs(here, [here])
    assert recurs(here, [here, there])
    assert not recurs(here, [here, jams(*hours(169, 90), location=9)])


def test_other_alerts_do_not_recur() -> None:
    assert not recurs(jams(*hours(3, 2, 1, 0), code=1004), [])


def test_a_recurring_jam_is_a_technicians_work_at_once() -> None:
    """AT-ALR-10."""
    problem = as_recurring(jams(*hours(2, 1, 0)))

    assert (problem.name, problem.priority, problem.call_type) == ("recurring jam", 3, CallType.CORRECTIVE)
    assert problem.wants_call(MONDAY)


def test_occurrences_are_kept_for_a_week_and_in_a_bounded_number() -> None:
    assert len(jams(*hours(200, 1, 0)).occurred_at) == 2
    assert len(jams(*hours(*range(60, -1, -1))).occurred_at) == 20
