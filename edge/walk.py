"""Bounded table walks and GETs: every loop here ends, whatever the printer answers.

Columns are walked side by side with GETBULK. A column ends at the end of its subtree, at endOfMibView, at a name
that does not increase, or at the row limit; only the first two mean that it was read to its end. When a printer
times out or answers tooBig, fewer rows and then fewer columns are asked for.
"""

from collections.abc import Sequence
from typing import Final

from edge.answers import Answers
from edge.session import MalformedReply, NoAnswer, Session
from edge.snmp_codec import Absent, Binding, ErrorStatus, Oid, Reply, RequestKind

_FALL: Final = 3
_REPLY_BINDINGS: Final = 44
_GET_NAMES: Final = 48


class Walk:
    """A walk of many columns; values and finished columns go to the answers.

    Args:
        session: the printer's conversation.
        answers: filled by the walk.
    """

    def __init__(self, session: Session, answers: Answers) -> None:
        self._session = session
        self._answers = answers
        self._cursors: dict[Oid, Oid] = {}
        self._most = _REPLY_BINDINGS
        self._retries: int | None = None

    async def begin(self, columns: Sequence[Oid], rows: int, *, lead: Sequence[Oid] = ()) -> Reply | None:
        """Ask for the first rows of columns; what is left of them waits for `finish`.

        Args:
            columns: the columns, all asked for at once when the printer can.
            rows: rows that one reply should hold.
            lead: names whose successors are read along (non-repeaters), ahead of the rows in the reply.

        Returns:
            The reply, None when the printer gave no usable one.

        Raises:
            NoAnswer: the printer stopped answering even the smallest request.
            BudgetSpent: the printer has had its time or its octets.
        """
        self._cursors.update((column, column) for column in columns)
        return await self._take(columns, len(columns) * rows, tuple(lead))

    async def finish(self) -> None:
        """Walk every column that was begun to its end, as far as the printer lets us.

        Raises:
            NoAnswer: the printer stopped answering even the smallest request.
            BudgetSpent: the printer has had its time or its octets.
        """
        while self._cursors:
            await self._take(tuple(self._cursors), _REPLY_BINDINGS, ())

    async def _take(self, columns: Sequence[Oid], bindings: int, lead: tuple[Oid, ...]) -> Reply | None:
        """One reply's worth of rows; asks for less and less until the printer can."""
        wanted = min(bindings, self._most)
        while True:
            asked = columns[:wanted]
            rows = max(1, wanted // len(asked))
            names = (*lead, *(self._cursors[column] for column in asked))
            try:
                reply = await self._session.ask(
                    RequestKind.GET_BULK, names, non_repeaters=len(lead), repetitions=rows, retries=self._retries
                )
            except MalformedReply:
                reply = None
            except NoAnswer:
                if wanted == 1:
                    raise
                reply = None
            if reply is not None and self._advance(asked, reply.bindings[len(lead) :], reply.error):
                self._retries = None
                return reply
            if wanted == 1:
                del self._cursors[asked[0]]
                return None
            wanted = self._most = max(1, len(asked) * rows // _FALL)
            self._retries = 0

    def _advance(self, asked: Sequence[Oid], bindings: list[Binding], error: ErrorStatus) -> bool:
        """Take one reply's rows; False when it brought the walk no further."""
        if error is not ErrorStatus.NONE:
            return False
        for position, (name, value) in enumerate(bindings):
            column = asked[position % len(asked)]
            cursor = self._cursors.get(column)
            if cursor is None:
                continue
            if value is Absent.END_OF_MIB_VIEW or name[: len(column)] != column:
                self._answers.finished.add(column)
                del self._cursors[column]
            elif name <= cursor or len(self._answers.column(column)) >= self._session.limits.rows_per_table:
                del self._cursors[column]
            else:
                self._cursors[column] = name
                self._answers.put(column, name[len(column) :], value)
        return bool(bindings)


async def first_rows(session: Session, columns: Sequence[Oid], answers: Answers) -> list[Binding]:
    """The first row of each column, by one GETNEXT; columns without rows are left out of the answers.

    Raises:
        NoAnswer: the printer does not answer.
        MalformedReply: what it answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    reply = await session.ask(RequestKind.GET_NEXT, tuple(columns))
    for column, (name, value) in zip(columns, reply.bindings, strict=False):
        if (
            name[: len(column)] == column
            and len(name) > len(column)
            and (value is Absent.UNREADABLE or not isinstance(value, Absent))
        ):
            answers.put(column, name[len(column) :], value)
    return reply.bindings


def name_before(name: Oid) -> Oid:
    """The name whose successor is ``name``, if that exists: to read it by GETNEXT or as a non-repeater."""
    return name[:-1] if name[-1] == 0 else (*name[:-1], name[-1] - 1)


def take_cells(cells: Sequence[tuple[Oid, Oid]], bindings: Sequence[Binding], answers: Answers) -> None:
    """Keep those bindings that are the cells (column, index) asked for, in their order."""
    for (column, index), (name, value) in zip(cells, bindings, strict=False):
        if name == column + index and (value is Absent.UNREADABLE or not isinstance(value, Absent)):
            answers.put(column, index, value)


async def get_cells(session: Session, cells: Sequence[tuple[Oid, Oid]], answers: Answers) -> None:
    """GET some cells (column, index); what does not exist is left out.

    A printer that refuses the request as a whole is asked for its halves.

    Raises:
        NoAnswer: the printer does not answer.
        MalformedReply: what it answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    pending = [list(cells[start : start + _GET_NAMES]) for start in range(0, len(cells), _GET_NAMES)]
    while pending:
        part = pending.pop()
        reply = await session.ask(RequestKind.GET, tuple(column + index for column, index in part))
        if reply.error is not ErrorStatus.NONE:
            half = len(part) // 2
            pending.extend(piece for piece in (part[:half], part[half:]) if piece and len(part) > 1)
            continue
        take_cells(part, reply.bindings, answers)
