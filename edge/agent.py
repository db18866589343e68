"""The agent at work: discovery, polling, uploading and configuration, each in its own loop until it is stopped."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from edge.activation import StoredConfig
from edge.config import AgentSettings
from edge.files import StateFolderError
from edge.http import CloudClient
from edge.keys import TokenMint
from edge.poller import Poller, PrinterReader
from edge.recorder import Recorder
from edge.remote_config import ConfigFetchError, bare_etag, fetch_config, known_among, targets_in
from edge.spool import Spool, SpoolLostError
from edge.spool_file import SpoolError
from edge.targets import Target, TargetError
from edge.uploader import Attempt, Backoff, Progress, Uploader
from shared.wire.activation import AgentConfig

FLUSH_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 60.0
FAULT_SECONDS: Final = 5.0
LONGEST_LINGER_SECONDS: Final = 10.0
FORGOTTEN_AFTER: Final = timedelta(days=35)  # a printer not met for so long is asked again only when found again
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the agent is made of; all of it opened and closed by the caller."""

    settings: AgentSettings
    reader: PrinterReader
    spool: Spool
    client: CloudClient
    mint: TokenMint


class Agent:
    """Reads the site's printers and sends what changed. Listens on no port."""

    def __init__(self, parts: Parts, stored: StoredConfig) -> None:
        snmp = parts.settings.snmp
        self._parts = parts
        self._stored = stored
        self._recorder = Recorder(parts.spool, stored.config.heartbeat_interval_seconds)
        self._poller = Poller(
            parts.reader, self._recorder, concurrency=snmp.concurrency, rate_limit_pps=snmp.rate_limit_pps
        )
        self._uploader = Uploader(parts.spool, parts.client, parts.mint)
        self._stopping = asyncio.Event()
        self._look_now = asyncio.Event()
        self._fetch_now = asyncio.Event()
        self._faults: dict[str, str] = {}

    def stop(self) -> None:
        """End `run` soon: what was read is spooled, and one attempt is made to send it."""
        self._stopping.set()

    async def run(self, max_seconds: float | None = None) -> None:
        """Work until `stop`, SIGTERM, SIGINT or ``max_seconds``."""
        _on_signals(self.stop)
        loops = [
            asyncio.create_task(self._recorder.run()),
            asyncio.create_task(self._repeat("config", self._configure)),
            asyncio.create_task(self._repeat("discovery", self._discover)),
            asyncio.create_task(self._repeat("polling", self._poll)),
            asyncio.create_task(self._repeat("upload", self._upload_cycle(Backoff()))),
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
        _, read = await self._poller.discover(self._targets())
        self._recorder.drain()
        while (attempt := await self._uploader.attempt()).progress is Progress.MOVED:
            self._note(attempt)
        self._note(attempt)
        return read

    @property
    def _config(self) -> AgentConfig:
        return self._stored.config

    def _targets(self) -> list[Target]:
        try:
            targets = targets_in(self._config, self._parts.settings.snmp)
        except TargetError as error:
            self._note_fault("criteria", str(error))
            return []
        self._note_fault("criteria", None)
        return targets

    async def _discover(self) -> None:
        self._look_now.clear()
        started = asyncio.get_running_loop().time()
        found, _ = await self._poller.discover(self._targets())
        seconds = round(asyncio.get_running_loop().time() - started, 1)
        log.info("discovery finished", printers=found, seconds=seconds)
        await _either(self._look_now, self._config.discovery_interval_seconds)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._config.poll_interval_seconds
        known = self._parts.spool.known_targets(datetime.now(UTC) - FORGOTTEN_AFTER)
        await self._poller.read_all(known_among(self._targets(), known).values())
        await asyncio.sleep(max(0.0, due - loop.time()))

    def _upload_cycle(self, backoff: Backoff) -> Callable[[], Awaitable[None]]:
        async def cycle() -> None:
            self._recorder.kept.clear()
            attempt = await self._uploader.attempt()
            self._note(attempt)
            if attempt.progress is Progress.WAIT:
                await asyncio.sleep(backoff.next_delay_seconds(attempt.retry_after_seconds))
                return
            backoff.reset()
            if attempt.progress is Progress.IDLE and await _either(self._recorder.kept, IDLE_SECONDS):
                # A cycle's other printers answer in these moments: fewer, fuller uploads.
                await asyncio.sleep(min(LONGEST_LINGER_SECONDS, self._config.poll_interval_seconds / 10))

        return cycle

    async def _configure(self) -> None:
        self._fetch_now.clear()
        await self._fetch()
        await _either(self._fetch_now, self._config.config_interval_seconds)

    async def _fetch(self) -> None:
        parts = self._parts
        try:
            fetched = await fetch_config(parts.client, parts.mint, self._stored, parts.settings.state_dir)
        except (ConfigFetchError, StateFolderError) as error:
            self._note_fault("config", str(error))
            return
        self._note_fault("config", None)
        if fetched is None:
            return
        if fetched.config.discovery != self._config.discovery:
            self._look_now.set()
        self._stored = fetched
        self._recorder.heartbeat_seconds = fetched.config.heartbeat_interval_seconds
        log.info("configuration changed")

    def _note(self, attempt: Attempt) -> None:
        if attempt.config_etag is not None and bare_etag(attempt.config_etag) != bare_etag(self._stored.etag):
            self._fetch_now.set()
        for rejected in attempt.rejected:
            log.warning("reading rejected", reading=rejected)
        if attempt.progress is not Progress.IDLE:
            self._note_fault("upload", attempt.reason if attempt.progress is Progress.WAIT else None)

    def _note_fault(self, what: str, reason: str | None) -> None:
        """Log a fault when it begins or changes, and its end; never its repetition."""
        if self._faults.get(what) == reason:
            return
        if reason is None:
            del self._faults[what]
            log.info("works again", what=what)
        else:
            self._faults[what] = reason
            log.warning("does not work now", what=what, reason=reason)

    async def _repeat(self, name: str, cycle: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await cycle()
            except (SpoolError, SpoolLostError) as error:
                self._note_fault(name, str(error))
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
            self._note_fault("upload", str(error))


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
