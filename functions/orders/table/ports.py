"""What the use cases need of the world; the repository, the gateway and the directories fulfil it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from functions.orders.table.models import Decision, FulfilmentPartner, Order, Position, SilentPrinter, Stored
from shared.directory.inherited import Explicit, Level
from shared.directory.views import (
    ContactView,
    OrganizationView,
    PrinterDay,
    PrinterState,
    PrinterView,
    SilenceView,
    SiteView,
)


class Placed(StrEnum):
    """What became of placing an order."""

    CREATED = "created"
    TAKEN = "taken"
    CONFLICT = "conflict"


class SupplyStore(Protocol):
    """Positions, epochs, decisions and orders."""

    def positions(self, tenant_id: str, printer_id: str) -> dict[str, Position]:
        """The printer's positions by id."""

    def save_position(self, position: Position, decisions: Sequence[Decision] = ()) -> bool:
        """Write the next version of a position and its decisions; False when another was faster."""

    def place(self, order: Order, position: Position, decisions: Sequence[Decision] = ()) -> Placed:
        """Create the order, take its epoch, save the position and the decisions: all or nothing (SUP-18)."""

    def order_of_epoch(self, tenant_id: str, printer_id: str, position_id: str, epoch: int) -> Order | None:
        """The order that holds the epoch, None when there is none or it gave the epoch back."""

    def order(self, tenant_id: str, order_id: str) -> Order | None:
        """The order, or None."""

    def advance(
        self,
        order: Order,
        *,
        position: Position | None = None,
        decisions: Sequence[Decision] = (),
        event_id: str | None = None,
    ) -> bool:
        """Write the order's next version and what goes with it; False when another was faster."""

    def has_event(self, tenant_id: str, order_id: str, event_id: str) -> bool:
        """True when the partner's event was applied before."""


class SilentPrinters(Protocol):
    """Managed printers that are silent, to be looked at again (SUP-30)."""

    def of(self, tenant_id: str, printer_id: str) -> SilentPrinter | None:
        """What is kept of the printer's silence, or None."""

    def keep(self, printer: SilentPrinter) -> None:
        """Keep it, whatever was kept before: whoever writes has looked just now."""

    def forget(self, tenant_id: str, printer_id: str) -> None:
        """Keep nothing of it any more."""

    def due(self, now: datetime, *, limit: int) -> list[SilentPrinter]:
        """Those whose next look is due, at most ``limit`` of each shard."""


class PartnerStore(Protocol):
    """Fulfilment partners."""

    def fulfilment_partner(self, tenant_id: str, fulfilment_partner_id: str) -> FulfilmentPartner | None:
        """The partner, or None."""

    def default_partner(self, tenant_id: str, organization_path: str) -> FulfilmentPartner | None:
        """The default of the organisation or of its nearest ancestor that has one."""


class Fleet(Protocol):
    """Printers as the fleet table shows them."""

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """Who the printer is."""

    def state(self, tenant_id: str, printer_id: str) -> PrinterState | None:
        """Its latest reading."""

    def silence(self, tenant_id: str, printer_id: str) -> SilenceView | None:
        """Its last episode of silence, or None when it never had one."""

    def days(self, tenant_id: str, printer_id: str, first: str, last: str) -> list[PrinterDay]:
        """Its day roll-ups between two days, both included, oldest first."""


class Accounts(Protocol):
    """Sites and delivery contacts as the accounts table shows them."""

    def site(self, tenant_id: str, site_id: str) -> SiteView | None:
        """Where the printer stands."""

    def explicit_settings(
        self, tenant_id: str, organization_path: str, site_id: str | None = None, leaf: tuple[Level, str] | None = None
    ) -> list[Explicit]:
        """What is explicitly set at each place that something inherits from, the root first."""

    def delivery_contact(self, tenant_id: str, printer_id: str) -> ContactView | None:
        """Who the printer's supplies go to."""


class Enrolments(Protocol):
    """Which printers are in the programme."""

    def is_managed(self, tenant_id: str, printer_id: str) -> bool:
        """True when the printer is managed."""


class Submission(Stored):
    """The partner's answer to an order: its reference, or why it refused."""

    accepted: bool
    reference: str | None = None
    reason: str | None = None


class Gateway(Protocol):
    """The way to a fulfilment partner."""

    def submit(self, order: Order, partner: FulfilmentPartner, now: datetime) -> Submission:
        """Send the order; sending it again is the same order to the partner. `Unavailable` is worth a retry."""


class Workflow(Protocol):
    """The executions of `supplies_order`."""

    def start(self, order: Order) -> None:
        """Start the order's execution, named by its id; one that exists is left alone."""

    def resume(self, token: str, order: Order) -> None:
        """Hand the awaited state to a waiting task; a token that is over is ignored."""


class OrderShelf(SupplyStore, Protocol):
    """Orders and decisions as lists, for the API."""

    def orders_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        """Orders of an organisation and all below it, newest first within each organisation."""

    def printer_orders_page(
        self, tenant_id: str, printer_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        """A printer's orders, newest first."""

    def decisions_page(
        self, tenant_id: str, printer_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Decision], str | None]:
        """A printer's decisions, newest first."""


class PartnerShelf(PartnerStore, Protocol):
    """Fulfilment partners to make and list."""

    def create(self, partner: FulfilmentPartner, request: str | None = None) -> FulfilmentPartner:
        """Write a new partner and make it its organisation's default; or the one that ``request`` made before."""

    def page(self, tenant_id: str, *, limit: int, cursor: str | None) -> tuple[list[FulfilmentPartner], str | None]:
        """A tenant's partners, oldest first."""


class Directory(Protocol):
    """Where printers and organisations belong."""

    def printer_path(self, tenant_id: str, printer_id: str) -> str | None:
        """The path of the printer's organisation, or None."""

    def printer_ids(self, tenant_id: str, printer_id: str) -> list[str]:
        """The ids under which a printer was known: that of today first, whichever is asked for."""

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """The organisation, or None."""
