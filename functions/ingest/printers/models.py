"""Printers and their days as partners see them: what was derived, and beside it what the printer said (D16)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.ingest.identities.retirement import RetirementShown, is_retired
from functions.ingest.printers.place import lowest_percent
from functions.ingest.silence.causes import CauseKind
from functions.ingest.silence.episodes import Stage, Stages
from shared.clock import key_time
from shared.directory.views import (
    IdentityConflict,
    ManagedStatus,
    PrinterState,
    Registration,
    SeenBy,
    SiteMove,
)
from shared.eligibility.statuses import EligibilityStatus
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
    NOT_CONNECTED = "not_connected"
    """It was registered by hand, and no agent has read it: its counts are read by hand."""

    @classmethod
    def at(cls, taken_at: datetime, now: datetime) -> "Communication":
        """What it is ``now`` for a printer last read at ``taken_at``."""
        return cls.NONCOMMUNICATING if now - taken_at > SILENT_AFTER else cls.COMMUNICATING


class SilenceCause(BaseModel):
    """What a printer's silence has in common with others'."""

    kind: CauseKind = Field(
        description="Its agent is not heard; no printer of its subnet, or none of its credential set, answers its"
        " agent; or it alone is silent"
    )
    subnet: str | None = Field(default=None, examples=["192.0.2.0/24"])
    credential: str | None = Field(
        default=None,
        description="The set's name in the agent's configuration, where printers of other sets are heard",
        examples=["office-v3"],
    )
    printers: int = Field(description="How many share it", examples=[1])


class Silence(BaseModel):
    """That a printer was not read for three days or more, or as many as are set for its site."""

    stage: Stage = Field(
        description="`stale` after 3 days, `exception` after 7, `lost` after 30, unless the settings say otherwise"
    )
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
    receptacle: bool = Field(default=False, description="It fills up, as a waste box does: `percent` is the space left")
    fill_percent: float | None = Field(default=None, description="How full a receptacle is, the rest of `percent`")

    @classmethod
    def of(cls, supply: Supply) -> Self:
        """A row of a reading in short (AT-TEL-02)."""
        told = supply.model_dump(include=set(cls.model_fields))
        fill = None if supply.percent is None or not supply.receptacle else round(100 - supply.percent, 2)
        return cls(**told, fill_percent=fill)


class SeenByAgent(BaseModel):
    """When an agent read a printer last."""

    agent_id: EntityId
    last_seen_at: UtcDatetime | None = Field(description="None while an agent that was given it has not read it")


class Printer(BaseModel):
    """A printer in short."""

    printer_id: EntityId
    organization_id: EntityId
    organization_name: str | None = None
    site_id: EntityId
    site_name: str | None = None
    agent_id: EntityId | None = Field(default=None, description="Null while no agent has read it")
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    mac_address: str | None = None
    address: str | None = None
    firmware: str | None = None
    host_name: str | None = None
    location: str | None = None
    asset_tag: str | None = None
    tags: list[str] = []
    registration: Registration
    managed_status: ManagedStatus
    eligibility_status: EligibilityStatus | None = Field(
        default=None, description="Given where a list is narrowed by it: it costs the reading of contacts and models"
    )
    first_seen_at: UtcDatetime
    last_reading_at: UtcDatetime | None = None
    communication: Communication = Field(
        default=Communication.NONCOMMUNICATING,
        description="Whether a reading was taken within a day, by an agent that is heard; or that none reads it",
    )
    silence: Silence | None = Field(default=None, description="Set after `silence_stale_days` without a reading")
    communication_age_seconds: int | None = Field(default=None, description="Since the last reading was taken")
    life_count: int | None = Field(default=None, description="Lifetime count of the first marker, in its own unit")
    pages_per_month: int | None = Field(
        default=None,
        description="Pages of thirty days by the last thirty, counted once a day; kept until it moves by a tenth",
        examples=[1_250],
    )
    status: Status = Status()
    supplies: list[SupplyLevel] = []
    lowest_supply: float | None = Field(
        default=None, description="Percent of the lowest supply that has a percentage; waste boxes do not count"
    )
    alerts: int = Field(default=0, description="Rows in the printer's alert table")
    seen_by: list[SeenByAgent] = Field(default=[], description="Agents that read it, its own first; at most five")
    site_move: SiteMove | None = Field(
        default=None, description="Set while nobody has confirmed where its supplies go after a move to another site"
    )
    identity_conflict: IdentityConflict | None = Field(
        default=None, description="Set while people are asked which printer it is"
    )
    merged_printer_ids: list[EntityId] = Field(default=[], description="Printers whose history is part of this one's")
    retirement: RetirementShown | None = Field(default=None, description="Set while it is out of service")


class PrinterDetails(Printer):
    """A printer with everything that is known of it; supplies, trays and alerts as it reported them."""

    model_config = ConfigDict(extra="ignore")

    agent_version: str | None = None
    sys_descr: str | None = None
    sys_object_id: str | None = None
    uptime_ticks: int | None = None
    boot_epoch: int = 0
    counter_epoch: int = Field(default=0, description="How often a lifetime counter went back, by its readings alone")
    counter_epoch_cause: str | None = Field(
        default=None,
        description="What its readings alone say of the last time; what people say of it is in `GET /v1/meters/breaks`",
    )
    counter_epoch_at: UtcDatetime | None = None
    clock_skewed: bool = False
    missing: dict[str, str] = {}
    counters: list[Counter] = []
    supply_rows: list[Supply] = []
    alert_rows: list[Alert] = []
    inputs: list[InputTray] = []
    outputs: list[OutputBin] = []
    covers: list[Cover] = []


_OF_META: Final = (
    "printer_id",
    "organization_id",
    "site_id",
    "agent_id",
    "manufacturer",
    "model",
    "serial_number",
    "mac_address",
    "address",
    "firmware",
    "host_name",
    "location",
    "asset_tag",
    "tags",
    "registration",
    "first_seen_at",
    "pages_per_month",
    "site_move",
    "identity_conflict",
    "merged_printer_ids",
    "retirement",
)


class PrinterPage(BaseModel):
    """A page of printers; it may be short of the limit where a filter left some out."""

    items: list[Printer]
    next_cursor: str | None
    scanned: int = Field(description="Printers that were looked at for this page", examples=[50])


def shown(  # noqa: PLR0913 - what is joined to a printer
    meta: Item,
    state: PrinterState | None,
    managed: ManagedStatus,
    now: datetime,
    *,
    episode: Item | None,
    agent_heard: bool,
    stages: Stages,
    names: Mapping[str, str],
    eligibility: EligibilityStatus | None = None,
) -> Printer:
    """A printer in short.

    Args:
        meta: Who it is and where.
        state: Its latest reading, if there is one.
        managed: How far it is on its way into the programme.
        now: The present.
        episode: Its last one of silence, which may be over.
        agent_heard: Whether its agent is listened to; the printers of one that is not do not communicate (AGT-02).
        stages: Of silence, as they are in force for it.
        names: Of organisations and sites, by id.
        eligibility: What the rule of eligibility says of it, if that was asked.
    """
    fields: dict[str, Any] = {name: meta[name] for name in _OF_META if name in meta}
    fields |= {
        "organization_name": names.get(meta["organization_id"]),
        "site_name": names.get(meta["site_id"]),
        "managed_status": managed,
        "eligibility_status": eligibility,
    }
    if "agent_id" not in meta:
        fields["communication"] = Communication.NOT_CONNECTED
    if state is None:
        return Printer.model_validate(fields)
    read_at = state.last_read_at
    percent = lowest_percent(supply.model_dump() for supply in state.supplies)
    return Printer.model_validate(
        fields
        | {
            "last_reading_at": read_at,
            "communication": Communication.at(read_at, now) if agent_heard else Communication.NONCOMMUNICATING,
            "silence": None if is_retired(meta) else _silence(read_at, episode, now, stages),
            "communication_age_seconds": max(int((now - read_at).total_seconds()), 0),
            "life_count": state.count(LIFE_COUNT),
            "status": state.status,
            "supplies": [SupplyLevel.of(supply) for supply in state.supplies],
            "lowest_supply": percent,
            "alerts": len(state.alerts),
            "seen_by": _seen_by(meta, state),
        }
    )


def _seen_by(meta: Item, state: PrinterState) -> list[SeenByAgent]:
    """The agents that read a printer, its own first; a state names them when there are several."""
    seen = state.seen_by or {state.agent_id: SeenBy(at=state.taken_at)}
    order = sorted(seen, key=lambda each: (each == meta.get("agent_id"), seen[each].at), reverse=True)
    return [SeenByAgent(agent_id=each, last_seen_at=seen[each].last_read_at) for each in order]


def _silence(taken_at: datetime, episode: Item | None, now: datetime, stages: Stages) -> Silence | None:
    stage = Stage.at(taken_at, now, stages)
    if stage is None:
        return None
    is_this = episode is not None and episode["since"] == key_time(taken_at)
    return Silence(stage=stage, since=taken_at, cause=episode["cause"] if episode and is_this else None)


def detailed(printer: Printer, meta: Item, state: Item, media: Item) -> PrinterDetails:
    """A printer with everything that is known of it, from its three items (each may be empty)."""
    rows = {"supply_rows": state.get("supplies", []), "alert_rows": state.get("alerts", [])}
    hidden = {"supplies", "alerts", "seen_by"}
    known = meta | media | {name: value for name, value in state.items() if name not in hidden}
    return PrinterDetails.model_validate(known | rows | printer.model_dump())
