"""What was made of a printer's answers, kept to be used again where nothing that it was made of has changed."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge.snmp.codec import Oid, Value

Column = dict[Oid, Value]
_MOST_ALIKE: Final = 16
"""Kept of one part, over all printers: those of a model come up again before so many others do."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something made of the answers.

    Attributes:
        value: what was made.
        given: what it was made with.
        columns: the columns that were looked at.
        rows: what was in them; None for a column that was not there.
    """

    value: Any
    given: tuple[object, ...]
    columns: tuple[Oid, ...]
    rows: tuple[Column | None, ...]

    def holds(self, columns: Mapping[Oid, Column], given: tuple[object, ...]) -> bool:
        """Whether the same would be made of these columns: it looked at the very same objects."""
        find = columns.get
        for column, rows in zip(self.columns, self.rows, strict=True):
            if find(column) is not rows:
                return False
        return self.given == given


class SharedParts:
    """Parts by their names, those made last of each: printers of one model have many of them in common.

    That is for memory: a table's rows cost ten times what was answered for them.
    """

    def __init__(self) -> None:
        self._made: dict[str, deque[tuple[tuple[object, ...], Part]]] = {}

    def find(
        self, name: str, columns: Mapping[Oid, Column], given: tuple[object, ...], state: tuple[object, ...]
    ) -> Part | None:
        """One that was made of the same.

        Args:
            name: of the part.
            columns: that there are now.
            given: what else it is made with.
            state: of the answers, their columns apart.
        """
        for made_in, part in self._made.get(name, ()):
            if part.holds(columns, given) and made_in == state:
                return part
        return None

    def keep(self, name: str, part: Part, state: tuple[object, ...]) -> None:
        """Keep one; the one that was made the longest time ago goes."""
        self._made.setdefault(name, deque(maxlen=_MOST_ALIKE)).appendleft((state, part))


@dataclass(slots=True)
class Parts:
    """What was made of one printer's last answers.

    Attributes:
        shared: what was made of other printers' answers; None to share nothing.
        state: of the answers, their columns apart.
        made: by the parts' names.
    """

    shared: SharedParts | None = None
    state: tuple[object, ...] = ()
    made: dict[str, Part] = field(default_factory=dict)
