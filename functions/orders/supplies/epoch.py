"""Cartridge epochs: what counts as a replacement, and what a reading changes in a position (SUP-03 to 05, 22 to 26)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from functions.orders.supplies.position import Observation
from functions.orders.table.models import MAX_PAST_EPOCHS, Alarm, Candidate, PastEpoch, Position

JITTER_POINTS: Final = 2.0
RISE_POINTS: Final = 15.0
RISE_TO: Final = 80.0
SURE_LEVEL: Final = 90.0
PREMATURE_ABOVE: Final = 10.0
HOLDS_FOR: Final = timedelta(hours=24)
SHAKEN_WITHIN: Final = timedelta(hours=48)
SUPPORT_WITHIN: Final = timedelta(hours=2)
MIN_DROPS: Final = 5
COARSE_STEP: Final = 3.0
EARLY_DROPS: Final = 2
EARLY_STEP: Final = 5.0
_MAX_DROPS: Final = 16
_ALARM_LEVEL: Final = {Alarm.LOW: 5.0, Alarm.EMPTY: 0.0}


class Change(StrEnum):
    """What became of a position's cartridge."""

    NONE = "none"
    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    SHAKEN = "shaken"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Step:
    """The position after an observation; ``ended`` is the epoch that a replacement closed.

    ``seen_at`` is the first reading that showed the new cartridge.
    """

    position: Position
    change: Change = Change.NONE
    ended: PastEpoch | None = None
    seen_at: datetime | None = None


def observe(position: Position, seen: Observation) -> Step:
    """What the observation makes of the position. An older one than the last changes nothing."""
    if seen.at < position.observed_at:
        return Step(position)
    step = _observe_cartridge(position, seen)
    after = _observe_alarm(step.position, seen)
    if after != position:
        after = after.model_copy(update={"observed_at": seen.at})
    return Step(after, step.change, step.ended, step.seen_at)


def sensor_step(position: Position) -> float:
    """The smallest decrease seen twice among at least five (SUP-05); 1 until then.

    A sensor of ten or twenty points shows five decreases only when the cartridge is nearly empty, so two are
    enough where every decrease and the level are whole multiples of the smallest, and that is five or more.
    """
    drops = {float(points): times for points, times in position.drops.items()}
    seen = sum(drops.values())
    if seen >= MIN_DROPS:
        return min((points for points, times in drops.items() if times > 1), default=1.0)
    smallest = min(drops, default=1.0)
    levels = (*drops, position.percent or 0.0)
    is_stepped = seen >= EARLY_DROPS and smallest >= EARLY_STEP and all(level % smallest == 0 for level in levels)
    return smallest if is_stepped else 1.0


def is_coarse(position: Position) -> bool:
    """True when the sensor moves in steps of three points or more."""
    return sensor_step(position) >= COARSE_STEP


def believed_level(position: Position) -> float | None:
    """The last believed percentage, or what an alarm without numbers stands for."""
    return position.percent if position.percent is not None else _ALARM_LEVEL.get(position.alarm)


def pages_since(edge_pages: int | None, pages: int | None) -> int:
    """Pages between two readings of a counter; none when it is missing or was reset, never a negative number."""
    return max(0, pages - edge_pages) if edge_pages is not None and pages is not None else 0


def _observe_cartridge(position: Position, seen: Observation) -> Step:
    if seen.serial_number and position.serial_number and seen.serial_number != position.serial_number:
        return _other_serial(position, seen)
    if seen.serial_number and not position.serial_number:
        position = position.model_copy(update={"serial_number": seen.serial_number})
    if seen.supported:
        position = position.model_copy(update={"support_at": seen.at})
    if position.candidate:
        return _weigh(position, position.candidate, seen)
    if _is_rise(position, seen):
        return _new_candidate(position, seen)
    return Step(_follow(position, seen))


def _observe_alarm(position: Position, seen: Observation) -> Position:
    zero_since = (position.zero_since or seen.at) if seen.percent == 0 else None
    if position.candidate:
        return position.model_copy(update={"zero_since": zero_since})
    now = {"alarm": seen.alarm, "zero_since": zero_since, "metered": seen.percent is not None}
    return position.model_copy(update=now)


def _other_serial(position: Position, seen: Observation) -> Step:
    """E2: decisive. A serial that was here before is the old cartridge back again (SUP-23)."""
    ended = _closed(position, position.candidate, seen)
    back = next((past for past in position.past if past.serial_number == seen.serial_number), None)
    if back is None:
        return _replaced(position, ended, None, seen)
    resumed = position.model_copy(
        update={
            "epoch": back.epoch,
            "epoch_started_at": back.started_at,
            "serial_number": back.serial_number,
            "start_percent": back.start_percent,
            "percent": seen.percent if seen.percent is not None else back.residual_percent,
            "edge_at": seen.at,
            "edge_pages": seen.pages,
            "epoch_pages": back.pages,
            "ordered_at": back.ordered_at,
            "previous_order_at": None,
            "order_held": False,
            "low": back.low,
            "candidate": None,
            "past": [ended, *(past for past in position.past if past is not back)][:MAX_PAST_EPOCHS],
        }
    )
    return Step(resumed, Change.RESUMED, ended, seen.at)


def _is_rise(position: Position, seen: Observation) -> bool:
    before = believed_level(position)
    if before is None:
        return False
    if seen.percent is not None:
        return seen.percent - before > JITTER_POINTS
    return position.percent is None and seen.alarm is Alarm.NONE


