"""The shape of a printer known from its last full reading, so that the next one asks for exactly its cells.

Cells are packed into as few GETs as the printer's replies allow; the alert table, whose rows come and go, is
always walked. Nearly all of a reply is as it was the last time: only what changed is looked at. A shape is dropped
as soon as the printer shows that it changed, and after some readings anyway.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from edge.profiles.makers import Profile
from edge.reading.access import AccessPlan
from edge.reading.inquiry import Inquiry
from edge.reading.plan import ALERT_COLUMNS, PROBE, PROBED_TABLES, SUPPLY_COLUMNS
from edge.reading.walk import is_there
from edge.snmp import oids
from edge.snmp.answers import Answers, Column, Parts, one_of
from edge.snmp.codec import Binding, Oid, PreparedRequest, RequestKind, Value
from edge.snmp.reply_size import HEADER_OCTETS, binding_octets
from edge.snmp.session import Session

READINGS_PER_SHAPE: Final = 24
_MAX_ALERT_ROWS: Final = 8

Cell = tuple[Oid, Oid, Oid]
"""Column, index, and the whole name."""


@lru_cache(maxsize=16_384)
def _cell(column: Oid, index: Oid) -> Cell:
    """One for all printers that have it: a site's printers have most of their cells in common."""
    return column, index, column + index


@lru_cache(maxsize=4_096)
def _column(rows: tuple[tuple[Oid, Value], ...]) -> Column:
    """A column with these rows, one for all printers that have the same: it is never changed."""
    return dict(rows)


class ShapeChanged(Exception):
    """The printer is not as it was: read it in full."""


@dataclass(slots=True)
class Pack:
    """One GET and the cells that it asks for.

    Attributes:
        request: encoded once.
        cells: in the order of the reply.
        last: the bindings of the last reply.
    """

    request: PreparedRequest
    cells: tuple[Cell, ...]
    last: list[Binding]


@dataclass(slots=True)
class Shape:
    """What to ask of a printer whose cells are known.

    Attributes:
        profile: the maker's profile.
        packs: the GETs.
        columns: what the last reading found, alerts apart. The columns in it are never changed, only replaced.
        finished: columns that were read to their end, alerts apart.
        unanswered: columns of which the printer cannot be asked for something.
        device_index: hrDeviceIndex of the printer.
        config_changes: prtGeneralConfigChanges when the shape was learnt.
        uptime: sysUpTime of the last reading; going back means a restart.
        alert_rows: rows of the alert table at the last reading.
        proven: the printer has answered these very requests.
        parts: what was made of the last reading.
        readings_left: readings until the printer is read in full again.
    """

    profile: Profile | None
    packs: list[Pack]
    columns: dict[Oid, Column]
    finished: frozenset[Oid]
    unanswered: frozenset[Oid]
    device_index: Oid
    config_changes: int | None
    uptime: int | None
    alert_rows: int
    proven: bool = False
    parts: Parts = field(default_factory=Parts)
    readings_left: int = field(default=READINGS_PER_SHAPE)

    @property
    def alert_rows_to_ask(self) -> int:
        """Alert rows to ask for so that one reply shows the table's end."""
        return min(self.alert_rows + 1, _MAX_ALERT_ROWS)


def learn(answers: Answers, profile: Profile | None, session: Session, plan: AccessPlan) -> Shape | None:
    """The shape of a printer after a full reading; None when its supplies or alerts were not read to their end."""
    if not answers.read_to_end(SUPPLY_COLUMNS) or not answers.read_to_end(ALERT_COLUMNS):
        return None
    labels = set(profile.label_columns()) if profile else set()
    cells = [(cell, value) for cell, value in _cells(answers) if cell[0] not in labels]
    rows: dict[Oid, list[tuple[Oid, Value]]] = {column: list(answers.column(column).items()) for column in labels}
    for (column, index, _), value in cells:
        rows.setdefault(column, []).append((index, value))
    return Shape(
        profile=profile,
        packs=_packed(cells, session, plan),
        columns={column: _column(tuple(told)) for column, told in rows.items()},
        finished=one_of(frozenset(answers.finished.difference(ALERT_COLUMNS))),
        unanswered=frozenset(answers.unanswered),
        device_index=answers.device_index,
        config_changes=answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, answers.device_index),
        uptime=answers.number(oids.SYS_UP_TIME),
        alert_rows=len(answers.indexes(ALERT_COLUMNS)),
    )


