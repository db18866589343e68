"""Which rows of an alert table still stand (ALR-01, ALR-02, ALR-05). Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from functions.tickets.alerts.classify import logical_key
from functions.tickets.table.models import Problem
from shared.wire.reading import Alert

REMOVAL: Final = 1801
CLOSES: Final = {4: 3, 6: 5, 19: 18, 502: 501}
"""A code that reports the end of another (domain.md 4.2)."""
UNARY: Final = "warning"
"""The severity of an event without a trailing edge: nothing will say that it is over."""
UNARY_LASTS: Final = timedelta(hours=24)
OLDEST: Final = timedelta(days=365)
"""A printer's idea of when an alert began is not believed further back."""
SAME_MOMENT: Final = timedelta(minutes=1)
"""Times computed from an up-time wander by less than this between readings."""


def standing(alerts: Sequence[Alert]) -> dict[str, Alert]:
    """The rows that no other row ends, by logical key; of several with one key the one that began first."""
    rows: dict[str, Alert] = {}
    for alert in alerts:
        if any(_ends(other, alert) for other in alerts):
            continue
        key = logical_key(alert)
        if key not in rows or _is_later(rows[key], alert):
            rows[key] = alert
    return rows


def began_at(alert: Alert, seen_at: datetime) -> datetime:
    """When the alert began, as far as that can be believed; when it was seen if the printer does not say."""
    if alert.raised_at is None:
        return seen_at
    return min(max(alert.raised_at, seen_at - OLDEST), seen_at)


def has_expired(alert: Alert, known: Problem | None, seen_at: datetime) -> bool:
    """True for an event that is more than a day old (ALR-05): its row may stay in the table for ever."""
    if alert.severity != UNARY:
        return False
    same_row = known is not None and alert.raised_at is None and known.row == alert.index
    began = known.first_seen_at if known is not None and same_row else began_at(alert, seen_at)
    return seen_at - began > UNARY_LASTS


def came_again(alert: Alert, known: Problem, boot_epoch: int) -> bool:
    """True when the alert ended and began again between two readings: a later row of the same boot epoch.

    After a restart the same alert has a new row and a new time (ALR-04): that alone means nothing.
    """
    if known.boot_epoch != boot_epoch or known.row in {None, alert.index} or alert.raised_at is None:
        return False
    return alert.raised_at > known.first_seen_at + SAME_MOMENT


def _ends(other: Alert, alert: Alert) -> bool:
    """True when row ``other`` says that row ``alert`` is over."""
    if other is alert or not _is_later(other, alert):
        return False
    device, _, row = alert.index.rpartition(".")
    if other.code == REMOVAL:
        return other.index.rpartition(".")[0] == device and str(other.group_index) == row
    if other.code is None or CLOSES.get(other.code) != alert.code:
        return False
    return (other.group, other.group_index, other.location) == (alert.group, alert.group_index, alert.location)


def _is_later(one: Alert, two: Alert) -> bool:
    if one.raised_at is not None and two.raised_at is not None and one.raised_at != two.raised_at:
        return one.raised_at > two.raised_at
    return _row_numbers(one) > _row_numbers(two)


def _row_numbers(alert: Alert) -> list[int]:
    return [int(part) for part in alert.index.split(".")]
