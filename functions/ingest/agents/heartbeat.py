"""How often an agent reports when nobody said, and when one is so late that it counts as silent. Pure.

A report has a price however few printers it tells of. So that a printer costs the same on an agent of ten as on one of
fifty, the ten are reported less often; what is urgent travels at once from both.
"""

from datetime import timedelta
from typing import Final

from shared.table import Item

HOURLY: Final = timedelta(hours=1)
SELDOMEST: Final = timedelta(hours=6)
_FROM_PRINTERS: Final = ((50, 1), (30, 2), (20, 3), (16, 4))
"""The hours between two reports, by the least number of printers; with fewer it is `SELDOMEST`."""
MOST_LATE: Final = timedelta(hours=2)
_LATE_HEARTBEATS: Final = 2
_SECONDS: Final = "automatic_heartbeat_seconds"


def automatic_heartbeat(printers: int) -> timedelta:
    """How often an agent that reads so many printers reports what is not urgent.

    Hourly while it reads none: there is nothing to save, and somebody is waiting for the first one.
    """
    if printers == 0:
        return HOURLY
    return next((hours * HOURLY for least, hours in _FROM_PRINTERS if printers >= least), SELDOMEST)


def automatic_heartbeat_of(agent: Item) -> timedelta:
    """What the last daily look at the agent's printers found right; hourly before there was one."""
    return timedelta(seconds=int(agent.get(_SECONDS, HOURLY.total_seconds())))


def sized(agent: Item, printers: int) -> Item:
    """The row of an agent that reads so many printers; the same one when that changes nothing."""
    right = automatic_heartbeat(printers)
    return agent if right == automatic_heartbeat_of(agent) else agent | {_SECONDS: int(right.total_seconds())}


def silent_after(heartbeat: timedelta) -> timedelta:
    """How long an agent may say nothing: a heartbeat, and two more that may get lost, but at most `MOST_LATE`."""
    return heartbeat + min(_LATE_HEARTBEATS * heartbeat, MOST_LATE)
