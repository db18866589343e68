"""Builders of what the orders context works on, and its store in memory with the same promises as the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from functions.orders.facts import World
from functions.orders.models import (
    Confidence,
    Decision,
    ForecastSnapshot,
    FulfilmentPartner,
    HistoryEntry,
    Order,
    OrderState,
    Position,
    ShipTo,
    Trigger,
)
from functions.orders.order import RELEASES_EPOCH, purchase_order
from functions.orders.ports import Placed, Submission
from shared.directory.inherited import Explicit, Level, SettingName
from shared.directory.views import (
    Address,
    ContactView,
    PrinterDay,
    PrinterState,
    PrinterView,
    SiteView,
    SupplyDay,
)
from shared.wire.printer_mib import level_percent
from shared.wire.reading import LIFE_COUNT, Alert, Counter, Supply

TENANT: Final = "org_01jd2x00000000000000000001"
CUSTOMER: Final = "org_01jd2x00000000000000000002"
PATH: Final = f"/{TENANT}/{CUSTOMER}/"
SITE: Final = "site_01jd2x00000000000000000001"
PRINTER: Final = "prn_01jd2x00000000000000000001"
PARTNER: Final = "ful_01jd2x00000000000000000001"
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
ADDRESS: Final = Address(address1="1 Main Street", city="Springfield", postal_code="12345", country="US")


def at(days: float = 0, hours: float = 0) -> datetime:
    """A time relative to `NOW`."""
    return NOW + timedelta(days=days, hours=hours)


def a_supply(
    level: int | None = 50,
    *,
    index: str = "1.1",
    capacity: int | None = 100,
    supply_type: str | None = "tonerCartridge",
    colorant: str | None = "black",
    unit: str | None = "percent",
    serial: str | None = None,
    part_number: str | None = "PN-1",
    receptacle: bool = False,
) -> Supply:
    """A supply row; its percentage is derived as the agent derives it."""
    state, percent = level_percent(level, capacity, unit)
    return Supply(
        index=index,
        supply_class="receptacleThatIsFilled" if receptacle else "supplyThatIsConsumed",
        supply_type=supply_type,
        description=f"{colorant or ''} {supply_type or 'supply'}".strip(),
        colorant=colorant,
        supply_unit=unit,
        max_capacity=capacity,
        level=level,
        level_state=state,
        percent=percent,
        receptacle=receptacle,
        part_number=part_number,
        serial_number=serial,
    )


def an_alert(
    code: int, *, group: str | None = "markerSupplies", group_index: int | None = 1, index: str = "1.1"
) -> Alert:
    """An alert row."""
    return Alert(index=index, severity="warningBinaryChangeEvent", group=group, group_index=group_index, code=code)


def a_state(
    *supplies: Supply,
    taken_at: datetime = NOW,
    pages: int | None = 10_000,
    alerts: Sequence[Alert] = (),
    errors: list[str] | None = None,
    counters: list[Counter] | None = None,
) -> PrinterState:
    """A printer's latest reading."""
    given = {"status": {"detected_errors": errors}} if errors is not None else {}
    life = [Counter(name=LIFE_COUNT, value=pages, unit="impressions")] if pages is not None else []
    return PrinterState.model_validate(
        {
            "tenant_id": TENANT,
            "organization_id": CUSTOMER,
            "organization_path": PATH,
            "site_id": SITE,
            "agent_id": "agt_01jd2x00000000000000000001",
            "printer_id": PRINTER,
            "reading_id": f"r-{taken_at:%Y%m%d%H%M%S}",
            "taken_at": taken_at,
            "received_at": taken_at,
            "counters": counters if counters is not None else life,
            "supplies": list(supplies) or [a_supply()],
            "alerts": list(alerts),
            **given,
        }
    )


def a_day(
    day: date, *, first: int, last: int, percent: float | None = None, index: str = "1.1", serial: str | None = None
) -> PrinterDay:
    """A day's roll-up of one supply."""
    level = Decimal(str(percent)) if percent is not None else None
    return PrinterDay(
        printer_id=PRINTER,
        day=day.isoformat(),
        first_counters={LIFE_COUNT: first},
        last_counters={LIFE_COUNT: last},
        supplies={index: SupplyDay(percent=level, level_state="percent", serial_number=serial)},
        readings=4,
        last_reading_at=datetime(day.year, day.month, day.day, 18, tzinfo=UTC),
    )


