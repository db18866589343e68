"""The shape of a printer made like that of another one of its kind: the same questions, and its own values."""

from dataclasses import replace
from typing import Final, NamedTuple

from edge.reading.closing import AlertsKnown, Closing
from edge.reading.plan import ALERT_COLUMNS
from edge.reading.shape import Pack, Shape
from edge.snmp import oids
from edge.snmp.answers import Answers, column_of
from edge.snmp.credentials import CredentialSet
from edge.snmp.parts import Parts, SharedParts
from edge.snmp.reply_size import value_octets
from edge.snmp.session import Session

_MOST_GROWTH: Final = 48
"""Octets more than the model's that a printer's values may have altogether, to be asked for in the same packs."""


class Model(NamedTuple):
    """A shape that others of its kind are made like; nothing is read by it.

    Attributes:
        shape: as it was learnt.
        credentials: that its questions are encoded for.
    """

    shape: Shape
    credentials: CredentialSet


def model_of(shape: Shape, session: Session) -> Model:
    """A copy that stays as it is."""
    packs = [Pack(pack.request, pack.cells) for pack in shape.packs]
    return Model(replace(shape, packs=packs, columns=list(shape.columns), parts=Parts()), session.credentials)


def learn_like(model: Model, answers: Answers, session: Session, shared: SharedParts) -> Shape | None:
    """As `learn`, for a printer that has the very cells of the model; None when its replies may be too large so.

    Args:
        model: of its kind.
        answers: of a full reading that was like the model's.
        session: with the printer.
        shared: what was made of other printers' answers.
    """
    shape = model.shape
    alert_rows = len(answers.indexes(ALERT_COLUMNS))
    if session.credentials != model.credentials or not answers.read_to_end(ALERT_COLUMNS):
        return None
    columns, growth = [], 0
    for name, theirs in zip(shape.names, shape.columns, strict=True):
        own = answers.columns.get(name, {})
        if own is not theirs:
            if own.keys() != theirs.keys():
                own = {index: value for index, value in own.items() if index in theirs}
            if len(own) != len(theirs):
                return None
            if own == theirs:
                own = theirs
            else:
                growth += sum(map(value_octets, own.values())) - sum(map(value_octets, theirs.values()))
                own = column_of(tuple(own.items()))
        columns.append(own)
    if growth > _MOST_GROWTH or alert_rows > shape.alerts.rows + 1:
        return None
    return replace(
        shape,
        packs=[Pack(pack.request, pack.cells) for pack in shape.packs],
        columns=columns,
        config_changes=answers.number(oids.PRT_GENERAL_CONFIG_CHANGES, answers.device_index),
        uptime=answers.number(oids.SYS_UP_TIME),
        alerts=AlertsKnown(alert_rows),
        closing=None if shape.closing is None else Closing(shape.closing.cells),
        parts=Parts(shared=shared),
    )
