"""Bounded table walks and GETs: every loop here ends, whatever the printer answers.

Columns are walked side by side. A column ends at the end of its subtree, at endOfMibView, at a name that does not
increase, or at the row limit; only the first two mean that it was read to its end. A column with a row that makes
the printer fail is set aside: its other rows are asked for one by one, by the indexes that the columns beside it have.
"""

from collections.abc import Mapping, Sequence

from edge.reading.inquiry import Inquiry
from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Binding, Oid, RequestKind


class Walk:
    """A walk of many columns; values and finished columns go to the answers.

    Args:
        inquiry: asks the printer.
        answers: filled by the walk.
    """

    def __init__(self, inquiry: Inquiry, answers: Answers) -> None:
        self._inquiry = inquiry
        self._answers = answers
        self._cursors: dict[Oid, Oid] = {}
        self._begun: set[Oid] = set()
        self._aside: list[Oid] = []
        self._runaway: set[Oid] = set()

    async def begin(self, columns: Sequence[Oid], rows: int, *, lead: Sequence[Oid] = ()) -> dict[Oid, Binding]:
        """Ask for the first rows of columns; what is left of them waits for `finish`.

        Args:
            columns: the columns, all asked for at once when the printer can.
            rows: rows that one reply should hold.
            lead: names whose successors are read along, ahead of the rows in the reply.

        Returns:
            What followed each of the lead names.

        Raises:
            NoAnswer: the printer stopped answering even the smallest request.
            MalformedReply: nothing that it answers can be read.
            BudgetSpent: the printer has had its time or its octets.
        """
        plan = self._inquiry.plan
        walked = columns
        if plan.skipped:
            walked = [column for column in columns if not plan.skips_within(column)]
            self._aside.extend(column for column in columns if plan.skips_within(column))
        self._cursors.update((column, column) for column in walked)
        self._begun.update(columns)
        asked = [name for name in lead if name not in plan.skipped]
        found: dict[Oid, Binding] = {}
        if len(asked) >= plan.most_names:  # no room for a column beside them
            found = await self._inquiry.each(RequestKind.GET_NEXT, asked)
            asked = []
        return found | await self._take(walked, len(walked) * rows, asked)

    def go_on(self, columns: Sequence[Oid], answered: Sequence[Binding | None]) -> None:
        """Take the first rows of columns, row by row, that came with another answer; `finish` asks for the rest."""
        self._cursors.update((column, column) for column in columns)
        self._begun.update(columns)
        for place, column in enumerate(columns):
            self._advance(column, answered[place :: len(columns)])

    async def finish(self) -> None:
        """Walk every column that was begun to its end, as far as the printer lets us.

        Raises:
            NoAnswer, MalformedReply, BudgetSpent: as `begin`.
        """
        while self._cursors:
            await self._take(tuple(self._cursors), self._inquiry.plan.most_bindings, ())
        while self._aside:
            await self._read_beside(self._aside.pop())

    async def _take(self, columns: Sequence[Oid], bindings: int, lead: Sequence[Oid]) -> dict[Oid, Binding]:
        """One reply's worth of rows."""
        plan = self._inquiry.plan
        wanted = min(bindings, plan.most_bindings)
        asked = columns[: max(1, min(wanted, plan.most_names - len(lead)))]
        if not asked:
            return await self._inquiry.each(RequestKind.GET_NEXT, lead) if lead else {}
        cursors = {self._cursors[column]: column for column in asked}
        rows = max(1, wanted // len(asked))
        found, answered = await self._inquiry.successors(lead, tuple(cursors), rows, known_as=cursors)
        for place, column in enumerate(asked):
            self._advance(column, answered[place :: len(asked)])
        return found

    def _advance(self, column: Oid, answered: Sequence[Binding | None]) -> None:
        """Take what follows in a column, up to its end; this loop runs once for every value of every printer."""
        size, cursor = len(column), self._cursors[column]
        rows = self._answers.columns.get(column, {})
        most_rows = self._inquiry.session.limits.rows_per_table
        ended = True
        for binding in answered:
            if binding is None:
                self._aside.append(column)
                break
            name, value = binding
            if name[:size] != column or value is Absent.END_OF_MIB_VIEW or value is Absent.NO_SUCH_INSTANCE:
                self._answers.finished.add(column)
                break
            if name <= cursor or len(rows) >= most_rows:
                self._aside.append(column)
                self._runaway.add(column)
                break
            cursor = name
            rows[name[size:]] = value
        else:
            self._cursors[column] = cursor
            ended = False
        if ended:
            del self._cursors[column]
        if rows:
            self._answers.columns[column] = rows

    async def _read_beside(self, column: Oid) -> None:
        """Read a column that cannot be walked to its end, by the indexes of the other columns of its table.

        A column that ran away is trusted only when every other one came to an end: else the table is too long.
        """
        answers = self._answers
        others = {other for other in self._begun if other[:-1] == column[:-1] and other != column}
        beside = others & answers.finished
        if column in self._runaway and beside != others:
            return
        indexes = answers.indexes(beside)
        if beside:
            answers.keep_rows(column, indexes)
        missing = [(column, index) for index in indexes if index not in answers.column(column)]
        complete = await get_cells(self._inquiry, missing, answers)
        if beside and complete:
            answers.finished.add(column)
        elif column not in self._runaway:
            answers.unanswered.add(column)


def take_first_rows(columns: Sequence[Oid], found: Mapping[Oid, Binding], answers: Answers) -> None:
    """Keep what follows each column, where that is its first row; a column without rows is left out."""
    for column in columns:
        if column not in found:
            answers.unanswered.add(column)
            continue
        name, value = found[column]
        if name[: len(column)] == column and len(name) > len(column) and is_there(value):
            answers.put(column, name[len(column) :], value)


def take_cells(cells: Mapping[Oid, tuple[Oid, Oid]], found: Mapping[Oid, Binding], answers: Answers) -> None:
    """Keep what was answered for cells (column, index), by the names they were asked by."""
    for asked, (column, index) in cells.items():
        if asked not in found:
            answers.unanswered.add(column)
            continue
        name, value = found[asked]
        if name == column + index and is_there(value):
            answers.put(column, index, value)


def name_before(name: Oid) -> Oid:
    """The name whose successor is ``name``, if that exists: to read it by GETNEXT or as a non-repeater."""
    return name[:-1] if name[-1] == 0 else (*name[:-1], name[-1] - 1)


def is_there(value: object) -> bool:
    """Whether something was answered, readable or not."""
    return value is Absent.UNREADABLE or not isinstance(value, Absent)


async def get_cells(inquiry: Inquiry, cells: Sequence[tuple[Oid, Oid]], answers: Answers) -> bool:
    """GET some cells (column, index); what does not exist is left out.

    Returns:
        Whether every cell was answered, be it as not existing; the columns of the others are noted.

    Raises:
        NoAnswer: the printer does not answer.
        MalformedReply: what it answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    names = {column + index: (column, index) for column, index in cells}
    found = await inquiry.each(RequestKind.GET, list(names))
    right = {asked: binding for asked, binding in found.items() if binding[0] == asked}  # a GET answers no other name
    take_cells(names, right, answers)
    return len(right) == len(names)
