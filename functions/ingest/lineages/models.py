"""Who a printer is over its life, as partners write and see it."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.ingest.identities.life_story import Happening
from functions.ingest.identities.questions import Question
from functions.ingest.lineages.transfers import MOST_NAMED, Refusal, TransferState
from shared.fault_texts import told_as
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime

MacAddress = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"),
    told_as("not a MAC address such as 00:1b:a9:12:34:56"),
]


class NewTransfer(ApiModel):
    """Which printers go to which agent."""

    to_agent_id: EntityId
    printer_ids: list[EntityId] | None = Field(
        default=None, min_length=1, max_length=MOST_NAMED, description="All printers of the agent if left out"
    )


class _Shown(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Transfer(_Shown):
    """A transfer and how far it is."""

    transfer_id: EntityId
    from_agent_id: EntityId
    to_agent_id: EntityId
    state: TransferState
    asked_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    cancelled_at: UtcDatetime | None = None
    key_id: EntityId = Field(description="The key that asked for it")
    cancelled_by_key_id: EntityId | None = Field(default=None, description="The key that cancelled it")
    moved: int = Field(description="Printers that are with the other agent now; exact once it has ended")
    refused: int = Field(description="Printers that stay; each is named with its reason in the results")


class TransferPage(BaseModel):
    """A page of transfers."""

    items: list[Transfer]
    next_cursor: str | None


class TransferResult(_Shown):
    """What became of one printer (TSK-01)."""

    printer_id: EntityId
    ok: bool
    error_code: Refusal | None = None
    message: str | None = None


class TransferResultPage(BaseModel):
    """A page of results."""

    items: list[TransferResult]
    next_cursor: str | None


class NewMerger(ApiModel):
    """The printer that was found to be this one."""

    other_printer_id: EntityId = Field(description="Its history becomes part of this printer's, and its id leads here")


class Merger(BaseModel):
    """A printer after another became part of it."""

    printer_id: EntityId
    merged_printer_ids: list[EntityId]


class NewSplit(ApiModel):
    """What goes its own way: a printer that was merged into this one, or one of its MAC addresses."""

    other_printer_id: EntityId | None = Field(default=None, description="A printer that was merged into this one")
    mac_address: MacAddress | None = Field(
        default=None, description="One of several by which this printer is known", examples=["00:11:22:33:44:55"]
    )
    days_from: date | None = Field(
        default=None, description="Days of this printer from here up to yesterday go along; none if left out"
    )

    @model_validator(mode="after")
    def _names_one(self) -> "NewSplit":
        if (self.other_printer_id is None) == (self.mac_address is None):
            message = "name either 'other_printer_id' or 'mac_address'"
            raise ValueError(message)
        return self


class Split(BaseModel):
    """Two printers that were one."""

    printer_id: EntityId
    other_printer_id: EntityId


class SiteMoveConfirmation(ApiModel):
    """Where a printer's supplies go after its move."""

    delivery_contact_id: EntityId | None = Field(
        description="The contact that is assigned to the printer; null when none is, and none shall be"
    )


class ConflictResolution(ApiModel):
    """That the printer is one by itself."""

    note: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None


class PrinterQuestion(_Shown):
    """What is asked about a printer."""

    printer_id: EntityId
    organization_id: EntityId
    kind: Question
    question_id: EntityId
    asked_at: UtcDatetime
    reason: str | None = Field(
        default=None,
        description=(
            "Of an identity conflict: `duplicate_serial`, `other_organization` or `merge_refused`; what showed it"
        ),
    )
    from_site_id: EntityId | None = None
    to_site_id: EntityId | None = None


class PrinterQuestionPage(BaseModel):
    """A page of open questions."""

    items: list[PrinterQuestion]
    next_cursor: str | None


class PrinterHappening(_Shown):
    """What happened to a printer."""

    printer_id: EntityId = Field(description="Under which id it happened; another's before it was merged")
    what: Happening
    at: UtcDatetime
    agent_id: EntityId | None = Field(default=None, description="The agent whose reading showed or did it")
    key_id: EntityId | None = Field(default=None, description="The key that asked for it")
    details: dict[str, Any] = {}


class PrinterHistoryPage(BaseModel):
    """A page of a printer's history, oldest first."""

    items: list[PrinterHappening]
    next_cursor: str | None
