"""Builders of what the orders context works on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from functions.orders.table.models import (
    Confidence,
    ForecastSnapshot,
    FulfilmentPartner,
    HistoryEntry,
    Order,
    OrderState,
    Position,
    ShipTo,
    Trigger,
)
from functions.orders.table.order import purchase_order
from shared.directory.views import Address, PrinterDay, PrinterState, SupplyDay
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
