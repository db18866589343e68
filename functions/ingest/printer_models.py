"""Printers and their days as partners see them: what was derived, and beside it what the printer said (D16)."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.directory.views import ManagedStatus, PrinterDay, PrinterState, PrinterView, Registration, SupplyDay
from shared.ids import EntityId
from shared.table import Item
from shared.wire.base import UtcDatetime
from shared.wire.reading import LIFE_COUNT, Alert, Counter, Cover, InputTray, OutputBin, Status, Supply


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


def shown(view: PrinterView, state: PrinterState | None, managed: ManagedStatus, now: datetime) -> Printer:
    """A printer in short."""
    fields = view.model_dump(include=set(Printer.model_fields))
    if state is None:
        return Printer(**fields, managed_status=managed)
    return Printer(
        **fields,
        managed_status=managed,
        last_reading_at=state.taken_at,
        communication_age_seconds=max(int((now - state.taken_at).total_seconds()), 0),
        life_count=state.count(LIFE_COUNT),
        status=state.status,
        supplies=[SupplyLevel(**supply.model_dump(include=set(SupplyLevel.model_fields))) for supply in state.supplies],
        alerts=len(state.alerts),
    )


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
