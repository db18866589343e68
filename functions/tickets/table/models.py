"""What the tickets context keeps: alerts as problems, service calls, SLA clocks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.wire.base import UtcDatetime


class Stored(BaseModel):
    """A stored thing; attributes that the model does not name belong to the table."""

    model_config = ConfigDict(extra="ignore")


class AlertClass(StrEnum):
    """What an alert asks for (domain.md 4.2)."""

    INFO = "INFO"
    CLR = "CLR"
    OP = "OP"
    SUP = "SUP"
    MNT = "MNT"
    TRI = "TRI"
    TECH = "TECH"
    CFG = "CFG"


class CallType(StrEnum):
    """Call type categories of the trade."""

    CORRECTIVE = "CM"
    PREVENTIVE = "PM"
    PHONE_FIX = "PF"


class Family(StrEnum):
    """Problem families: one open call for each and printer (ALR-08)."""

    PAPER_PATH = "paper_path"
    IMAGE_QUALITY = "image_quality"
    FUSER_THERMAL = "fuser_thermal"
    ELECTRONICS = "electronics"
    FINISHER = "finisher"
    CONNECTIVITY = "connectivity"
    SUPPLIES = "supplies"


class CallState(StrEnum):
    """States of a call (BRK-03)."""

    NEW = "new"
    TRIAGE = "triage"
    REMOTE_WORK = "remote_work"
    AWAITING_CUSTOMER = "awaiting_customer"
    TO_DISPATCH = "to_dispatch"
    SCHEDULED = "scheduled"
    IN_SERVICE = "in_service"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ClockState(StrEnum):
    """States of an SLA clock (SLA-07)."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class Clock(Stored):
    """One target of a call in minutes of the site's business time.

    ``used_seconds`` of the target had passed at ``counted_from``; what passed since is computed (SLA-07). A pause, a
    new target and a reopened call move both, so that no list of pauses is needed. ``due_at`` of a paused clock is
    the one it had; it moves when the clock goes on.
    """

    target_minutes: int = Field(gt=0)
    started_at: UtcDatetime
    counted_from: UtcDatetime
    used_seconds: int = 0
    due_at: UtcDatetime
    state: ClockState = ClockState.RUNNING
    ended_at: UtcDatetime | None = None
    notified_pct: int = 0
    """The highest of 50, 75, 90 and 100 that was announced (SLA-08)."""
    next_notice_at: UtcDatetime | None = None


class Problem(Stored):
    """An alert that is, or was, open on a printer, by its logical key (ALR-04).

    ``row`` and ``boot_epoch`` say which row of the alert table it was, ``occurred_at`` when it began, lately.
    """

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    printer_id: str
    logical_key: str
    code: int | None = None
    name: str
    group: str | None = None
    severity: str | None = None
    description: str | None = None
    alert_class: AlertClass
    family: Family
    priority: int | None = None
    call_type: CallType | None = None
    first_seen_at: UtcDatetime
    cleared_at: UtcDatetime | None = None
    call_due_at: UtcDatetime | None = None
    call_id: str | None = None
    row: str | None = None
    boot_epoch: int = 0
    occurred_at: list[UtcDatetime] = []
    version: int = 0
    """0 until it is stored; every write needs the version that it read."""

    @property
    def is_open(self) -> bool:
        """True while the printer still reports it."""
        return self.cleared_at is None

    def wants_call(self, now: datetime) -> bool:
        """True when its delay has passed and it is on no call."""
        return self.is_open and self.call_id is None and self.call_due_at is not None and self.call_due_at <= now

    def changed(self, **fields: Any) -> "Problem":  # noqa: ANN401 - fields of this model
        """A copy with other fields."""
        return self.model_copy(update=fields)


class Evidence(Stored):
    """An alert as it stands on a call."""

    logical_key: str
    code: int | None = None
    name: str
    group: str | None = None
    severity: str | None = None
    description: str | None = None
    first_seen_at: UtcDatetime
    cleared_at: UtcDatetime | None = None
    times: int = 1
    """How often it came while the call was open."""


class HistoryEntry(Stored):
    """Something that happened to a call."""

    at: UtcDatetime
    what: str
    by: str = "platen"
    detail: str | None = None


class ServiceCall(Stored):
    """One customer problem with its SLA clocks."""

    call_id: str
    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    printer_id: str
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    call_type: CallType
    family: Family
    priority: int
    title: str
    state: CallState = CallState.NEW
    cause: str | None = None
    opened_at: UtcDatetime
    resolved_at: UtcDatetime | None = None
    reopened_at: UtcDatetime | None = None
    resolve_automatically_at: UtcDatetime | None = None
    looked_at: UtcDatetime
    """When the call was last compared with its printer, whatever the stream brought (D3)."""
    policy_version: str
    clocks: dict[str, Clock]
    evidence: list[Evidence] = []
    history: list[HistoryEntry] = []
    version: int = 1

    @property
    def is_open(self) -> bool:
        """True until the call is resolved, closed or cancelled."""
        return self.state not in {CallState.RESOLVED, CallState.CLOSED, CallState.CANCELLED}

    def note(self, entry: HistoryEntry) -> "ServiceCall":
        """The call with one more history entry; the oldest but the first fall out past `MAX_HISTORY`."""
        history = [*self.history, entry]
        if len(history) > MAX_HISTORY:
            history = [history[0], *history[-MAX_HISTORY + 1 :]]
        return self.changed(history=history)

    def changed(self, **fields: Any) -> "ServiceCall":  # noqa: ANN401 - fields of this model
        """A copy with other fields."""
        return self.model_copy(update=fields)


class FamilyMarker(Stored):
    """Which call a printer's problem family has now, or had last: the one-open-call invariant (D4)."""

    call_id: str
    open: bool


MAX_HISTORY = 100
MAX_EVIDENCE = 80
"""More than the 64 rows of a reading: an alert that is still there is never the one that falls out."""
