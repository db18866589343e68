"""What is seldom to be done by the sweep: mergers that readings asked for, transfers that are not finished."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from functions.ingest.lineages.transfers import step
from functions.ingest.lineages.wanted_mergers import carry_out
from functions.ingest.table import keys
from functions.ingest.table.holdings import HoldingsOf
from functions.ingest.table.ports import Documents
from shared.names import DUE_INDEX
from shared.table import Item

AFTER_FAILURE: Final = timedelta(minutes=5)
PAGE: Final = 100
"""Looked at in one minute; what is left is the next minute's."""


def do_chores(
    documents: Documents,
    holdings_of: HoldingsOf,
    now: datetime,
    *,
    failed: Callable[[str, Exception], None],
    has_time: Callable[[], bool],
) -> int:
    """Do what is due while there is time; how many steps that were.

    What fails is told by its id and stays due, behind the others. Safe to repeat as each chore is.
    """
    page = documents.page(keys.CHORES, sk_between=keys.due_until(now), index=DUE_INDEX, limit=PAGE)
    return sum(_done(documents, chore, holdings_of, now, failed, has_time) for chore in page.items)


def _done(
    documents: Documents,
    chore: Item,
    holdings_of: HoldingsOf,
    now: datetime,
    failed: Callable[[str, Exception], None],
    has_time: Callable[[], bool],
) -> int:
    entity = chore.get("transfer_id") or chore["merged_id"]
    taken = 0
    try:
        if "transfer_id" not in chore:
            if has_time():
                carry_out(documents, chore, holdings_of, now)
                taken = 1
            return taken
        while "ended_at" not in chore and has_time():
            chore = step(documents, chore, holdings_of, now)
            taken += 1
    except Exception as error:  # noqa: BLE001 - one chore's trouble must not hold up the others
        failed(entity, error)
        documents.save(chore | keys.chore(entity, now + AFTER_FAILURE))
    return taken
