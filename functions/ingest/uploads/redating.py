"""Readings whose time cannot be true are dated by their printers' up-times before anything is made of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from functions.ingest.meters.dating import TOLERANCE, dated, sights_of
from functions.ingest.meters.rollup import local_day
from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from functions.ingest.uploads.taken import Sender, Taken
from shared.attributes import Item
from shared.clock import from_key_time
from shared.directory.day import decreased
from shared.directory.week import days_of, weeks_between

_LATER: Final = timedelta(days=3)
"""Days after the one of a late reading that are looked at too: a weekend without readings is shorter."""


def redated(
    by_printer: Mapping[str, Sequence[int]],
    good: Mapping[int, Taken],
    states: Mapping[Key, Item],
    sender: Sender,
    documents: Documents,
) -> dict[int, Taken]:
    """The readings by position, each at the time that it counts for.

    Nothing is read for readings that follow what is stored. Days are read for late ones: they tell the up-time then.
    """
    tenant_id = sender.caller.tenant_id
    state_of = {each: states.get(keys.state(tenant_id, each)) for each in by_printer}
    wanted = {
        position: [keys.week(tenant_id, printer_id, monday) for monday in weeks_between(*_span(good[position], sender))]
        for printer_id, positions in by_printer.items()
        for position in positions
        if _is_late(good[position], state_of[printer_id])
    }
    loaded = documents.load([key for each in wanted.values() for key in each], consistent=False) if wanted else {}
    after = dict(good)
    for printer_id, positions in by_printer.items():
        state = state_of[printer_id]
        if state is None:
            continue
        for position in positions:
            taken = good[position]
            weeks = [loaded[key] for key in wanted.get(position, ()) if key in loaded]
            sights = sights_of(state, days_of(weeks, *_span(taken, sender)) if weeks else ())
            # Of a reading that follows the state nobody asks whether it shows less.
            less = not taken.follows(state) and _shows_less(taken, state)
            at = dated(taken.at, taken.reading.uptime_ticks, sights, sender.now, shows_less=less)
            if at != taken.at:
                after[position] = taken.at_another_time(at, sender)
    return after


def _is_late(taken: Taken, state: Item | None) -> bool:
    if state is None or taken.reading.uptime_ticks is None or taken.stamp >= state["taken_at"]:
        return False
    return from_key_time(state["taken_at"]) - taken.at > TOLERANCE


def _shows_less(taken: Taken, state: Item) -> bool:
    return decreased(state.get("counters", ()), taken.sections.get("counters", ()))


def _span(taken: Taken, sender: Sender) -> tuple[str, str]:
    first = date.fromisoformat(local_day(taken.at, sender.zone))
    return first.isoformat(), (first + _LATER).isoformat()