def _is_strong(position: Position, percent: float | None) -> bool:
    """E1: up by fifteen points or three sensor steps, to eighty percent or the last step below full."""
    if percent is None:
        return True
    step = sensor_step(position)
    before = believed_level(position) or 0.0
    return percent - before >= max(RISE_POINTS, 3 * step) and percent >= min(RISE_TO, 100 - step)


def _new_candidate(position: Position, seen: Observation) -> Step:
    handled = position.support_at is not None and seen.at - position.support_at <= SUPPORT_WITHIN
    candidate = Candidate(
        percent=seen.percent,
        seen_at=seen.at,
        before_at=seen.previous_at or position.edge_at,
        pages=seen.pages,
        supported=handled or seen.percent is None,
    )
    change = Change.SUSPECTED if _is_strong(position, seen.percent) else Change.NONE
    return Step(position.model_copy(update={"candidate": candidate}), change)


def _weigh(position: Position, candidate: Candidate, seen: Observation) -> Step:
    """Whether a rise reverted, holds long enough to be a replacement, or is only another level (SUP-22)."""
    age = seen.at - candidate.seen_at
    if _is_reverted(position, candidate, seen):
        calm = position.model_copy(update={"candidate": None})
        change = Change.SHAKEN if age <= SHAKEN_WITHIN else Change.NONE
        return Step(_follow(calm, seen), change)
    if seen.percent is None and candidate.percent is not None:
        return Step(position)
    strong = _is_strong(position, candidate.percent)
    sure = candidate.supported or (candidate.percent or 0.0) >= SURE_LEVEL
    if strong and sure and age >= HOLDS_FOR:
        return _replaced(position, _closed(position, candidate, seen), candidate, seen)
    if age > SHAKEN_WITHIN and seen.percent is not None:
        adopted = {"candidate": None, "percent": seen.percent, "edge_at": seen.at, "edge_pages": seen.pages}
        return Step(position.model_copy(update=adopted))
    return Step(position)


def _is_reverted(position: Position, candidate: Candidate, seen: Observation) -> bool:
    if candidate.percent is None:
        return seen.alarm is not Alarm.NONE
    before = believed_level(position) or 0.0
    return seen.percent is not None and seen.percent <= before + JITTER_POINTS


def _closed(position: Position, candidate: Candidate | None, seen: Observation) -> PastEpoch:
    """The epoch that ends, with its residual (SUP-26); pages are never counted beyond the jump (SUP-24)."""
    first_seen = candidate.seen_at if candidate else seen.at
    before_at = candidate.before_at if candidate else (seen.previous_at or position.edge_at)
    pages_then = candidate.pages if candidate else seen.pages
    residual = 0.0 if position.alarm is Alarm.EMPTY else believed_level(position)
    support = position.support_at
    handled = support is not None and abs(first_seen - support) <= SUPPORT_WITHIN
    middle = before_at + (first_seen - before_at) / 2
    return PastEpoch(
        epoch=position.epoch,
        serial_number=position.serial_number,
        started_at=position.epoch_started_at,
        ended_at=support if handled and support else middle,
        start_percent=position.start_percent,
        residual_percent=residual,
        residual_estimated=position.percent is None,
        pages=position.epoch_pages + pages_since(position.edge_pages, pages_then),
        premature=residual is not None and residual > PREMATURE_ABOVE,
        ordered_at=position.ordered_at,
        low=position.low,
    )


def _replaced(position: Position, ended: PastEpoch, candidate: Candidate | None, seen: Observation) -> Step:
    start = candidate.percent if candidate else seen.percent
    start_pages = candidate.pages if candidate else seen.pages
    number = position.epochs_made + 1
    fresh = position.model_copy(
        update={
            "epoch": number,
            "epochs_made": number,
            "epoch_started_at": ended.ended_at,
            "serial_number": seen.serial_number or position.serial_number,
            "start_percent": start,
            "percent": start,
            "edge_at": candidate.seen_at if candidate else seen.at,
            "edge_pages": start_pages,
            "epoch_pages": 0,
            "alarm": Alarm.NONE,
            "candidate": None,
            "zero_since": None,
            "support_at": None,
            "ordered_at": None,
            "previous_order_at": None,
            "order_held": False,
            "low": None,
            "past": [ended, *position.past][:MAX_PAST_EPOCHS],
        }
    )
    return Step(_follow(fresh, seen), Change.CONFIRMED, ended, candidate.seen_at if candidate else seen.at)


def _follow(position: Position, seen: Observation) -> Position:
    """The position on its way down: a new edge at each lower level, small rises are noise (SUP-04)."""
    if seen.percent is None:
        return position
    if position.percent is None:
        first = {"percent": seen.percent, "edge_at": seen.at, "edge_pages": seen.pages}
        if position.start_percent is None:
            first["start_percent"] = seen.percent
        return position.model_copy(update=first)
    drop = round(position.percent - seen.percent, 2)
    if drop <= 0:
        return position
    return position.model_copy(
        update={
            "percent": seen.percent,
            "edge_at": seen.at,
            "edge_pages": seen.pages if seen.pages is not None else position.edge_pages,
            "epoch_pages": position.epoch_pages + pages_since(position.edge_pages, seen.pages),
            "drops": _counted(position.drops, drop),
        }
    )


def _counted(drops: dict[str, int], drop: float) -> dict[str, int]:
    """The drops seen, by size; the rarest make room when there are many sizes."""
    key = f"{drop:g}"
    counted = drops | {key: min(drops.get(key, 0) + 1, 1_000)}
    kept = sorted(counted, key=lambda size: (-counted[size], float(size)))[:_MAX_DROPS]
    return {size: counted[size] for size in kept}
