"""Printers and their days as partners see them: what was derived, and beside it what the printer said (D16)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from functions.ingest.silence import CauseKind, Stage
from shared.clock import key_time
from shared.directory.views import ManagedStatus, PrinterDay, PrinterState, PrinterView, Registration, SupplyDay
from shared.ids import EntityId
from shared.table import Item
from shared.wire.base import UtcDatetime
from shared.wire.reading import LIFE_COUNT, Alert, Counter, Cover, InputTray, OutputBin, Status, Supply

SILENT_AFTER: Final = timedelta(days=1)
"""A printer that is read is heard of once an hour at least; after a day of nothing it is not communicating."""


class Communication(StrEnum):
    """Whether a printer is still heard of.

    One whose address was taken out of its agent's search stays, with all that is known of it, and is not communicating
    until it is found again (AGT-02).
    """

    COMMUNICATING = "communicating"
    NONCOMMUNICATING = "noncommunicating"

    @classmethod
    def at(cls, taken_at: datetime, now: datetime) -> "Communication":
        """What it is ``now`` for a printer last read at ``taken_at``."""
        return cls.NONCOMMUNICATING if now - taken_at > SILENT_AFTER else cls.COMMUNICATING


class CommunicationFilter(StrEnum):
    """What a list of printers is narrowed to: whether they communicate, or how far their silence went (SUP-30)."""

    COMMUNICATING = "communicating"
    NONCOMMUNICATING = "noncommunicating"
    STALE = "stale"
    EXCEPTION = "exception"
    LOST = "lost"

    def fits(self, printer: "Printer") -> bool:
        """Whether a printer is one of those."""
        return self.value in {printer.communication.value, printer.silence and printer.silence.stage.value}


class SilenceCause(BaseModel):
    """What a printer's silence has in common with others'."""

    kind: CauseKind = Field(
        description="Its agent is not heard; no printer of its subnet answers its agent; or it alone is silent"
    )
    subnet: str | None = Field(default=None, examples=["192.0.2.0/24"])
    printers: int = Field(description="How many share it", examples=[1])


class Silence(BaseModel):
    """That a printer was not read for three days or more."""

    stage: Stage = Field(description="`stale` after 3 days, `exception` after 7, `lost` after 30")
    since: UtcDatetime = Field(description="When it was read last")
    cause: SilenceCause | None = Field(default=None, description="Null until the daily look at the agent's printers")


class SupplyLevel(BaseModel):
    """A supply in short; ``percent`` is set only when ``level_state`` is ``percent``."""

    index: str
    supply_type: str | None = None
    colorant: str | None = None
    description: str | None = None
    level_state: str
    percent: float | None = None


class Printer(BaseModel):
    """A printer in short."""

    printer_id: EntityId
    organization_id: EntityId
    site_id: EntityId
    agent_id: EntityId
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    mac_address: str | None = None
    address: str | None = None
    registration: Registration
    managed_status: ManagedStatus
    first_seen_at: UtcDatetime
    last_reading_at: UtcDatetime | None = None
    communication: Communication = Field(
        default=Communication.NONCOMMUNICATING,
        description="Whether a reading was taken within a day, by an agent that is listened to",
    )
    silence: Silence | None = Field(default=None, description="Set after three days without a reading")
    communication_age_seconds: int | None = Field(default=None, description="Since the last reading was taken")
    life_count: int | None = Field(default=None, description="Lifetime count of the first marker, in its own unit")
    status: Status = Status()
    supplies: list[SupplyLevel] = []
    alerts: int = Field(default=0, description="Rows in the printer's alert table")


class PrinterDetails(Printer):
    """A printer with everything that is known of it; supplies, trays and alerts as it reported them."""

    model_config = ConfigDict(extra="ignore")

    agent_version: str | None = None
    firmware: str | None = None
    host_name: str | None = None
    location: str | None = None
    asset_tag: str | None = None
    sys_descr: str | None = None
    sys_object_id: str | None = None
    uptime_ticks: int | None = None
    boot_epoch: int = 0
    counter_epoch: int = 0
    counter_epoch_cause: str | None = None
    counter_epoch_at: UtcDatetime | None = None
    clock_skewed: bool = False
    missing: dict[str, str] = {}
    counters: list[Counter] = []
    supply_rows: list[Supply] = []
    alert_rows: list[Alert] = []
    inputs: list[InputTray] = []
    outputs: list[OutputBin] = []
    covers: list[Cover] = []


class MeterDay(BaseModel):
    """One printer and one site-local day."""

    printer_id: EntityId
    day: str = Field(examples=["2026-11-22"])
    first_counters: dict[str, int]
    last_counters: dict[str, int]
    counted: int | None = Field(description="Lifetime count made that day; null when it decreased or was not read")
    counter_decreased: bool = Field(description="The lifetime count went back: reset, board swap or roll-over")
    supplies: dict[str, SupplyDay]
    readings: int = Field(description="Quarters of an hour of the day in which the printer was read")
    last_reading_at: UtcDatetime


class PrinterPage(BaseModel):
    """A page of printers; it may be short of the limit where a filter left some out."""

    items: list[Printer]
    next_cursor: str | None


class MeterPage(BaseModel):
    """A page of days, oldest first."""

    items: list[MeterDay]
    next_cursor: str | None


def shown(
    view: PrinterView,
    state: PrinterState | None,
    managed: ManagedStatus,
    now: datetime,
    *,
    episode: Item | None,
    agent_heard: bool,
) -> Printer:
    """A printer in short.

    Args:
        view: Who it is.
        state: Its latest reading, if there is one.
        managed: How far it is on its way into the programme.
        now: The present.
        episode: Its last one of silence, which may be over.
        agent_heard: Whether its agent is listened to; the printers of one that is not do not communicate (AGT-02).
    """
    fields = view.model_dump(include=set(Printer.model_fields))
    if state is None:
        return Printer(**fields, managed_status=managed)
    return Printer(
        **fields,
        managed_status=managed,
        last_reading_at=state.taken_at,
        communication=Communication.at(state.taken_at, now) if agent_heard else Communication.NONCOMMUNICATING,
        silence=_silence(state.taken_at, episode, now),
        communication_age_seconds=max(int((now - state.taken_at).total_seconds()), 0),
        life_count=state.count(LIFE_COUNT),
        status=state.status,
        supplies=[SupplyLevel(**supply.model_dump(include=set(SupplyLevel.model_fields))) for supply in state.supplies],
        alerts=len(state.alerts),
    )


def _silence(taken_at: datetime, episode: Item | None, now: datetime) -> Silence | None:
    stage = Stage.at(taken_at, now)
    if stage is None:
        return None
    is_this = episode is not None and episode["since"] == key_time(taken_at)
    return Silence(stage=stage, since=taken_at, cause=episode["cause"] if episode and is_this else None)


def detailed(printer: Printer, meta: Item, state: Item, media: Item) -> PrinterDetails:
    """A printer with everything that is known of it, from its three items (each may be empty)."""
    rows = {"supply_rows": state.get("supplies", []), "alert_rows": state.get("alerts", [])}
    known = meta | media | {name: value for name, value in state.items() if name not in {"supplies", "alerts"}}
    return PrinterDetails.model_validate(known | rows | printer.model_dump())


def meter_day(day: PrinterDay) -> MeterDay:
    """A day with what was counted in it; never a negative number."""
    first, last = day.first_counters.get(LIFE_COUNT), day.last_counters.get(LIFE_COUNT)
    difference = last - first if first is not None and last is not None else None
    decreased = difference is not None and difference < 0
    return MeterDay(
        printer_id=day.printer_id,
        day=day.day,
        first_counters=day.first_counters,
        last_counters=day.last_counters,
        counted=None if decreased else difference,
        counter_decreased=decreased,
        supplies=day.supplies,
        readings=day.readings,
        last_reading_at=day.last_reading_at,
    )
