"""`POST /v1/uploads`: a batch of readings and the outcome of each."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.wire.base import (
    MAX_READINGS_PER_UPLOAD,
    SCHEMA_VERSION,
    Identifier,
    ShortText,
    Text,
    UtcDatetime,
    WireModel,
)
from shared.wire.reading import PrinterReading

GZIP_MEDIA_TYPE = "application/gzip"
"""Content type of a packed upload (RFC 6713): gzip of the JSON body."""


class Upload(WireModel):
    """A batch, identified by (agent, boot_id, seq); sending it again changes nothing.

    The agent comes from its token. ``readings`` are validated one by one, so that a bad one is rejected by
    name and the good ones are kept: see `PrinterReading`.
    """

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this format.")
    boot_id: Identifier = Field(description="A random number of the agent's store of unsent readings.")
    seq: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = Field(description="Number of the batch.")
    sent_at: UtcDatetime = Field(description="When the batch was sent.")
    agent_version: ShortText = Field(description="Version of the agent.")
    dropped_readings: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = Field(
        default=0, description="Readings given up because the store was full."
    )
    clock_ahead_seconds: Annotated[int, Field(strict=True, gt=-(2**40), lt=2**40)] | None = Field(
        default=None,
        examples=[4_000],
        description="How far the clock of the agent's computer is ahead of the server's (negative: behind), when it is "
        "more than 5 minutes; the times sent are corrected for it.",
    )
    readings: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MAX_READINGS_PER_UPLOAD,
        description="The readings, each as in PrinterReading, or as in UnchangedReading once a receipt allowed it.",
    )


class UnchangedReading(WireModel):
    """A reading that said again what an earlier one said: a name in place of everything that was read."""

    reading_id: Identifier = Field(description="Number of this reading.")
    taken_at: UtcDatetime = Field(description="When the printer was read.")
    same_as: Identifier = Field(description="The reading, stored before, whose content this one has.")
    printer_id: Identifier = Field(description="The printer, as the outcome of that reading named it.")


def is_unchanged(raw: dict[str, Any]) -> bool:
    """True for a member of ``readings`` that is an UnchangedReading."""
    return "same_as" in raw


def reading_body(reading: PrinterReading) -> dict[str, Any]:
    """A reading as it stands in an upload: JSON types, unset fields left out."""
    return reading.model_dump(mode="json", exclude_none=True)


class Outcome(StrEnum):
    """What became of one reading."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    RESEND = "resend"
    """Only of an UnchangedReading: what it names is not what is stored; the next reading is to be sent whole."""


class ReadingOutcome(WireModel):
    """The answer for one reading; ``reason`` names the field and the fix when it was rejected."""

    reading_id: Text
    outcome: Outcome
    printer_id: Identifier | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None


class UploadReceipt(WireModel):
    """The answer to an upload: one outcome for each reading, in the order sent."""

    schema_version: Literal[1] = SCHEMA_VERSION
    boot_id: Identifier
    seq: int
    received_at: UtcDatetime
    outcomes: list[ReadingOutcome]
    config_etag: ShortText | None = None
    unchanged_readings: bool = Field(
        default=False, description="Readings that say nothing new may be sent as UnchangedReading from now on."
    )
    generation: Annotated[int, Field(ge=1, lt=2**31)] | None = Field(
        default=None, description="The generation to present from now on; kept before it is used."
    )
    key_to_exchange: Identifier | None = Field(
        default=None, description="Name of the key that the agent is asked to exchange for a new one (POST /v1/keys)."
    )
