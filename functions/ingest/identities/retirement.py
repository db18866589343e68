"""Printers out of service: scrapped, returned, replaced. Off every list and every count, with all their history. Pure.

A retired printer keeps what it is known by. So it is back in service with the first reading that was taken after it was
retired, whoever took it; one that was taken before and came late is kept like any other, and brings nobody back.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, Field

from functions.ingest.table import pages_order, supply_order
from shared.attributes import Item
from shared.directory import keys as directory
from shared.errors import Conflict
from shared.ids import EntityId
from shared.wire.base import UtcDatetime

RETIREMENT: Final = "retirement"
"""The attribute of a printer's item that says since when it is out of service, and why."""
_PLACES: Final = frozenset({"gsi1pk", "gsi1sk", "duepk", "duesk"}) | pages_order.ATTRIBUTES


class RetirementReason(StrEnum):
    """Why a printer is out of service."""

    REPLACED = "replaced"
    SCRAPPED = "scrapped"
    RETURNED = "returned"
    """To the lessor, the dealer or a store."""
    SOLD = "sold"
    LOST = "lost"
    OTHER = "other"


class RetirementShown(BaseModel):
    """That a printer is out of service."""

    retired_at: UtcDatetime = Field(description="A reading that was taken later brings it back")
    last_day: date = Field(description="In service, site-local: its usage ends with it", examples=["2026-11-24"])
    reason: RetirementReason
    note: str | None = Field(default=None, examples=["By the C4500 in the same room"])
    key_id: EntityId = Field(description="The key that asked for it")


def is_retired(meta: Item) -> bool:
    """Whether the printer of this item is out of service."""
    return RETIREMENT in meta


def is_listed(meta: Item) -> bool:
    """Whether the printer of this item is on the lists: neither out of service nor part of another."""
    return not is_retired(meta) and "merged_into" not in meta


def refuse_retired(meta: Item) -> None:
    """Raise `Conflict` (``printer_retired``) for a printer that is out of service."""
    if is_retired(meta):
        detail = "The printer is retired; take that back first: DELETE /v1/printers/{printer_id}/retirement."
        raise Conflict("printer_retired", detail)


def is_taken_up(meta: Item, stamp: str) -> bool:
    """Whether a reading taken at ``stamp`` makes the printer its agent's, because nobody has it.

    It was registered by hand and never read, or it was retired before.
    """
    if is_retired(meta):
        return stamp > str(meta[RETIREMENT]["retired_at"])
    return "agent_id" not in meta


def last_day_of(meta: Item) -> date | None:
    """The last site-local day in service of a retired printer; None of one that is in service."""
    return date.fromisoformat(meta[RETIREMENT]["last_day"]) if is_retired(meta) else None


def out_of_service(meta: Item, retirement: Item) -> Item:
    """A printer's item off the lists, and in that of retired printers."""
    kept = {name: value for name, value in meta.items() if name not in _PLACES}
    return kept | {RETIREMENT: retirement} | _place(meta, directory.retired_printers_of_tenant(meta["tenant_id"]))


def in_service(meta: Item) -> Item:
    """A printer's item back on all lists."""
    after = {name: value for name, value in meta.items() if name != RETIREMENT}
    after |= _place(meta, directory.printers_of_tenant(meta["tenant_id"])) | pages_order.place(meta)
    return after | supply_order.place(meta, meta.get("lowest_supply"))


def _place(meta: Item, partition: str) -> Item:
    return {
        "gsi1pk": partition,
        "gsi1sk": directory.printer_order(meta["organization_path"], meta["printer_id"]),
    }
