"""Sends the spool's batches and reads the outcomes. A reading leaves the spool only on an answer of ours about it."""

import gzip
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from edge.http import Answer, CloudClient, CloudUnreachableError
from edge.keys import TokenMint
from edge.spool import Spool
from edge.spool_rows import Batch
from edge.version import AGENT_VERSION
from shared.wire.base import SCHEMA_VERSION
from shared.wire.upload import GZIP_MEDIA_TYPE, Outcome, ReadingOutcome, UploadReceipt

UPLOADS_PATH: Final = "/v1/uploads"
FIRST_DELAY_SECONDS: Final = 1.0
LONGEST_DELAY_SECONDS: Final = 900.0
LONGEST_RETRY_AFTER_SECONDS: Final = 3_600.0
TOO_LARGE: Final = 413
REFUSED_FOR_GOOD: Final = frozenset({400, 415, 422})
TOKEN_REFUSED: Final = frozenset({401, 403})


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

    def __init__(self, spool: Spool, client: CloudClient, mint: TokenMint) -> None:
        self._spool = spool
        self._client = client
        self._mint = mint

    async def attempt(self) -> Attempt:
        """Send the oldest batch once.

        Safe to repeat: the batch keeps its (boot_id, seq) and readings until the cloud has answered for it.

        Raises:
            SpoolError: The spool cannot be used; nothing was sent or nothing was deleted.
            SpoolLostError: The spool was damaged and begun anew.
        """
        now = datetime.now(UTC)
        batch = self._spool.next_batch(now)
        if batch is None:
            return Attempt(Progress.IDLE)
        headers = {
            "Authorization": f"Bearer {self._mint.token(now)}",
            # A content type of its own, not an encoding of JSON: gateways take JSON for text and spoil packed octets.
            "Content-Type": GZIP_MEDIA_TYPE,
        }
        content = gzip.compress(upload_body(batch, self._mint.clock.corrected(now)), compresslevel=6, mtime=0)
        try:
            answer = await self._client.request("POST", UPLOADS_PATH, headers=headers, content=content)
        except CloudUnreachableError as error:
            return self._keep(batch, str(error), None)
        if answer.is_success:
            return self._settle(batch, answer)
        return self._refused(batch, answer)

    def _settle(self, batch: Batch, answer: Answer) -> Attempt:
        try:
            receipt = UploadReceipt.model_validate_json(answer.content)
        except ValidationError:
            return self._keep(batch, f"HTTP {answer.status} without a receipt: is it our server?", answer)
        if (receipt.boot_id, receipt.seq) != (batch.boot_id, batch.seq):
            return self._keep(batch, "the receipt is for another batch", answer)
        outcomes = {outcome.reading_id: _rejection(outcome) for outcome in receipt.outcomes}
        if not any(reading.reading_id in outcomes for reading in batch.readings):
            return self._keep(batch, "the receipt names none of the readings sent", answer)
        self._spool.settle(batch, outcomes, datetime.now(UTC))
        return Attempt(
            Progress.MOVED,
            config_etag=receipt.config_etag,
            sent=len(batch.readings),
            rejected=tuple(f"{reading_id}: {reason}" for reading_id, reason in outcomes.items() if reason is not None),
        )

    def _refused(self, batch: Batch, answer: Answer) -> Attempt:
        problem = answer.problem
        reason = f"HTTP {answer.status} {problem or 'from something that is not our server'}"
        if answer.status in TOKEN_REFUSED:
            self._mint.discard()
        # A proxy's or a wrong server's refusal must not empty the spool: only our own problem is a verdict.
        is_verdict = answer.status in REFUSED_FOR_GOOD and problem is not None
        if not is_verdict and answer.status != TOO_LARGE:
            return self._keep(batch, reason, answer)
        if problem is None and len(batch.readings) == 1:
            return self._keep(batch, reason, answer)
        self._spool.split(batch, reason, datetime.now(UTC))
        rejected = (f"{batch.readings[0].reading_id}: {reason}",) if len(batch.readings) == 1 else ()
        return Attempt(Progress.MOVED, reason=reason, rejected=rejected)

    def _keep(self, batch: Batch, reason: str, answer: Answer | None) -> Attempt:
        self._spool.note_upload_failure(batch, reason, was_answered=answer is not None)
        wait = answer.retry_after_seconds(datetime.now(UTC)) if answer is not None else None
        return Attempt(Progress.WAIT, reason=reason, retry_after_seconds=wait)


def upload_body(batch: Batch, sent_at: datetime) -> bytes:
    """A batch as the JSON of `shared.wire.upload.Upload`, made from the bodies as they were spooled."""
    envelope = {
        "schema_version": SCHEMA_VERSION,
        "boot_id": batch.boot_id,
        "seq": batch.seq,
        "sent_at": sent_at.isoformat(),
        "agent_version": AGENT_VERSION,
        "dropped_readings": batch.dropped,
    }
    head = json.dumps(envelope, separators=(",", ":")).removesuffix("}")
    return f'{head},"readings":[{",".join(reading.body for reading in batch.readings)}]}}'.encode("ascii")


def _rejection(outcome: ReadingOutcome) -> str | None:
    return (outcome.reason or "no reason given") if outcome.outcome is Outcome.REJECTED else None
