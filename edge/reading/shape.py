"""The shape of a printer known from its last full reading, so that the next one asks for exactly its cells.

Cells are packed into as few GETs as the printer's replies allow; the alert table, whose rows come and go, is
walked along with the last of them. Nearly all of a reply is as it was the last time: only what changed is looked at.
A shape is dropped as soon as the printer shows that it changed, and after some readings anyway.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from edge.profiles.makers import Profile
from edge.reading.access import AccessPlan
from edge.reading.closing import AlertsKnown, Closing
from edge.reading.inquiry import Inquiry
from edge.reading.layout import Cell, layout_of, packed, wanted_columns
from edge.reading.plan import ALERT_COLUMNS, SUPPLY_COLUMNS
from edge.reading.walk import is_there
from edge.snmp import oids
from edge.snmp.answers import Answers, Column, column_of, one_of
from edge.snmp.codec import Binding, Oid, PreparedRequest, Reply, RequestKind
from edge.snmp.earlier import NOTHING_EARLIER, Earlier
from edge.snmp.parts import Parts, SharedParts
from edge.snmp.session import Session

READINGS_PER_SHAPE: Final = 24


class ShapeChanged(Exception):
    """The printer is not as it was: read it in full."""


@dataclass(slots=True)
class Pack:
    """One GET and the cells that it asks for.

    Attributes:
        request: encoded once.
        cells: in the order of the reply.
        earlier: what was kept of the last reply.
    """

    request: PreparedRequest
    cells: tuple[Cell, ...]
    earlier: Earlier = NOTHING_EARLIER


@dataclass(slots=True)
class Shape:
    """What to ask of a printer whose cells are known.

    Attributes:
        profile: the maker's profile.
        packs: the GETs.
        names: of the columns.
        columns: what the last reading found, alerts apart. They are never changed, only replaced.
        finished: columns that were read to their end, alerts apart.
        unanswered: columns of which the printer cannot be asked for something.
        device_index: hrDeviceIndex of the printer.
        config_changes: prtGeneralConfigChanges when the shape was learnt.
        uptime: sysUpTime of the last reading; going back means a restart.
        alerts: of the last reading.
        closing: asks for the alerts and the cells that are in none of the packs; None for a printer that must be asked
            in another way.
        proven: the printer has answered these very requests.
        parts: what was made of the last reading.
        readings_left: readings until the printer is read in full again.
    """

    profile: Profile | None
    packs: list[Pack]
    names: tuple[Oid, ...]
    columns: list[Column]
    finished: frozenset[Oid]
    unanswered: frozenset[Oid]
    device_index: Oid
    config_changes: int | None
    uptime: int | None
    alerts: AlertsKnown
    closing: Closing | None
    parts: Parts
    proven: bool = False
    readings_left: int = field(default=READINGS_PER_SHAPE)


class Cells(NamedTuple):
    """What a reading by shape found.

    Attributes:
        answers: the cells, and the alerts where they are as they were.
        alerts: rows of the alert table, column by column in turn; None when they must be asked for.
    """

    answers: Answers
    alerts: list[Binding] | None


def learn(
    answers: Answers, profile: Profile | None, session: Session, plan: AccessPlan, shared: SharedParts
) -> Shape | None:
    """The shape of a printer after a full reading; None when its supplies or alerts were not read to their end.

    Args:
        answers: of that reading.
        profile: the maker's profile.
        session: with the printer.
        plan: how it is best asked.
        shared: what was made of other printers' answers.
    """
    if not answers.read_to_end(SUPPLY_COLUMNS) or not answers.read_to_end(ALERT_COLUMNS):
        return None
    labels = set(profile.label_columns()) if profile else set()
    wanted = wanted_columns(answers.columns, labels, answers.device_index)
    layout = layout_of(wanted)
    values = [value for rows in wanted.values() for value in rows.values()]
    columns = {column: answers.column(column) for column in labels} | wanted
    alerts = AlertsKnown(len(answers.indexes(ALERT_COLUMNS)))
    closes = session.can_bulk and plan.bulk and not plan.skipped and oids.SYS_UP_TIME in wanted
    packs = packed(layout, values, plan, room=alerts.room if closes else (0, 0))
    closing = Closing(packs[-1]) if closes else None
    return Shape(
        profile=profile,
        packs=_packs(packs[:-1] if closes else packs, session),
        names=one_of(tuple(columns)),
        columns=[column_of(tuple(rows.items())) for rows in columns.values()],
        finished=one_of(frozenset(answers.finished.difference(ALERT_COLUMNS))),
        unanswered=one_of(frozenset(answers.unanswered)),
        device_index=answers.device_index,
        config_changes=answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, answers.device_index),
        uptime=answers.number(oids.SYS_UP_TIME),
        alerts=alerts,
        closing=closing,
        parts=Parts(shared=shared),
    )


async def read_cells(inquiry: Inquiry, shape: Shape) -> Cells:
    """Ask for the shape's cells, and for the alerts together with the last of them.

    Those that turn out to make the printer fail are left out of it from then on.

    Raises:
        ShapeChanged: a cell is gone, the printer restarted or says that its configuration changed.
        NoAnswer: the printer does not answer.
        MalformedReply: what it answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    found = _Found()
    for pack in shape.packs:
        await _ask(inquiry, pack, found, proven=shape.proven)
    closing, told = shape.closing, None
    if closing is not None:
        told = await closing.ask(inquiry, shape.alerts, proven=shape.proven)
        if told is None:
            shape.closing = None
            shape.packs.extend(_packs([closing.cells], inquiry.session))
            await _ask(inquiry, shape.packs[-1], found, proven=shape.proven)
        else:
            found.changes.extend((closing.cells[place], binding) for place, binding in told.cells)
    answers = Answers()
    answers.device_index = shape.device_index
    answers.finished = set(shape.finished)
    answers.parts = shape.parts
    answers.columns = _replaced(shape, found.changes)
    for column, index, _ in found.lost:
        answers.columns[column] = {row: value for row, value in answers.columns[column].items() if row != index}
    _check(shape, answers)
    for pack, reply in zip(shape.packs, found.replies, strict=True):
        kept = None if reply is None else reply.kept
        pack.earlier = NOTHING_EARLIER if kept is None else pack.earlier.followed_by(kept)
    shape.unanswered = shape.unanswered.union(column for column, _, _ in found.lost)
    shape.proven = None not in found.replies
    shape.columns = [answers.columns[column] for column in shape.names]
    if not shape.proven:
        _pack_again(shape, inquiry, answers)
    answers.unanswered = set(shape.unanswered)
    shape.readings_left -= 1
    if closing is None or told is None:
        return Cells(answers, None)
    return Cells(answers, closing.taken(told, answers, shape.alerts))


