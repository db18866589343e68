"""Contact imports: what is kept of one and what its report says (CTC-02)."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from functions.accounts.tree.models import Kept
from shared.wire.base import UtcDatetime


class ImportState(StrEnum):
    """Where an import is."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELED = "canceled"
    FAILED = "failed"


OPEN_STATES: Final = (ImportState.QUEUED, ImportState.RUNNING)


class NotImportedReason(StrEnum):
    """Why good rows were not imported (CTC-02)."""

    SYSTEM_ERROR = "System error"
    CANCELED = "Import canceled"


class ExistingContact(BaseModel):
    """A row whose contact was there already: the same organisation, first name, last name and e-mail."""

    model_config = ConfigDict(frozen=True)

    row: int = Field(description="Counted from 1, the header excluded", examples=[7])
    first_name: str
    last_name: str


class RowFault(BaseModel):
    """What is missing or invalid in a row."""

    model_config = ConfigDict(frozen=True)

    row: int = Field(description="Counted from 1, the header excluded", examples=[12])
    column: str = Field(examples=["phone_country_code"])
    reason: str = Field(examples=["digits only, such as 49"])


class NotImported(BaseModel):
    """Rows that were good and were not imported."""

    model_config = ConfigDict(frozen=True)

    first_row: int = Field(examples=[121])
    last_row: int = Field(examples=[200])
    reason: NotImportedReason = Field(examples=[NotImportedReason.CANCELED])


class ContactImport(Kept):
    """An import: how far it is.

    Attributes:
        rows: Of the file.
        rows_done: The last row that was dealt with; those that are missing or invalid are known before.
    """

    tenant_id: str
    organization_id: str
    organization_path: str
    import_id: str
    state: ImportState
    rows: int = Field(examples=[200])
    rows_done: int = Field(default=0, examples=[120])
    imported: int = Field(default=0, examples=[118])
    created_at: UtcDatetime
    created_by: str
    ended_at: UtcDatetime | None = None

    @property
    def is_open(self) -> bool:
        """True while rows may still be imported."""
        return self.state in OPEN_STATES


class KeptImport(ContactImport):
    """An import as it is kept, with what the report is made of."""

    existing: list[ExistingContact] = Field(default_factory=list)
    invalid_rows: list[int] = Field(default_factory=list)
    failures: int = 0


class ContactImportReport(ContactImport):
    """An import with the three groups of rows that are no new contacts; all rows are in one of them or imported."""

    already_exist: list[ExistingContact]
    not_imported: list[NotImported]
    missing_or_invalid: list[RowFault]


def report_of(kept: KeptImport, faults: list[RowFault]) -> ContactImportReport:
    """The report at this moment."""
    return ContactImportReport(
        **{name: getattr(kept, name) for name in ContactImport.model_fields},
        already_exist=kept.existing,
        not_imported=not_imported(kept),
        missing_or_invalid=faults,
    )


def not_imported(kept: KeptImport) -> list[NotImported]:
    """The good rows behind the point where an import stopped, as ranges; none while it may go on."""
    if kept.state is ImportState.CANCELED:
        reason = NotImportedReason.CANCELED
    elif kept.state is ImportState.FAILED:
        reason = NotImportedReason.SYSTEM_ERROR
    else:
        return []
    invalid = set(kept.invalid_rows)
    ranges: list[NotImported] = []
    for row in range(kept.rows_done + 1, kept.rows + 1):
        if row in invalid:
            continue
        if ranges and ranges[-1].last_row == row - 1:
            ranges[-1] = ranges[-1].model_copy(update={"last_row": row})
        else:
            ranges.append(NotImported(first_row=row, last_row=row, reason=reason))
    return ranges
