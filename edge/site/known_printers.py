"""Who is where: the printers of a site and the addresses at which each answers. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from edge.spool.printer_keys import KnownPrinter, contradicts, key_of
from shared.wire.reading import Identity


class Met(StrEnum):
    """What an answer at an address means."""

    SAME = "same"  # the printer that is known there
    NEW = "new"  # a printer not known before
    MOVED = "moved"  # a known one, which is no longer where it was
    SECOND = "second"  # a known one, at another of its addresses
    CLAIMED = "claimed"  # a known one, by its serial number; who answers at its old address is to be asked


@dataclass(frozen=True, slots=True)
class Meeting:
    """An answer and what follows from it.

    Attributes:
        kind: what it means.
        printer: the printer's key.
        before: MOVED: where it was (None when its address had become another's); CLAIMED: the address to ask.
        seconds: SAME: addresses that are now proven to be further ones of this printer.
        taken_over: claims that are now the place of the printer that had stood at this address.
        displaced: the printer that had stood at this address and is nowhere else.
    """

    kind: Met
    printer: str
    before: str | None = None
    seconds: tuple[str, ...] = ()
    taken_over: tuple[str, ...] = ()
    displaced: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """An address that did not answer.

    Attributes:
        printer: who was there, None for nobody known.
        times: how often in a row.
        was_second: it was a further address of a printer that goes on answering at its own.
        taken_over: where the printer is now, if it had claimed or has another address.
    """

    printer: str | None
    times: int = 0
    was_second: bool = False
    taken_over: str | None = None


class Roster:
    """The printers of the site and their places, learnt answer by answer."""

    def __init__(self, known: Iterable[KnownPrinter] = ()) -> None:
        self._printers = {printer.key: printer for printer in known}
        self._holders = {
            target: printer
            for printer in self._printers.values()
            for target in (printer.target, *printer.seconds)
            if target is not None
        }

    def places(self) -> list[str]:
        """Where to read: each printer once, in the order they became known."""
        return [printer.target for printer in self._printers.values() if printer.target is not None]

    def seconds_of(self, key: str) -> tuple[str, ...]:
        """Further addresses at which a printer answers."""
        printer = self._printers.get(key)
        return tuple(printer.seconds) if printer else ()

    def place_of(self, key: str) -> str | None:
        """Where a printer is read."""
        printer = self._printers.get(key)
        return printer.target if printer else None

    def is_second(self, target: str) -> bool:
        """Whether ``target`` is a further address of a printer that is read elsewhere."""
        holder = self._holders.get(target)
        return holder is not None and target in holder.seconds

    def claimed_places(self) -> list[str]:
        """Addresses whose printer has answered elsewhere too, so that they should be asked."""
        return [printer.target for printer in self._printers.values() if printer.claims and printer.target is not None]

    def healthy_places(self) -> set[str]:
        """Where printers are that answered the last time."""
        places = (printer.target for printer in self._printers.values() if not printer.silences)
        return {place for place in places if place is not None}

    def leave(self, target: str) -> None:
        """Read the printer at another of its addresses from now on, if it has one."""
        printer = self._holders.get(target)
        if printer is not None and printer.target == target and printer.seconds:
            self._next_place(printer)

    def forget_silent_but(self, keys: Collection[str]) -> None:
        """Drop the printers that are silent or nowhere, but for those of ``keys``."""
        for printer in list(self._printers.values()):
            if printer.key not in keys and (printer.silences or printer.target is None):
                del self._printers[printer.key]
                for place in (printer.target, *printer.seconds, *printer.claims):
                    self._holders.pop(place or "", None)

    def met(self, target: str, identity: Identity) -> Meeting:
        """A printer answered at ``target``."""
        holder = self._holders.get(target)
        key = key_of(identity, target, holder)
        displaced: str | None = None
        taken_over: tuple[str, ...] = ()
        if holder is not None and holder.key != key:
            displaced, taken_over = self._leave(holder, target, key, is_other=contradicts(identity, holder))
        printer = self._printers.get(key)
        if printer is None:
            printer = self._printers[key] = KnownPrinter(key, target)
            self._holders[target] = printer
            meeting = Meeting(Met.NEW, key)
        else:
            meeting = self._met_again(printer, target)
        _learn(printer, identity)
        return replace(meeting, taken_over=taken_over, displaced=displaced)

    def silent(self, target: str) -> Silence:
        """Nobody answered at ``target``."""
        printer = self._holders.get(target)
        if printer is None:
            return Silence(None)
        if printer.target != target:
            self._forget_place(printer, target)
            return Silence(printer.key, was_second=True)
        printer.silences += 1
        if printer.claims or printer.seconds:
            return Silence(printer.key, printer.silences, taken_over=self._next_place(printer))
        return Silence(printer.key, printer.silences)

    def _met_again(self, printer: KnownPrinter, target: str) -> Meeting:
        if printer.target == target:
            printer.silences = 0
            proven, printer.claims = tuple(printer.claims), []
            printer.seconds += [each for each in proven if each not in printer.seconds]
            return Meeting(Met.SAME, printer.key, seconds=proven)
        if target in printer.seconds:
            return Meeting(Met.SECOND, printer.key)
        if printer.target is not None and printer.silences == 0:
            if target not in printer.claims:
                printer.claims.append(target)
                self._holders[target] = printer
            return Meeting(Met.CLAIMED, printer.key, before=printer.target)
        before = printer.target
        if before is not None:
            self._holders.pop(before, None)
        self._settle(printer, target)
        return Meeting(Met.MOVED, printer.key, before=before)

    def _leave(
        self, holder: KnownPrinter, target: str, key: str, *, is_other: bool
    ) -> tuple[str | None, tuple[str, ...]]:
        """What answers at ``target`` is known by ``key``: who is nowhere now, and the claim that is its place."""
        if holder.target != target:
            self._forget_place(holder, target)
            return None, ()
        if is_other and holder.is_identified:
            place = self._next_place(holder)
            return (holder.key, ()) if place is None else (None, (place,))
        del self._printers[holder.key]
        if is_other or key in self._printers:
            for place in (target, *holder.seconds, *holder.claims):
                self._holders.pop(place, None)
        else:  # the same printer, known by something better now
            holder.key = key
            self._printers[key] = holder
        return None, ()

    def _next_place(self, printer: KnownPrinter) -> str | None:
        """Move to an address that claims to be this printer, else to a further one of it."""
        if printer.target is not None:
            self._holders.pop(printer.target, None)
        place = next(iter((*printer.claims, *printer.seconds)), None)
        if place is None:
            printer.target = None
        else:
            self._settle(printer, place)
        return place

    def _settle(self, printer: KnownPrinter, target: str) -> None:
        printer.target, printer.silences = target, 0
        printer.seconds = [each for each in printer.seconds if each != target]
        printer.claims = [each for each in printer.claims if each != target]
        self._holders[target] = printer

    def _forget_place(self, printer: KnownPrinter, target: str) -> None:
        self._holders.pop(target, None)
        printer.seconds = [each for each in printer.seconds if each != target]
        printer.claims = [each for each in printer.claims if each != target]


def _learn(printer: KnownPrinter, identity: Identity) -> None:
    printer.serial_number = identity.serial_number or printer.serial_number
    printer.mac_address = identity.mac_address or printer.mac_address
    printer.model = identity.model or printer.model
