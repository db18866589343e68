"""The entries of a printer's audit trail: what happened to it, when, and by whom. They are only ever added to."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from functions.ingest.table import keys
from shared.clock import key_time
from shared.table import Item


class Happening(StrEnum):
    """What may happen to a printer."""

    REGISTERED = "registered"
    """By hand: no agent reads it."""
    CORRECTED = "corrected"
    """What was written of it by hand."""
    RETIRED = "retired"
    """Taken out of service, or why was written anew."""
    RETURNED = "returned"
    """It was read after it was retired, or its retirement was taken back."""
    DISCOVERED = "discovered"
    IDENTIFIED = "identified"
    """A stronger identity appeared for it: a serial number for a printer known by its MAC, say."""
    ADDRESS_CHANGED = "address_changed"
    MOVED = "moved"
    """Another agent reads it, as its own did not for three days."""
    TRANSFERRED = "transferred"
    SITE_MOVE_CONFIRMED = "site_move_confirmed"
    MERGED = "merged"
    """Another printer's history became part of this one's."""
    MERGED_INTO = "merged_into"
    SPLIT = "split"
    """What was merged into it, or one of its identities, went its own way."""
    SPLIT_FROM = "split_from"
    IDENTITY_CONFLICT = "identity_conflict"
    IDENTITY_CONFLICT_RESOLVED = "identity_conflict_resolved"


def entry(
    printer: Mapping[str, Any],
    what: Happening,
    at: datetime,
    fact: str,
    *,
    agent_id: str | None = None,
    key_id: str | None = None,
    **details: Any,  # noqa: ANN401 - plain JSON values
) -> Item:
    """An entry, to be committed with what it tells.

    Args:
        printer: An item with the printer's id and tenancy.
        what: What happened.
        at: When.
        fact: Tells this entry from others of the same moment: the same fact told again is the same entry.
        agent_id: The agent whose reading showed or did it.
        key_id: The partner's key that asked for it.
        details: More of it.
    """
    stamp = key_time(at)
    pk, sk = keys.audit(printer["tenant_id"], printer["printer_id"], stamp, f"{what.value}#{fact}")
    tenancy = {name: printer[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
    by = {"agent_id": agent_id, "key_id": key_id}
    return {"pk": pk, "sk": sk, "what": what.value, "at": stamp, **by, "details": details, **tenancy}
