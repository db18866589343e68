"""Printers of one kind: what was asked to read one of them in full reads the next one with fewer questions.

The questions are GETNEXTs that go along every column to its end, all of them prepared. Each answer must be named as the
first printer's was, and each column must end where that one's did, so nothing is taken for granted but where to ask: a
printer with one row more or less, anywhere, is found out and read in the usual way. Its values are its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from edge.profiles.makers import Profile
from edge.reading.access import MOST_NAMES, REPLY_OCTETS
from edge.reading.closing import NAMES, room_for
from edge.reading.full_reading import groups_of
from edge.reading.inquiry import Inquiry
from edge.reading.plan import ALERT_COLUMNS
from edge.reading.shape import Shape, learn
from edge.reading.shape_model import Model, learn_like, model_of
from edge.reading.walk import is_there, name_before
from edge.snmp import oids
from edge.snmp.answers import Answers, Column, column_of
from edge.snmp.codec import Absent, Binding, Oid, PreparedRequest, RequestKind
from edge.snmp.credentials import SnmpVersion
from edge.snmp.earlier import NOTHING_EARLIER, Earlier
from edge.snmp.parts import SharedParts
from edge.snmp.reply_size import HEADER_OCTETS, binding_octets
from edge.snmp.session import Session

ALERT_ROWS: Final = 2
"""Rows of the alert table that are asked for; most printers have none."""
_END_VALUE: Final = b"Another one"
_MOST_COMMUNITIES: Final = 8


class Unlike(Exception):
    """The printer is not like the one that the questions were made of, or does not answer them as a whole."""


class Different(Unlike):
    """It answers them, otherwise than that one."""


class Expected(NamedTuple):
    """What a name must be followed by.

    Attributes:
        asked: the name.
        column: of what follows.
        row: its index; None where nothing may follow that begins with ``whole``.
        whole: its name.
    """

    asked: Oid
    column: Oid
    row: Oid | None
    whole: Oid


class Base(NamedTuple):
    """What one printer answered, for others to be compared with; both parts belong together.

    Attributes:
        earlier: its replies, the last one apart; none before a printer was read by the questions.
        columns: its columns; never changed.
    """

    earlier: tuple[Earlier, ...]
    columns: Mapping[Oid, Column]


@dataclass(slots=True)
class Likeness:
    """The questions.

    Attributes:
        profile: the maker's profile.
        steps: what is asked, the last one together with the alerts.
        base: what there is to compare with.
        finished: columns that they read to their end, alerts apart.
        faults: printers in a row that were not alike.
        model: the shape of the printer whose answers are the base.
    """

    profile: Profile | None
    steps: tuple[tuple[Expected, ...], ...]
    base: Base
    finished: frozenset[Oid]
    faults: int = 0
    model: Model | None = None
    _requests: dict[tuple[SnmpVersion, str], tuple[PreparedRequest, ...]] = field(default_factory=dict)

    async def read(self, inquiry: Inquiry, answers: Answers) -> list[Binding]:
        """Ask and count whether the printer is alike; `_read` says the rest."""
        try:
            alerts = await self._read(inquiry, answers)
        except Different:
            self.faults += 1
            raise
        self.faults = 0
        return alerts

    async def _read(self, inquiry: Inquiry, answers: Answers) -> list[Binding]:
        """Ask; the answers get all columns but the alerts. Gives those: their rows, column by column in turn.

        Raises:
            Unlike: the answers are as before.
            NoAnswer, MalformedReply, BudgetSpent: as `Inquiry.send`.
        """
        earlier, before = self.base
        known = earlier or (NOTHING_EARLIER,) * (len(self.steps) - 1)
        columns, fresh, kept = dict(before), set[Oid](), []
        *requests, closing = self._prepared(inquiry.session)
        for step, request, last in zip(self.steps[:-1], requests, known, strict=True):
            reply = await inquiry.send(request, len(step), last, proven=False)
            if reply is None:
                raise Unlike
            kept.append(reply.kept or last)
            _take(step, enumerate(reply.bindings) if reply.changes is None else reply.changes, columns, fresh)
        step = self.steps[-1]
        lead = len(step) + 1
        reply = await inquiry.send(closing, lead + NAMES, NOTHING_EARLIER, proven=False, more=True)
        if reply is None:
            raise Unlike
        _take(step, enumerate(reply.bindings[: lead - 1]), columns, fresh)
        if not self.base.earlier and kept:
            self.base = Base(tuple(kept), {name: column_of(tuple(rows.items())) for name, rows in columns.items()})
            columns = dict(self.base.columns)
        name, value = reply.bindings[lead - 1]
        answers.uptime_with_alerts = value if name == (*oids.SYS_UP_TIME, 0) and isinstance(value, int) else None
        for column, rows in columns.items():
            probed = answers.columns.get(column)
            answers.columns[column] = rows if probed is None else {**probed, **rows}
        answers.finished.update(self.finished)
        return reply.bindings[lead:]

    def shape(self, answers: Answers, inquiry: Inquiry, shared: SharedParts) -> Shape | None:
        """The shape of a printer that was read by the questions, as `learn` gives it."""
        session = inquiry.session
        if self.model is not None:
            shape = learn_like(self.model, answers, session, shared)
            if shape is not None:
                return shape
        shape = learn(answers, self.profile, session, inquiry.plan, shared)
        if self.model is None and shape is not None:
            self.model = model_of(shape, session)
        return shape

    def _prepared(self, session: Session) -> tuple[PreparedRequest, ...]:
        key = session.credentials.version, session.credentials.community
        requests = self._requests.get(key)
        if requests is None:
            if len(self._requests) >= _MOST_COMMUNITIES:
                self._requests.clear()
            named = [tuple(each.asked for each in step) for step in self.steps]
            names = (*named.pop(), oids.SYS_UP_TIME, *ALERT_COLUMNS)
            requests = self._requests[key] = (
                *(session.prepare(RequestKind.GET_NEXT, each) for each in named),
                session.prepare(RequestKind.GET_BULK, names, len(names) - NAMES, ALERT_ROWS),
            )
        return requests


def _take(
    step: tuple[Expected, ...],
    told: "enumerate[Binding] | list[tuple[int, Binding]]",
    columns: dict[Oid, Column],
    fresh: set[Oid],
) -> None:
    """Put what is different into the columns; a column that is goes on as a new one."""
    for place, (name, value) in told:
        _, column, index, whole = step[place]
        if index is None:
            if name[: len(whole)] == whole and value is not Absent.END_OF_MIB_VIEW:
                raise Different
            continue
        if name != whole or not is_there(value):
            raise Different
        if columns[column][index] == value:
            continue
        if column not in fresh:
            fresh.add(column)
            columns[column] = dict(columns[column])
        columns[column][index] = value


def likeness_of(answers: Answers, profile: Profile | None, cells: list[tuple[Oid, Oid]]) -> Likeness | None:
    """The questions that read a printer like this one; None where it did not answer everything.

    Args:
        answers: of a full reading, with all rows that were read.
        profile: the maker's profile.
        cells: that were asked for one by one.
    """
    walked = tuple(column for group in groups_of(answers, profile) for column in group.columns)
    if answers.unanswered or not answers.finished.issuperset(walked):
        return None
    expected: list[Expected] = []
    columns: dict[Oid, Column] = {}
    for column, index in cells:
        whole, rows = column + index, answers.columns.get(column, {})
        there = index in rows
        expected.append(Expected(name_before(whole), column, index if there else None, whole))
        if there:
            columns.setdefault(column, {})[index] = rows[index]
    if len({each.asked for each in expected}) < len(expected):
        return None  # of two that follow the same name, only the first can be had so
    for column in walked:
        rows = answers.columns.get(column, {})
        names = [column, *(column + index for index in sorted(rows))]
        size = len(column)
        expected.extend(Expected(asked, column, whole[size:], whole) for asked, whole in pairwise(names))
        expected.append(Expected(names[-1], column, None, column))
        if rows:
            columns[column] = rows
    return Likeness(profile, _steps(expected, columns), Base((), columns), frozenset(walked))


def _steps(expected: list[Expected], columns: Mapping[Oid, Column]) -> tuple[tuple[Expected, ...], ...]:
    """Cut into questions by the size of their replies, with room for the alerts in the last one."""
    steps: list[list[Expected]] = [[]]
    octets = HEADER_OCTETS
    for each in expected:
        value = _END_VALUE if each.row is None else columns[each.column][each.row]
        size = binding_octets(each.whole, value)
        if steps[-1] and (octets + size > REPLY_OCTETS or len(steps[-1]) >= MOST_NAMES):
            steps.append([])
            octets = HEADER_OCTETS
        steps[-1].append(each)
        octets += size
    if octets + room_for(ALERT_ROWS) > REPLY_OCTETS or len(steps[-1]) + 1 + NAMES > MOST_NAMES:
        steps.append([])
    return tuple(map(tuple, steps))
