"""What the use cases need kept. Lists answer a page and the opaque cursor of the next."""

from datetime import date, datetime
from typing import Protocol

from functions.accounts.contact_models import Assignment, Contact
from functions.accounts.key_models import ApiKey
from functions.accounts.models import Organization, Site
from shared.directory.views import PrinterView


class Places(Protocol):
    """Organisations and sites."""

    def organization(self, tenant_id: str, organization_id: str) -> Organization | None:
        """The organisation, or None when the tenant has none of that id."""

    def add_organization(self, organization: Organization) -> None:
        """Keep a new organisation; a root becomes a partner of the installation."""

    def organizations(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Organization], str | None]:
        """The organisation of path ``below`` and all under it, in order of path."""

    def partners(self, *, limit: int, cursor: str | None) -> tuple[list[Organization], str | None]:
        """The root organisations of all tenants but the operator's."""

    def site(self, tenant_id: str, site_id: str) -> Site | None:
        """The site, or None."""

    def add_site(self, site: Site) -> None:
        """Keep a new site."""

    def sites(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[Site], str | None]:
        """Sites of an organisation and all under it."""


class Contacts(Protocol):
    """Contacts and whose printers they receive supplies for."""

    def contact(self, tenant_id: str, contact_id: str) -> Contact | None:
        """The contact, or None."""

    def add_contact(self, contact: Contact) -> None:
        """Keep a new contact."""

    def contacts(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of an organisation and all under it."""

    def assignment(self, tenant_id: str, printer_id: str) -> Assignment | None:
        """The printer's assignment, or None."""

    def assign(self, assignment: Assignment) -> None:
        """Replace the printer's assignment."""

    def unassign(self, tenant_id: str, printer_id: str) -> None:
        """Take the printer's assignment away."""


class Keys(Protocol):
    """API keys."""

    def add_key(self, key: ApiKey, key_hash: str, request: str | None) -> bool:
        """Keep a new key under its hash; False when the same ``request`` made one already."""

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The key that a caller sent, or None."""

    def key(self, tenant_id: str, key_id: str) -> ApiKey | None:
        """The key of that id, or None."""

    def keys(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
        """Keys of an organisation and all under it."""

    def revoke_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Make the key worthless for good."""

    def mark_used(self, key_hash: str, day: date) -> None:
        """Note that the key was used on that day."""

    def add_operator(self, organization: Organization, key: ApiKey, key_hash: str) -> bool:
        """Keep the installation's operator and its first key; False when there is one already."""


class Printers(Protocol):
    """Printers as the fleet knows them."""

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """Who the printer is, or None."""
