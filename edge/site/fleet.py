"""The site's printers: looked for, followed from address to address, and read, as the configuration says."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from edge.config.settings import AgentSettings
from edge.log import get_logger
from edge.reading.host_names import asked_once
from edge.site.criteria import Criteria, criteria_of
from edge.site.following import Follower
from edge.site.named_printers import NamedPrinters
from edge.site.poller import Poller, PrinterReader
from edge.site.searching import SearchPlan
from edge.site.self_report import SelfReport
from edge.snmp.resolve import resolved
from edge.snmp.targets import Target
from edge.spool.recorder import Recorder
from edge.spool.spool import Spool
from shared.wire.activation import AgentConfig
from shared.wire.reading import PrinterReading

FORGOTTEN_AFTER: Final = timedelta(days=35)  # a printer not met for so long is asked again only when found again
log = get_logger()


class Fleet:
    """Searches and polls; what comes of it goes to the recorder as events of the right printer.

    Args:
        settings: the site's own file.
        config: what the cloud sets.
        reader: reads and finds printers.
        recorder: takes what was seen.
        spool: knows the printers from before.
        report: told of criteria that cannot be obeyed.
        hide: what is done to a reading before anyone else sees it.
        answered_by: how a printer at a target was spoken to, as far as is known.
    """

    def __init__(  # noqa: PLR0913 - the parts that searching and reading join
        self,
        settings: AgentSettings,
        config: AgentConfig,
        *,
        reader: PrinterReader,
        recorder: Recorder,
        spool: Spool,
        report: SelfReport,
        hide: Callable[[PrinterReading], PrinterReading] | None = None,
        answered_by: Callable[[str], str | None] | None = None,
    ) -> None:
        self._settings = settings
        self._config = config
        self._spool = spool
        self._report = report
        self._plan = SearchPlan()
        self._wake = asyncio.Event()
        self._follower = Follower(
            recorder,
            spool.known_printers(FORGOTTEN_AFTER),
            hide=hide,
            answered_by=answered_by,
            on_lost=self._lose,
            on_found=self._plan.find,
        )
        self._poller = Poller(
            reader,
            self._follower,
            concurrency=settings.snmp.concurrency,
            rate_limit_pps=settings.snmp.rate_limit_pps,
        )
        self._resolve = partial(resolved, fence=settings.network.fence())
        self._criteria = self._read_criteria()

    def obey(self, config: AgentConfig) -> None:
        """Take a new configuration; other criteria make a search due at once."""
        changed = config.discovery != self._config.discovery
        self._config = config
        if changed:
            self._criteria = self._read_criteria()
            self._plan.changed()
        self._wake.set()

    async def search(self) -> tuple[int, int]:
        """Look for printers once, and read each that is found. Returns how many were found, and read."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        is_early = self._plan.start(started, self._config.discovery_interval_seconds)
        await self._names.look_up()
        once, problem = await asked_once(self._criteria.targets.values(), self._names.resolve)
        self._report.fault("host names", problem)
        targets = self._names.settled(once)
        if is_early:  # those that answer where they are need not be found
            healthy = self._follower.healthy_places()
            targets = [target for target in targets if str(target) not in healthy]
        found, read = await self._poller.discover(targets)
        await self._ask_disputed()
        self._follower.forget_silent_but({printer.key for printer in self._spool.known_printers(FORGOTTEN_AFTER)})
        seconds = round(loop.time() - started, 1)
        log.info("discovery finished", addresses=len(targets), printers=found, seconds=seconds, early=is_early)
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        self._report.tell("last_search", f"{now}: {found} printers at {len(targets)} addresses in {seconds} s")
        return found, read

    async def search_when_due(self) -> None:
        """Wait until a search is due, and search."""
        while (left := self._seconds_left()) > 0:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()
        await self.search()

    async def read_once(self) -> int:
        """Read each printer once. Returns how many were read."""
        read = await self._poller.read_all(await self._to_read())
        return read + await self._ask_disputed()

    async def poll(self) -> None:
        """Read each printer once, then wait for the rest of the interval."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._config.poll_interval_seconds
        await self.read_once()
        await asyncio.sleep(max(0.0, due - loop.time()))

    async def _to_read(self) -> list[Target]:
        targets = await self._settled(self._follower.places())
        gone = set(self._follower.places()) - {str(target) for target in targets}
        for place in gone:
            self._follower.leave(place)
        return await self._settled(self._follower.places()) if gone else targets

    async def _ask_disputed(self) -> int:
        """Ask where a printer was before it answered elsewhere: only then is known whether it moved."""
        return await self._poller.read_all(await self._settled(self._follower.to_ask()), at_once=True)

    async def _settled(self, places: Iterable[str]) -> list[Target]:
        """The targets of those places, as the criteria and the addresses behind their names have it now."""
        targets = self._criteria.among(places)
        await self._names.look_up(targets)
        return self._names.settled(targets)

    def _lose(self, printer: str) -> None:
        self._plan.lose(printer, asyncio.get_running_loop().time())
        self._wake.set()

    def _seconds_left(self) -> float:
        now = asyncio.get_running_loop().time()
        return self._plan.seconds_left(now, self._config.discovery_interval_seconds)

    def _read_criteria(self) -> Criteria:
        criteria = criteria_of(self._config.discovery, self._settings)
        exclude = [] if criteria.unreadable else self._config.discovery.exclude
        self._names = NamedPrinters(self._resolve, self._settings.snmp.credential_sets(), exclude)
        self._report.fault("criteria", criteria.unreadable)
        self._report.fault("fence", criteria.outside)
        return criteria
