"""Use cases of contacts and of whom each printer's supplies are delivered to."""

from collections.abc import Sequence
from datetime import datetime

from functions.accounts.contact_models import Assignment, AssignmentOutcome, Contact, NewContact
from functions.accounts.ports import Contacts, Places, Printers
from shared.directory.views import PrinterView
from shared.errors import FieldError, Invalid, NotFound, PlatenError
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization


def create_contact(places: Places, contacts: Contacts, caller: Caller, wanted: NewContact, now: datetime) -> Contact:
    """Make a contact of an organisation the caller sees. Safe to repeat under an Idempotency-Key."""
    owner = visible_organization(places, caller, wanted.organization_id)
    contact = Contact(
        tenant_id=owner.tenant_id,
        organization_path=owner.path,
        contact_id=new_id("ctc"),
        created_at=now,
        **dict(wanted),
    )
    contacts.add_contact(contact)
    return contact


def visible_contact(contacts: Contacts, caller: Caller, contact_id: str) -> Contact:
    """The contact, or `NotFound`, which does not tell a missing one from another tenant's."""
    contact = contacts.contact(caller.tenant_id, contact_id)
    if contact is None or not caller.can_see(contact.organization_path):
        raise NotFound("contact", contact_id)
    return contact


def list_contacts(
    places: Places,
    contacts: Contacts,
    caller: Caller,
    organization_id: str | None,
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Contact], str | None]:
    """The caller's contacts, or those of one organisation and below."""
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    return contacts.contacts(top.tenant_id, top.path, limit=limit, cursor=cursor)


def assign_contact(
    contacts: Contacts, printers: Printers, caller: Caller, printer_id: str, contact_id: str, now: datetime
) -> Assignment:
    """Make the contact the one that the printer's supplies go to. Safe to repeat: the last assignment stays."""
    return _assign(contacts, printers, caller, printer_id, visible_contact(contacts, caller, contact_id), now)


def assign_contact_to_many(
    contacts: Contacts, printers: Printers, caller: Caller, printer_ids: Sequence[str], contact_id: str, now: datetime
) -> list[AssignmentOutcome]:
    """Assign printer by printer; one that cannot be is told and stops none of the others. Safe to repeat."""
    contact = visible_contact(contacts, caller, contact_id)
    outcomes = []
    for printer_id in dict.fromkeys(printer_ids):
        try:
            _assign(contacts, printers, caller, printer_id, contact, now)
            outcomes.append(AssignmentOutcome(printer_id=printer_id, assigned=True))
        except PlatenError as error:
            outcome = AssignmentOutcome(printer_id=printer_id, assigned=False, code=error.code, detail=error.detail)
            outcomes.append(outcome)
    return outcomes


def visible_assignment(contacts: Contacts, printers: Printers, caller: Caller, printer_id: str) -> Assignment:
    """Whom the printer's supplies go to, or `NotFound`."""
    _visible_printer(printers, caller, printer_id)
    assignment = contacts.assignment(caller.tenant_id, printer_id)
    if assignment is None:
        raise NotFound("contact assignment", printer_id)
    return assignment


def unassign_contact(contacts: Contacts, printers: Printers, caller: Caller, printer_id: str) -> None:
    """Take the assignment away. Safe to repeat: a printer without one stays so."""
    _visible_printer(printers, caller, printer_id)
    contacts.unassign(caller.tenant_id, printer_id)


def _assign(
    contacts: Contacts, printers: Printers, caller: Caller, printer_id: str, contact: Contact, now: datetime
) -> Assignment:
    printer = _visible_printer(printers, caller, printer_id)
    if not printer.organization_path.startswith(contact.organization_path):
        error = FieldError("/contact_id", "Use a contact of the printer's organisation or of one above it.")
        raise Invalid("contact_elsewhere", "The contact belongs to another organisation than the printer.", (error,))
    assignment = Assignment(
        tenant_id=caller.tenant_id,
        organization_id=printer.organization_id,
        organization_path=printer.organization_path,
        printer_id=printer_id,
        contact_id=contact.contact_id,
        assigned_at=now,
        assigned_by=caller.key_id,
    )
    contacts.assign(assignment)
    return assignment


def _visible_printer(printers: Printers, caller: Caller, printer_id: str) -> PrinterView:
    printer = printers.printer(caller.tenant_id, printer_id)
    if printer is None or not caller.can_see(printer.organization_path):
        raise NotFound("printer", printer_id)
    return printer
