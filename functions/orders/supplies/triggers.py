"""What makes us propose an order: T1 to T4 of SUP-14, the surest first."""

from datetime import datetime, timedelta
from typing import Final

from functions.orders.supplies.limits import DEFAULT_LIMITS, OrderLimits
from functions.orders.table.models import Alarm, Confidence, ForecastSnapshot, LowMark, Position, Trigger
from shared.wire.printer_mib import LevelState

ZERO_HOLDS_FOR: Final = timedelta(hours=2)
RULE_VERSION: Final = "2026-11-3"
"""Of forecast, triggers and guards together; changes with any of them (D19)."""
_STAGE: Final = {Trigger.PREDICTED: 1, Trigger.FLOOR: 2, Trigger.STATE: 2, Trigger.EMPTY: 3}


def trigger_of(
    position: Position,
    forecast: ForecastSnapshot,
    level_state: LevelState,
    at: datetime,
    limits: OrderLimits = DEFAULT_LIMITS,
) -> Trigger | None:
    """Why the position needs a cartridge, or None. A rise that is still in question asks for none (SUP-21)."""
    if position.candidate is not None:
        return None
    if position.alarm is Alarm.EMPTY or _is_zero_twice(position, at):
        return Trigger.EMPTY
    has_number = level_state is LevelState.PERCENT and not position.receptacle
    if position.alarm is Alarm.LOW and not has_number:
        return Trigger.STATE
    if position.receptacle:
        return None
    if has_number and position.percent is not None and position.percent <= limits.floor_points:
        return Trigger.FLOOR
    return Trigger.PREDICTED if _is_predicted(forecast, limits) else None


def marked_low(position: Position, forecast: ForecastSnapshot, trigger: Trigger | None, at: datetime) -> LowMark | None:
    """The mark of a cartridge after a reading: it goes from predicted to low to empty and never back.

    So each is told once a cartridge, whatever its level and its forecast do around the threshold.
    """
    before = position.low
    if trigger is None or (before is not None and _STAGE[trigger] <= _STAGE[before.trigger]):
        return before
    percent = position.percent if position.metered and not position.receptacle else None
    return LowMark(trigger=trigger, at=at, percent=percent, days_to_empty=forecast.days_to_empty)


def _is_zero_twice(position: Position, at: datetime) -> bool:
    return position.zero_since is not None and at - position.zero_since >= ZERO_HOLDS_FOR


def _is_predicted(forecast: ForecastSnapshot, limits: OrderLimits) -> bool:
    """T1: the level no longer covers the demand until a cartridge can be there, and a reserve."""
    if forecast.confidence is Confidence.NONE or forecast.level is None or forecast.demand is None:
        return False
    return forecast.level <= forecast.demand + limits.reserve_points
