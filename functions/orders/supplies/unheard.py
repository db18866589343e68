"""Use case: a silent printer goes on printing, so its supplies are burned forward while nobody reads it (SUP-30).

Whether it is silent is ingest's to say; here each day of the silence is looked at once. What would be ordered is held,
and told: people ask the contact. When the printer is heard again it is looked at anew, and the order goes or is
withdrawn.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from functions.orders.supplies.evaluation import Evaluation, evaluate_printer, settle_each
from functions.orders.supplies.facts import PrinterFacts, World
from functions.orders.supplies.position import Observation, observations
from functions.orders.table.models import Position, SilentPrinter
from functions.orders.table.ports import Placed, SilentPrinters
from shared.directory.views import PrinterState

LOOK_EVERY: Final = timedelta(days=1)


def follow_silence(tenant_id: str, printer_id: str, *, world: World, silent: SilentPrinters, now: datetime) -> None:
    """Bring what is ordered for a printer in step with whether it is heard, and note when to look again.

    Level-triggered (D3): it looks at what is stored now, so events may come late, twice and in any order. Safe to
    repeat: an epoch has one order, and a look that was cut short is made again.
    """
    episode, state = world.fleet.silence(tenant_id, printer_id), world.fleet.state(tenant_id, printer_id)
    if state is None:
        return
    is_heard = episode is None or episode.is_over or state.taken_at > episode.since
    if episode is None or is_heard:
        heard_at = episode.heard_at if episode else None
        evaluate_printer(state, None, world=world, now=now, heard_at=heard_at)
        silent.forget(tenant_id, printer_id)
        return
    is_lost = now - episode.since > PrinterFacts(state, world).limits.lost_after
    if is_lost or not world.enrolments.is_managed(tenant_id, printer_id):
        silent.forget(tenant_id, printer_id)
        return
    if not world.store.positions(tenant_id, printer_id):  # it joined while it was silent
        evaluate_printer(state, None, world=world, now=now)
    kept = silent.of(tenant_id, printer_id)
    before = kept.asked if kept is not None and kept.since == episode.since else []
    asked = _hold_what_runs_out(state, episode.since, before, world=world, now=now)
    look_at = now + LOOK_EVERY
    silent.keep(
        SilentPrinter(tenant_id=tenant_id, printer_id=printer_id, since=episode.since, asked=asked, look_at=look_at)
    )


def _hold_what_runs_out(
    state: PrinterState, since: datetime, asked: Collection[str], *, world: World, now: datetime
) -> list[str]:
    """Hold an order for each position of a silent printer that runs out by its forecast (SUP-30).

    The level is burned forward from ``since``, when the printer was read last. Safe to repeat: an epoch has one order.

    Args:
        state: The printer's last reading.
        since: When it was heard last.
        asked: Positions that were asked about in this silence: what people made of that is not asked again.
        world: What it is looked up in.
        now: The present.

    Returns:
        The positions that were asked about by now.
    """
    evaluation = Evaluation(state, world, now, read_at=since)
    seen = [each for each in observations(state, None) if each.position_id not in asked]
    found = list(asked)

    def settle(position: Position | None, each: Observation) -> bool:
        outcome = evaluation.foresee(position, each)
        if outcome is Placed.CREATED:
            found.append(each.position_id)
        return outcome is not Placed.CONFLICT

    settle_each(seen, settle, state, world)
    return found
