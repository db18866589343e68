"""What one printer answered: values by column and row index, and which tables were read to their end."""

from collections.abc import Iterable

from edge.snmp_codec import Absent, Oid, Value

Column = dict[Oid, Value]
LARGEST_NUMBER = 2**63


class Answers:
    """Collected by the reader, read by the mapping rooms.

    Attributes:
        columns: values by column name, then by row index; a scalar is row ``(0,)`` of its column.
        finished: columns whose end was seen: what is not there does not exist.
        uptime_with_alerts: sysUpTime of the reply that began the alert table (ALR-03).
        device_index: hrDeviceIndex of the printer.
        has_printer_mib: False when nothing at all is there below the Printer-MIB.
    """

    def __init__(self) -> None:
        self.columns: dict[Oid, Column] = {}
        self.finished: set[Oid] = set()
        self.uptime_with_alerts: int | None = None
        self.device_index: Oid = (1,)
        self.has_printer_mib = True

    def put(self, column: Oid, index: Oid, value: Value) -> None:
        """Keep a value."""
        self.columns.setdefault(column, {})[index] = value

    def column(self, column: Oid) -> Column:
        """The values of a column; empty when nothing was answered."""
        return self.columns.get(column, {})

    def cell(self, column: Oid, index: Oid = (0,)) -> Value | None:
        """One value, None when it is not there."""
        value = self.columns.get(column, {}).get(index)
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
        return sorted({index for column in columns for index in self.columns.get(column, {})})

    def read_to_end(self, columns: Iterable[Oid]) -> bool:
        """True when the end of every one of these columns was seen."""
        return self.finished.issuperset(columns)
