"""Reads printers over SNMP, and over IPP those that have no SNMP or no page count there."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager
from enum import StrEnum
from typing import Final, Protocol

from pydantic import ValidationError

from edge.clock import Clock
from edge.config.settings import AgentSettings, IppSettings
from edge.ipp.attributes import Attributes
from edge.ipp.client import Endpoint, IppError, IppLimits, IppSilent
from edge.ipp.inquiry import IppInquiry
from edge.ipp.printer import completed, ipp_reading, lacks_page_count, same_printer, unfinished
from edge.ipp.routes import ROUTES_FILE, Route, Routes
from edge.log import get_logger
from edge.reading.reader import ReadError, new_reading_id
from edge.snmp.fence import Fence
from edge.snmp.targets import Target
from edge.snmp.transport import Pacer
from shared.wire.reading import LIFE_COUNT, PrinterReading

_AT_ONCE: Final = 8
_MAX_NOTED: Final = 8_192
log = get_logger()


class SnmpReader(Protocol):
    """What is needed of `edge.reading.reader.Reader`."""

    async def read(self, target: Target) -> PrinterReading:
        """Read one printer; raises `ReadError`."""
        ...

    def discover(
        self,
        targets: Iterable[Target],
        *,
        rate_limit_pps: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AsyncIterator[Target]:
        """Those targets that answer as printers, as they answer."""
        ...


class Way(StrEnum):
    """How a printer was read."""

    SNMP = "SNMP"
    IPP = "IPP"
    BOTH = "SNMP and IPP"
    UNLIKE = "SNMP alone: over IPP another serial number answers"


class FallbackReader:
    """A reader of printers by two ways; what one printer does never delays another.

    A printer that answers SNMP is read by SNMP, and over IPP as well only when it has no page count there. One that
    is silent is read over IPP when it is one without SNMP: it never answered SNMP, or not for a day. Until then it is
    simply not read: its page count over IPP is another count, and two counts under one name would be wrong bills.

    Args:
        reader: reads by SNMP.
        settings: the port, and whether silent addresses of ranges are tried, not only those named one by one.
        clock: dates the readings.
        fence: which addresses may be asked; None for all.
        routes: what is known of each printer.
        limits: what one printer may cost over IPP.
        on_change: called when a printer is read in another way than before, at first than over SNMP.
    """

    def __init__(  # noqa: PLR0913  what it works with, each by name
        self,
        reader: SnmpReader,
        settings: IppSettings,
        *,
        clock: Clock,
        fence: Fence | None,
        routes: Routes | None = None,
        limits: IppLimits | None = None,
        on_change: Callable[[Target, Way], None] | None = None,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._inquiry = IppInquiry(settings.port, fence, limits or IppLimits())
        self._ranges = settings.discover_ranges
        self._ways: dict[str, Way] = {}
        self._on_change = on_change or _unreported
        self.routes = Routes() if routes is None else routes

    def way(self, target: str) -> Way | None:
        """How the printer at a target, as written, was read last; None before its first reading."""
        return self._ways.get(target)

    def answered_by(self, target: str) -> str | None:
        """For people: how the printer was read last, when it was not over SNMP alone."""
        way = self._ways.get(target, Way.SNMP)
        return None if way is Way.SNMP else way.value

    def close(self) -> None:
        """Keep what is known of the printers. Safe to repeat."""
        self.routes.write(self._clock.now())

    async def read(self, target: Target) -> PrinterReading:
        """Read one printer.

        Raises:
            ReadError: as `edge.reading.reader.Reader.read`; of a silent printer it says what came of IPP as well.
        """
        failed: IppError | None = None
        if self.routes.of(str(target)).may_skip_snmp(self._clock.now()):
            try:
                return await self._over_ipp(target)
            except IppError as error:  # perhaps another device has the address now
                failed = error
        try:
            reading = await self._reader.read(target)
        except ReadError as error:
            if error.stage != "answer":
                raise
            return await self._instead(target, error, failed)
        return await self._completed(target, reading)

    async def discover(
        self,
        targets: Iterable[Target],
        *,
        rate_limit_pps: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AsyncIterator[Target]:
        """Find the printers among the targets: over SNMP, and after that over IPP among those that were not found.

        Args:
            targets: where to look.
            rate_limit_pps: most packets a second.
            on_progress: called with the number of targets that are done over SNMP and of all.
        """
        wanted = list(targets)
        found: set[Target] = set()
        sweep = self._reader.discover(wanted, rate_limit_pps=rate_limit_pps, on_progress=on_progress)
        async for target in sweep:
            found.add(target)
            yield target
        silent = [target for target in wanted if target not in found and self._may_try(target)]
        async with aclosing(self._ipp_sweep(silent, Pacer(rate_limit_pps))) as more:
            async for target in more:
                yield target

    def _may_try(self, target: Target) -> bool:
        """Whether a silent address may be asked over IPP now."""
        now = self._clock.now()
        route = self.routes.of(str(target))
        known = target.named or self._ranges or route.endpoint is not None
        return known and route.may_ask_ipp(now) and not route.has_snmp(now)

    async def _ipp_sweep(self, targets: list[Target], pacer: Pacer) -> AsyncGenerator[Target, None]:
        waiting = iter(targets)
        running: set[asyncio.Task[Target | None]] = set()
        try:
            while True:
                while len(running) < _AT_ONCE and (target := next(waiting, None)) is not None:
                    running.add(asyncio.create_task(self._probe(target, pacer)))
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if (found := task.result()) is not None:
                        yield found
        finally:
            for task in running:
                task.cancel()

    async def _probe(self, target: Target, pacer: Pacer) -> Target | None:
        try:
            _, endpoint = await self._asked(target, pacer)
        except IppError as error:
            self._note_no_ipp(target, error, snmp_answers=False)
            return None
        now = self._clock.now()
        self._keep(target, self.routes.of(str(target)).over_ipp(endpoint).without_snmp(now))
        return target

    async def _instead(self, target: Target, error: ReadError, failed: IppError | None) -> PrinterReading:
        """Read a printer that is silent over SNMP, when it is one without SNMP."""
        if failed is None and not self._may_try(target):
            raise error
        try:
            if failed is not None:
                raise failed
            reading = await self._over_ipp(target)
        except IppError as why:
            self._note_no_ipp(target, why, snmp_answers=False)
            raise ReadError(target, "answer", f"{error.message}; over IPP: {why}") from error
        self._keep(target, self.routes.of(str(target)).without_snmp(self._clock.now()))
        return reading

    async def _over_ipp(self, target: Target) -> PrinterReading:
        reading, endpoint = await self._ipp(target)
        self._keep(target, self.routes.of(str(target)).over_ipp(endpoint))
        self._note_way(target, Way.IPP)
        return reading

    async def _completed(self, target: Target, reading: PrinterReading) -> PrinterReading:
        """A reading over SNMP, with what is missing from IPP when there is no page count."""
        now = self._clock.now()
        serial = reading.identity.serial_number or ""
        route = self.routes.of(str(target)).with_snmp(now).of_printer(serial)
        if reading.counter(LIFE_COUNT) is not None or self.routes.of_counting(serial) is not None:
            route = route.model_copy(update={"counting": serial})
        self._keep(target, route)
        if route.counting == serial or not lacks_page_count(reading):
            self._note_way(target, Way.SNMP)
            return reading
        other: PrinterReading | None = None
        if route.may_ask_ipp(now):
            try:
                other, endpoint = await self._ipp(target)
                is_same = same_printer(reading.identity, other.identity)
                route = route.over_ipp(endpoint) if is_same else route.beside_another(now, serial)
                self._keep(target, route)
            except IppError as error:
                self._note_no_ipp(target, error, snmp_answers=True)
        if route.unlike is not None:
            self._note_way(target, Way.UNLIKE)
            return reading
        if other is None:
            self._note_way(target, Way.SNMP)
            return reading if route.endpoint is None else unfinished(reading)
        self._note_way(target, Way.BOTH)
        return completed(reading, other)

    async def _ipp(self, target: Target) -> tuple[PrinterReading, Endpoint]:
        answered, endpoint = await self._asked(target, Pacer(None))
        taken_at = self._clock.now()
        try:
            reading = ipp_reading(answered, reading_id=new_reading_id(taken_at), taken_at=taken_at, address=str(target))
        except ValidationError as error:
            fields = sorted({".".join(map(str, problem["loc"])) for problem in error.errors()})
            raise IppError(f"its {', '.join(fields)} cannot be kept in a reading") from error
        return reading, endpoint

    async def _asked(self, target: Target, pacer: Pacer) -> tuple[Attributes, Endpoint]:
        return await self._inquiry.ask(target, self.routes.of(str(target)).endpoint, pacer)

    def _keep(self, target: Target, route: Route) -> None:
        self.routes.keep(str(target), route, self._clock.now())

    def _note_no_ipp(self, target: Target, error: IppError, *, snmp_answers: bool) -> None:
        is_off = isinstance(error, IppSilent) and not snmp_answers
        self._keep(target, self.routes.of(str(target)).without_ipp(self._clock.now(), is_off=is_off))

    def _note_way(self, target: Target, way: Way) -> None:
        before = self._ways.pop(str(target), Way.SNMP)
        self._ways[str(target)] = way
        while len(self._ways) > _MAX_NOTED:
            del self._ways[next(iter(self._ways))]
        if way is not before:
            self._on_change(target, way)


def _unreported(_target: Target, _way: Way) -> None:
    """A change that nobody asked for."""


def _log_change(target: Target, way: Way) -> None:
    log.info("printer is read in another way", printer=str(target), way=way.value)


@contextmanager
def with_ipp(
    reader: SnmpReader, settings: AgentSettings, clock: Clock
) -> Iterator[tuple[SnmpReader, Callable[[str], str | None]]]:
    """The agent's reader, with IPP unless the site switched it off, and what tells how a target was read by it.

    What it learned is kept at the end.
    """
    if not settings.ipp.enabled:
        yield reader, lambda _target: None
        return
    routes = Routes(settings.state_dir / ROUTES_FILE)
    fence = settings.network.fence()
    both = FallbackReader(reader, settings.ipp, clock=clock, fence=fence, routes=routes, on_change=_log_change)
    try:
        yield both, both.answered_by
    finally:
        both.close()
