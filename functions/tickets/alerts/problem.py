"""What an alert row makes of a problem: new, come again, a jam that recurs (ALR-04, ALR-10). Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from functions.tickets.alerts.classify import Classification, logical_key
from functions.tickets.alerts.codes import CODE_RULES
from functions.tickets.alerts.rows import began_at
from functions.tickets.table.models import AlertClass, CallType, Problem
from shared.directory.views import PrinterState
from shared.wire.reading import Alert

JAM: Final = CODE_RULES[8].name
RECURRING_JAM: Final = "recurring jam"
JAMS_IN_A_DAY: Final = 3
"""At one place."""
JAMS_IN_A_WEEK: Final = 5
"""At any place of the printer."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_MAX_OCCURRENCES: Final = 20
_RECURRING_PRIORITY: Final = 3


def new_problem(
    state: PrinterState, alert: Alert, asked: Classification, known: Problem | None, seen_at: datetime
) -> Problem:
    """The problem that an alert row is from now on; ``known`` is the same one before, which is over.

    Its call's due time is left open: that takes the site's calendar.
    """
    began = began_at(alert, seen_at)
    before = known.occurred_at if known is not None else []
    occurred = [at for at in before if began - at <= _WEEK and at != began]
    return Problem(
        tenant_id=state.tenant_id,
        organization_id=state.organization_id,
        organization_path=state.organization_path,
        site_id=state.site_id,
        printer_id=state.printer_id,
        logical_key=logical_key(alert),
        code=alert.code,
        name=asked.name,
        group=alert.group,
        severity=alert.severity,
        description=alert.description,
        alert_class=asked.alert_class,
        family=asked.family,
        priority=asked.priority,
        call_type=asked.call_type,
        first_seen_at=began,
        row=alert.index,
        boot_epoch=state.boot_epoch,
        occurred_at=[*occurred, began][-_MAX_OCCURRENCES:],
        version=known.version if known is not None else 0,
    )


def recurs(problem: Problem, of_printer: Iterable[Problem]) -> bool:
    """True for a jam that came three times in a day at its place, or the printer's fifth in a week (ALR-10)."""
    if problem.name != JAM:
        return False
    at = problem.first_seen_at
    if sum(at - each <= _DAY for each in problem.occurred_at) >= JAMS_IN_A_DAY:
        return True
    jams = [each for each in of_printer if each.name in {JAM, RECURRING_JAM}]
    elsewhere = [each for each in jams if each.logical_key != problem.logical_key]
    in_a_week = sum(at - when <= _WEEK for each in (problem, *elsewhere) for when in each.occurred_at)
    return in_a_week >= JAMS_IN_A_WEEK


def as_recurring(problem: Problem) -> Problem:
    """The jam as a technician's work, at once."""
    return problem.changed(
        name=RECURRING_JAM,
        alert_class=AlertClass.TECH,
        priority=min(problem.priority or _RECURRING_PRIORITY, _RECURRING_PRIORITY),
        call_type=CallType.CORRECTIVE,
        call_due_at=problem.first_seen_at,
    )
