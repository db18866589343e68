"""What partners send and see of the ledger's entries: manual reads, breaks, and decisions on both."""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, Field, StringConstraints

from functions.ingest.meters.epochs import BreakCause, BreakSource, BreakStatus
from functions.ingest.meters.ledger import ReadVerdict
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN, YesOrNo

MAX_COUNT: Final = 2**53
"""What JSON readers keep whole; no printer lives so long."""
MAX_COUNTERS: Final = 16

Count = Annotated[int, Field(ge=0, le=MAX_COUNT), WRITTEN]
CounterName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)?$", max_length=64)]
Person = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Evidence = Annotated[str, StringConstraints(min_length=1, max_length=500)]
DecisionId = Annotated[str, StringConstraints(pattern=r"^mdc_[0-9a-z]{26}$")]
BreakId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,96}$")]

_CALLED: Final = "What somebody saw or was told: a photo's name, a ticket's number, a call"


class NewManualRead(ApiModel):
    """Counters that somebody read off a printer."""

    printer_id: EntityId
    taken_at: UtcDatetime = Field(description="When, not in the future and at most 400 days ago")
    counters: Annotated[dict[CounterName, Count], Field(min_length=1, max_length=MAX_COUNTERS)] = Field(
        examples=[{"life_count": 120_345}]
    )
    read_by: Person = Field(description="Who read it", examples=["Ada Lovelace"])
    reason: Reason = Field(description="Why it was read by hand", examples=["Printer without network"])
    evidence: Evidence | None = Field(default=None, description=_CALLED, examples=["Photo 4711"])
    corrects: EntityId | None = Field(
        default=None,
        description="The read that this one takes the place of; that one stays in the list",
        examples=[None],
    )


class PlausibilityCheck(BaseModel):
    """What was to be expected of one counter (MTR-02)."""

    counter: str = Field(examples=["life_count"])
    verdict: ReadVerdict
    finding: str = Field(
        description=(
            "`as_expected`, `no_history`, or why it is held: `unexpected_volume`, `lower_than_before`, "
            "`higher_than_after`"
        ),
        examples=["as_expected"],
    )
    usage: int | None = Field(default=None, description="Since the reading before", examples=[124])
    expected: int | None = Field(default=None, description="By the daily mean of 90 days", examples=[118])


class ReadDecision(BaseModel):
    """What somebody decided about a manual read."""

    decision_id: EntityId
    verdict: ReadVerdict
    decided_by: str = Field(examples=["Ada Lovelace"])
    reason: str = Field(examples=["Month end, twice the usual"])
    decided_at: UtcDatetime
    key_id: str
    corrects: EntityId | None = Field(default=None, description="The decision before, if any", examples=[None])


class ManualRead(BaseModel):
    """A manual read, as it was entered, and what became of it."""

    read_id: EntityId
    printer_id: EntityId
    taken_at: UtcDatetime
    day: date = Field(description="Site-local", examples=["2026-11-22"])
    counters: dict[str, int] = Field(examples=[{"life_count": 120_345}])
    read_by: str = Field(examples=["Ada Lovelace"])
    reason: str = Field(examples=["Printer without network"])
    evidence: str | None = Field(default=None, examples=["Photo 4711"])
    verdict: ReadVerdict = Field(description="Only an accepted read counts")
    checks: list[PlausibilityCheck]
    decisions: list[ReadDecision] = Field(description="The last one holds")
    corrects: EntityId | None = Field(default=None, examples=[None])
    entered_at: UtcDatetime
    key_id: str


class ManualReadPage(BaseModel):
    """A page of manual reads, by day."""

    items: list[ManualRead]
    next_cursor: str | None


class NewReadDecision(ApiModel):
    """A decision on a manual read."""

    printer_id: EntityId
    accept: YesOrNo = Field(description="Count it, or leave it out", examples=[True])
    decided_by: Person = Field(examples=["Ada Lovelace"])
    reason: Reason = Field(examples=["Month end, twice the usual"])
    corrects: DecisionId | None = Field(
        default=None, description="The last decision on it, when there is one", examples=[None]
    )


