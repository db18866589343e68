"""Whose supplies go to which contact: what people write and what is kept."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from functions.accounts.contacts.models import Contact, NewContact
from functions.accounts.tree.models import EXAMPLE_ADDRESS, Kept
from shared.clock import key_time
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime

MAX_PRINTERS_PER_ASSIGNMENT: Final = 200

_CONTACT: Final = "ctc_01jd2x8k3v9m4t7r5c2b6n0q1w"
_PRINTER: Final = "prn_01jd2x8k3v9m4t7r5c2b6n0q1w"

PrinterIds = Annotated[list[EntityId], Field(min_length=1, max_length=MAX_PRINTERS_PER_ASSIGNMENT)]


class NewAssignment(ApiModel):
    """Whom one printer's supplies go to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact_id": _CONTACT}]})

    contact_id: EntityId


class NewAssignments(ApiModel):
    """Whom many printers' supplies go to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact_id": _CONTACT, "printer_ids": [_PRINTER]}]})

    contact_id: EntityId
    printer_ids: PrinterIds


class NewAssignedContact(ApiModel):
    """A new contact and the printers whose supplies go to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "contact": {
                        "organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w",
                        "first_name": "Ada",
                        "last_name": "Lovelace",
                        "email": "ada@example.com",
                        "address": EXAMPLE_ADDRESS,
                    },
                    "printer_ids": [_PRINTER],
                }
            ]
        }
    )

    contact: NewContact
    printer_ids: PrinterIds


class Reassignment(ApiModel):
    """To whom the supplies of a contact's printers go from now on; ``cursor`` goes on where an answer ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to_contact_id": _CONTACT}]})

    to_contact_id: EntityId
    cursor: Annotated[str, StringConstraints(max_length=1024)] | None = None


class Assignment(Kept):
    """A printer's delivery contact; the organisation is the printer's."""

    tenant_id: str
    organization_id: str
    organization_path: str
    printer_id: str
    contact_id: str
    assigned_at: UtcDatetime
    assigned_by: str

    @property
    def etag(self) -> str:
        """The strong entity tag: an assignment is never changed, another one takes its place."""
        return f'"{key_time(self.assigned_at)}"'


class AssignmentOutcome(BaseModel):
    """What became of one printer of a bulk assignment."""

    printer_id: str
    assigned: bool
    code: str | None = None
    detail: str | None = None


class AssignmentOutcomes(BaseModel):
    """What became of each printer, in the order asked for."""

    items: list[AssignmentOutcome]


class AssignedContact(BaseModel):
    """The new contact, and what became of each printer."""

    contact: Contact
    items: list[AssignmentOutcome]


class ReassignmentProgress(BaseModel):
    """What became of each printer of this step; send ``next_cursor`` as ``cursor`` until it is null."""

    items: list[AssignmentOutcome]
    remaining: int = Field(description="Printers whose supplies still go to the contact", examples=[0])
    next_cursor: str | None
