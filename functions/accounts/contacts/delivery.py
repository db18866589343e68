"""Use cases of whom each printer's supplies are delivered to."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from functions.accounts.contacts.assignment_models import (
    Assignment,
    AssignmentOutcome,
    Reassignment,
    ReassignmentProgress,
)
from functions.accounts.contacts.assignment_repository import MOST_TOGETHER
from functions.accounts.contacts.contacts import TRIES, busy, visible_contact
from functions.accounts.contacts.models import Contact
from functions.accounts.contacts.ports import Contacts, Printers, Written
from shared.directory.views import PrinterView
from shared.errors import Conflict, FieldError, Invalid, NotFound, PlatenError
from shared.etag import require_match_if_sent
from shared.tenancy import Caller

STEP: Final = 100
"""Printers one request re-assigns."""


def assign_contact(  # noqa: PLR0913, PLR0917 - who, what, to whom, when, and over what
    contacts: Contacts,
    printers: Printers,
    caller: Caller,
    printer_id: str,
    contact_id: str,
    now: datetime,
    if_match: str | None = None,
) -> Assignment:
    """Make the contact the one that the printer's supplies go to. Safe to repeat: one that is there already stays.

    Raises:
        PreconditionFailed: ``if_match`` is sent and names another assignment than the present one.
    """
    contact = visible_contact(contacts, caller, contact_id)
    assignment = _fitting(printers.printer(caller.tenant_id, printer_id), caller, printer_id, contact, now)
    for _ in range(TRIES):
        seen = _seen(contacts, caller, printer_id, if_match)
        written = contacts.assign([assignment], instead_of=seen)
        if written is Written.DONE:
            return contacts.assignment(caller.tenant_id, printer_id) or assignment
        if written is Written.NOT_ASSIGNABLE:
            raise _not_assignable(contact_id)
    raise busy()


def assign_contact_to_many(
    contacts: Contacts, printers: Printers, caller: Caller, printer_ids: Sequence[str], contact_id: str, now: datetime
) -> list[AssignmentOutcome]:
    """Assign many printers; one that cannot be is told and stops none of the others. Safe to repeat."""
    contact = visible_contact(contacts, caller, contact_id)
    return _assign_all(contacts, printers, caller, printer_ids, contact, now)


def reassign_printers(
    contacts: Contacts, printers: Printers, caller: Caller, contact_id: str, wanted: Reassignment, now: datetime
) -> ReassignmentProgress:
    """Hand the next printers of a contact over to another (CTC-04).

    Safe to repeat and to resume, with the cursor or without: a printer is moved only while it is the contact's.
    """
    before, to = visible_contact(contacts, caller, contact_id), visible_contact(contacts, caller, wanted.to_contact_id)
    if before.contact_id == to.contact_id:
        field = FieldError("/to_contact_id", "Name another contact.")
        raise Invalid("same_contact", "The printers are this contact's already.", (field,))
    page, next_cursor = contacts.assignments_of(caller.tenant_id, contact_id, limit=STEP, cursor=wanted.cursor)
    ids = [each.printer_id for each in page]
    outcomes = _assign_all(contacts, printers, caller, ids, to, now, instead_of=contact_id)
    remaining = visible_contact(contacts, caller, contact_id).assigned_printers
    return ReassignmentProgress(items=outcomes, remaining=remaining, next_cursor=next_cursor)


def list_assignments(
    contacts: Contacts, caller: Caller, contact_id: str, *, limit: int, cursor: str | None
) -> tuple[list[Assignment], str | None]:
    """The printers whose supplies go to a contact."""
    contact = visible_contact(contacts, caller, contact_id)
    return contacts.assignments_of(contact.tenant_id, contact.contact_id, limit=limit, cursor=cursor)


def visible_assignment(contacts: Contacts, printers: Printers, caller: Caller, printer_id: str) -> Assignment:
    """Whom the printer's supplies go to, or `NotFound`."""
    _visible(printers.printer(caller.tenant_id, printer_id), caller, printer_id)
    assignment = contacts.assignment(caller.tenant_id, printer_id)
    if assignment is None:
        raise NotFound("contact assignment", printer_id)
    return assignment


def unassign_contact(
    contacts: Contacts, printers: Printers, caller: Caller, printer_id: str, if_match: str | None = None
) -> None:
    """Take the assignment away. Safe to repeat: a printer without one stays so.

    Raises:
        PreconditionFailed: As for `assign_contact`.
    """
    _visible(printers.printer(caller.tenant_id, printer_id), caller, printer_id)
    for _ in range(TRIES):
        seen = _seen(contacts, caller, printer_id, if_match)
        if contacts.unassign(caller.tenant_id, printer_id, from_contact=seen) is Written.DONE:
            return
    raise busy()


