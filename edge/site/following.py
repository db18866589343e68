"""Follows printers from address to address, between the poller and the recorder, so that each stays one printer."""

from collections.abc import Callable, Collection, Iterable
from typing import Final, Protocol

from edge.log import get_logger
from edge.site.known_printers import Meeting, Met, Roster
from edge.spool.printer_keys import KnownPrinter
from edge.spool.status import Fact, Failed, Found, Reached, SeenAlso, Stage
from edge.spool.waiting import Taken
from shared.wire.reading import PrinterReading

SILENT_TIMES_LOST: Final = 2
log = get_logger()


class Sink(Protocol):
    """What takes events: `edge.spool.recorder.Recorder`."""

    def put(self, event: Taken | Fact) -> None:
        """Take an event, never waiting."""
        ...


class Follower:
    """Passes events on as those of the right printer.

    A printer that answers at a new address while its old one is silent, or is another's, has moved: it is read there
    from then on. One that answers at two addresses at once is read at the first and told of once. A reading whose
    printer is known elsewhere is held until that address has been asked.

    Args:
        recorder: where events go.
        known: the printers known from before.
        hide: what is done to a reading before anyone else sees it (`edge.site.masking`).
        answered_by: how a target was spoken to, as far as is known.
        on_lost: called with a printer that is not where it was; ``on_found`` when it answers again.
    """

    def __init__(
        self,
        recorder: Sink,
        known: Iterable[KnownPrinter] = (),
        *,
        hide: Callable[[PrinterReading], PrinterReading] | None = None,
        answered_by: Callable[[str], str | None] | None = None,
        on_lost: Callable[[str], None] | None = None,
        on_found: Callable[[str], None] | None = None,
    ) -> None:
        self._recorder = recorder
        printers = list(known)
        self._roster = Roster(printers)
        self._told_seconds = {printer.key: tuple(printer.seconds) for printer in printers}
        self._hide = hide or _as_it_is
        self._answered_by = answered_by or _unknown
        self._on_lost = on_lost or _ignored
        self._on_found = on_found or _ignored
        self._held: dict[str, Taken] = {}
        self._told: dict[str, str] = {}

    def put(self, event: Taken | Fact) -> None:
        """Take what a poller saw; never waits."""
        match event:
            case Taken():
                self._taken(Taken(event.target, event.at, self._hide(event.reading)))
            case Failed() if event.stage == Stage.FOUND:
                self._silent(event)
            case Found() if self._roster.is_second(event.target):
                pass
            case _:
                self._recorder.put(event)

    def places(self) -> list[str]:
        """Where to read in a cycle: each printer once."""
        return self._roster.places()

    def to_ask(self) -> list[str]:
        """Addresses to be asked now, because their printer has answered elsewhere."""
        return self._roster.claimed_places()

    def healthy_places(self) -> set[str]:
        """Where printers answered the last time they were asked."""
        return self._roster.healthy_places()

    def leave(self, place: str) -> None:
        """An address is not asked any more: its printer is read at another of its addresses, if it has one."""
        self._roster.leave(place)

    def forget_silent_but(self, keys: Collection[str]) -> None:
        """Forget the printers that do not answer, but for those of ``keys``."""
        self._roster.forget_silent_but(keys)

    def _taken(self, event: Taken) -> None:
        meeting = self._roster.met(event.target, event.reading.identity)
        if meeting.kind is Met.CLAIMED:
            self._held[event.target] = event
        elif meeting.kind is not Met.SECOND:
            self._pass_on(event, meeting)
        for place in meeting.taken_over:
            self._release(place)
        if meeting.displaced is not None:
            log.warning("another printer answers at its address", printer=meeting.displaced, address=event.target)
            self._on_lost(meeting.displaced)

    def _pass_on(self, event: Taken, meeting: Meeting) -> None:
        if meeting.kind is Met.MOVED:
            log.info("printer moved", printer=meeting.printer, before=meeting.before, now=event.target)
        self._recorder.put(event)
        self._on_found(meeting.printer)
        self._tell_access(event.target)
        for second in meeting.seconds:
            self._held.pop(second, None)
            log.warning(
                "printer answers at two addresses", printer=meeting.printer, read_at=event.target, also_at=second
            )
        self._tell_seconds(event.target, meeting.printer)

    def _silent(self, event: Failed) -> None:
        silence = self._roster.silent(event.target)
        if silence.was_second and silence.printer is not None:
            self._held.pop(event.target, None)
            place = self._roster.place_of(silence.printer)
            if place is not None:
                self._tell_seconds(place, silence.printer)
            return
        self._recorder.put(event)
        if silence.taken_over is not None:
            log.info("printer moved", printer=silence.printer, before=event.target, now=silence.taken_over)
            self._release(silence.taken_over)
        elif silence.printer is not None and silence.times >= SILENT_TIMES_LOST:
            self._on_lost(silence.printer)

    def _release(self, place: str) -> None:
        held = self._held.pop(place, None)
        if held is not None:
            self._taken(held)

    def _tell_access(self, target: str) -> None:
        how = self._answered_by(target)
        if how is not None and self._told.get(target) != how:
            self._told[target] = how
            self._recorder.put(Reached(target, how))

    def _tell_seconds(self, target: str, printer: str) -> None:
        seconds = self._roster.seconds_of(printer)
        if self._told_seconds.get(printer, ()) != seconds:
            self._told_seconds[printer] = seconds
            self._recorder.put(SeenAlso(target, seconds))


def _as_it_is(reading: PrinterReading) -> PrinterReading:
    return reading


def _unknown(_target: str) -> str | None:
    return None


def _ignored(_printer: str) -> None:
    """Nobody asked to be told."""
