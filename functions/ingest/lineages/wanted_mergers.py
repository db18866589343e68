"""Carrying out the mergers that readings asked for, each minute; what may not be merged is put to people."""

from datetime import datetime

from functions.ingest.identities.questions import ConflictKind, Question, asked
from functions.ingest.identities.telling_apart import conflict
from functions.ingest.lineages.merging import merge, surviving
from functions.ingest.table import keys
from functions.ingest.table.holdings import HoldingsOf
from functions.ingest.table.ports import Documents
from shared.errors import Conflict, Unavailable
from shared.table import Item


def carry_out(documents: Documents, wish: Item, holdings_of: HoldingsOf, now: datetime) -> None:
    """Merge the printer of a MAC address into that of the serial number, or the other way when only that is free.

    Safe to repeat: printers that are one already stay so, and the wish goes when it is carried out or refused.
    """
    tenant_id, wish_key = wish["tenant_id"], keys.key_of(wish)
    wanted = [keys.meta(tenant_id, wish[name]) for name in ("survivor_id", "merged_id")]
    found = documents.load(wanted)
    survivor, merged = (surviving(documents, found[key]) for key in wanted)
    if survivor["printer_id"] == merged["printer_id"]:
        documents.remove(wish_key)
        return
    held = [holdings_of(tenant_id, each["printer_id"]) for each in (survivor, merged)]
    if held[1] and not held[0]:
        survivor, merged = merged, survivor
    taught = documents.load([(wish["identity_pk"], "IDENT")]).values()
    try:
        merge(
            documents,
            tenant_id,
            survivor["printer_id"],
            merged["printer_id"],
            holdings_of=holdings_of,
            now=now,
            agent_id=wish["agent_id"],
            taught=[_as_it_was(item) for item in taught if item["printer_id"] == survivor["printer_id"]],
        )
    except Conflict as refused:
        said = {"kind": ConflictKind.MERGE_REFUSED.value, "reason": refused.code}
        writes: list[Item] = []
        for meta in (survivor, merged):
            if Question.IDENTITY_CONFLICT.value not in meta:
                flagged, told = conflict(meta, said, now, agent_id=wish["agent_id"])
                writes += [flagged, *told, *asked(flagged, meta)[0]]
        if not documents.commit(writes, gone=[wish_key]):
            raise Unavailable("printer_busy", "The printers are being written by uploads; try again.") from refused
        return
    documents.remove(wish_key)


def _as_it_was(identity: Item) -> Item:
    """An identity that the wish gave to the survivor, as it was before."""
    return {name: value for name, value in identity.items() if name != "better_key"}
