"""The nine statuses of a printer and what else keeps it out of the programme (ELG-01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.agent_versions import is_at_least
from shared.eligibility.statuses import EligibilityStatus

RULE_VERSION: Final = "elg-1"
"""Stored with every decision (D19); another order or another test is another version."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the decision depends on. ``max_lifetime_count`` is None when the programme knows no such model."""

    managed: bool
    pending: bool
    registered: bool
    max_lifetime_count: int | None
    agent_version: str | None
    lifetime_count: int | None
    has_contact: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """A printer's status and every other check that fails, in order of precedence."""

    status: EligibilityStatus
    blockers: tuple[EligibilityStatus, ...] = ()


def evaluate(printer: Circumstances, required_agent_version: str) -> Verdict:
    """The printer's status and blockers (ELG-01). A count equal to the maximum is eligible."""
    failing = [status for status, fails in _checks(printer, required_agent_version) if fails]
    if not failing:
        return Verdict(EligibilityStatus.ELIGIBLE)
    return Verdict(failing[0], tuple(failing[1:]))


def count_statuses(statuses: Iterable[EligibilityStatus]) -> dict[EligibilityStatus, int]:
    """How many printers have each of the nine statuses, zeros included; the counts add up to the selection."""
    counts = dict.fromkeys(EligibilityStatus, 0)
    for status in statuses:
        counts[status] += 1
    return counts


def _checks(printer: Circumstances, required_agent_version: str) -> list[tuple[EligibilityStatus, bool]]:
    count, maximum = printer.lifetime_count, printer.max_lifetime_count
    return [
        (EligibilityStatus.ALREADY_MANAGED, printer.managed),
        (EligibilityStatus.PENDING, printer.pending),
        (EligibilityStatus.REGISTRATION_FAILED, not printer.registered),
        (EligibilityStatus.MODEL_UNSUPPORTED, maximum is None),
        (EligibilityStatus.AGENT_DOWNLEVEL, not is_at_least(printer.agent_version, required_agent_version)),
        (EligibilityStatus.LPC_MISSING, count is None),
        (EligibilityStatus.LPC_EXCEEDED, count is not None and maximum is not None and count > maximum),
        (EligibilityStatus.NO_CONTACT, not printer.has_contact),
    ]
