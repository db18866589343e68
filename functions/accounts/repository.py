"""The accounts table: organisations, sites, contacts and assignments. Keys of partners are in `key_repository`."""

from dataclasses import dataclass
from typing import TypeVar

from functions.accounts import keys
from functions.accounts.contact_models import Assignment, Contact
from functions.accounts.models import Kept, Organization, Site
from shared.directory import keys as shared_keys
from shared.errors import Unavailable
from shared.names import GSI1
from shared.table import Item, Table

Thing = TypeVar("Thing", bound=Kept)


@dataclass(frozen=True, slots=True)
class AccountsRepository:
    """`Places` and `Contacts` in DynamoDB. New things carry new ids, so that writing one again changes nothing."""

    table: Table

    def organization(self, tenant_id: str, organization_id: str) -> Organization | None:
        """The organisation, or None when the tenant has none of that id."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.organization(organization_id))
        return Organization.model_validate(item) if item else None

    def add_organization(self, organization: Organization) -> None:
        """Keep a new organisation; safe to repeat: its key is its id, written once."""
        if organization.parent_id is None:
            partner = organization.model_dump() | {
                "pk": keys.PARTNERS,
                "sk": keys.partner(organization.organization_id),
            }
            writes = self.table.put_write(organization_item(organization)), self.table.put_write(partner)
            if self.table.transact(*writes) is not None:
                raise Unavailable("table_busy", "The table refused a transaction; try again.")
        else:
            self.table.create(organization_item(organization))

    def organizations(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Organization], str | None]:
        """The organisation of path ``below`` and all under it, in order of path."""
        return self._below(Organization, keys.organizations(tenant_id), below, limit, cursor)

    def partners(self, *, limit: int, cursor: str | None) -> tuple[list[Organization], str | None]:
        """The root organisations of all tenants but the operator's."""
        page = self.table.query(keys.PARTNERS, limit=limit, cursor=cursor)
        return [Organization.model_validate(item) for item in page.items], page.next_cursor

    def site(self, tenant_id: str, site_id: str) -> Site | None:
        """The site, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.site(site_id))
        return Site.model_validate(item) if item else None

    def add_site(self, site: Site) -> None:
        """Keep a new site; safe to repeat: its key is its id, written once."""
        index = (keys.sites(site.tenant_id), keys.below(site.organization_path, site.site_id))
        self.table.create(_item(site, site.tenant_id, shared_keys.site(site.site_id), index))

    def sites(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[Site], str | None]:
        """Sites of an organisation and all under it."""
        return self._below(Site, keys.sites(tenant_id), below, limit, cursor)

    def contact(self, tenant_id: str, contact_id: str) -> Contact | None:
        """The contact, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.contact(contact_id))
        return Contact.model_validate(item) if item else None

    def add_contact(self, contact: Contact) -> None:
        """Keep a new contact; safe to repeat: its key is its id, written once."""
        index = (keys.contacts(contact.tenant_id), keys.below(contact.organization_path, contact.contact_id))
        self.table.create(_item(contact, contact.tenant_id, shared_keys.contact(contact.contact_id), index))

    def contacts(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of an organisation and all under it."""
        return self._below(Contact, keys.contacts(tenant_id), below, limit, cursor)

    def assignment(self, tenant_id: str, printer_id: str) -> Assignment | None:
        """The printer's assignment, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.delivery_contact(printer_id))
        return Assignment.model_validate(item) if item else None

    def assign(self, assignment: Assignment) -> None:
        """Replace the printer's assignment; safe to repeat: one item a printer, the last writer's."""
        self.table.put(_item(assignment, assignment.tenant_id, shared_keys.delivery_contact(assignment.printer_id)))

    def unassign(self, tenant_id: str, printer_id: str) -> None:
        """Take the printer's assignment away; safe to repeat: nothing is nothing."""
        self.table.delete(shared_keys.tenant(tenant_id), shared_keys.delivery_contact(printer_id))

    def _below(
        self, kind: type[Thing], partition: str, path: str, limit: int, cursor: str | None
    ) -> tuple[list[Thing], str | None]:
        page = self.table.query(partition, sk_prefix=path, index=GSI1, limit=limit, cursor=cursor)
        return [kind.model_validate(item) for item in page.items], page.next_cursor


def organization_item(organization: Organization) -> Item:
    """The organisation's item, as a put of its own or inside a transaction."""
    index = (keys.organizations(organization.tenant_id), organization.path)
    sort_key = shared_keys.organization(organization.organization_id)
    return _item(organization, organization.tenant_id, sort_key, index)


def _item(thing: Kept, tenant_id: str, sort_key: str, index: tuple[str, str] | None = None) -> Item:
    item = thing.model_dump() | {"pk": shared_keys.tenant(tenant_id), "sk": sort_key}
    if index:
        item |= {"gsi1pk": index[0], "gsi1sk": index[1]}
    return item
