"""What holds a proposed order back (SUP-20, 30, 34): every reason is named, the order waits until all are gone."""

from datetime import datetime
from typing import Final

from functions.orders.supplies.epoch import pages_since
from functions.orders.supplies.limits import DEFAULT_LIMITS, OrderLimits
from functions.orders.supplies.position import TECHNICIAN_INSTALLED
from functions.orders.table.models import ForecastSnapshot, HoldReason, Position

EXPECTED_SHARE: Final = 0.6


def hold_reasons(  # noqa: PLR0913 - one keyword for each fact a guard looks at
    position: Position,
    forecast: ForecastSnapshot,
    *,
    is_stale: bool,
    now: datetime,
    pages_now: int | None,
    expected_yield: float | None,
    has_contact: bool,
    has_partner: bool,
    is_moving: bool,
    limits: OrderLimits = DEFAULT_LIMITS,
) -> list[HoldReason]:
    """Every reason to hold, the most telling first; empty when the order may go."""
    checks = {
        HoldReason.TECHNICIAN_INSTALLED: position.supply_type in TECHNICIAN_INSTALLED,
        HoldReason.STALE: is_stale,
        HoldReason.LOW_USAGE: _is_low_usage(position, forecast, pages_now, expected_yield),
        HoldReason.RECENT_ORDER: _is_recent(position, now, limits),
        HoldReason.SITE_MOVE: is_moving,
        HoldReason.NO_DELIVERY_CONTACT: not has_contact,
        HoldReason.NO_FULFILMENT_PARTNER: not has_partner,
    }
    return [reason for reason, holds in checks.items() if holds]


def is_stale(read_at: datetime, now: datetime, limits: OrderLimits = DEFAULT_LIMITS) -> bool:
    """True when a reading is too old to send a cartridge by: three days, unless set otherwise (SUP-30)."""
    return now - read_at > limits.stale_after


def _is_low_usage(
    position: Position, forecast: ForecastSnapshot, pages_now: int | None, expected_yield: float | None
) -> bool:
    """Fewer than 60 % of the pages that the consumed share of a cartridge should give (AT-SUP-13)."""
    # What was burned forward (SUP-30) took pages that nobody has counted.
    is_read = forecast.level is not None and not forecast.unheard_days
    level = forecast.level if is_read else position.percent
    if expected_yield is None or level is None or position.start_percent is None or position.edge_pages is None:
        return False
    printed = position.epoch_pages + pages_since(position.edge_pages, pages_now)
    expected = expected_yield * max(0.0, position.start_percent - level) / 100
    return printed < EXPECTED_SHARE * expected


def _is_recent(position: Position, now: datetime, limits: OrderLimits) -> bool:
    """Another order a short while ago, as a rule fourteen days: it failed, or the cartridge did not last (SUP-19)."""
    orders = [position.previous_order_at, *(past.ordered_at for past in position.past)]
    return any(ordered_at is not None and now - ordered_at < limits.repeat_hold for ordered_at in orders)
