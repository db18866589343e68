"""Which printers are of one kind, and what is known of each kind."""

from typing import Final

from edge.profiles.makers import Profile
from edge.reading.access import MOST_NAMES, REPLY_OCTETS
from edge.reading.inquiry import Inquiry
from edge.reading.likeness import Likeness
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid

MOST_FAULTS: Final = 3
"""Printers in a row that were not like the first one, after which no more are taken to be."""

Kind = tuple[object, ...]


def kind_of(answers: Answers, profile: Profile | None, cells: list[tuple[Oid, Oid]], inquiry: Inquiry) -> Kind | None:
    """What printers of one kind have in common after the probe; None for one that must be read in the usual way.

    Args:
        answers: to the probe.
        profile: the maker's profile, as the probe tells it.
        cells: that are to be asked for one by one.
        inquiry: with the printer.
    """
    object_id = answers.cell(oids.SYS_OBJECT_ID)
    if not answers.has_printer_mib or not object_id or answers.unanswered or not _is_usual(inquiry):
        return None
    rows = tuple((column, *found) for column, found in answers.columns.items())
    model = answers.cell(oids.HR_DEVICE_DESCR, answers.device_index)
    return object_id, model, profile and profile.name, answers.device_index, rows, tuple(cells)


def _is_usual(inquiry: Inquiry) -> bool:
    plan = inquiry.plan
    limits = (plan.most_names, plan.reply_octets) == (MOST_NAMES, REPLY_OCTETS)
    return inquiry.session.can_bulk and plan.bulk and limits and not plan.skipped


class Likenesses:
    """Those known, by kind; the oldest of too many goes.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._known: dict[Kind, Likeness] = {}

    def find(self, kind: Kind | None, profile: Profile | None) -> Likeness | None:
        """The questions for a printer of that kind; None when there are none, or they were in vain too often."""
        found = None if kind is None else self._known.get(kind)
        return found if found is not None and found.profile is profile and found.faults < MOST_FAULTS else None

    def lacks(self, kind: Kind, profile: Profile | None) -> bool:
        """Whether a printer of that kind should be learnt from."""
        known = self._known.get(kind)
        return known is None or known.profile is not profile or 0 < known.faults < MOST_FAULTS

    def learn(self, kind: Kind, likeness: Likeness | None) -> None:
        """Keep questions in the place of those for the same kind; how often those were in vain is not forgotten."""
        if likeness is None:
            return
        before = self._known.pop(kind, None)
        if before is not None and before.profile is likeness.profile:
            likeness.faults = before.faults
        while len(self._known) >= self._most:
            self._known.pop(next(iter(self._known)))
        self._known[kind] = likeness
