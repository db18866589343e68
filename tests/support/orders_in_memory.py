"""The store, the surroundings and the gateway of the orders context in memory, with the promises of the real ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from functions.orders.supplies.facts import World
from functions.orders.table.models import Decision, FulfilmentPartner, Order, Position, SilentPrinter
from functions.orders.table.order import RELEASES_EPOCH
from functions.orders.table.ports import Placed, Submission
from shared.directory.inherited import Explicit, Level, SettingName
from shared.directory.views import ContactView, PrinterDay, PrinterState, PrinterView, SilenceView, SiteView
from tests.support.orders import ADDRESS, CUSTOMER, PATH, PRINTER, SITE, TENANT, a_partner, at


@dataclass
class FakeStore:
    """`OrderShelf` in memory. ``before_write`` runs before each write: where another evaluation may come between."""

    kept_positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    epochs: dict[tuple[str, str, int], tuple[str, bool]] = field(default_factory=dict)
    decisions: dict[tuple[datetime, str, str], Decision] = field(default_factory=dict)
    events: set[tuple[str, str]] = field(default_factory=set)
    before_write: Callable[[], None] = lambda: None

    def positions(self, tenant_id: str, printer_id: str) -> dict[str, Position]:
        return {
            key[1]: position
            for key, position in self.kept_positions.items()
            if key[0] == printer_id and position.tenant_id == tenant_id
        }

    def save_position(self, position: Position, decisions: Sequence[Decision] = ()) -> bool:
        self.before_write()
        if not self._follows(position):
            return False
        self._keep(position, decisions)
        return True

    def place(self, order: Order, position: Position, decisions: Sequence[Decision] = ()) -> Placed:
        self.before_write()
        epoch = (order.printer_id, order.position_id, order.epoch)
        if epoch in self.epochs and not self.epochs[epoch][1]:
            return Placed.TAKEN
        if not self._follows(position):
            return Placed.CONFLICT
        self.epochs[epoch] = (order.order_id, False)
        self.orders[order.order_id] = order
        self._keep(position, decisions)
        return Placed.CREATED

    def order_of_epoch(self, tenant_id: str, printer_id: str, position_id: str, epoch: int) -> Order | None:
        order_id, released = self.epochs.get((printer_id, position_id, epoch), ("", True))
        return None if released else self.order(tenant_id, order_id)

    def order(self, tenant_id: str, order_id: str) -> Order | None:
        order = self.orders.get(order_id)
        return order if order is not None and order.tenant_id == tenant_id else None

    def advance(
        self,
        order: Order,
        *,
        position: Position | None = None,
        decisions: Sequence[Decision] = (),
        event_id: str | None = None,
    ) -> bool:
        self.before_write()
        known = self.orders.get(order.order_id)
        if known is None or known.version != order.version - 1:
            return False
        if position is not None and not self._follows(position):
            return False
        if event_id is not None and (order.order_id, event_id) in self.events:
            return False
        self.orders[order.order_id] = order
        if order.state in RELEASES_EPOCH:
            self.epochs[(order.printer_id, order.position_id, order.epoch)] = (order.order_id, True)
        if event_id is not None:
            self.events.add((order.order_id, event_id))
        if position is not None:
            self.kept_positions[(position.printer_id, position.position_id)] = position
        self._note(decisions)
        return True

    def has_event(self, tenant_id: str, order_id: str, event_id: str) -> bool:
        return self.order(tenant_id, order_id) is not None and (order_id, event_id) in self.events

    def orders_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        found = [
            order
            for order in self.orders.values()
            if order.tenant_id == tenant_id and order.organization_path.startswith(organization_path)
        ]
        return _page(sorted(found, key=lambda o: (o.organization_path, o.order_id), reverse=True), limit, cursor)

    def printer_orders_page(
        self, tenant_id: str, printer_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        found = [
            order for order in self.orders.values() if order.tenant_id == tenant_id and order.printer_id == printer_id
        ]
        return _page(sorted(found, key=lambda o: o.order_id, reverse=True), limit, cursor)

    def decisions_page(
        self, tenant_id: str, printer_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Decision], str | None]:
        found = [
            self.decisions[key]
            for key in sorted(self.decisions, reverse=True)
            if self.decisions[key].printer_id == printer_id and self.decisions[key].tenant_id == tenant_id
        ]
        return _page(found, limit, cursor)

    def _follows(self, position: Position) -> bool:
        known = self.kept_positions.get((position.printer_id, position.position_id))
        return (known.version if known else 0) == position.version - 1

    def _keep(self, position: Position, decisions: Sequence[Decision]) -> None:
        self.kept_positions[(position.printer_id, position.position_id)] = position
        self._note(decisions)

    def _note(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self.decisions[(decision.reading_taken_at, decision.position_id, decision.kind.value)] = decision


@dataclass
class FakeSilentPrinters:
    """`SilentPrinters` in memory."""

    kept: dict[tuple[str, str], SilentPrinter] = field(default_factory=dict)

    def of(self, tenant_id: str, printer_id: str) -> SilentPrinter | None:
        return self.kept.get((tenant_id, printer_id))

    def keep(self, printer: SilentPrinter) -> None:
        self.kept[(printer.tenant_id, printer.printer_id)] = printer

    def forget(self, tenant_id: str, printer_id: str) -> None:
        self.kept.pop((tenant_id, printer_id), None)

    def due(self, now: datetime, *, limit: int) -> list[SilentPrinter]:
        return sorted((each for each in self.kept.values() if each.look_at <= now), key=lambda each: each.look_at)[
            :limit
        ]


_T = TypeVar("_T")


def _page(found: list[_T], limit: int, cursor: str | None) -> tuple[list[_T], str | None]:
    start = int(cursor or 0)
    end = start + limit
    return found[start:end], str(end) if end < len(found) else None


@dataclass
class FakeSurroundings:
    """Fleet, accounts, enrolments and partners of one printer, each settable."""

    days_kept: list[PrinterDay] = field(default_factory=list)
    is_in_programme: bool = True
    has_contact: bool = True
    partner: FulfilmentPartner | None = field(default_factory=a_partner)
    latest: PrinterState | None = None
    episode: SilenceView | None = None
    settings: dict[SettingName, int] = field(default_factory=dict)

    def explicit_settings(
        self, tenant_id: str, organization_path: str, site_id: str | None = None, leaf: tuple[Level, str] | None = None
    ) -> list[Explicit]:
        return [Explicit(Level.ORGANIZATION, CUSTOMER, {str(name): each for name, each in self.settings.items()})]

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        return PrinterView(
            tenant_id=tenant_id,
            organization_id=CUSTOMER,
            organization_path=PATH,
            site_id=SITE,
            agent_id="agt_01jd2x00000000000000000001",
            printer_id=printer_id,
            manufacturer="Example",
            model="Laser 1",
            serial_number="S1",
            first_seen_at=at(-60),
        )

    def state(self, tenant_id: str, printer_id: str) -> PrinterState | None:
        state = self.latest
        return state if state and (state.tenant_id, state.printer_id) == (tenant_id, printer_id) else None

    def silence(self, tenant_id: str, printer_id: str) -> SilenceView | None:
        return self.episode if (tenant_id, printer_id) == (TENANT, PRINTER) else None

    def days(self, tenant_id: str, printer_id: str, first: str, last: str) -> list[PrinterDay]:
        known = (tenant_id, printer_id) == (TENANT, PRINTER)
        return [day for day in self.days_kept if known and first <= day.day <= last]

    def site(self, tenant_id: str, site_id: str) -> SiteView | None:
        return SiteView(
            tenant_id=tenant_id,
            organization_id=CUSTOMER,
            organization_path=PATH,
            site_id=site_id,
            name="Office",
            address=ADDRESS,
            time_zone="UTC",
        )

    def delivery_contact(self, tenant_id: str, printer_id: str) -> ContactView | None:
        known = self.has_contact and printer_id == PRINTER
        return (
            ContactView(
                tenant_id=tenant_id,
                organization_id=CUSTOMER,
                contact_id="ctc_01jd2x00000000000000000001",
                first_name="Ada",
                last_name="King",
                address=ADDRESS,
            )
            if known
            else None
        )

    def is_managed(self, tenant_id: str, printer_id: str) -> bool:
        return self.is_in_programme and (tenant_id, printer_id) == (TENANT, PRINTER)

    def fulfilment_partner(self, tenant_id: str, fulfilment_partner_id: str) -> FulfilmentPartner | None:
        partner = self.partner
        known = partner and (partner.tenant_id, partner.fulfilment_partner_id) == (tenant_id, fulfilment_partner_id)
        return partner if known else None

    def default_partner(self, tenant_id: str, organization_path: str) -> FulfilmentPartner | None:
        known = self.partner and organization_path.startswith(f"/{tenant_id}/")
        return self.partner if known else None


def a_world(store: FakeStore, around: FakeSurroundings) -> World:
    """The ports of an evaluation on the fakes."""
    return World(store=store, partners=around, fleet=around, accounts=around, enrolments=around)


@dataclass
class FakeGateway:
    """`Gateway` that answers what it is told to; an exception is raised."""

    answers: list[Submission | Exception] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def submit(self, order: Order, partner: FulfilmentPartner, now: datetime) -> Submission:
        self.sent.append(f"{order.purchase_order} to {partner.name} at {now:%H:%M}")
        answer = self.answers.pop(0) if self.answers else Submission(accepted=True, reference="REF-1")
        if isinstance(answer, Exception):
            raise answer
        return answer