@dataclass(slots=True)
class _Found:
    """What the packs brought: their replies, the cells that are different, and those that cannot be had."""

    replies: list[Reply | None] = field(default_factory=list)
    changes: list[tuple[Cell, Binding]] = field(default_factory=list)
    lost: list[Cell] = field(default_factory=list)


async def _ask(inquiry: Inquiry, pack: Pack, found: _Found, *, proven: bool) -> None:
    reply = await inquiry.send(pack.request, len(pack.cells), pack.earlier, proven=proven)
    found.replies.append(reply)
    if reply is not None:
        told = enumerate(reply.bindings) if reply.changes is None else reply.changes
        found.changes.extend((pack.cells[place], binding) for place, binding in told)
        return
    each = await inquiry.each(RequestKind.GET, [name for _, _, name in pack.cells])
    found.changes.extend((cell, each[cell[2]]) for cell in pack.cells if cell[2] in each)
    found.lost.extend(cell for cell in pack.cells if cell[2] not in each)


def _replaced(shape: Shape, told: Iterable[tuple[Cell, Binding]]) -> dict[Oid, Column]:
    """The columns with what changed; a column that did is a new one, the others are those of the last reading."""
    columns = dict(zip(shape.names, shape.columns, strict=True))
    fresh: set[Oid] = set()
    for (column, index, whole), (name, value) in told:
        if name != whole or not is_there(value):
            raise ShapeChanged
        if columns[column][index] == value:
            continue
        if column not in fresh:
            fresh.add(column)
            columns[column] = dict(columns[column])
        columns[column][index] = value
    return columns


def _pack_again(shape: Shape, inquiry: Inquiry, answers: Answers) -> None:
    """Pack what is left in the way that was learnt when it did not work as it was packed."""
    columns: dict[Oid, Column] = {}
    for pack in shape.packs:
        for column, index, _ in pack.cells:
            if index in answers.columns[column]:
                columns.setdefault(column, {})[index] = answers.columns[column][index]
    values = [value for rows in columns.values() for value in rows.values()]
    shape.packs = _packs(packed(layout_of(columns), values, inquiry.plan), inquiry.session)


def _check(shape: Shape, answers: Answers) -> None:
    """Notice a restart or a change of configuration."""
    uptime = answers.number(oids.SYS_UP_TIME)
    restarted = uptime is not None and shape.uptime is not None and uptime < shape.uptime
    changes = answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, shape.device_index)
    if restarted or changes != shape.config_changes:
        raise ShapeChanged
    shape.uptime = uptime


def _packs(packs: Iterable[tuple[Cell, ...]], session: Session) -> list[Pack]:
    return [Pack(session.prepare(RequestKind.GET, tuple(name for _, _, name in cells)), cells) for cells in packs]