def days_of_use(
    length: int, *, pages: int = 100, start_percent: float = 100.0, per_day: float = 2.0, until: date | None = None
) -> list[PrinterDay]:
    """Even use: ``pages`` and ``per_day`` points each day, the last of them the day before ``until``."""
    last = (until or NOW.date()) - timedelta(days=1)
    return [
        a_day(
            last - timedelta(days=length - 1 - number),
            first=number * pages,
            last=(number + 1) * pages,
            percent=round(max(0.0, start_percent - per_day * number), 2),
        )
        for number in range(length)
    ]


def a_position(**values: Any) -> Position:  # noqa: ANN401 - any field
    """A black toner at 50 %, first seen full."""
    given: dict[str, Any] = {
        "tenant_id": TENANT,
        "organization_id": CUSTOMER,
        "organization_path": PATH,
        "printer_id": PRINTER,
        "position_id": "1.1",
        "supply_type": "tonerCartridge",
        "colorant": "black",
        "epoch_started_at": at(-30),
        "start_percent": 100.0,
        "percent": 50.0,
        "edge_at": at(-1),
        "edge_pages": 5_000,
        "epoch_pages": 5_000,
        "metered": True,
        "observed_at": at(-1),
        "version": 1,
    }
    return Position.model_validate(given | values)


def a_forecast(**values: Any) -> ForecastSnapshot:  # noqa: ANN401 - any field
    """A trusted forecast that fires T1."""
    given: dict[str, Any] = {
        "level": 10.0,
        "burn_per_page": 0.02,
        "pages_per_day": 50.0,
        "demand": 9.0,
        "horizon_days": 7,
        "confidence": Confidence.HIGH,
    }
    return ForecastSnapshot.model_validate(given | values)


def an_order(state: OrderState = OrderState.APPROVED, **values: Any) -> Order:  # noqa: ANN401 - any field
    """An order for a black toner, in one step in its state."""
    order_id = str(values.get("order_id", "ord_01jd2x00000000000000000001"))
    given: dict[str, Any] = {
        "tenant_id": TENANT,
        "organization_id": CUSTOMER,
        "organization_path": PATH,
        "site_id": SITE,
        "order_id": order_id,
        "purchase_order": purchase_order(order_id),
        "state": state,
        "printer_id": PRINTER,
        "manufacturer": "Example",
        "model": "Laser 1",
        "serial_number": "S1",
        "position_id": "1.1",
        "epoch": 1,
        "description": "Black Toner",
        "part_number": "PN-1",
        "colorant": "black",
        "supply_type": "tonerCartridge",
        "ship_to": a_ship_to(),
        "fulfilment_partner_id": PARTNER,
        "trigger": Trigger.PREDICTED,
        "forecast": a_forecast(),
        "created_at": NOW,
        "state_times": {state.value: NOW},
        "history": [HistoryEntry(number=1, state=state, at=NOW, cause="test")],
        "transitions": 1,
        "version": 1,
    }
    return Order.model_validate(given | values)


def a_ship_to() -> ShipTo:
    """A delivery contact."""
    return ShipTo(contact_id="ctc_01jd2x00000000000000000001", first_name="Ada", last_name="King", address=ADDRESS)


def a_partner(**values: Any) -> FulfilmentPartner:  # noqa: ANN401 - any field
    """A fulfilment partner of the tenant's root."""
    given: dict[str, Any] = {
        "tenant_id": TENANT,
        "organization_id": TENANT,
        "organization_path": f"/{TENANT}/",
        "fulfilment_partner_id": PARTNER,
        "name": "Example Distribution",
        "url": "https://partner.example.com/platen",
        "signing_secret": "whsec_" + "QUJDREVGR0hJSktMTU5PUA==",
        "lead_time_days": 6,
        "created_at": NOW,
    }
    return FulfilmentPartner.model_validate(given | values)


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
