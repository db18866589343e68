"""Sends the spool's batches and reads the outcomes. A reading leaves the spool only on an answer of ours about it."""

import gzip
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from edge.cloud.http import Answer, CloudClient, CloudUnreachableError, harmless
from edge.cloud.keys import TokenMint
from edge.spool.file import SpoolError
from edge.spool.journal import Journal
from edge.spool.rows import Batch
from edge.spool.spool import Spool
from edge.spool.traffic import Octets
from edge.version import AGENT_VERSION
from shared.wire.activation import CLOCK_LEEWAY_SECONDS
from shared.wire.base import SCHEMA_VERSION
from shared.wire.upload import GZIP_MEDIA_TYPE, Outcome, ReadingOutcome, UploadReceipt

UPLOADS_PATH: Final = "/v1/uploads"
FIRST_DELAY_SECONDS: Final = 1.0
LONGEST_DELAY_SECONDS: Final = 900.0
LONGEST_RETRY_AFTER_SECONDS: Final = 3_600.0
TOO_LARGE: Final = 413
REFUSED_FOR_GOOD: Final = frozenset({400, 415, 422})
TOKEN_REFUSED: Final = frozenset({401, 403})
MOST_VERDICTS_IN_A_ROW: Final = 3
"""Single readings refused without one accepted in between, after which each more is waited for: a server that
refuses everything must not empty the spool in a minute."""


