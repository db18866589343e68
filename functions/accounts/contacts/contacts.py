"""Use cases of contacts: made, found, edited, duplicated, archived, deleted (CTC-03, CTC-04)."""

from datetime import datetime
from typing import Final

from pydantic import ValidationError

from functions.accounts.contacts.models import Contact, ContactChanges, ContactDetails, NewContact
from functions.accounts.contacts.ports import Contacts, Written
from functions.accounts.contacts.search import folded
from functions.accounts.tree.ports import Places
from shared.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from shared.etag import changed_meanwhile, require_match
from shared.fault_texts import fault_text
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization

TRIES: Final = 4
"""How often a write is tried again that another writer was in the way of."""


def create_contact(places: Places, contacts: Contacts, caller: Caller, wanted: NewContact, now: datetime) -> Contact:
    """Make a contact of an organisation the caller sees.

    Safe to repeat: the same person is refused, with the id of the contact that is there.
    """
    owner = visible_organization(places, caller, wanted.organization_id)
    contact = Contact(
        tenant_id=owner.tenant_id,
        organization_path=owner.path,
        contact_id=new_id("ctc"),
        created_at=now,
        **dict(wanted),
    )
    if contacts.add_contact(contact) is Written.DONE:
        return contact
    raise _exists(contacts, contact)


def visible_contact(contacts: Contacts, caller: Caller, contact_id: str) -> Contact:
    """The contact, or `NotFound`, which does not tell a missing one from another tenant's."""
    contact = contacts.contact(caller.tenant_id, contact_id)
    if contact is None or not caller.can_see(contact.organization_path):
        raise NotFound("contact", contact_id)
    return contact


def list_contacts(  # noqa: PLR0913 - one keyword for each part of a list
    places: Places,
    contacts: Contacts,
    caller: Caller,
    organization_id: str | None,
    *,
    search: str | None,
    is_archived: bool,
    limit: int,
    cursor: str | None,
) -> tuple[list[Contact], str | None]:
    """The caller's contacts, or those of one organisation and below; the archived ones only when asked for.

    ``search`` begins the business name, one of its first words, or the city; case does not matter. A request reads
    one page of what was asked for, however many contacts there are.
    """
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    if search is None:
        return contacts.contacts(top.tenant_id, top.path, is_archived=is_archived, limit=limit, cursor=cursor)
    query = folded(search)
    if not query:
        field = FieldError("query:search", "Give the beginning of a business name or of a city.")
        raise Invalid("empty_search", "There is nothing to search for.", (field,))
    return contacts.find_contacts(
        top.tenant_id, top.organization_id, query, is_archived=is_archived, limit=limit, cursor=cursor
    )


def replace_contact(
    contacts: Contacts, caller: Caller, contact_id: str, wanted: ContactDetails, if_match: str | None
) -> Contact:
    """Write all details of a contact anew. Safe to repeat: only over the version that ``if_match`` names."""
    seen = visible_contact(contacts, caller, contact_id)
    require_match(if_match, seen.version)
    contact = seen.model_copy(update=dict(wanted) | {"version": seen.version + 1})
    written = contacts.replace_contact(seen, contact)
    if written is Written.SAME_PERSON:
        raise _exists(contacts, contact)
    if written is not Written.DONE:
        raise changed_meanwhile()
    return contact


def duplicate_contact(
    places: Places, contacts: Contacts, caller: Caller, contact_id: str, changes: ContactChanges, now: datetime
) -> Contact:
    """Make a contact like another one but for the changes. Safe to repeat, as making one is."""
    original = visible_contact(contacts, caller, contact_id)
    fields = {name: getattr(original, name) for name in NewContact.model_fields}
    changed = {name: getattr(changes, name) for name in changes.model_fields_set}
    try:
        wanted = NewContact.model_validate(fields | changed)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        fields_at_fault = tuple(FieldError("/" + "/".join(map(str, each["loc"])), fault_text(each)) for each in faults)
        detail = "With these changes it is no contact; see 'errors'."
        # Not from the error: it carries what was sent.
        raise Invalid("invalid_request", detail, fields_at_fault) from None
    return create_contact(places, contacts, caller, wanted, now)


def archive_contact(contacts: Contacts, caller: Caller, contact_id: str, now: datetime) -> Contact:
    """Let nobody assign the contact any more and leave it out of lists; safe to repeat: the first time stays.

    Printers that it is assigned to keep it until they are re-assigned.
    """
    return _mark(contacts, caller, contact_id, now)


def restore_contact(contacts: Contacts, caller: Caller, contact_id: str) -> Contact:
    """Take the contact out of the archive; safe to repeat."""
    return _mark(contacts, caller, contact_id, None)


def delete_contact(contacts: Contacts, caller: Caller, contact_id: str) -> None:
    """Remove a contact that is assigned to no printer (CTC-04). Safe to repeat: the second time it is not found.

    Raises:
        Conflict: It is assigned; the detail says to how many printers.
    """
    for _ in range(TRIES):
        contact = visible_contact(contacts, caller, contact_id)
        if contact.assigned_printers:
            count = contact.assigned_printers
            printers = "1 printer" if count == 1 else f"{count} printers"
            raise Conflict(
                "contact_assigned", f"It is assigned to {printers}: re-assign them first, or archive the contact."
            )
        if contacts.delete_contact(contact) is Written.DONE:
            return
    raise busy()


def busy() -> Unavailable:
    """What a caller is told whose write met others each time it was tried."""
    return Unavailable("contact_busy", "Others are changing this contact; try again.")


def _mark(contacts: Contacts, caller: Caller, contact_id: str, archived_at: datetime | None) -> Contact:
    for _ in range(TRIES):
        seen = visible_contact(contacts, caller, contact_id)
        if (seen.archived_at is None) is (archived_at is None):
            return seen
        contact = seen.model_copy(update={"archived_at": archived_at, "version": seen.version + 1})
        if contacts.replace_contact(seen, contact) is Written.DONE:
            return contact
    raise busy()


def _exists(contacts: Contacts, contact: Contact) -> Conflict | Unavailable:
    """What whoever writes the same person a second time is told."""
    existing = contacts.same_person(contact)
    if existing is None:  # it was deleted in the meantime
        return busy()
    detail = f"Contact '{existing}' of this organisation has the same first name, last name and e-mail."
    field = FieldError("/email", f"Use contact '{existing}', or give another name or e-mail.")
    return Conflict("contact_exists", detail, (field,))
