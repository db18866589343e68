"""What the use cases need kept. Lists answer a page and the opaque cursor of the next."""

from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from functions.accounts.tree.models import Organization, Site


class Written(Enum):
    """What became of a write."""

    DONE = auto()
    NAME_TAKEN = auto()
    CHANGED = auto()
    """It is not, or no more, what the writer saw; for a new organisation: its parent is gone."""


class Organizations(Protocol):
    """The tree of organisations."""

    def organization(self, tenant_id: str, organization_id: str) -> Organization | None:
        """The organisation, or None when the tenant has none of that id."""

    def organizations(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Organization], str | None]:
        """The organisation of path ``below`` and all under it, in order of path."""

    def partners(self, *, limit: int, cursor: str | None) -> tuple[list[Organization], str | None]:
        """The root organisations of all tenants but the operator's."""

    def add_organization(self, organization: Organization) -> Written:
        """Keep a new organisation; a root becomes a partner of the installation."""

    def rename_organization(self, seen: Organization, renamed: Organization) -> Written:
        """Write a new name over the version that was seen."""

    def delete_organization(self, seen: Organization) -> Written:
        """Remove the version that was seen, and its name."""


class Holdings(Protocol):
    """What something still has, by kind; empty when it may be deleted."""

    def of_organization(self, organization: Organization, now: datetime) -> list[str]:
        """The kinds of things that the organisation, or one below it, has."""

    def of_site(self, site: Site) -> list[str]:
        """The kinds of things that stand at the site."""


class Places(Protocol):
    """Sites, and the organisations they belong to."""

    def organization(self, tenant_id: str, organization_id: str) -> Organization | None:
        """The organisation, or None when the tenant has none of that id."""

    def site(self, tenant_id: str, site_id: str) -> Site | None:
        """The site, or None."""

    def add_site(self, site: Site) -> Written:
        """Keep a new site, unless its organisation is gone."""

    def replace_site(self, seen: Site, site: Site) -> Written:
        """Write the site over the version that was seen."""

    def delete_site(self, seen: Site) -> Written:
        """Remove the version that was seen."""

    def sites(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[Site], str | None]:
        """Sites of an organisation and all under it."""
