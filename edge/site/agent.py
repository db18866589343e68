"""The agent at work: discovery, polling, uploading and configuration, each in its own loop until it is stopped."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from edge.cloud.activation import StoredConfig
from edge.cloud.http import CloudClient
from edge.cloud.keys import TokenMint
from edge.cloud.remote_config import ConfigFetchError, bare_etag, fetch_config
from edge.cloud.rotation import LOOK_SECONDS, KeyRotation
from edge.cloud.uploader import Attempt, Backoff, Progress, Uploader
from edge.config.settings import AgentSettings
from edge.files import StateFolderError
from edge.log import get_logger
from edge.profiles.makers import use_site_profiles
from edge.site.fleet import Fleet
from edge.site.masking import hiding
from edge.site.pace import paced
from edge.site.poller import PrinterReader
from edge.site.self_report import FAULT, SelfReport
from edge.spool.file import SpoolError
from edge.spool.journal import Journal
from edge.spool.recorder import Recorder
from edge.spool.spool import Spool, SpoolLostError

FLUSH_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 60.0
FAULT_SECONDS: Final = 5.0
LONGEST_LINGER_SECONDS: Final = 10.0
LATE_POLL: Final = 1.25
"""Polls by which a reading may be late: printers are not all read at once, and an upload waits for others."""
FAULTS: Final = ("config", "upload", "key", "discovery", "polling")
log = get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the agent is made of; all of it opened and closed by the caller.

    ``answered_by`` says how a printer was spoken to, as far as is known: protocol, version, credential set.
    """

    settings: AgentSettings
    reader: PrinterReader
    spool: Spool
    client: CloudClient
    mint: TokenMint
    answered_by: Callable[[str], str | None] | None = None
    journal: Journal | None = None


