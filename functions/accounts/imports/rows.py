"""From a row of a contact file to a contact, or to all that is missing or invalid in it; pure."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from functions.accounts.contacts.models import Contact, ContactDetails, reach_faults
from functions.accounts.imports.file import ADDRESS_COLUMNS, COLUMNS, Row
from functions.accounts.imports.models import KeptImport, RowFault
from shared.fault_texts import fault_text
from shared.text_rules import refused_texts

_REASONS: Final = {
    ("country", "string_too_long"): "not an ISO 3166-1 alpha-2 code in capitals, such as DE or US",
}
"""Reasons that read better than the bounds they stand for."""
_MISSING: Final = "missing"
_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ULID_TIME: Final = 10  # characters of a ULID that are its time
_ULID_REST: Final = 16
_ROW_CHARACTERS: Final = 2


def faults_of(rows: Iterable[Row]) -> list[RowFault]:
    """All that is missing or invalid, in order of row and column; no reason repeats what the cell holds."""
    faults = []
    for row in rows:
        errors: list[ErrorDetails] = []
        try:
            _details(row)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
        faults += _row_faults(row, errors)
    return faults


def contact_of(row: Row, kept: KeptImport, now: datetime) -> Contact:
    """The contact of a good row. Its id is always the same for the same row of the same import.

    Raises:
        ValidationError: The row has faults.
    """
    return Contact(
        tenant_id=kept.tenant_id,
        organization_id=kept.organization_id,
        organization_path=kept.organization_path,
        contact_id=contact_id_of(kept.import_id, row.number),
        created_at=now,
        **dict(_details(row)),
    )


def contact_id_of(import_id: str, row: int) -> str:
    """An id with the import's time; ids of later rows sort behind those of earlier ones."""
    time = import_id.partition("_")[2][:_ULID_TIME]
    digest = sha256(f"{import_id}#{row}".encode()).digest()
    hashed = "".join(_CROCKFORD[byte % len(_CROCKFORD)] for byte in digest[: _ULID_REST - _ROW_CHARACTERS])
    high, low = divmod(row, len(_CROCKFORD))
    return f"ctc_{time}{_CROCKFORD[high]}{_CROCKFORD[low]}{hashed}"


def _details(row: Row) -> ContactDetails:
    given = {column: value for column, value in row.values.items() if value is not None}
    address = {column: given.pop(column) for column in ADDRESS_COLUMNS if column in given}
    return ContactDetails.model_validate(given | {"address": address})


def _row_faults(row: Row, errors: list[ErrorDetails]) -> list[RowFault]:
    # The first reason of a column counts; before all, a character that nobody sees: it may be why the rest is wrong.
    reasons = dict(map(_column_and_reason, reversed(errors))) | _unseen(row)
    values = row.values
    digits = "".join(filter(str.isdigit, values["phone"] or ""))
    if not reasons.keys() & {"email", "phone", "phone_country_code"}:
        # A row with another fault was not asked this.
        reasons |= dict(reach_faults(values["email"], values["phone_country_code"], digits))
    return [RowFault(row=row.number, column=column, reason=reasons[column]) for column in COLUMNS if column in reasons]


def _unseen(row: Row) -> dict[str, str]:
    # The same that a contact's JSON is refused for: a file brings nothing in that the API keeps out.
    values = {column: value for column, value in row.values.items() if value}
    return {error.pointer.removeprefix("/"): error.detail for error in refused_texts(values)}


def _column_and_reason(error: ErrorDetails) -> tuple[str, str]:
    context: dict[str, Any] = error.get("ctx") or {}
    column = str(error["loc"][-1] if error["loc"] else context["field"])
    if error["type"] == "missing":
        return column, _MISSING
    reason = _REASONS.get((column, error["type"])) or fault_text(error)
    return column, reason
