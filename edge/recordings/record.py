"""Makes a recording of a printer: what a reading needs, the standard tables about it, its maker's objects."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.profiles.makers import Profile, load_profiles
from edge.reading.identity import object_id
from edge.recordings.recorded_answers import answers_of, recognised
from edge.recordings.recording import Rows, TypedCodec
from edge.recordings.redaction import LeftOut, redacted
from edge.snmp import oids
from edge.snmp.codec import Binding, Oid, RequestKind
from edge.snmp.session import BudgetSpent, ReaderLimits, Session
from edge.snmp.subtree import get_rows, walk_subtree

MOST_ROWS: Final = 2_000
MOST_SILENT: Final = 3
"""Subtrees in a row without an answer, after which the printer is taken for silent."""
RECORD_LIMITS: Final = ReaderLimits(seconds_per_printer=180, octets_per_printer=8 * 1024 * 1024)
_SYSTEM_SCALARS: Final = (
    oids.SYS_DESCR,
    oids.SYS_OBJECT_ID,
    oids.SYS_UP_TIME,
    oids.SYS_NAME,  # this and the next: to find them again elsewhere; they are left out
    oids.SYS_LOCATION,
)
_GENERAL_COLUMNS: Final = (*range(1, 4), *range(6, 20))
"""prtGeneralTable without the operator's and the service person's names."""
_PRINTER_TABLES: Final = (6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18)
"""Tables of the Printer-MIB without channels (14, addresses) and the panel's text (16, users and jobs)."""
STANDARD: Final[tuple[Oid, ...]] = (
    oids.IF_PHYS_ADDRESS,
    oids.HR_DEVICE_ENTRY,
    (*oids.MIB_2, 25, 3, 5),
    *((*oids.PRT_GENERAL_ENTRY, column) for column in _GENERAL_COLUMNS),
    *((*oids.PRINTER_MIB, table) for table in _PRINTER_TABLES),
)


@dataclass(slots=True)
class Recorded:
    """A recording and what is to be said about it.

    Attributes:
        rows: what may be shared.
        left_out: how many rows were left out, by reason.
        profile: the maker's profile, None for an unknown maker.
        cut_short: subtrees whose end was not seen.
    """

    rows: Rows
    left_out: Counter[LeftOut]
    profile: Profile | None
    cut_short: list[Oid] = field(default_factory=list)


async def record(session: Session, codec: TypedCodec, *, also: Sequence[Oid] = ()) -> Recorded:
    """Record one printer. sysContact and lists of jobs are never asked for; the rest is redacted.

    Args:
        session: the printer's conversation.
        codec: the codec of the session's transport.
        also: more subtrees, for a maker whose objects no profile names yet.

    Raises:
        NoAnswer: the printer is silent.
        MalformedReply: its first answer cannot be read.
    """
    first = await session.ask(RequestKind.GET_NEXT, _SYSTEM_SCALARS)
    found = [
        (name, value)
        for scalar, (name, value) in zip(_SYSTEM_SCALARS, first.bindings, strict=False)
        if name[: len(scalar)] == scalar
    ]
    walks = _Walks(session, found)
    profile = None
    try:
        for root in STANDARD:
            await walks.take(root)
        profile = await _profile(session, found)
        if profile is not None:
            found += await get_rows(session, profile.oids())
        for root in (*(profile.columns() if profile else ()), *also):
            await walks.take(root)
    except BudgetSpent:
        walks.cut_short.append(())
    rows = {name: row for name, value in found if (row := codec.row(name, value)) is not None}
    panel = [source.oid for source in profile.console_text] if profile else []
    kept, left_out = redacted(rows, panel)
    return Recorded(kept, left_out, profile, walks.cut_short)


class _Walks:
    """Walks one subtree after another; a printer that has fallen silent is not asked for the rest."""

    def __init__(self, session: Session, found: list[Binding]) -> None:
        self.cut_short: list[Oid] = []
        self._session = session
        self._found = found
        self._silent = 0

    async def take(self, root: Oid) -> None:
        rows: list[Binding] = []
        ended = False
        if self._silent < MOST_SILENT:
            rows, ended = await walk_subtree(self._session, root, most_rows=MOST_ROWS)
            self._silent = 0 if rows or ended else self._silent + 1
        self._found.extend(rows)
        if not ended:
            self.cut_short.append(root)


async def _profile(session: Session, found: Sequence[Binding]) -> Profile | None:
    values = dict(found)
    answers = answers_of(values)
    if object_id(answers) is None:  # it says nothing of itself: ask for what only one maker's printers answer
        marks = [profile.identify for profile in load_profiles() if profile.identify is not None]
        values.update(binding for binding in await get_rows(session, marks) if isinstance(binding[1], bytes))
    return recognised(answers, values)
