"""What the use cases of contacts need kept. Lists answer a page and the opaque cursor of the next."""

from collections.abc import Iterable, Sequence
from enum import StrEnum, auto
from typing import Protocol

from functions.accounts.contacts.assignment_models import Assignment
from functions.accounts.contacts.models import Contact
from shared.directory.views import PrinterView


class Written(StrEnum):
    """What became of a write that others may be in the way of."""

    DONE = auto()
    SAME_PERSON = auto()
    """The organisation has the same person already."""
    CHANGED = auto()
    """It is not any more what the writer saw."""
    NOT_ASSIGNABLE = auto()
    """The contact is gone or archived."""


class Contacts(Protocol):
    """Contacts, and whose printers they receive supplies for."""

    def contact(self, tenant_id: str, contact_id: str) -> Contact | None:
        """The contact, or None."""

    def same_person(self, contact: Contact) -> str | None:
        """Id of the organisation's contact that is the same person (CTC-03), or None."""

    def add_contact(self, contact: Contact) -> Written:
        """Keep a new contact, unless it is the same person as another."""

    def replace_contact(self, seen: Contact, contact: Contact) -> Written:
        """Write the contact over the version that was seen."""

    def delete_contact(self, contact: Contact) -> Written:
        """Remove the version that was seen, if it is nobody's delivery contact."""

    def contacts(
        self, tenant_id: str, below: str, *, is_archived: bool, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of an organisation and all under it, or the archived ones."""

    def contacts_of_one(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of one organisation alone."""

    def find_contacts(
        self, tenant_id: str, organization_id: str, query: str, *, is_archived: bool, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of an organisation and all under it whose business name or city the folded query begins."""

    def assignment(self, tenant_id: str, printer_id: str) -> Assignment | None:
        """The printer's assignment, or None."""

    def assignments_of(
        self, tenant_id: str, contact_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Assignment], str | None]:
        """The assignments to a contact, in order of organisation path and printer."""

    def assign(self, assignments: Sequence[Assignment], *, instead_of: str | None = None) -> Written:
        """Replace the assignments of some printers by ones to the same contact, all or none.

        ``instead_of``: only while they are assigned to that contact.
        """

    def unassign(self, tenant_id: str, printer_id: str, *, from_contact: str | None = None) -> Written:
        """Take the printer's assignment away; ``from_contact``: only while it is to that contact."""


class Printers(Protocol):
    """Printers as the fleet knows them."""

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """Who the printer is, or None."""

    def printers_of(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, PrinterView]:
        """Those of the printers that exist, by id."""
