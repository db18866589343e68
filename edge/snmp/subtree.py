"""Bounded walks of whole subtrees, for recordings: each ends, whatever the printer answers."""

from collections.abc import Sequence
from typing import Final

from edge.snmp.codec import Absent, Binding, ErrorStatus, Oid, Reply, RequestKind
from edge.snmp.session import MalformedReply, NoAnswer, Session

_REPETITIONS: Final = (25, 8, 1)
"""Rows asked for in one request; fewer when the printer cannot."""
_MOST_SILENT: Final = 3


async def walk_subtree(session: Session, root: Oid, *, most_rows: int) -> tuple[list[Binding], bool]:
    """The rows below ``root`` in their order, and whether its end was seen.

    A subtree ends at the first name outside it, at endOfMibView, at a name that does not increase or at
    ``most_rows``; only the first two are its end.

    Raises:
        BudgetSpent: the printer has had its time or its octets.
    """
    rows: list[Binding] = []
    cursor = root
    while len(rows) < most_rows:
        reply = await _next(session, cursor)
        if reply is None or not reply.bindings:
            return rows, False
        for name, value in reply.bindings:
            if value is Absent.END_OF_MIB_VIEW or name[: len(root)] != root:
                return rows, True
            if name <= cursor or len(rows) >= most_rows:
                return rows, False
            cursor = name
            rows.append((name, value))
    return rows, False


async def _next(session: Session, cursor: Oid) -> Reply | None:
    for repetitions in _REPETITIONS:
        try:
            reply = await session.ask(RequestKind.GET_BULK, (cursor,), repetitions=repetitions)
        except (NoAnswer, MalformedReply):
            continue
        if reply.error is ErrorStatus.NONE:
            return reply
    return None


async def get_rows(session: Session, names: Sequence[Oid]) -> list[Binding]:
    """Single objects, each asked for by itself, so that one that the printer dislikes costs only itself.

    A printer that leaves some in a row unanswered is not asked for the rest.

    Raises:
        BudgetSpent: the printer has had its time or its octets.
    """
    rows: list[Binding] = []
    silent = 0
    for name in names:
        if silent == _MOST_SILENT:
            break
        try:
            reply = await session.ask(RequestKind.GET, (name,))
        except (NoAnswer, MalformedReply):
            silent += 1
            continue
        silent = 0
        if reply.error is ErrorStatus.NONE:
            rows.extend(binding for binding in reply.bindings[:1] if binding[0] == name)
    return rows
