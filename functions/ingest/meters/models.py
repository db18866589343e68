"""What partners see of meters: the counter dictionary, readings as of a day, usage between days, and gaps."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from functions.ingest.meters.ledger import ReadKind
from shared.ids import EntityId
from shared.wire.base import UtcDatetime


class CounterDefinition(BaseModel):
    """A name of the counter dictionary."""

    name: str = Field(examples=["mono_impressions"])
    meaning: str = Field(examples=["sides printed in black only, by every function"])
    unit: str | None = Field(description="Null where the printer says it with each reading", examples=["impressions"])
    source: str = Field(
        description="`standard`: an object of the Printer-MIB; `profile`: an object of the maker's",
        examples=["profile"],
    )
    restarts: bool = Field(description="It starts again by design, and no meter is made of it", examples=[False])


class CounterDictionary(BaseModel):
    """Every name that a counter may have, beside those that begin with a maker's name and a dot."""

    counters: list[CounterDefinition]


class CounterReading(BaseModel):
    """One counter at one time."""

    counter: str = Field(examples=["life_count"])
    unit: str | None = Field(examples=["impressions"])
    source: str | None = Field(description="The object that it is read from", examples=["1.3.6.1.2.1.43.10.2.1.4"])
    value: int = Field(description="What the printer showed", examples=[1_905])
    offset: int = Field(description="Of its epoch; the logical meter is the value and this", examples=[98_335])
    logical: int = Field(description="The logical meter, which goes on across breaks", examples=[100_240])
    epoch: int = Field(description="How many breaks the counter had before", examples=[1])
    kind: ReadKind
    taken_at: UtcDatetime
    day: date = Field(description="Site-local", examples=["2026-11-22"])
    age_days: int = Field(description="Days before the day that was asked for", examples=[0])
    read_id: str | None = Field(default=None, description="Of a manual read", examples=[None])


class TotalCheck(BaseModel):
    """Whether a total is mono and colour together within 0.5 % (MTR-08)."""

    total: int | None = Field(
        description="Of `total_impressions`, else of a `life_count` in impressions", examples=[1_240]
    )
    mono: int | None = Field(examples=[1_000])
    colour: int | None = Field(examples=[240])
    agrees: bool | None = Field(description="Null unless all three are known", examples=[True])


class MetersAsOf(BaseModel):
    """What a printer's meters stood at when a day ended."""

    printer_id: EntityId
    day: date = Field(description="The day that was asked for, site-local", examples=["2026-11-22"])
    readings: list[CounterReading]
    sums: TotalCheck


class CounterUsage(BaseModel):
    """What one counter counted in a span."""

    counter: str = Field(examples=["life_count"])
    unit: str | None = Field(examples=["impressions"])
    usage: int = Field(description="Never negative", examples=[124])
    opening: CounterReading = Field(description="The last before the span; without one, the first inside it")
    closing: CounterReading
    held_breaks: list[str] = Field(
        description="Breaks inside that nobody has decided; across each nothing is counted", examples=[[]]
    )


class PrinterUsage(BaseModel):
    """What one printer counted in a span, or in the part of it in which it was at one site."""

    printer_id: EntityId
    organization_id: EntityId
    site_id: EntityId = Field(description="Where it was on these days; a printer that moved has one row for each stay")
    first_day: date = Field(examples=["2026-11-01"])
    last_day: date = Field(examples=["2026-11-30"])
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    is_complete: bool = Field(
        description="There is a reading before the span and one of its last three days, and no break inside is held",
        examples=[True],
    )
    counters: list[CounterUsage]
    sums: TotalCheck


class UsagePage(BaseModel):
    """A page of printers with what each counted."""

    first_day: date = Field(examples=["2026-11-01"])
    last_day: date = Field(examples=["2026-11-30"])
    items: list[PrinterUsage]
    totals: dict[str, int] = Field(description="Of this page, by counter; pages add up", examples=[{"life_count": 124}])
    next_cursor: str | None


class GapReason(StrEnum):
    """Why a printer has no count on a day."""

    NOT_YET_DISCOVERED = "not_yet_discovered"
    """It was seen for the first time later."""
    NO_AGENT = "no_agent"
    """No agent read it yet: it was registered by hand, and its counts are read by hand."""
    RETIRED = "retired"
    """It was out of service by then."""
    SITE_CLOSED = "site_closed"
    """Its site's calendar has no open hours that day."""
    NOT_OVER = "not_over"
    """It is today at the site: a reading may still come."""
    AGENT_SILENT = "agent_silent"
    """No printer of its agent was read either."""
    PRINTER_SILENT = "printer_silent"
    """Other printers of its agent were read."""
    NO_COUNTER = "no_counter"
    """It was read, and told no counter."""
    UNEXPLAINED = "unexplained"


class MeterGap(BaseModel):
    """Days in a row without a count, for one reason."""

    first_day: date = Field(examples=["2026-11-07"])
    last_day: date = Field(examples=["2026-11-08"])
    days: int = Field(examples=[2])
    reason: GapReason


class MeterGaps(BaseModel):
    """The days of a span on which a printer has no count, and why."""

    printer_id: EntityId
    first_day: date = Field(examples=["2026-11-01"])
    last_day: date = Field(description="Today at most, site-local", examples=["2026-11-22"])
    days_counted: int = Field(examples=[20])
    days_missing: int = Field(examples=[2])
    gaps: list[MeterGap] = Field(description="Oldest first")
