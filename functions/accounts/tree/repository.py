"""The accounts table: organisations and sites. Partner keys and contacts have repositories of their own."""

from dataclasses import dataclass
from typing import TypeVar

from functions.accounts.tree import keys
from functions.accounts.tree.models import Kept, Organization, Site
from functions.accounts.tree.ports import Written
from shared.directory import keys as shared_keys
from shared.errors import Unavailable
from shared.names import GSI1
from shared.table import CONDITION_REFUSED, Condition, Item, Table

Thing = TypeVar("Thing", bound=Kept)


@dataclass(frozen=True, slots=True)
class AccountsRepository:
    """`Places` in DynamoDB. New things carry new ids, so that writing one again changes nothing."""

    table: Table

    def organization(self, tenant_id: str, organization_id: str) -> Organization | None:
        """The organisation, or None when the tenant has none of that id."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.organization(organization_id))
        return Organization.model_validate(item) if item else None

    def site(self, tenant_id: str, site_id: str) -> Site | None:
        """The site, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.site(site_id))
        return Site.model_validate(item) if item else None

    def add_site(self, site: Site) -> Written:
        """Keep a new site of an organisation that is there; safe to repeat: its key is its id, written once."""
        owner = self.table.presence(shared_keys.tenant(site.tenant_id), shared_keys.organization(site.organization_id))
        refusals = self.table.transact(self.table.put_write(_site_item(site)), owner)
        if refusals is not None and CONDITION_REFUSED not in refusals:
            raise Unavailable("table_busy", "The table refused a transaction; try again.")
        return Written.DONE if refusals is None else Written.CHANGED

    def replace_site(self, seen: Site, site: Site) -> Written:
        """Write the site over the version that was seen. Safe to repeat: that version is there once."""
        unchanged = Condition("version = :seen", values={":seen": seen.version})
        return Written.DONE if self.table.put(_site_item(site), unchanged) else Written.CHANGED

    def delete_site(self, seen: Site) -> Written:
        """Remove the version that was seen. Safe to repeat: nothing is nothing."""
        unchanged = Condition("version = :seen", values={":seen": seen.version})
        key = shared_keys.tenant(seen.tenant_id), shared_keys.site(seen.site_id)
        refusals = self.table.transact(self.table.delete_write(*key, unchanged))
        if refusals is not None and CONDITION_REFUSED not in refusals:
            raise Unavailable("table_busy", "The table refused a transaction; try again.")
        return Written.DONE if refusals is None else Written.CHANGED

    def sites(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[Site], str | None]:
        """Sites of an organisation and all under it."""
        return self._below(Site, keys.sites(tenant_id), below, limit, cursor)

    def _below(
        self, kind: type[Thing], partition: str, path: str, limit: int, cursor: str | None
    ) -> tuple[list[Thing], str | None]:
        page = self.table.query(partition, sk_prefix=path, index=GSI1, limit=limit, cursor=cursor)
        return [kind.model_validate(item) for item in page.items], page.next_cursor


def _site_item(site: Site) -> Item:
    index = (keys.sites(site.tenant_id), keys.below(site.organization_path, site.site_id))
    return _item(site, site.tenant_id, shared_keys.site(site.site_id), index)


def _item(thing: Kept, tenant_id: str, sort_key: str, index: tuple[str, str] | None = None) -> Item:
    item = thing.model_dump() | {"pk": shared_keys.tenant(tenant_id), "sk": sort_key}
    if index:
        item |= {"gsi1pk": index[0], "gsi1sk": index[1]}
    return item
