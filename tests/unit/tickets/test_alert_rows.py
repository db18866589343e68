"""Rows of an alert table: which still stand, which ended without vanishing, which came again."""

from datetime import timedelta

import pytest

from functions.tickets.alerts.classify import classify, logical_key
from functions.tickets.alerts.problem import new_problem
from functions.tickets.alerts.rows import OLDEST, began_at, came_again, has_expired, standing
from functions.tickets.table.models import Problem
from shared.wire.reading import Alert
from tests.support.tickets import MONDAY, a_fuser_failure, a_state, minutes


def row(index: str, code: int, **fields: object) -> Alert:
    given = {"index": index, "code": code, "group": "cover", "group_index": 1, "location": 3, "severity": "critical"}
    return Alert.model_validate(given | fields)


def known(alert: Alert, boot_epoch: int = 0) -> Problem:
    return new_problem(a_state(boot_epoch=boot_epoch), alert, classify(alert), None, MONDAY)


def test_a_removal_ends_the_row_it_names() -> None:
    """AT-ALR-08."""
    gone, other = row("1.57", 8), row("1.58", 3)
    removal = row("1.60", 1801, group="alert", group_index=57, severity="warning")

    rows = standing([gone, other, removal])

    assert logical_key(gone) not in rows
    assert logical_key(other) in rows


def test_a_removal_ends_no_row_that_came_after_it_nor_another_devices() -> None:
    removal = row("1.60", 1801, group="alert", group_index=61)
    later, elsewhere = row("1.61", 8), row("2.57", 30)

    rows = standing([removal, later, elsewhere, row("1.62", 1801, group="alert", group_index=57)])

    assert {logical_key(later), logical_key(elsewhere)} <= rows.keys()


@pytest.mark.parametrize(("opened", "closed"), [(3, 4), (5, 6), (18, 19), (501, 502)])
def test_a_cover_that_closed_is_not_open(opened: int, closed: int) -> None:
    assert logical_key(row("1.5", opened)) not in standing([row("1.5", opened), row("1.6", closed)])
    assert logical_key(row("1.7", opened)) in standing([row("1.6", closed), row("1.7", opened)])
    assert logical_key(row("1.5", opened)) in standing([row("1.5", opened), row("1.6", closed, location=9)])


def test_of_two_rows_of_one_problem_the_first_says_since_when() -> None:
    early = a_fuser_failure(MONDAY - minutes(9), index="1.5")
    late = a_fuser_failure(MONDAY, index="1.6")

    assert standing([late, early]) == standing([early, late]) == {logical_key(early): early}


@pytest.mark.parametrize("severity", ["warning", "critical", "warningBinaryChangeEvent"])
def test_an_event_without_an_end_is_over_after_a_day(severity: str) -> None:
    """ALR-05."""
    alert = a_fuser_failure(MONDAY, severity=severity)

    assert not has_expired(alert, None, MONDAY + timedelta(hours=24))
    assert has_expired(alert, None, MONDAY + timedelta(hours=24, seconds=1)) is (severity == "warning")


def test_an_event_whose_time_is_not_known_is_as_old_as_its_row() -> None:
    alert = a_fuser_failure(severity="warning", raised_at=None)
    problem = known(alert)
    cleared = problem.changed(cleared_at=MONDAY)
    next_day = MONDAY + timedelta(hours=25)

    assert has_expired(alert, cleared, next_day)
    assert not has_expired(a_fuser_failure(severity="warning", raised_at=None, index="1.9"), cleared, next_day)


def test_a_time_is_believed_for_a_year_back_and_never_ahead() -> None:
    assert began_at(a_fuser_failure(MONDAY + minutes(60)), MONDAY) == MONDAY
    assert began_at(a_fuser_failure(MONDAY.replace(year=1)), MONDAY) == MONDAY - OLDEST
    assert began_at(a_fuser_failure(raised_at=None), MONDAY) == MONDAY


def test_a_later_row_of_the_same_boot_is_a_new_occurrence() -> None:
    problem = known(a_fuser_failure(MONDAY, index="1.5"))
    later = a_fuser_failure(MONDAY + minutes(9), index="1.8")

    assert came_again(later, problem, boot_epoch=0)
    assert not came_again(later, problem, boot_epoch=1)
    assert not came_again(a_fuser_failure(MONDAY + minutes(9), index="1.5"), problem, boot_epoch=0)
    assert not came_again(a_fuser_failure(MONDAY + minutes(0.5), index="1.8"), problem, boot_epoch=0)
    assert not came_again(a_fuser_failure(raised_at=None, index="1.8"), problem, boot_epoch=0)