class Replacement(ApiModel):
    """Where an old counter ended and the new one began."""

    final_value: Count = Field(description="Last value of the old one", examples=[98_440])
    start_value: Count = Field(description="First value of the new one", examples=[105])


class NewDocumentedBreak(ApiModel):
    """A reset, or another board: what the counters ended at and began with."""

    printer_id: EntityId
    cause: BreakCause = Field(description="`reset` or `board_swap`", examples=["board_swap"])
    at: UtcDatetime = Field(description="When; within three days of what the readings show is near enough")
    counters: Annotated[dict[CounterName, Replacement], Field(min_length=1, max_length=MAX_COUNTERS)] = Field(
        examples=[{"life_count": {"final_value": 98_440, "start_value": 105}}]
    )
    decided_by: Person = Field(description="Who did or saw it", examples=["Ada Lovelace"])
    reason: Reason = Field(examples=["Main board replaced under call 4711"])
    evidence: Evidence | None = Field(default=None, description=_CALLED, examples=["Photo 4711"])


class NewBreakDecision(ApiModel):
    """What a break was. Give one of `final_value` with `start_value`, `modulus`, or `usage`."""

    printer_id: EntityId
    cause: BreakCause = Field(examples=["reset"])
    final_value: Count | None = Field(default=None, description="Last value of the old counter", examples=[84_215])
    start_value: Count | None = Field(default=None, description="First value of the new one", examples=[0])
    modulus: Annotated[int, Field(ge=10, le=2**63)] | None = Field(
        default=None, description="Where it rolled over", examples=[None]
    )
    usage: Count | None = Field(default=None, description="Pages across the break", examples=[None])
    decided_by: Person = Field(examples=["Ada Lovelace"])
    reason: Reason = Field(examples=["Reset by the maker's technician"])
    evidence: Evidence | None = Field(default=None, description=_CALLED, examples=["Photo 4711"])
    corrects: DecisionId | None = Field(
        default=None, description="The last decision on it, when there is one", examples=[None]
    )


class BreakDecision(BaseModel):
    """What somebody decided about a break, or documented before it showed."""

    decision_id: EntityId
    cause: BreakCause
    final_value: int | None = Field(default=None, examples=[98_440])
    start_value: int | None = Field(default=None, examples=[105])
    modulus: int | None = Field(default=None, examples=[None])
    usage: int | None = Field(default=None, examples=[None])
    decided_by: str = Field(examples=["Ada Lovelace"])
    reason: str = Field(examples=["Main board replaced under call 4711"])
    evidence: str | None = Field(default=None, examples=["Photo 4711"])
    decided_at: UtcDatetime
    key_id: str
    corrects: EntityId | None = Field(default=None, examples=[None])


class MeterBreak(BaseModel):
    """Where one counter went back, or was replaced: the beginning of an epoch (MTR-05, MTR-06)."""

    break_id: str = Field(examples=["2026-11-22.1.life_count"])
    printer_id: EntityId
    counter: str = Field(examples=["life_count"])
    epoch: int | None = Field(
        description="Number of the epoch that begins; null for a documented change that another break is explained by",
        examples=[1],
    )
    day: date = Field(description="Site-local", examples=["2026-11-22"])
    source: BreakSource
    from_at: UtcDatetime | None = Field(default=None, description="Last reading before")
    to_at: UtcDatetime = Field(description="First reading after, or the time that was documented")
    last_before: int | None = Field(default=None, examples=[98_440])
    first_after: int | None = Field(default=None, examples=[105])
    cause: BreakCause
    status: BreakStatus
    usage: int | None = Field(description="Pages across the break; null while held, or not of its own", examples=[0])
    expected: int | None = Field(
        default=None,
        description="Pages to be expected between the two, or in a week where they are closer",
        examples=[118],
    )
    decided: str = Field(description="`rule`, `person`, or `nobody` while it is held", examples=["person"])
    explained_by: str | None = Field(default=None, description="The documented change that it is", examples=[None])
    decisions: list[BreakDecision] = Field(description="The last one holds")


class MeterBreakPage(BaseModel):
    """A page of breaks, by day."""

    items: list[MeterBreak]
    next_cursor: str | None
