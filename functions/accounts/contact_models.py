"""Supplies delivery contacts and whose printers they serve: what people write and what is kept."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.accounts.models import EXAMPLE_ADDRESS, Kept, Name, PostalAddress
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime

MAX_PRINTERS_PER_ASSIGNMENT: Final = 200
MAX_PHONE_DIGITS: Final = 15  # ITU-T E.164, country code included
MIN_PHONE_DIGITS: Final = 4


def _phone_digits(value: str) -> str:
    if not re.fullmatch(r"[0-9 ()./-]+", value, re.ASCII):
        raise ValueError("digits, with spaces, dots, dashes, slashes or brackets between them at most")
    digits = re.sub(r"\D", "", value, flags=re.ASCII)
    if not MIN_PHONE_DIGITS <= len(digits) <= MAX_PHONE_DIGITS:
        raise ValueError(f"{MIN_PHONE_DIGITS} to {MAX_PHONE_DIGITS} digits")
    return digits


Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(_phone_digits)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class ContactDetails(ApiModel):
    """The fields of a supplies delivery contact (CTC-05); texts are kept as they are, never evaluated."""

    first_name: Name
    last_name: Name
    email: Email | None = None
    phone_country_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}$")] | None = Field(
        default=None, description="Digits only (CTC-01): 49, not +49"
    )
    phone: Phone | None = None
    phone_ext: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")] | None = None
    company: Name | None = None
    address: PostalAddress
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    notes: Annotated[str, StringConstraints(max_length=500)] | None = None


class NewContact(ContactDetails):
    """Somebody that supplies are delivered to: reachable by e-mail or by phone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w",
                    "first_name": "Ada",
                    "last_name": "Lovelace",
                    "email": "ada@example.com",
                    "phone_country_code": "49",
                    "phone": "30 1234567",
                    "company": "Contoso Ltd",
                    "address": EXAMPLE_ADDRESS,
                    "language": "de",
                }
            ]
        }
    )

    organization_id: EntityId

    @model_validator(mode="after")
    def reachable(self) -> Self:
        """A carrier can reach the contact, and a phone number is complete."""
        if not (self.email or self.phone):
            raise ValueError("give an email or a phone")
        if self.phone and not self.phone_country_code:
            raise ValueError("give 'phone_country_code' with 'phone'")
        if self.phone and len(self.phone) + len(self.phone_country_code or "") > MAX_PHONE_DIGITS:
            raise ValueError(f"country code and phone have at most {MAX_PHONE_DIGITS} digits together")
        return self


class Contact(Kept):
    """A contact as it is kept."""

    tenant_id: str
    organization_id: str
    organization_path: str
    contact_id: str
    first_name: str
    last_name: str
    email: str | None = None
    phone_country_code: str | None = None
    phone: str | None = None
    phone_ext: str | None = None
    company: str | None = None
    address: PostalAddress
    language: str | None = None
    notes: str | None = None
    created_at: UtcDatetime


class NewAssignment(ApiModel):
    """Whom one printer's supplies go to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact_id": "ctc_01jd2x8k3v9m4t7r5c2b6n0q1w"}]})

    contact_id: EntityId


class NewAssignments(ApiModel):
    """Whom many printers' supplies go to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "contact_id": "ctc_01jd2x8k3v9m4t7r5c2b6n0q1w",
                    "printer_ids": ["prn_01jd2x8k3v9m4t7r5c2b6n0q1w"],
                }
            ]
        }
    )

    contact_id: EntityId
    printer_ids: Annotated[list[EntityId], Field(min_length=1, max_length=MAX_PRINTERS_PER_ASSIGNMENT)]


class Assignment(Kept):
    """A printer's delivery contact; the organisation is the printer's."""

    tenant_id: str
    organization_id: str
    organization_path: str
    printer_id: str
    contact_id: str
    assigned_at: UtcDatetime
    assigned_by: str


class AssignmentOutcome(BaseModel):
    """What became of one printer of a bulk assignment."""

    printer_id: str
    assigned: bool
    code: str | None = None
    detail: str | None = None


class AssignmentOutcomes(BaseModel):
    """What became of each printer, in the order asked for."""

    items: list[AssignmentOutcome]
