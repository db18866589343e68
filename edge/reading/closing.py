"""A reading's last question: the alert table, together with sysUpTime and whatever other cells there is room for.

Rows of the alert table come and go, so it is always asked for to its end, by GETBULK; cells are asked for along with
it as names that are read once. sysUpTime is among them: an alert's time is reckoned by it (ALR-03).
"""

from dataclasses import dataclass, field
from typing import Final

from edge.reading.inquiry import Inquiry
from edge.reading.layout import Cell
from edge.reading.plan import ALERT_COLUMNS
from edge.reading.walk import is_there, name_before
from edge.snmp import oids
from edge.snmp.answers import Answers, Column, column_of
from edge.snmp.codec import Binding, Oid, PreparedRequest, Reply, RequestKind
from edge.snmp.earlier import NOTHING_EARLIER, Earlier
from edge.snmp.session import Session

MOST_ALERT_ROWS: Final = 8
NAMES: Final = len(ALERT_COLUMNS)
"""Names that the alerts take of a question."""
_ALERTS: Final = oids.PRT_ALERT_ENTRY
_SIZE: Final = len(_ALERTS)
_ROW_OCTETS: Final = NAMES * 24 + 40
_NO_ALERTS: Final[dict[Oid, Column]] = {}


def room_for(rows: int) -> int:
    """Octets that so many rows of the alert table, or what follows it, take of a reply, about."""
    return _ROW_OCTETS * rows


@dataclass(slots=True)
class AlertsKnown:
    """The alert table of the last reading.

    Attributes:
        rows: how many there were.
        columns: as they were told; None when one reply did not show the table to its end.
    """

    rows: int
    columns: dict[Oid, Column] | None = None

    @property
    def rows_to_ask(self) -> int:
        """Rows to ask for so that one reply shows the table's end."""
        return min(self.rows + 1, MOST_ALERT_ROWS)

    @property
    def room(self) -> tuple[int, int]:
        """Names and octets that they take of a question and its reply, about."""
        return NAMES, room_for(self.rows_to_ask)

    def keep(self, answers: Answers, *, at_once: bool) -> None:
        """Keep what a reading found; ``at_once`` when one reply showed the table to its end."""
        self.rows = len(answers.indexes(ALERT_COLUMNS))
        if not at_once:
            self.columns = None
        elif not self.rows:
            self.columns = _NO_ALERTS
        else:
            found = {column: answers.columns[column] for column in ALERT_COLUMNS if column in answers.columns}
            self.columns = {column: column_of(tuple(rows.items())) for column, rows in found.items()}


@dataclass(slots=True)
class Closing:
    """The question.

    Attributes:
        cells: asked for along with the alerts.
        request: encoded once; anew when there are more or fewer alerts.
        rows: of the alert table that it asks for.
        earlier: what was kept of the last reply.
    """

    cells: tuple[Cell, ...]
    request: PreparedRequest | None = None
    rows: int = 0
    earlier: Earlier = field(default=NOTHING_EARLIER)

    async def ask(self, inquiry: Inquiry, alerts: AlertsKnown, *, proven: bool) -> "Told | None":
        """The answer; None when the printer does not answer it as a whole, or as it should.

        Raises:
            NoAnswer: nothing came, of a question that is proven.
            BudgetSpent: the printer has had its time or its octets.
        """
        rows = alerts.rows_to_ask
        if self.request is None or self.rows != rows:
            self.request, self.rows, self.earlier = _prepared(inquiry.session, self.cells, rows), rows, NOTHING_EARLIER
        lead = len(self.cells)
        earlier = NOTHING_EARLIER if alerts.columns is None else self.earlier
        reply = await inquiry.send(self.request, lead + NAMES, earlier, proven=proven, more=True)
        if reply is None:
            return None
        if reply.changes is None:
            cells, rest = list(enumerate(reply.bindings[:lead])), reply.bindings[lead:]
            told = Told(reply, cells, rest)
        else:
            cells = [change for change in reply.changes if change[0] < lead]
            told = Told(reply, cells, None, again=_touched(reply.changes, lead, alerts))
        if any(name != self.cells[place][2] or not is_there(value) for place, (name, value) in cells):
            return None
        return told

    def taken(self, told: "Told", answers: Answers, alerts: AlertsKnown) -> list[Binding] | None:
        """Put what is known of the alerts into the answers. Gives their rows, None when they must be asked for."""
        kept = told.reply.kept
        self.earlier = NOTHING_EARLIER if kept is None else self.earlier.followed_by(kept)
        if told.again:
            return None
        uptime = answers.number(oids.SYS_UP_TIME)
        answers.uptime_with_alerts = uptime
        if told.alerts is None:
            answers.columns.update(alerts.columns or _NO_ALERTS)
            answers.finished.update(ALERT_COLUMNS)
            return []
        return told.alerts


@dataclass(frozen=True, slots=True)
class Told:
    """What the question brought.

    Attributes:
        reply: as it came.
        cells: those that are different, with their places.
        alerts: rows of the alert table, column by column in turn; None where they are not told.
        again: the alerts are not as they were, and must be asked for.
    """

    reply: Reply
    cells: list[tuple[int, Binding]]
    alerts: list[Binding] | None
    again: bool = False


def _touched(changes: list[tuple[int, Binding]], lead: int, alerts: AlertsKnown) -> bool:
    """Whether an alert is among what changed; what follows the end of the table may change as it likes."""
    return any(place >= lead and (alerts.rows > 0 or name[:_SIZE] == _ALERTS) for place, (name, _) in changes)


def _prepared(session: Session, cells: tuple[Cell, ...], rows: int) -> PreparedRequest:
    names = (*(name_before(name) for _, _, name in cells), *ALERT_COLUMNS)
    return session.prepare(RequestKind.GET_BULK, names, len(cells), rows)
