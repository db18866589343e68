"""The shape of a printer known from its last full reading, so that the next one asks for exactly its cells.

Cells are packed into as few GETs as the usual response size allows; the alert table, whose rows come and go, is
always walked. A shape is dropped as soon as the printer shows that it changed, and after some readings anyway.
"""

from dataclasses import dataclass, field
from typing import Final

from edge import oids
from edge.answers import Answers, Column
from edge.plan import ALERT_COLUMNS, PROBE, SUPPLY_COLUMNS
from edge.profiles import Profile
from edge.session import Session
from edge.snmp_codec import Absent, ErrorStatus, Oid, PreparedRequest, Value

REPLY_OCTETS: Final = 1_300
LEAST_REPLY_OCTETS: Final = 300
READINGS_PER_SHAPE: Final = 24
_BINDING_OVERHEAD: Final = 8
_HEADER_OCTETS: Final = 60
_MAX_ALERT_ROWS: Final = 8
_NUMBER_OCTETS: Final = 4
_TWO_OCTET_ARC: Final = 128

Cell = tuple[Oid, Oid, Oid]
"""Column, index, and the whole name."""


class ShapeChanged(Exception):
    """The printer is not as it was: read it in full."""


class ReplyTooBig(ShapeChanged):
    """The printer cannot send so much at once: pack its cells into smaller replies."""


@dataclass(slots=True)
class Shape:
    """What to ask of a printer whose cells are known.

    Attributes:
        profile: the maker's profile.
        requests: encoded GETs with the cells each asks for.
        finished: columns that were read to their end.
        device_index: hrDeviceIndex of the printer.
        config_changes: prtGeneralConfigChanges when the shape was learnt.
        uptime: sysUpTime of the last reading; going back means a restart.
        alert_rows: rows of the alert table at the last reading.
        labels: what the rows of self-labelling tables count; only their values are asked for again.
        readings_left: readings until the printer is read in full again.
    """

    profile: Profile | None
    requests: tuple[tuple[PreparedRequest, tuple[Cell, ...]], ...]
    finished: frozenset[Oid]
    device_index: Oid
    config_changes: int | None
    uptime: int | None
    alert_rows: int
    labels: dict[Oid, Column] = field(default_factory=dict)
    readings_left: int = field(default=READINGS_PER_SHAPE)

    @property
    def alert_rows_to_ask(self) -> int:
        """Alert rows to ask for so that one reply shows the table's end."""
        return min(self.alert_rows + 1, _MAX_ALERT_ROWS)


def learn(
    answers: Answers, profile: Profile | None, session: Session, reply_octets: int = REPLY_OCTETS
) -> Shape | None:
    """The shape of a printer after a full reading; None when its supplies were not read to their end."""
    if not answers.read_to_end((*SUPPLY_COLUMNS, *ALERT_COLUMNS)):
        return None
    packs: list[list[Cell]] = [[]]
    octets = _HEADER_OCTETS
    labels = _label_columns(answers, profile)
    for cell, value in _cells(answers):
        if cell[0] in labels:
            continue
        size = _BINDING_OVERHEAD + _name_octets(cell[2]) + _value_octets(value)
        if octets + size > reply_octets and packs[-1]:
            packs.append([])
            octets = _HEADER_OCTETS
        packs[-1].append(cell)
        octets += size
    return Shape(
        profile=profile,
        requests=tuple(
            (session.prepare_get(tuple(name for _, _, name in pack)), tuple(pack)) for pack in packs if pack
        ),
        finished=frozenset(answers.finished),
        device_index=answers.device_index,
        config_changes=answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, answers.device_index),
        uptime=answers.number(oids.SYS_UP_TIME),
        alert_rows=len(answers.indexes(ALERT_COLUMNS)),
        labels=labels,
    )


async def read_cells(session: Session, shape: Shape) -> Answers:
    """Ask for the shape's cells.

    Raises:
        ReplyTooBig: a reply does not fit.
        ShapeChanged: a cell is gone, the printer restarted or says that its configuration changed.
        NoAnswer: the printer does not answer.
        MalformedReply: what it answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    answers = Answers()
    answers.device_index = shape.device_index
    answers.finished = set(shape.finished) - set(ALERT_COLUMNS)
    answers.columns.update(shape.labels)
    for request, cells in shape.requests:
        reply = await session.send(request)
        if reply.error is ErrorStatus.TOO_BIG:
            raise ReplyTooBig
        if reply.error is not ErrorStatus.NONE or len(reply.bindings) != len(cells):
            raise ShapeChanged
        for (column, index, expected), (name, value) in zip(cells, reply.bindings, strict=True):
            if name != expected or (isinstance(value, Absent) and value is not Absent.UNREADABLE):
                raise ShapeChanged
            answers.put(column, index, value)
    uptime = answers.number(oids.SYS_UP_TIME)
    restarted = uptime is not None and shape.uptime is not None and uptime < shape.uptime
    changes = answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, shape.device_index)
    if restarted or changes != shape.config_changes:
        raise ShapeChanged
    shape.uptime = uptime
    shape.readings_left -= 1
    return answers


def _label_columns(answers: Answers, profile: Profile | None) -> dict[Oid, Column]:
    tables = profile.counter_tables if profile else ()
    return {table.label_column: dict(answers.column(table.label_column)) for table in tables}


def _cells(answers: Answers) -> list[tuple[Cell, Value]]:
    device = answers.device_index
    return [
        ((column, index, column + index), value)
        for column, rows in answers.columns.items()
        if column not in ALERT_COLUMNS
        for index, value in rows.items()
        if column not in PROBE or column == oids.PRT_LOCALIZATION_CHARACTER_SET or index in {(0,), device}
    ]


def _name_octets(name: Oid) -> int:
    return len(name) + sum(1 for arc in name if arc >= _TWO_OCTET_ARC)


def _value_octets(value: Value) -> int:
    if isinstance(value, bytes):
        return len(value) + 2
    return len(value) + 2 if isinstance(value, tuple) else _NUMBER_OCTETS + 1
