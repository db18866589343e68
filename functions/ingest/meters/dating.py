"""When a reading was taken, by the printer's own clock: how long it had been up. Pure.

The time of a reading is the agent's to tell, and a computer's clock can be set. The printer's up-time cannot: of two
readings between which the printer was not restarted, the difference of the up-times is the time between them. A
reading whose time cannot be true beside what is stored counts for the time that the up-time tells, and where the
printer was restarted since, for the moment of its arrival. What was counted does not change by that, and nothing goes
to a day before the readings that are known. What up-times cannot tell (there are none, or the printer was restarted
both before and after the time in question) is believed; should a counter then seem to have gone back, that is a break
and `held` for people (MTR-05).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clock import from_key_time
from shared.directory.day import section_time
from shared.table import Item

TOLERANCE: Final = timedelta(minutes=5)
DRIFT: Final = 0.02
"""By how much of the time between two readings a printer's clock may be off."""
_TICK: Final = timedelta(milliseconds=10)


@dataclass(frozen=True, slots=True)
class Sight:
    """That a printer had been up for so long at a time."""

    at: datetime
    up: timedelta

    def refutes(self, at: datetime, up: timedelta, now: datetime) -> bool:
        """Whether a reading with this up-time, which arrived ``now``, cannot have been taken at that time."""
        between = at - self.at
        leeway = TOLERANCE + abs(between) * DRIFT
        if between >= timedelta():
            return self.up + between + leeway < up and self.at + (up - self.up) <= now + leeway
        was_up = between + self.up
        return was_up > leeway and (up > self.up + leeway or up < was_up - leeway)


def sights_of(state: Item, days: Iterable[Mapping[str, Any]]) -> list[Sight]:
    """What a printer's state and days tell of its up-time, the state's first."""
    told = [(section_time(state, "uptime_ticks"), state.get("uptime_ticks", -1))]
    told += [(day["first_counters_at"], day["first_uptime"]) for day in days if "first_counters_at" in day]
    return [Sight(from_key_time(at), int(ticks) * _TICK) for at, ticks in told if at and ticks >= 0]


def dated(
    at: datetime, uptime_ticks: int | None, sights: Sequence[Sight], now: datetime, *, shows_less: bool
) -> datetime:
    """The time that a reading counts for.

    Args:
        at: The time that its agent tells, not after ``now``.
        uptime_ticks: The printer's up-time in the reading, in hundredths of a second.
        sights: What is known of the up-time; the latest state's is the latest.
        now: When it arrived.
        shows_less: A counter that only rises is lower than in the latest state, so that the reading is of before.
    """
    if uptime_ticks is None or not sights:
        return at
    up, latest = uptime_ticks * _TICK, max(sights, key=lambda sight: sight.at)
    by_uptime = latest.at + (up - latest.up)
    # It claims to be of before a restart that it does not know of: it goes on counting from the latest one's up-time.
    goes_on = at < latest.at and not shows_less and up > latest.up + TOLERANCE and by_uptime <= now
    if not goes_on and not any(sight.refutes(at, up, now) for sight in sights):
        return at
    return by_uptime if latest.at <= by_uptime <= now else now
