"""What one printer answered: values by column and row index, and which tables were read to their end."""

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Final, TypeVar

from edge.snmp.codec import Absent, Oid, Value
from edge.snmp.parts import Column, Part, Parts

__all__ = ["LARGEST_NUMBER", "Answers", "Column", "column_of", "one_of"]

LARGEST_NUMBER: Final = 2**63
_NO_ROWS: Final[Column] = {}
_T = TypeVar("_T")
_H = TypeVar("_H", bound=Hashable)


@lru_cache(maxsize=4_096)
def one_of(value: _H) -> _H:
    """One object for all equal ones: a site's printers have most of their names in common."""
    return value


@lru_cache(maxsize=1_024)
def column_of(rows: tuple[tuple[Oid, Value], ...]) -> Column:
    """A column with these rows, one for all printers that have the same: it is never changed."""
    return dict(rows)


class Answers:
    """Collected by the reader, read by the mapping rooms.

    Attributes:
        columns: values by column name, then by row index; a scalar is row ``(0,)`` of its column.
        finished: columns whose end was seen: what is not there does not exist.
        unanswered: columns of which something was asked and could not be had, or is left out for that reason.
        uptime_with_alerts: sysUpTime of the reply that began the alert table (ALR-03).
        device_index: hrDeviceIndex of the printer.
        has_printer_mib: False when nothing at all is there below the Printer-MIB.
        parts: what was made of the last answers, kept by whoever knows that these are of the same printer.
    """

    def __init__(self) -> None:
        self.columns: dict[Oid, Column] = {}
        self.finished: set[Oid] = set()
        self.unanswered: set[Oid] = set()
        self.uptime_with_alerts: int | None = None
        self.device_index: Oid = (1,)
        self.has_printer_mib = True
        self.parts = Parts()
        self._seen: dict[Oid, Column | None] | None = None
        self._reviewed = False

    def put(self, column: Oid, index: Oid, value: Value) -> None:
        """Keep a value."""
        self.columns.setdefault(column, {})[index] = value

    def keep_rows(self, column: Oid, indexes: Iterable[Oid]) -> None:
        """Forget a column's values in all other rows."""
        wanted = set(indexes)
        if column in self.columns:
            self.columns[column] = {index: value for index, value in self.columns[column].items() if index in wanted}

    def part(self, name: str, make: Callable[[], _T], *given: object) -> _T:
        """What ``make`` gives; what it gave the last time, when all columns that it looked at then are the same.

        A column is the same when it is the same object: who changes a column between two readings replaces it.

        Args:
            name: of the part.
            make: looks at nothing else that changes than these answers and what is given.
            given: what else it depends on.
        """
        parts = self.parts
        if not self._reviewed:
            self._reviewed = True
            state = (self.finished, self.unanswered, self.device_index, self.has_printer_mib)
            if parts.state != state:
                finished, unanswered = one_of(frozenset(self.finished)), one_of(frozenset(self.unanswered))
                parts.state = one_of((finished, unanswered, self.device_index, self.has_printer_mib))
                parts.made.clear()
        part = parts.made.get(name)
        if part is None or not part.holds(self.columns, given):
            part = None if parts.shared is None else parts.shared.find(name, self.columns, given, parts.state)
            parts.made[name] = part = part or self._make(name, make, given)
        if self._seen is not None:
            self._seen.update(zip(part.columns, part.rows, strict=True))
        made: _T = part.value
        return made

    def _make(self, name: str, make: Callable[[], object], given: tuple[object, ...]) -> Part:
        """Make a part, minding which columns are looked at."""
        outer, self._seen = self._seen, {}
        try:
            value = make()
            part = Part(value, given, one_of(tuple(self._seen)), tuple(self._seen.values()))
        finally:
            self._seen = outer
        if self.parts.shared is not None:
            self.parts.shared.keep(name, part, self.parts.state)
        return part

    def column(self, column: Oid) -> Column:
        """The values of a column, not to be changed; empty when nothing was answered."""
        rows = self.columns.get(column)
        if self._seen is not None:
            self._seen[column] = rows
        return _NO_ROWS if rows is None else rows

    def cell(self, column: Oid, index: Oid = (0,)) -> Value | None:
        """One value, None when it is not there."""
        value = self.column(column).get(index)
        return None if isinstance(value, Absent) else value

    def number(self, column: Oid, index: Oid = (0,)) -> int | None:
        """One value, when it is a number that the wire can carry: nothing in a printer counts further."""
        value = self.cell(column, index)
        return value if isinstance(value, int) and -LARGEST_NUMBER < value < LARGEST_NUMBER else None

    def octets(self, column: Oid, index: Oid = (0,)) -> bytes | None:
        """One value, when it is an octet string."""
        value = self.cell(column, index)
        return value if isinstance(value, bytes) else None

    def indexes(self, columns: Iterable[Oid]) -> list[Oid]:
        """Indexes of the rows that have any value in these columns, in MIB order; gaps stay gaps."""
        return sorted({index for column in columns for index in self.column(column)})

    def read_to_end(self, columns: Iterable[Oid]) -> bool:
        """True when the end of these columns was seen, but for those that the printer cannot be asked for.

        Those are in ``unanswered``; at least one other column must have shown which rows there are.
        """
        wanted = set(columns)
        left = wanted - self.finished
        return not left or (left < wanted and left <= self.unanswered)
