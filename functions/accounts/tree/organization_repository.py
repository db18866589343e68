"""The accounts table: organisations, each name once among its siblings."""

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.accounts.tree import keys
from functions.accounts.tree.models import Organization
from functions.accounts.tree.ports import Written
from shared.directory import keys as shared_keys
from shared.errors import Unavailable
from shared.names import GSI1
from shared.table import CONDITION_REFUSED, Condition, Item, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


@dataclass(frozen=True, slots=True)
class OrganizationRepository:
    """`Organizations` in DynamoDB."""

    table: Table

    def organization(self, tenant_id: str, organization_id: str) -> Organization | None:
        """The organisation, or None when the tenant has none of that id."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.organization(organization_id))
        return Organization.model_validate(item) if item else None

    def organizations(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Organization], str | None]:
        """The organisation of path ``below`` and all under it, in order of path."""
        partition = keys.organizations(tenant_id)
        page = self.table.query(partition, sk_prefix=below, index=GSI1, limit=limit, cursor=cursor)
        return [Organization.model_validate(item) for item in page.items], page.next_cursor

    def partners(self, *, limit: int, cursor: str | None) -> tuple[list[Organization], str | None]:
        """The root organisations of all tenants but the operator's."""
        page = self.table.query(keys.PARTNERS, limit=limit, cursor=cursor)
        return [Organization.model_validate(item) for item in page.items], page.next_cursor

    def has_children(self, organization: Organization) -> bool:
        """True when an organisation is right below it; as of now, not as of an index."""
        partition, prefix = shared_keys.tenant(organization.tenant_id), keys.child_names(organization.organization_id)
        return bool(self.table.query(partition, sk_prefix=prefix, limit=1, consistent=True).items)

    def add_organization(self, organization: Organization) -> Written:
        """Keep a new organisation with its name, all or nothing; a root becomes a partner of the installation.

        Safe to repeat: its key is its id, written once.
        """
        writes = [self.table.put_write(self._name(organization)), self.table.put_write(organization_item(organization))]
        if organization.parent_id is None:
            writes.append(self.table.put_write(_partner(organization)))
        else:
            tenant = shared_keys.tenant(organization.tenant_id)
            writes.append(self.table.presence(tenant, shared_keys.organization(organization.parent_id)))
        return self._written(*writes)

    def rename_organization(self, seen: Organization, renamed: Organization) -> Written:
        """Write a new name over the version that was seen. Safe to repeat: that version is there once."""
        named = Condition(
            "SET #name = :name, version = :version",
            {"#name": "name"},
            {":name": renamed.name, ":version": renamed.version, ":seen": seen.version},
        )
        tenant, sort_key = shared_keys.tenant(seen.tenant_id), shared_keys.organization(seen.organization_id)
        writes = [self.table.update_write(tenant, sort_key, named, "version = :seen")]
        old, new = self._name(seen), self._name(renamed)
        if old != new:
            writes = [self.table.put_write(new), *writes, self.table.delete_write(old["pk"], old["sk"])]
        else:
            writes.insert(0, self.table.presence(old["pk"], old["sk"]))
        if seen.parent_id is None:
            partner = _partner(seen)
            writes.append(self.table.update_write(partner["pk"], partner["sk"], named, "version = :seen"))
        return self._written(*writes)

    def delete_organization(self, seen: Organization) -> Written:
        """Remove the version that was seen, and its name. Safe to repeat: nothing is nothing."""
        name, item = self._name(seen), organization_item(seen)
        unchanged = Condition("version = :seen", values={":seen": seen.version})
        writes = [
            self.table.delete_write(name["pk"], name["sk"]),
            self.table.delete_write(item["pk"], item["sk"], unchanged),
        ]
        if seen.parent_id is None:
            partner = _partner(seen)
            writes.append(self.table.delete_write(partner["pk"], partner["sk"]))
        return self._written(*writes)

    def _name(self, organization: Organization) -> Item:
        folded = " ".join(unicodedata.normalize("NFKC", organization.name).casefold().split())
        digest = hashlib.sha256(folded.encode()).hexdigest()
        key = {"pk": keys.PARTNER_NAMES, "sk": keys.partner_name(digest)}
        if organization.parent_id is not None:
            tenant = shared_keys.tenant(organization.tenant_id)
            key = {"pk": tenant, "sk": keys.child_name(organization.parent_id, digest)}
        return key | {"organization_id": organization.organization_id}

    def _written(self, name: "TransactWriteItemTypeDef", *others: "TransactWriteItemTypeDef") -> Written:
        """What became of a transaction whose first write is about the name."""
        refusals = self.table.transact(name, *others)
        if refusals is None:
            return Written.DONE
        if CONDITION_REFUSED not in refusals:
            raise Unavailable("table_busy", "The table refused a transaction; try again.")
        return Written.CHANGED if CONDITION_REFUSED in refusals[1:] else Written.NAME_TAKEN


def organization_item(organization: Organization) -> Item:
    """The organisation's item, as a put of its own or inside a transaction."""
    return organization.model_dump() | {
        "pk": shared_keys.tenant(organization.tenant_id),
        "sk": shared_keys.organization(organization.organization_id),
        "gsi1pk": keys.organizations(organization.tenant_id),
        "gsi1sk": organization.path,
    }


def _partner(organization: Organization) -> Item:
    return organization.model_dump() | {"pk": keys.PARTNERS, "sk": keys.partner(organization.organization_id)}
