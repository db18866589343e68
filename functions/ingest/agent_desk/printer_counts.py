"""How many printers an agent reads: counted when somebody asks; of very many as the last daily look counted them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.ingest.agents.agent_printers import printer_pages
from functions.ingest.silence.counts import counted_by_look
from functions.ingest.silence.episodes import counted_stages
from functions.ingest.table import keys
from functions.ingest.table.holdings import StatusesOf
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.views import ManagedStatus
from shared.table import Item

MOST_PRINTERS: Final = 20_000
"""As many are counted when somebody asks; of more the last daily look is told. All of them are before an agent ends."""
MOST_JUDGED: Final = 1_000
"""Of so many the states are read; how many of more are silent is told by the daily look."""


@dataclass(frozen=True, slots=True)
class PrinterCount:
    """How many printers an agent reads.

    Attributes:
        printers: All.
        managed: Those in the programme.
        pending: Those on their way to it.
        by_state: How many report, and how many are silent at each stage.
        is_complete: False when there are more than were counted.
        counted_at: When the daily look that counted them began; None when they were counted now.
    """

    printers: int
    managed: int
    pending: int
    by_state: Mapping[str, int]
    is_complete: bool
    counted_at: datetime | None


def count_printers(documents: Documents, agent: Item, statuses_of: StatusesOf, now: datetime) -> PrinterCount:
    """Count an agent's printers: one item is read when the last daily look found more than `MOST_PRINTERS`.

    Each look counts them anew, so that what a count misses is right a day later; an agent that is looked at no more
    is counted now.
    """
    watch = documents.load([keys.watch(agent["agent_id"])], consistent=False).get(keys.watch(agent["agent_id"]), {})
    look = counted_by_look(watch)
    if look.held is not None and look.total > MOST_PRINTERS:
        began = from_key_time(watch["printers_at"])
        return PrinterCount(look.total, look.held.managed, look.held.pending, look.by_state, True, began)
    printers: list[str] = []
    statuses = Counter[ManagedStatus]()
    is_complete = True
    for page in printer_pages(documents, agent["agent_id"]):
        counted = page[: MOST_PRINTERS - len(printers)]
        printers += counted
        statuses.update(statuses_of(agent["tenant_id"], counted))
        is_complete = counted == page
        if not is_complete:
            break
    by_state = _by_state(documents, agent, printers, look.by_state, now)
    held = (statuses[ManagedStatus.MANAGED], statuses[ManagedStatus.PENDING])
    return PrinterCount(len(printers), *held, by_state, is_complete, None)


def _by_state(
    documents: Documents, agent: Item, printers: Sequence[str], by_look: Mapping[str, int], now: datetime
) -> Mapping[str, int]:
    """How many report or are silent: as they are now, of many as they were at the last daily look."""
    if len(printers) > MOST_JUDGED and by_look:
        return by_look
    return counted_stages(documents, agent["tenant_id"], agent["agent_id"], printers[:MOST_JUDGED], now)
