"""Use cases of the partner API: what a key may see and make. Another tenant's thing is missing, never forbidden."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final, TypeVar

from functions.orders.table.models import Decision, FulfilmentPartner, Order, OrderState
from functions.orders.table.ports import Directory, OrderShelf, PartnerShelf
from shared.address_fence import check_url
from shared.errors import FieldError, Invalid, Malformed, NotFound
from shared.ids import new_id
from shared.signature import new_secret
from shared.tenancy import Caller
from shared.visibility import visible_to

Listed = TypeVar("Listed")
MAX_PAGES: Final = 5
"""Pages read for one filtered answer."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of these use cases. ``private_hosts`` may be named by a partner's URL; empty in production."""

    orders: OrderShelf
    partners: PartnerShelf
    directory: Directory
    private_hosts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list of orders."""

    organization_id: str | None = None
    printer_id: str | None = None
    state: OrderState | None = None

    def admits(self, order: Order, organization_path: str) -> bool:
        """True when the order is below the path and passes the filters."""
        return (
            order.organization_path.startswith(organization_path)
            and (self.printer_id is None or order.printer_id == self.printer_id)
            and (self.state is None or order.state is self.state)
        )


def list_orders(
    caller: Caller, wanted: Wanted, *, desk: Desk, limit: int, cursor: str | None
) -> tuple[list[Order], str | None]:
    """A page of visible orders; ends after a few pages of the index even when little was found."""
    seen = visible_to(desk.directory, caller, wanted.organization_id)
    tenant_id, path = seen.tenant_id, seen.path
    if wanted.printer_id is not None:
        printer_path = desk.directory.printer_path(tenant_id, wanted.printer_id)
        if printer_path is None or not printer_path.startswith(path):
            raise NotFound("printer", wanted.printer_id)
        printer_ids = desk.directory.printer_ids(tenant_id, wanted.printer_id)
        wanted = replace(wanted, printer_id=None)
    else:
        printer_ids = []
    found: list[Order] = []
    for _ in range(MAX_PAGES):
        left = limit - len(found)
        if not printer_ids:
            orders, cursor = desk.orders.orders_page(tenant_id, path, limit=left, cursor=cursor)
        else:
            page = partial(desk.orders.printer_orders_page, tenant_id, limit=left)
            orders, cursor = one_after_another(printer_ids, cursor, page)
        found += [order for order in orders if wanted.admits(order, path)]
        if cursor is None or len(found) >= limit:
            break
    return found, cursor


def visible_order(caller: Caller, order_id: str, *, desk: Desk) -> Order:
    """The order; `NotFound` when it is missing or another's."""
    order = desk.orders.order(caller.tenant_id, order_id)
    if order is None or not caller.can_see(order.organization_path):
        raise NotFound("order", order_id)
    return order


def list_decisions(
    caller: Caller, printer_id: str, *, desk: Desk, limit: int, cursor: str | None
) -> tuple[list[Decision], str | None]:
    """A page of a visible printer's decisions."""
    path = desk.directory.printer_path(caller.tenant_id, printer_id)
    if path is None or not caller.can_see(path):
        raise NotFound("printer", printer_id)
    printer_ids = desk.directory.printer_ids(caller.tenant_id, printer_id)
    return one_after_another(printer_ids, cursor, partial(desk.orders.decisions_page, caller.tenant_id, limit=limit))


def one_after_another(
    printer_ids: Sequence[str], cursor: str | None, page: Callable[..., tuple[list[Listed], str | None]]
) -> tuple[list[Listed], str | None]:
    """A page of a printer's list, and after its end of the lists of those that were merged into it.

    Raises:
        Malformed: The cursor is not one of these lists.
    """
    if len(printer_ids) == 1:
        return page(printer_ids[0], cursor=cursor)
    name, _, inner = cursor.partition(".") if cursor else (printer_ids[0], "", "")
    if name not in printer_ids:
        error = FieldError("query:cursor", "Use the 'next_cursor' of the page before, unchanged, on the same list.")
        raise Malformed("invalid_cursor", "The cursor is not one of this list.", (error,))
    items, following = page(name, cursor=inner or None)
    if following is not None:
        return items, f"{name}.{following}"
    later = printer_ids[printer_ids.index(name) + 1 :]
    return items, f"{later[0]}." if later else None


def create_partner(  # noqa: PLR0913 - one keyword for each field of the body
    caller: Caller,
    *,
    organization_id: str,
    name: str,
    url: str,
    lead_time_days: int,
    request_key: str | None,
    desk: Desk,
    now: datetime,
) -> FulfilmentPartner:
    """A new default partner of an organisation.

    Safe to repeat under ``request_key`` (the Idempotency-Key): the partner it made is answered again, with its
    secret. (Another body under that key is refused before this is asked: `shared.idempotency`.)
    """
    seen = visible_to(desk.directory, caller, organization_id)
    tenant_id, path = seen.tenant_id, seen.path
    try:
        check_url(url, private_hosts=desk.private_hosts)
    except Invalid as error:
        raise Invalid(error.code, error.detail, (FieldError("/url", error.detail),)) from error
    partner = FulfilmentPartner(
        tenant_id=tenant_id,
        organization_id=organization_id,
        organization_path=path,
        fulfilment_partner_id=new_id("ful"),
        name=name,
        url=url,
        signing_secret=new_secret(),
        lead_time_days=lead_time_days,
        created_at=now,
    )
    request = sha256(f"{caller.key_id} {request_key}".encode()).hexdigest() if request_key else None
    return desk.partners.create(partner, request)


def list_partners(
    caller: Caller, organization_id: str | None, *, desk: Desk, limit: int, cursor: str | None
) -> tuple[list[FulfilmentPartner], str | None]:
    """A page of the partners of visible organisations."""
    seen = visible_to(desk.directory, caller, organization_id)
    tenant_id, path = seen.tenant_id, seen.path
    found: list[FulfilmentPartner] = []
    for _ in range(MAX_PAGES):
        partners, cursor = desk.partners.page(tenant_id, limit=limit - len(found), cursor=cursor)
        found += [partner for partner in partners if partner.organization_path.startswith(path)]
        if cursor is None or len(found) >= limit:
            break
    return found, cursor


def visible_partner(caller: Caller, fulfilment_partner_id: str, *, desk: Desk) -> FulfilmentPartner:
    """The partner; `NotFound` when it is missing or another's."""
    partner = desk.partners.fulfilment_partner(caller.tenant_id, fulfilment_partner_id)
    if partner is None or not caller.can_see(partner.organization_path):
        raise NotFound("fulfilment partner", fulfilment_partner_id)
    return partner