def _seen(contacts: Contacts, caller: Caller, printer_id: str, if_match: str | None) -> str | None:
    """The contact that the writer has seen, and that is still the printer's; None for a writer that does not say."""
    if not if_match:
        return None
    present = contacts.assignment(caller.tenant_id, printer_id)
    require_match_if_sent(if_match, present.etag if present else None)
    return present.contact_id if present else None


def _assign_all(  # noqa: PLR0913 - who, what, to whom, when, and instead of whom
    contacts: Contacts,
    printers: Printers,
    caller: Caller,
    printer_ids: Sequence[str],
    contact: Contact,
    now: datetime,
    *,
    instead_of: str | None = None,
) -> list[AssignmentOutcome]:
    wanted = list(dict.fromkeys(printer_ids))
    views = printers.printers_of(caller.tenant_id, wanted)
    refused: dict[str, PlatenError] = {}
    fitting = []
    for printer_id in wanted:
        try:
            fitting.append(_fitting(views.get(printer_id), caller, printer_id, contact, now))
        except PlatenError as error:
            refused[printer_id] = error
    for first in range(0, len(fitting), MOST_TOGETHER):
        refused |= _keep_together(contacts, fitting[first : first + MOST_TOGETHER], instead_of)
    return list(_outcomes(wanted, refused))


def _keep_together(
    contacts: Contacts, assignments: Sequence[Assignment], instead_of: str | None
) -> dict[str, PlatenError]:
    """Keep all at once, or where that fails one by one; what each was refused for."""
    if contacts.assign(assignments, instead_of=instead_of) is Written.DONE:
        return {}
    refused: dict[str, PlatenError] = {}
    for assignment in assignments:
        try:
            _keep(contacts, assignment, instead_of)
        except PlatenError as error:
            refused[assignment.printer_id] = error
    return refused


def _keep(contacts: Contacts, assignment: Assignment, instead_of: str | None) -> None:
    for _ in range(TRIES):
        written = contacts.assign([assignment], instead_of=instead_of)
        if written is Written.DONE:
            return
        if written is Written.NOT_ASSIGNABLE:
            raise _not_assignable(assignment.contact_id)
        present = contacts.assignment(assignment.tenant_id, assignment.printer_id) if instead_of else None
        if instead_of and (present is None or present.contact_id != instead_of):
            raise Conflict("assignment_changed", "Somebody else changed its contact meanwhile; it was left so.")
    raise busy()


def _outcomes(printer_ids: Sequence[str], refused: dict[str, PlatenError]) -> Iterator[AssignmentOutcome]:
    for printer_id in printer_ids:
        error = refused.get(printer_id)
        yield AssignmentOutcome(
            printer_id=printer_id,
            assigned=error is None,
            code=error.code if error else None,
            detail=error.detail if error else None,
        )


def _fitting(
    printer: PrinterView | None, caller: Caller, printer_id: str, contact: Contact, now: datetime
) -> Assignment:
    """The assignment, if printer and contact belong together."""
    seen = _visible(printer, caller, printer_id)
    if seen.retirement is not None:
        raise Conflict("printer_retired", "Nothing is delivered to a retired printer; take its retirement back first.")
    if not seen.organization_path.startswith(contact.organization_path):
        error = FieldError("/contact_id", "Use a contact of the printer's organisation or of one above it.")
        raise Invalid("contact_elsewhere", "The contact belongs to another organisation than the printer.", (error,))
    if contact.archived_at is not None:
        raise _not_assignable(contact.contact_id)
    return Assignment(
        tenant_id=caller.tenant_id,
        organization_id=seen.organization_id,
        organization_path=seen.organization_path,
        printer_id=printer_id,
        contact_id=contact.contact_id,
        assigned_at=now,
        assigned_by=caller.key_id,
    )


def _not_assignable(contact_id: str) -> Conflict:
    detail = f"Contact '{contact_id}' is archived or was deleted: restore it, or use another."
    return Conflict("contact_not_assignable", detail)


def _visible(printer: PrinterView | None, caller: Caller, printer_id: str) -> PrinterView:
    if printer is None or not caller.can_see(printer.organization_path):
        raise NotFound("printer", printer_id)
    return printer
