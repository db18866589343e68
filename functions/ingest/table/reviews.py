"""Asking for a review of a printer's meters: an item that falls due for the sweep."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.errors import Unavailable
from shared.table import Item

KIND: Final = "METERS"
AFTER: Final = timedelta(seconds=15)
"""Longer than an upload may take, so that what it writes is there when it is looked at."""
WHOLE: Final = "is_whole"
_TRIES: Final = 3


def ask_review(documents: Documents, printer: Mapping[str, Any], now: datetime, *, is_whole: bool = False) -> None:
    """Have a printer's breaks looked at in a moment. Safe to repeat: each asking makes one that is under way void.

    Args:
        documents: The fleet table.
        printer: An item with the printer's id and tenancy.
        now: The present.
        is_whole: All days that are kept, not only those that a reading can still change: its history is another.
    """
    key = keys.meter_review(printer["tenant_id"], printer["printer_id"])
    for _ in range(_TRIES):
        before = documents.load([key]).get(key, {})
        if documents.save(before | asked_review(printer, now, is_whole=is_whole)):
            return
    raise Unavailable("printer_busy", "A printer is being written by other uploads; try again.")


def asked_review(printer: Mapping[str, Any], now: datetime, *, is_whole: bool = False) -> Item:
    """The item that asks, as `ask_review`: of a printer that has none, to be written with it."""
    pk, sk = keys.meter_review(printer["tenant_id"], printer["printer_id"])
    tenancy = {name: printer[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
    whole = {WHOLE: True} if is_whole else {}
    return {"pk": pk, "sk": sk, **tenancy, **whole, **keys.due(KIND, printer["printer_id"], now + AFTER)}