class Progress(StrEnum):
    """What one attempt came to."""

    IDLE = "idle"  # nothing waits
    MOVED = "moved"  # the batch was settled or split: go on at once
    WAIT = "wait"  # the batch is kept: back off


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send; ``reason`` says why the batch is kept, ``rejected`` names readings set aside."""

    progress: Progress
    reason: str = ""
    retry_after_seconds: float | None = None
    config_etag: str | None = None
    key_to_exchange: str | None = None
    sent: int = 0
    rejected: tuple[str, ...] = ()


class Backoff:
    """Full-jitter exponential delays: 1 s, doubled up to 15 min, each drawn from zero to that."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()  # noqa: S311  spreads load; nothing secret
        self._failures = 0

    def reset(self) -> None:
        """The last attempt succeeded."""
        self._failures = 0

    def next_delay_seconds(self, retry_after_seconds: float | None = None) -> float:
        """How long to wait after one more failure; never less than the server asked for, up to an hour."""
        ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(self._failures, 20))
        self._failures += 1
        asked = min(retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
        return max(self._rng.uniform(0.0, ceiling), asked)


class Uploader:
    """Empties the spool one batch at a time."""

    def __init__(self, spool: Spool, client: CloudClient, mint: TokenMint, journal: Journal | None = None) -> None:
        self._spool = spool
        self._client = client
        self._mint = mint
        self._journal = journal
        self._verdicts = 0

    async def attempt(self) -> Attempt:
        """Send the oldest batch once.

        Safe to repeat: the batch keeps its (boot_id, seq) and readings until the cloud has answered for it.

        Raises:
            SpoolError: The spool cannot be used; nothing was sent.
            SpoolLostError: The spool was damaged and begun anew.
        """
        now = datetime.now(UTC)
        batch = self._spool.next_batch(now)
        if batch is None:
            return Attempt(Progress.IDLE)
        try:
            return await self._send(batch, now)
        except SpoolError as error:  # a full disk must not make the same upload again and again
            return Attempt(Progress.WAIT, reason=str(error))

    async def _send(self, batch: Batch, now: datetime) -> Attempt:
        headers = {
            "Authorization": f"Bearer {self._mint.token(now)}",
            # A content type of its own, not an encoding of JSON: gateways take JSON for text and spoil packed octets.
            "Content-Type": GZIP_MEDIA_TYPE,
        }
        clock = self._mint.clock
        body = upload_body(batch, clock.corrected(now), ahead_seconds=-int(clock.offset.total_seconds()))
        content = gzip.compress(body, compresslevel=6, mtime=0)
        if self._journal is not None:
            self._journal.sending(batch, content, now)
        try:
            answer = await self._client.request("POST", UPLOADS_PATH, headers=headers, content=content)
        except CloudUnreachableError as error:
            self._note_in_journal(batch, None, Octets(sent=len(content)), str(error))
            self._spool.note_upload_failure(batch, str(error), datetime.now(UTC), None)
            return Attempt(Progress.WAIT, reason=str(error))
        exchange = _Exchange(batch, answer, Octets(len(content), len(answer.content)))
        return self._settle(exchange) if answer.is_success else self._refused(exchange)

    def _settle(self, exchange: "_Exchange") -> Attempt:
        batch, answer = exchange.batch, exchange.answer
        try:
            receipt = UploadReceipt.model_validate_json(answer.content)
        except ValidationError:
            return self._keep(exchange, f"HTTP {answer.status} without a receipt: is it our server?")
        if (receipt.boot_id, receipt.seq) != (batch.boot_id, batch.seq):
            return self._keep(exchange, "the receipt is for another batch")
        outcomes = {outcome.reading_id: _rejection(outcome) for outcome in receipt.outcomes}
        if not any(reading.reading_id in outcomes for reading in batch.readings):
            return self._keep(exchange, "the receipt names none of the readings sent")
        self._note_in_journal(batch, answer.status, exchange.octets, "answered", _told(receipt))
        self._spool.settle(batch, outcomes, datetime.now(UTC), exchange.octets, _stored(receipt))
        self._mint.learn(receipt.generation)
        self._verdicts = 0
        return Attempt(
            Progress.MOVED,
            config_etag=receipt.config_etag,
            key_to_exchange=receipt.key_to_exchange,
            sent=len(batch.readings),
            rejected=tuple(f"{reading_id}: {reason}" for reading_id, reason in outcomes.items() if reason is not None),
        )

    def _refused(self, exchange: "_Exchange") -> Attempt:
        batch, answer = exchange.batch, exchange.answer
        problem = answer.problem
        reason = f"HTTP {answer.status} {problem or 'from something that is not our server'}"
        if answer.status in TOKEN_REFUSED:
            self._mint.discard()
        # A proxy's or a wrong server's refusal must not empty the spool: only our own problem is a verdict.
        is_verdict = answer.status in REFUSED_FOR_GOOD and problem is not None
        if not is_verdict and answer.status != TOO_LARGE:
            return self._keep(exchange, reason)
        if problem is None and len(batch.readings) == 1:
            return self._keep(exchange, reason)
        self._note_in_journal(batch, answer.status, exchange.octets, reason)
        self._spool.split(batch, reason, datetime.now(UTC), exchange.octets)
        if len(batch.readings) > 1:
            return Attempt(Progress.MOVED, reason=reason)
        self._verdicts += 1
        progress = Progress.MOVED if self._verdicts < MOST_VERDICTS_IN_A_ROW else Progress.WAIT
        return Attempt(progress, reason=reason, rejected=(f"{batch.readings[0].reading_id}: {reason}",))

    def _keep(self, exchange: "_Exchange", reason: str) -> Attempt:
        now = datetime.now(UTC)
        self._note_in_journal(exchange.batch, exchange.answer.status, exchange.octets, reason)
        self._spool.note_upload_failure(exchange.batch, reason, now, exchange.octets)
        # A date in Retry-After is by the server's clock.
        wait = exchange.answer.retry_after_seconds(self._mint.clock.corrected(now))
        return Attempt(Progress.WAIT, reason=reason, retry_after_seconds=wait)

    def _note_in_journal(
        self, batch: Batch, status: int | None, octets: Octets, result: str, outcomes: dict[str, str] | None = None
    ) -> None:
        if self._journal is not None:
            self._journal.answered(batch, status=status, octets=octets, result=result, outcomes=outcomes)


@dataclass(frozen=True, slots=True)
class _Exchange:
    batch: Batch
    answer: Answer
    octets: Octets


def upload_body(batch: Batch, sent_at: datetime, *, ahead_seconds: int = 0) -> bytes:
    """A batch as the JSON of `shared.wire.upload.Upload`, made from the bodies as they were spooled.

    Args:
        batch: what is sent.
        sent_at: the present, by the server's clock as far as it is known.
        ahead_seconds: how far this computer's clock is ahead of it; told from `CLOCK_LEEWAY_SECONDS` on.
    """
    envelope = {
        "schema_version": SCHEMA_VERSION,
        "boot_id": batch.boot_id,
        "seq": batch.seq,
        "sent_at": sent_at.isoformat(),
        "agent_version": AGENT_VERSION,
        "dropped_readings": batch.dropped,
    }
    if abs(ahead_seconds) > CLOCK_LEEWAY_SECONDS:
        envelope["clock_ahead_seconds"] = ahead_seconds
    head = json.dumps(envelope, separators=(",", ":")).removesuffix("}")
    return f'{head},"readings":[{",".join(reading.body for reading in batch.readings)}]}}'.encode("ascii")


def _told(receipt: UploadReceipt) -> dict[str, str]:
    return {
        outcome.reading_id: f"{outcome.outcome}: {harmless(outcome.reason)}" if outcome.reason else str(outcome.outcome)
        for outcome in receipt.outcomes
    }


def _stored(receipt: UploadReceipt) -> dict[str, str | None]:
    """The printers whose whole readings the cloud has now; None where it wants one. Others stay as they are."""
    told: dict[str, str | None] = {}
    for outcome in receipt.outcomes:
        if not receipt.unchanged_readings or outcome.outcome in {Outcome.RESEND, Outcome.REJECTED}:
            told[outcome.reading_id] = None
        elif outcome.printer_id is not None and outcome.outcome is not Outcome.SUPERSEDED:
            told[outcome.reading_id] = outcome.printer_id
    return told


def _rejection(outcome: ReadingOutcome) -> str | None:
    return harmless(outcome.reason or "no reason given") if outcome.outcome is Outcome.REJECTED else None
