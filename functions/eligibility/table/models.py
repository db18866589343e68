"""Entitlements, terms, evaluations and enrolments: what is asked for, kept and answered."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.directory.views import ManagedStatus
from shared.eligibility.statuses import EligibilityStatus
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN

MAX_EVALUATED: Final = 1_000
"""Printers that one evaluation names; without names it walks through at most `MAX_WALKED`."""
MAX_WALKED: Final = 5_000
MAX_ENROLLED: Final = 100

_ORGANIZATION: Final = "org_01jd2x8k3v9m4t7r5c2b6n0q1w"

Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,32}$")]


class Programme(StrEnum):
    """What an organisation may be entitled to."""

    MPS = "mps"


class Kept(BaseModel):
    """A stored thing, which is also how it is answered."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class NewProgrammeModel(ApiModel):
    """A model the programme supports: exact name, or a beginning that ends in ``*``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"manufacturer": "Lexmark", "model": "MX52*", "max_lifetime_count": 250_000}],
        }
    )

    manufacturer: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^#]+$")]
    model: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^*]+\*?$|^\*$")]
    max_lifetime_count: Annotated[int, Field(ge=1, lt=2**53), WRITTEN]


class ProgrammeModel(Kept):
    """A supported model as it is kept."""

    manufacturer: str
    model: str
    max_lifetime_count: int
    updated_at: UtcDatetime
    version: int = Field(default=1, description="Counts its changes; in quotes it is the ETag for If-Match.")


class NewEntitlement(ApiModel):
    """To whom the programme is granted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"organization_id": _ORGANIZATION, "programme": "mps"}]},
    )

    organization_id: EntityId
    programme: Programme = Programme.MPS


class Entitlement(Kept):
    """A grant: by the operator to a partner, by an organisation that holds it to a child (ENR-04)."""

    tenant_id: str
    organization_id: str
    organization_path: str
    programme: Programme
    granted_at: UtcDatetime
    granted_by: str


class Terms(BaseModel):
    """The present terms of service."""

    terms_id: str = Field(examples=["mps"])
    version: str = Field(examples=["1.0"])
    locale: str = Field(examples=["en"])
    sha256: str = Field(description="Of the text, UTF-8")
    text: str


class NewAcceptance(ApiModel):
    """An organisation accepts the terms as shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"organization_id": _ORGANIZATION, "terms_version": "1.0", "accepted_by": "Ada Lovelace"}]
        },
    )

    organization_id: EntityId
    terms_version: Version
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="Of the text that was shown; checked when given"
    )
    accepted_by: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = Field(
        default=None, description="Who accepted, as your system knows them"
    )


class Acceptance(Kept):
    """The audit row of an acceptance (ENR-03): added once, never changed."""

    acceptance_id: str
    tenant_id: str
    organization_id: str
    organization_path: str
    terms_id: str
    terms_version: str
    sha256: str
    locale: str
    key_id: str
    accepted_by: str | None = None
    accepted_at: UtcDatetime
    source_ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


class EvaluationRequest(ApiModel):
    """Which printers to look at: those named, or all of an organisation and below."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"organization_id": _ORGANIZATION}]})

    organization_id: EntityId
    printer_ids: list[EntityId] | None = Field(default=None, min_length=1, max_length=MAX_EVALUATED)


class PrinterVerdict(Kept):
    """One printer's status, every other failing check, and what both were decided on (D19)."""

    printer_id: str
    organization_id: str
    organization_path: str
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    status: EligibilityStatus
    blockers: list[EligibilityStatus] = []
    agent_version: str | None = None
    lifetime_count: int | None = None
    max_lifetime_count: int | None = None


class Evaluation(BaseModel):
    """How many printers have each status, and each printer's own."""

    counts: dict[EligibilityStatus, int]
    printers: list[PrinterVerdict]
    evaluated_at: UtcDatetime
    rule_version: str


class NewEnrolment(ApiModel):
    """Printers to enrol under the accepted terms."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": _ORGANIZATION,
                    "printer_ids": ["prn_01jd2x8k3v9m4t7r5c2b6n0q1w"],
                    "terms_version": "1.0",
                }
            ]
        },
    )

    organization_id: EntityId
    printer_ids: list[EntityId] = Field(min_length=1, max_length=MAX_ENROLLED)
    terms_version: Version


class Outcome(StrEnum):
    """What became of one printer of a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    MANAGED = "managed"
    REJECTED = "rejected"


class EnrolmentState(StrEnum):
    """Where a request is: the workflow completes it."""

    PENDING = "pending"
    COMPLETED = "completed"


class EnrolmentPrinter(PrinterVerdict):
    """One printer of a request: accepted or refused at once, managed or rejected by the workflow."""

    outcome: Outcome


class Enrolment(Kept):
    """An enrolment request."""

    enrolment_id: str
    tenant_id: str
    organization_id: str
    organization_path: str
    state: EnrolmentState
    printers: list[EnrolmentPrinter]
    terms_version: str
    acceptance_id: str
    requested_at: UtcDatetime
    requested_by: str
    completed_at: UtcDatetime | None = None
    rule_version: str


class EnrolmentFact(Kept):
    """A printer's way into the programme; other contexts read it as `EnrolmentView`."""

    tenant_id: str
    organization_id: str
    organization_path: str
    printer_id: str
    status: ManagedStatus
    enrolment_id: str
    model: str | None = None
    serial_number: str | None = None
    updated_at: UtcDatetime
    rejected_as: EligibilityStatus | None = None
    blockers: list[EligibilityStatus] = []
    rule_version: str
