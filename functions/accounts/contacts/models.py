"""Supplies delivery contacts: what people write and what is kept."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from functions.accounts.tree.models import EXAMPLE_ADDRESS, Kept, Name, PostalAddress
from shared.fault_texts import told_as
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime

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
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    told_as("not an e-mail address"),
]
PhoneCountryCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,3}$"), told_as("1 to 3 digits and nothing else: 49, not +49")
]
PhoneExtension = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$"), told_as("1 to 8 digits and nothing else")]
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$"), told_as("not a language such as de or pt-BR")
]
Notes = Annotated[str, StringConstraints(max_length=500)]
_COUNTRY_CODE: Final = "Digits only (CTC-01): 49, not +49"


def reach_faults(email: str | None, country_code: str | None, phone: str | None) -> Iterator[tuple[str, str]]:
    """Field and reason of each thing that keeps a carrier from reaching somebody."""
    if not (email or phone):
        yield "email", "give an email or a phone"
    if phone and not country_code:
        yield "phone_country_code", "give 'phone_country_code' with 'phone'"
    if phone and len(phone) + len(country_code or "") > MAX_PHONE_DIGITS:
        yield "phone", f"country code and phone have at most {MAX_PHONE_DIGITS} digits together"


class ContactDetails(ApiModel):
    """The fields of a supplies delivery contact (CTC-05); texts are kept as they are, never evaluated."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
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

    first_name: Name
    last_name: Name
    email: Email | None = None
    phone_country_code: PhoneCountryCode | None = Field(default=None, description=_COUNTRY_CODE)
    phone: Phone | None = None
    phone_ext: PhoneExtension | None = None
    company: Name | None = None
    address: PostalAddress
    language: Language | None = None
    notes: Notes | None = None

    @model_validator(mode="after")
    def reachable(self) -> Self:
        """A carrier can reach the contact, and a phone number is complete."""
        for field, reason in reach_faults(self.email, self.phone_country_code, self.phone):
            raise PydanticCustomError("unreachable", "{reason}", {"reason": reason, "field": field})
        return self


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


class ContactChanges(ApiModel):
    """What a duplicate has other than the original; a field that is null is left empty, one not given is copied."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"first_name": "Grace", "last_name": "Hopper", "email": "grace@example.com"}]}
    )

    organization_id: EntityId | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    email: Email | None = None
    phone_country_code: PhoneCountryCode | None = Field(default=None, description=_COUNTRY_CODE)
    phone: Phone | None = None
    phone_ext: PhoneExtension | None = None
    company: Name | None = None
    address: PostalAddress | None = None
    language: Language | None = None
    notes: Notes | None = None


class Contact(Kept):
    """A contact as it is kept.

    Attributes:
        version: Counts the edits; the ETag is made of it.
        assigned_printers: How many printers' supplies go to the contact.
        archived_at: Since when nobody can assign it any more (CTC-04).
    """

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
    version: int = 1
    assigned_printers: int = 0
    archived_at: UtcDatetime | None = None
