"""What other contexts have of a printer, because of which it may not disappear into another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.directory.reader import EligibilityDirectory, OrdersDirectory, TicketsDirectory
from shared.directory.views import ManagedStatus


class Holding(StrEnum):
    """What may hold a printer."""

    MANAGED = "managed"
    """It is in the programme, or on its way into it."""
    OPEN_ORDERS = "open_orders"
    OPEN_CALLS = "open_calls"


HoldingsOf = Callable[[str, str], frozenset[Holding]]
"""Of a tenant's printer."""
StatusesOf = Callable[[str, Sequence[str]], list[ManagedStatus]]
"""How far each of a tenant's printers is on its way into the programme."""


@dataclass(frozen=True, slots=True)
class StoredHoldings:
    """`HoldingsOf`, read from the tables of the contexts."""

    eligibility: EligibilityDirectory
    orders: OrdersDirectory
    tickets: TicketsDirectory

    def __call__(self, tenant_id: str, printer_id: str) -> frozenset[Holding]:
        """What holds the printer now."""
        status = self.eligibility.statuses_of(tenant_id, [printer_id]).get(printer_id, ManagedStatus.UNMANAGED)
        held = {
            Holding.MANAGED: status is not ManagedStatus.UNMANAGED,
            Holding.OPEN_ORDERS: self.orders.has_open_order(tenant_id, printer_id),
            Holding.OPEN_CALLS: self.tickets.has_open_call(tenant_id, printer_id),
        }
        return frozenset(holding for holding, is_held in held.items() if is_held)