async def read_cells(inquiry: Inquiry, shape: Shape) -> Answers:
    """Ask for the shape's cells. Those that turn out to make the printer fail are left out of it from then on.

    Raises:
        ShapeChanged: a cell is gone, the printer restarted or says that its configuration changed.
        NoAnswer: the printer does not answer.
        MalformedReply: what it answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    replies: list[list[Binding]] = []
    lost: list[Cell] = []
    works = True
    for pack in shape.packs:
        reply = await inquiry.send(pack.request, len(pack.cells), proven=shape.proven)
        if reply is not None:
            replies.append(reply.bindings)
            continue
        works = False
        found = await inquiry.each(RequestKind.GET, [name for _, _, name in pack.cells])
        replies.append([found.get(cell[2], before) for cell, before in zip(pack.cells, pack.last, strict=True)])
        lost.extend(cell for cell in pack.cells if cell[2] not in found)
    answers = Answers()
    answers.device_index = shape.device_index
    answers.finished = set(shape.finished)
    answers.parts = shape.parts
    answers.columns = _replaced(shape, replies)
    for column, index, _ in lost:
        answers.columns[column] = {row: value for row, value in answers.columns[column].items() if row != index}
    _check(shape, answers)
    for pack, bindings in zip(shape.packs, replies, strict=True):
        pack.last = bindings
    shape.unanswered = shape.unanswered.union(column for column, _, _ in lost)
    shape.proven = works
    if not works:
        _pack_again(shape, inquiry, {name for _, _, name in lost})
    answers.unanswered = set(shape.unanswered)
    shape.columns = dict(answers.columns)
    shape.readings_left -= 1
    return answers


def _replaced(shape: Shape, replies: list[list[Binding]]) -> dict[Oid, Column]:
    """The columns with what changed; a column that did is a new one, the others are those of the last reading."""
    columns = dict(shape.columns)
    for pack, bindings in zip(shape.packs, replies, strict=True):
        if bindings is pack.last or bindings == pack.last:
            continue
        for position, (now, before) in enumerate(zip(bindings, pack.last, strict=True)):
            if now is before or now == before:
                continue
            column, index, whole = pack.cells[position]
            name, value = now
            if name != whole or not is_there(value):
                raise ShapeChanged
            if columns[column] is shape.columns[column]:
                columns[column] = dict(columns[column])
            columns[column][index] = value
    return columns


def _pack_again(shape: Shape, inquiry: Inquiry, lost: set[Oid]) -> None:
    """Pack what is left in the way that was learnt when it did not work as it was packed."""
    pairs = (pair for pack in shape.packs for pair in zip(pack.cells, pack.last, strict=True))
    kept = [(cell, value) for cell, (_, value) in pairs if cell[2] not in lost]
    shape.packs = _packed(kept, inquiry.session, inquiry.plan)


def _check(shape: Shape, answers: Answers) -> None:
    """Notice a restart or a change of configuration."""
    uptime = answers.number(oids.SYS_UP_TIME)
    restarted = uptime is not None and shape.uptime is not None and uptime < shape.uptime
    changes = answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, shape.device_index)
    if restarted or changes != shape.config_changes:
        raise ShapeChanged
    shape.uptime = uptime


def _packed(cells: list[tuple[Cell, Value]], session: Session, plan: AccessPlan) -> list[Pack]:
    """As few GETs as the printer's limits allow."""
    packs: list[list[tuple[Cell, Value]]] = [[]]
    octets = HEADER_OCTETS
    for cell, value in cells:
        size = binding_octets(cell[2], value)
        if packs[-1] and (octets + size > plan.reply_octets or len(packs[-1]) >= plan.most_names):
            packs.append([])
            octets = HEADER_OCTETS
        packs[-1].append((cell, value))
        octets += size
    return [
        Pack(
            request=session.prepare_get(tuple(cell[2] for cell, _ in pack)),
            cells=tuple(cell for cell, _ in pack),
            last=[(cell[2], value) for cell, value in pack],
        )
        for pack in packs
        if pack
    ]


def _cells(answers: Answers) -> list[tuple[Cell, Value]]:
    device = answers.device_index
    return [
        (_cell(column, index), value)
        for column, rows in answers.columns.items()
        if column not in ALERT_COLUMNS
        for index, value in rows.items()
        if column not in PROBE or column in PROBED_TABLES or index in {(0,), device}
    ]
