"""The last whole reading of a printer that was reported, and when a later one may be sent as *the same as that*. Pure.

What was sent counts only once the cloud said that it is stored. From then on a reading with the same content is sent as
its name (`UnchangedReading`); the cloud asks for a whole one where its own last one is another.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Self

from edge.version import AGENT_VERSION
from shared.wire.reading import PrinterReading
from shared.wire.upload import UnchangedReading

TICKS_PER_SECOND: Final = 100
_UPTIME_SLACK: Final = 0.9
"""A printer's clock may be slow by a tenth: anything less than that of the passed time is a restart."""
_SLACK_SECONDS: Final = 60
_MOVING: Final[Any] = {
    "reading_id": True,
    "taken_at": True,
    "uptime_ticks": True,
    "heartbeat": True,
    "status": {"console_text"},
    "alerts": {"__all__": {"raised_at"}},
}
"""What differs between readings that say the same: see `edge.spool.changes` for the panel's text."""


@dataclass(frozen=True, slots=True)
class WholeReading:
    """A reading that was sent whole.

    Attributes:
        reading_id: Its number.
        taken_at: When it was taken, ISO-8601.
        content: A digest of all that it said, and of the agent's version.
        uptime_ticks: The printer's uptime at it, if it was read.
        printer_id: The printer as the cloud calls it, once it said that this reading is what it has; else empty.
    """

    reading_id: str
    taken_at: str
    content: str
    uptime_ticks: int | None = None
    printer_id: str = ""

    @classmethod
    def of(cls, reading: PrinterReading) -> Self:
        """A reading that is to be sent whole."""
        return cls(
            reading_id=reading.reading_id,
            taken_at=reading.taken_at.isoformat(),
            content=_content(reading),
            uptime_ticks=reading.uptime_ticks,
        )

    def as_kept(self) -> dict[str, Any]:
        """As it is kept in the spool."""
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Self:
        """The reverse of `as_kept`.

        Raises:
            TypeError: It is something else.
        """
        return cls(**kept)


def unchanged_reading(reading: PrinterReading, whole: WholeReading | None) -> UnchangedReading | None:
    """What to send in place of a reading that says what ``whole`` said, on the same day; None when it must go whole.

    The first reading of a day, by this host's own calendar, is sent whole, so that each day has its counters even
    when the cloud cannot be asked for days.
    """
    if whole is None or not whole.printer_id:
        return None
    taken_at = datetime.fromisoformat(whole.taken_at)
    is_same_day = taken_at.astimezone().date() == reading.taken_at.astimezone().date()
    if not is_same_day or whole.content != _content(reading) or _restarted(reading, whole, taken_at):
        return None
    return UnchangedReading(
        reading_id=reading.reading_id,
        taken_at=reading.taken_at,
        same_as=whole.reading_id,
        printer_id=whole.printer_id,
    )


def _restarted(reading: PrinterReading, whole: WholeReading, taken_at: datetime) -> bool:
    if reading.uptime_ticks is None or whole.uptime_ticks is None:
        return reading.uptime_ticks is not whole.uptime_ticks
    passed = (reading.taken_at - taken_at).total_seconds() * _UPTIME_SLACK - _SLACK_SECONDS
    return reading.uptime_ticks < whole.uptime_ticks + max(passed, 0) * TICKS_PER_SECOND


def _content(reading: PrinterReading) -> str:
    said = reading.model_dump_json(exclude=_MOVING, exclude_defaults=True)
    return blake2b(f"{AGENT_VERSION} {said}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
