"""Readings that only say *as before*: held against what the agent told last; nothing but their time is kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from functions.ingest.meters.readings import placed_at, reason_of, refusal_by_time
from functions.ingest.meters.rollup import local_day
from functions.ingest.silence.heard import Heard, Told, digest
from functions.ingest.uploads.taken import Sender
from shared.wire.upload import Outcome, ReadingOutcome, UnchangedReading


@dataclass(slots=True)
class Settled:
    """What became of unchanged readings, by their position in the upload.

    Attributes:
        outcomes: Of those that could be judged.
        rejected: Why each of the others is rejected.
        told: What is to be noted of their printers.
    """

    outcomes: dict[int, ReadingOutcome] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    told: Heard = field(default_factory=dict)


def settle_unchanged(raws: Mapping[int, dict[str, Any]], sender: Sender, heard: Heard) -> Settled:
    """Judge the unchanged readings of an upload by what the agent told so far, this upload's whole readings included.

    One is *stored* when it names the agent's last whole reading of the printer and is of the same site-local day, so
    that each day has a whole one; *superseded* when a later whole one is there; else it is to be sent again whole. Of
    a printer that the agent told of before, the time counts in any case: it was read.
    """
    settled = Settled()
    for position, raw in raws.items():
        try:
            reading = UnchangedReading.model_validate(raw)
        except ValidationError as error:
            settled.rejected[position] = reason_of(error)
            continue
        if refused := refusal_by_time(reading, sender.now):
            settled.rejected[position] = refused
            continue
        printer, at = digest(reading.printer_id), placed_at(reading, sender.now)
        told = settled.told.get(printer) or heard.get(printer)
        if told is not None:
            settled.told[printer] = told.read_at(at)
        outcome = _outcome(reading, at, told, sender)
        settled.outcomes[position] = ReadingOutcome(reading_id=reading.reading_id, outcome=outcome)
    return settled


def _outcome(reading: UnchangedReading, at: datetime, told: Told | None, sender: Sender) -> Outcome:
    if told is None:
        return Outcome.RESEND
    if int(at.timestamp()) <= told.whole_at:
        return Outcome.SUPERSEDED
    is_of_the_day = local_day(datetime.fromtimestamp(told.whole_at, UTC), sender.zone) == local_day(at, sender.zone)
    return Outcome.STORED if told.names(reading.same_as) and is_of_the_day else Outcome.RESEND
