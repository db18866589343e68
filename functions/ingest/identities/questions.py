"""What people are asked about a printer, because no rule may decide it: a move to another site, a doubtful identity.

A question stands in the printer's own item, where every reader sees it, and as an item of its own in the tenant's list
of open questions; both are written and ended in one transaction.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from shared.attributes import Item
from shared.clock import key_time
from shared.ids import new_id


class Question(StrEnum):
    """Kinds of questions; each is also the name of the attribute of the printer's item that holds it."""

    SITE_MOVE = "site_move"
    IDENTITY_CONFLICT = "identity_conflict"


class ConflictKind(StrEnum):
    """Why nobody can say who a printer is."""

    DUPLICATE_SERIAL = "duplicate_serial"
    """Another printer has the same serial number at the same time."""
    OTHER_ORGANIZATION = "other_organization"
    """The serial number is known at another organisation of the same tenant: sold, lent, or a double."""
    MERGE_REFUSED = "merge_refused"
    """It is one printer with another by its MAC address, but both are in use in ways that cannot be joined."""


def question(said: dict[str, Any], now: datetime) -> Item:
    """A new question, to be an attribute of the printer's item."""
    return {"question_id": new_id("qst"), "asked_at": key_time(now), **said}


def asked(meta: Item, before: Item | None = None) -> tuple[list[Item], list[Key]]:
    """Items of the questions that a printer's item has, and keys of those that it has no more.

    ``before`` is the item until now: its unchanged questions are left alone.
    """
    items, gone = [], []
    for kind in Question:
        was, now = (before or {}).get(kind.value), meta.get(kind.value)
        if was == now:
            continue
        if was is not None:
            gone.append(keys.question(meta["tenant_id"], meta["printer_id"], was["question_id"]))
        if now is not None:
            items.append(_item(meta, kind, now))
    return items, gone


def _item(meta: Item, kind: Question, said: Item) -> Item:
    pk, sk = keys.question(meta["tenant_id"], meta["printer_id"], said["question_id"])
    tenancy = {name: meta[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
    place = keys.below_path(meta["organization_path"], f"{meta['printer_id']}#{kind.value}")
    index = {"gsi1pk": keys.questions_of_tenant(meta["tenant_id"]), "gsi1sk": place}
    return {"pk": pk, "sk": sk, **tenancy, **index, "kind": kind.value, "question": said}
