"""Builders for the agent's sending side: readings, a spool, a fake cloud, a fake reader."""

import asyncio
import gzip
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock, TokenMint, pending_key
from edge.config.settings import AgentSettings, NetworkSettings
from edge.snmp.targets import Target
from edge.spool.changes import Cause, Report, ReportedState
from edge.spool.rows import Reported
from edge.spool.spool import Spool
from shared.wire.reading import Alert, Counter, Identity, PrinterReading, Status, Supply
from shared.wire.upload import Outcome, ReadingOutcome, Upload, UploadReceipt

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SERVER = "https://agents.example.test"


def a_reading(
    reading_id: str = "rd_1",
    *,
    serial: str = "SN-1",
    pages: int = 1_000,
    taken_at: datetime = NOON,
    toner: int | None = 80,
    alerts: Sequence[Alert] | None = (),
    **fields: Any,  # noqa: ANN401  any other field of the reading
) -> PrinterReading:
    supplies = None if toner is None else [Supply(index="1.1", max_capacity=100, level=toner)]
    return PrinterReading(
        reading_id=reading_id,
        taken_at=taken_at,
        identity=Identity(manufacturer="Acme", model="Laser 9", serial_number=serial),
        counters=[Counter(name="life_count", value=pages)],
        supplies=supplies,
        alerts=None if alerts is None else list(alerts),
        **{"address": "192.0.2.7", "status": Status(device_status="running"), **fields},
    )


def reported(
    reading: PrinterReading, *, target: str = "192.0.2.7", at: datetime = NOON, alerts_changed: bool = False
) -> Reported:
    report = Report(Cause.CHANGED, alerts_changed, ReportedState({"counters": reading.reading_id}, at))
    return Reported(target, at, reading, report)


def a_spool(folder: Path, *, owner: str = "site_1", max_bytes: int = 8 * 1024 * 1024, max_batch: int = 500) -> Spool:
    return Spool(folder / "spool.db", owner=owner, max_bytes=max_bytes, max_batch=max_batch)


def a_settings(folder: Path, *, server: str = SERVER) -> AgentSettings:
    network = NetworkSettings(allow=["192.0.2.0/24", "127.0.0.0/8"], ports=["1-65535"], least_interval_seconds=1)
    return AgentSettings(server=server, state_dir=folder, network=network)


def a_mint(folder: Path) -> TokenMint:
    return TokenMint("agt_1", "platen-agents", pending_key(folder), ServerClock())


class FakeCloud:
    """Answers as the cloud does; ``script`` answers instead while it has answers left.

    ``batches`` maps each (boot_id, seq) to the reading ids it carried; a repeat must carry the same.
    """

    def __init__(self, reject: Callable[[str], str | None] = lambda _: None) -> None:
        self.batches: dict[tuple[str, int], list[str]] = {}
        self.requests: list[httpx.Request] = []
        self.uploads: list[Upload] = []
        self.script: list[httpx.Response | Exception] = []
        self.key_to_exchange: str | None = None
        self._reject = reject

    @property
    def stored(self) -> list[str]:
        return [reading_id for ids in self.batches.values() for reading_id in ids if self._reject(reading_id) is None]

    def client(self, folder: Path, clock: ServerClock | None = None) -> CloudClient:
        return CloudClient(a_settings(folder), clock or ServerClock(), httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.script:
            scripted = self.script.pop(0)
            if isinstance(scripted, Exception):
                raise scripted
            return scripted
        return self.accept(request.content)

    def accept(self, content: bytes) -> httpx.Response:
        return httpx.Response(200, json=json.loads(self.receipt(content)))

    def receipt(self, content: bytes) -> str:
        upload = Upload.model_validate_json(gzip.decompress(content))
        ids = [PrinterReading.model_validate(reading).reading_id for reading in upload.readings]
        assert self.batches.setdefault((upload.boot_id, upload.seq), ids) == ids, "a batch changed its content"
        self.uploads.append(upload)
        outcomes = [self._outcome(reading_id) for reading_id in ids]
        return UploadReceipt(
            boot_id=upload.boot_id,
            seq=upload.seq,
            received_at=NOON,
            outcomes=outcomes,
            key_to_exchange=self.key_to_exchange,
        ).model_dump_json()

    def _outcome(self, reading_id: str) -> ReadingOutcome:
        reason = self._reject(reading_id)
        outcome = Outcome.STORED if reason is None else Outcome.REJECTED
        return ReadingOutcome(reading_id=reading_id, outcome=outcome, reason=reason)


def a_problem(status: int, *, title: str = "Refused", headers: dict[str, str] | None = None) -> httpx.Response:
    body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": "because"})
    return httpx.Response(status, content=body, headers={"content-type": "application/problem+json", **(headers or {})})


class FakeReader:
    """Printers whose page counts rise and whose place changes with each reading, so that each says something new.

    Those named silent never answer, the slow never end.
    """

    def __init__(
        self, targets: Iterable[Target], *, prefix: str = "rd", failures: dict[str, Exception] | None = None
    ) -> None:
        self._printers = {str(target): itertools.count(1) for target in targets}
        self._failures = failures or {}
        self._prefix = prefix
        self.slow: set[str] = set()

    async def read(self, target: Target) -> PrinterReading:
        name = str(target)
        if name in self.slow:
            await asyncio.sleep(3_600)
        if name in self._failures:
            raise self._failures[name]
        pages = next(self._printers[name])
        return a_reading(
            f"{self._prefix}_{name.replace('.', '-')}_{pages}",
            serial=name,
            pages=pages,
            taken_at=NOON + timedelta(minutes=pages),
            address=f"192.0.2.7:{pages}",
        )

    async def discover(self, targets: Sequence[Target], *, rate_limit_pps: float) -> AsyncIterator[Target]:
        assert rate_limit_pps > 0
        for target in targets:
            if str(target) in self._printers:
                yield target
