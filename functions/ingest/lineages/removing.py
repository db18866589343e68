"""Taking a printer off the lists that was registered by hand and never read: it was a mistake."""

from datetime import datetime

from functions.ingest.identities.items import identities_of
from functions.ingest.identities.questions import Question
from functions.ingest.identities.retirement import refuse_retired
from functions.ingest.lineages.counted_tags import counted, steps_between
from functions.ingest.table import keys, outbox
from functions.ingest.table.holdings import HoldingsOf
from functions.ingest.table.ports import Documents
from shared.directory import keys as directory
from shared.errors import Conflict
from shared.events import EventName
from shared.table import Item


def remove(
    documents: Documents, meta: Item, holdings_of: HoldingsOf, *, has_contact: bool, key_id: str, now: datetime
) -> None:
    """Delete a printer with what it is found by; its history stays. Safe to repeat: then it is a missing one.

    One transaction at the version that was read: an agent that reads it at this moment finds it, or registers it anew.

    Raises:
        Conflict: ``printer_read_by_agent``, ``printer_has_counts`` or ``printer_in_use``: something rests on it;
            ``printer_retired``.
    """
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    refuse_retired(meta)
    _refuse_used(documents, meta, holdings_of, has_contact=has_contact)
    old = identities_of(documents, meta)
    gone = [keys.key_of(item) for item in old]
    gone += [keys.identity_of(tenant_id, printer_id, item["key"]) for item in old]
    gone += [
        (keys.serial_number_of_tenant(tenant_id, item["key"]), keys.serial_number_place(meta["organization_id"]))
        for item in old
        if item["key"].startswith("SERIAL#")
    ]
    gone += [keys.question(tenant_id, printer_id, meta[each]["question_id"]) for each in Question if each in meta]
    data = {name: meta.get(name) for name in ("site_id", "manufacturer", "model", "serial_number")}
    event = outbox.told(
        EventName.PRINTER_REMOVED, meta, subject_id=printer_id, fact="removed", at=now, data=data | {"key_id": key_id}
    )
    counts = counted(documents, meta, steps_between(meta.get("tags", []), []))
    if not documents.commit([event, *counts], gone=gone, ended=[meta]):
        raise Conflict("printer_busy", "The printer is being changed by others; read it and try again.")


def _refuse_used(documents: Documents, meta: Item, holdings_of: HoldingsOf, *, has_contact: bool) -> None:
    if "agent_id" in meta:
        raise Conflict("printer_read_by_agent", "An agent reads or read this printer: its history stays.")
    partition = directory.printer(meta["tenant_id"], meta["printer_id"])
    for prefix in (keys.METER_READ_PREFIX, keys.METER_BREAK_PREFIX):
        if documents.page(partition, sk_prefix=prefix, limit=1, consistent=True).items:
            raise Conflict("printer_has_counts", "Counts were entered of this printer: its meters stay. Correct it.")
    refuse_in_use(meta, holdings_of, has_contact=has_contact)


def refuse_in_use(meta: Item, holdings_of: HoldingsOf, *, has_contact: bool) -> None:
    """Raise `Conflict` (``printer_in_use``) when another context has something of a printer that must end first."""
    held = sorted(each.value.replace("_", " ") for each in holdings_of(meta["tenant_id"], meta["printer_id"]))
    if held or has_contact:
        what = ", ".join([*held, *(["a delivery contact"] if has_contact else [])])
        raise Conflict("printer_in_use", f"The printer has or is: {what}. That must end first.")
