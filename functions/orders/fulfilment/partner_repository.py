"""Fulfilment partners in the orders table, and who is whose default."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from functions.orders.table import keys
from functions.orders.table.models import FulfilmentPartner
from shared.errors import Unavailable
from shared.names import TTL_ATTRIBUTE
from shared.table import Table

REQUESTS_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PartnerRepository:
    """`PartnerStore` on DynamoDB."""

    table: Table

    def create(self, partner: FulfilmentPartner, request: str | None = None) -> FulfilmentPartner:
        """Write a new partner and make it its organisation's default.

        Safe to repeat: a ``request`` is written once and leads to the partner that it made, which is given then.
        """
        partition = keys.fulfilment_partners(partner.tenant_id)
        item = partner.model_dump() | {
            "pk": partition,
            "sk": keys.fulfilment_partner(partner.fulfilment_partner_id),
        }
        default = {
            "pk": partition,
            "sk": keys.default_partner(partner.organization_id),
            "fulfilment_partner_id": partner.fulfilment_partner_id,
        }
        writes = [self.table.put_write(item), self.table.put_write(default, None)]
        if request is not None:
            met = {
                "pk": partition,
                "sk": keys.partner_request(request),
                "fulfilment_partner_id": partner.fulfilment_partner_id,
                TTL_ATTRIBUTE: int((partner.created_at + REQUESTS_KEPT).timestamp()),
            }
            writes.append(self.table.put_write(met))
        if self.table.transact(*writes) is None:
            return partner
        made = self._made_by(partner.tenant_id, request) if request is not None else None
        if made is None:
            raise Unavailable("partner_contended", "Another change of this default is running; try again.")
        return made

    def fulfilment_partner(self, tenant_id: str, fulfilment_partner_id: str) -> FulfilmentPartner | None:
        """The partner, or None."""
        item = self.table.get(keys.fulfilment_partners(tenant_id), keys.fulfilment_partner(fulfilment_partner_id))
        return FulfilmentPartner.model_validate(item) if item else None

    def _made_by(self, tenant_id: str, request: str) -> FulfilmentPartner | None:
        met = self.table.get(keys.fulfilment_partners(tenant_id), keys.partner_request(request))
        return self.fulfilment_partner(tenant_id, met["fulfilment_partner_id"]) if met else None

    def default_partner(self, tenant_id: str, organization_path: str) -> FulfilmentPartner | None:
        """The default of the organisation or of its nearest ancestor that has one."""
        partition = keys.fulfilment_partners(tenant_id)
        for organization_id in reversed(organization_path.strip("/").split("/")):
            default = self.table.get(partition, keys.default_partner(organization_id))
            if default is not None:
                return self.fulfilment_partner(tenant_id, default["fulfilment_partner_id"])
        return None

    def page(self, tenant_id: str, *, limit: int, cursor: str | None) -> tuple[list[FulfilmentPartner], str | None]:
        """A tenant's partners, oldest first."""
        page = self.table.query(
            keys.fulfilment_partners(tenant_id),
            sk_prefix=keys.FULFILMENT_PARTNER_PREFIX,
            limit=limit,
            cursor=cursor,
        )
        return [FulfilmentPartner.model_validate(item) for item in page.items], page.next_cursor
