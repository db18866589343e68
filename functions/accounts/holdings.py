"""What organisations and sites still have, so that nothing is deleted from under it."""

from dataclasses import dataclass
from datetime import datetime

from functions.accounts.api_keys.repository import KeyRepository
from functions.accounts.contacts.repository import ContactRepository
from functions.accounts.tree.models import Organization, Site
from functions.accounts.tree.organization_repository import OrganizationRepository
from functions.accounts.tree.repository import AccountsRepository
from shared.directory.reader import FleetDirectory
from shared.table import MAX_PAGE


@dataclass(frozen=True, slots=True)
class StoredHoldings:
    """`Holdings` read from the accounts and fleet tables, one item of each kind at most."""

    tree: OrganizationRepository
    places: AccountsRepository
    contacts: ContactRepository
    keys: KeyRepository
    fleet: FleetDirectory

    def of_organization(self, organization: Organization, now: datetime) -> list[str]:
        """The kinds of things it has: organisations below it, sites, contacts, living keys, agents, printers."""
        tenant_id, path = organization.tenant_id, organization.path
        has = {
            "organisations": self.tree.has_children(organization),
            "sites": bool(self.places.sites(tenant_id, path, limit=1, cursor=None)[0]),
            "contacts": self._has_contacts(tenant_id, path),
            "API keys": self._has_living_keys(tenant_id, path, now),
        }
        return [kind for kind, is_there in has.items() if is_there] + self.fleet.things_of(tenant_id, path)

    def of_site(self, site: Site) -> list[str]:
        """Which of agents and printers it has."""
        return self.fleet.things_at(site.tenant_id, site.organization_path, site.site_id)

    def _has_contacts(self, tenant_id: str, path: str) -> bool:
        return any(
            self.contacts.contacts(tenant_id, path, is_archived=archived, limit=1, cursor=None)[0]
            for archived in (False, True)
        )

    def _has_living_keys(self, tenant_id: str, path: str, now: datetime) -> bool:
        cursor: str | None = None
        while True:
            found, cursor = self.keys.keys(tenant_id, path, limit=MAX_PAGE, cursor=cursor)
            if any(key.is_live(now) for key in found):
                return True
            if cursor is None:
                return False