class Agent:
    """Reads the site's printers and sends what changed. Listens on no port."""

    def __init__(self, parts: Parts, stored: StoredConfig) -> None:
        self._parts = parts
        self._stored = stored
        self._config = paced(stored.config, parts.settings.network)
        self._recorder = Recorder(
            parts.spool, self._config.heartbeat_interval_seconds, self._config.poll_interval_seconds
        )
        self._report = SelfReport(self._recorder)
        for what in FAULTS:  # what an earlier run left behind
            self._report.tell(f"{FAULT}{what}", "")
        settings = parts.settings
        self._report.fault("profiles", "; ".join(use_site_profiles(settings.profiles.folder)) or None)
        self._fleet = Fleet(
            settings,
            self._config,
            reader=parts.reader,
            recorder=self._recorder,
            spool=parts.spool,
            report=self._report,
            hide=hiding(settings),
            answered_by=parts.answered_by,
        )
        self._uploader = Uploader(parts.spool, parts.client, parts.mint, parts.journal)
        self._rotation = KeyRotation(parts.settings.state_dir, parts.client, parts.mint)
        self._stopping = asyncio.Event()
        self._fetch_now = asyncio.Event()
        self._config_known_until = 0.0

    def stop(self) -> None:
        """End `run` soon: what was read is spooled, and one attempt is made to send it."""
        self._stopping.set()

    async def run(self, max_seconds: float | None = None) -> None:
        """Work until `stop`, SIGTERM, SIGINT or ``max_seconds``."""
        _on_signals(self.stop)
        loops = [
            asyncio.create_task(self._recorder.run()),
            asyncio.create_task(self._repeat("config", self._configure)),
            asyncio.create_task(self._repeat("discovery", self._fleet.search_when_due)),
            asyncio.create_task(self._repeat("polling", self._fleet.poll)),
            asyncio.create_task(self._repeat("upload", self._upload_cycle(Backoff()))),
            asyncio.create_task(self._repeat("key", self._look_after_key)),
        ]
        log.info("agent started", server=self._parts.settings.server, boot_id=self._parts.spool.boot_id)
        try:
            async with asyncio.timeout(max_seconds):
                await self._stopping.wait()
        except TimeoutError:
            log.info("agent's time is over")
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._flush()
            log.info("agent stopped")

    async def run_once(self) -> int:
        """Fetch the configuration, find and read each printer once, send. Returns how many were read."""
        await self._fetch()
        self._report.fault("key", await self._rotation.step())
        _, read = await self._fleet.search()
        self._recorder.drain()
        while (attempt := await self._uploader.attempt()).progress is Progress.MOVED:
            self._note(attempt)
        self._note(attempt)
        return read

    def _upload_cycle(self, backoff: Backoff) -> Callable[[], Awaitable[None]]:
        async def cycle() -> None:
            self._recorder.kept.clear()
            self._recorder.urgent.clear()
            attempt = await self._uploader.attempt()
            self._note(attempt)
            if attempt.progress is Progress.WAIT:
                await asyncio.sleep(backoff.next_delay_seconds(attempt.retry_after_seconds))
                return
            backoff.reset()
            if attempt.progress is Progress.IDLE and await _either(self._recorder.kept, IDLE_SECONDS):
                # A cycle's other printers answer in these moments: fewer, fuller uploads. An alert does not wait.
                linger = min(LONGEST_LINGER_SECONDS, self._config.poll_interval_seconds / 10)
                await _either(self._recorder.urgent, linger)

        return cycle

    async def _configure(self) -> None:
        self._fetch_now.clear()
        await self._fetch()
        self._config_is_known_for(self._config.config_interval_seconds)
        while (left := self._config_known_until - time.monotonic()) > 0:  # ends: an upload that answered moves it on
            if await _either(self._fetch_now, left):
                return

    async def _look_after_key(self) -> None:
        await asyncio.sleep(LOOK_SECONDS)
        self._report.fault("key", await self._rotation.step())

    async def _fetch(self) -> None:
        parts = self._parts
        try:
            fetched = await fetch_config(parts.client, parts.mint, self._stored, parts.settings.state_dir)
        except (ConfigFetchError, StateFolderError) as error:
            self._report.fault("config", str(error))
            return
        self._report.fault("config", None)
        self._tell_time()
        if fetched is None:
            return
        self._stored = fetched
        self._config = paced(fetched.config, parts.settings.network)
        self._fleet.obey(self._config)
        self._recorder.keep_time(self._config.heartbeat_interval_seconds, self._config.poll_interval_seconds)
        log.info("configuration changed")

    def _note(self, attempt: Attempt) -> None:
        if attempt.config_etag is not None:
            if bare_etag(attempt.config_etag) != bare_etag(self._stored.etag):
                self._fetch_now.set()
            else:  # the next upload tells it again: each printer has something to say within a heartbeat and a poll
                config = self._config
                until_next = config.heartbeat_interval_seconds + LATE_POLL * config.poll_interval_seconds
                self._config_is_known_for(max(config.config_interval_seconds, until_next))
        if attempt.key_to_exchange is not None:
            self._exchange_key(attempt.key_to_exchange)
        for rejected in attempt.rejected:
            log.warning("reading rejected", reading=rejected)
        if attempt.progress is not Progress.IDLE:
            self._report.fault("upload", attempt.reason if attempt.progress is Progress.WAIT else None)

    def _exchange_key(self, kid: str) -> None:
        try:
            self._rotation.ask(kid)
        except StateFolderError as error:
            self._report.fault("key", str(error))

    def _config_is_known_for(self, seconds: float) -> None:
        self._config_known_until = max(self._config_known_until, time.monotonic() + seconds)

    def _tell_time(self) -> None:
        clock = self._parts.mint.clock
        if clock.is_known:
            self._report.tell("clock_offset_seconds", f"{clock.offset.total_seconds():.0f}")

    async def _repeat(self, name: str, cycle: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await cycle()
            except (SpoolError, SpoolLostError) as error:
                self._report.fault(name, str(error))
                await asyncio.sleep(FAULT_SECONDS)
            except Exception:  # a fault of ours in one cycle must not end the agent
                log.exception("unforeseen fault", loop=name)
                await asyncio.sleep(FAULT_SECONDS)

    async def _flush(self) -> None:
        self._recorder.drain()
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                while (attempt := await self._uploader.attempt()).progress is Progress.MOVED:
                    self._note(attempt)
        except TimeoutError:
            log.info("not everything was sent before stopping; it stays in the spool")
        except (SpoolError, SpoolLostError) as error:
            self._report.fault("upload", str(error))


async def _either(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event or the time; whether it was the event."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":  # its event loop takes no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
