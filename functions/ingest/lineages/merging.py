"""Two printers that are one: the history of one becomes part of the other's, and its identities lead there.

No reading, day or entry is copied or changed: the survivor's lineage names the days of the merged one, and what is
needed to undo it is kept. A merged printer has nothing that is open elsewhere, so nothing waits for its readings.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from functions.ingest.identities.items import MOST_IDENTITIES, identities_of, missing_ways_back
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.questions import Question, asked
from functions.ingest.identities.retirement import refuse_retired
from functions.ingest.lineages.counted_tags import counted, steps_between
from functions.ingest.table import keys, outbox, pages_order
from functions.ingest.table.holdings import Holding, HoldingsOf
from functions.ingest.table.ports import Documents
from functions.ingest.table.reviews import ask_review
from shared.clock import key_time
from shared.directory.lineage import MOST_SPANS, spans_of, with_spans
from shared.errors import Conflict, NotFound, Unavailable
from shared.events import EventName
from shared.table import Item
from shared.visibility import Visible

_TRIES: Final = 3
_LONGEST_CHAIN: Final = 12
_LISTING: Final = frozenset({"gsi1pk", "gsi1sk", "duepk", "duesk"}) | pages_order.ATTRIBUTES
_QUESTIONS: Final = frozenset(kind.value for kind in Question)
_HELD_BY: Final = {
    Holding.MANAGED: ("both_managed", "Both printers are managed or pending"),
    Holding.OPEN_ORDERS: ("both_have_open_orders", "Both printers have supplies orders that are not closed"),
    Holding.OPEN_CALLS: ("both_have_open_calls", "Both printers have open service calls"),
}


def surviving(documents: Documents, meta: Item) -> Item:
    """The printer that a printer was merged into, at the end of the chain; itself when it was not."""
    for _ in range(_LONGEST_CHAIN):
        if "merged_into" not in meta:
            break
        key = keys.meta(meta["tenant_id"], meta["merged_into"])
        meta = documents.load([key])[key]
    return meta


def visible_printer(documents: Documents, visible: Visible, printer_id: str) -> Item:
    """The item of a printer, by its own id or one that was merged into it.

    Raises:
        NotFound: It is missing, or out of sight.
    """
    key = keys.meta(visible.tenant_id, printer_id)
    meta = documents.load([key]).get(key)
    if meta is None or not visible.covers(meta["tenant_id"], meta["organization_path"]):
        raise NotFound("printer", printer_id)
    return surviving(documents, meta)


def merge(  # noqa: PLR0913 - who, whom, and by whom
    documents: Documents,
    tenant_id: str,
    survivor_id: str,
    merged_id: str,
    *,
    holdings_of: HoldingsOf,
    now: datetime,
    key_id: str | None = None,
    agent_id: str | None = None,
    taught: Sequence[Item] = (),
) -> Item:
    """Make one printer's history part of another's; the survivor's item after it.

    Safe to repeat: a printer that is merged into this one already stays so. Everything is one transaction at the
    versions that were read.

    Args:
        documents: The fleet table.
        tenant_id: Of both.
        survivor_id: Whose id and place stay.
        merged_id: Whose readings and history go there.
        holdings_of: What other contexts have of a printer.
        now: When.
        key_id: The partner's key that asked for it.
        agent_id: The agent whose reading showed it.
        taught: Identity items of the merged one that lead to the survivor already.

    Raises:
        NotFound: One of them is not there.
        Conflict: With the reason why they cannot be one.
    """
    wanted = [key(tenant_id, each) for each in (survivor_id, merged_id) for key in (keys.meta, keys.state)]
    for _ in range(_TRIES):
        found = documents.load(wanted)
        survivor, state, merged = (found.get(key) for key in wanted[:3])
        if survivor is None or merged is None:
            raise NotFound("printer", merged_id if survivor is not None else survivor_id)
        if merged.get("merged_into") == survivor_id:
            return survivor
        if state is None:
            raise Conflict("printer_not_read", "The surviving printer was not read yet; merge it into the other one.")
        _refuse_unlike(survivor, merged)
        refuse_held(holdings_of(tenant_id, survivor_id), holdings_of(tenant_id, merged_id))
        identities = identities_of(documents, merged)
        if len(identities) >= MOST_IDENTITIES:
            raise Conflict("too_many_identities", "The printer to be merged is known by too many addresses; split it.")
        after, without = _joined(survivor, merged, now)
        record = _record(survivor, merged, [*identities, *taught], now)
        pointed = [item | {"printer_id": survivor_id, "joined": True} for item in identities]
        writes = [after, without, record, *pointed, *missing_ways_back(documents, pointed)]
        writes.append(with_spans(state, spans_of(after, survivor_id), survivor_id))
        by = {"key_id": key_id, "agent_id": agent_id}
        writes += _told(after, merged, now, by)
        writes += counted(documents, merged, steps_between(merged.get("tags", []), []))
        # Nobody is silent who is another: without its episode it is followed no more.
        gone = [keys.wanted_merger(tenant_id, merged_id), keys.silence(tenant_id, merged_id)]
        if "agent_id" in merged:
            gone.append(keys.agent_printer(merged["agent_id"], merged_id))
        gone += [keys.identity_of(tenant_id, merged_id, item["key"]) for item in identities]
        gone += [*asked(after, survivor)[1], *asked(without, merged)[1]]
        ask_review(documents, survivor, now, is_whole=True)  # before the write: a crash must not lose it
        if documents.commit(writes, gone=gone):
            return after
    raise Unavailable("printer_busy", "The printers are being written by uploads; try again.")


def refuse_held(survivor: frozenset[Holding], merged: frozenset[Holding]) -> None:
    """Raise `Conflict` when what other contexts have of two printers does not allow to merge the second away."""
    for holding, (code, what) in _HELD_BY.items():
        if holding in survivor and holding in merged:
            raise Conflict(code, f"{what}; one of them must end first.")
    if merged and not survivor:
        detail = "The printer to be merged is managed, or has open orders or calls; merge the other one into it."
        raise Conflict("merge_the_other_way", detail)
    if merged:
        held = ", ".join(sorted(merged)).replace("_", " ")
        raise Conflict("printer_in_use", f"The printer to be merged is in use ({held}); that must end first.")


def _refuse_unlike(survivor: Item, merged: Item) -> None:
    if survivor["printer_id"] == merged["printer_id"]:
        raise Conflict("same_printer", "A printer cannot be merged into itself.")
    if "merged_into" in survivor or "merged_into" in merged:
        raise Conflict("printer_is_merged", "One of the printers is part of another already; read it for its new id.")
    for each in (survivor, merged):
        refuse_retired(each)
    if survivor["organization_id"] != merged["organization_id"]:
        detail = "The printers belong to different organisations; what one customer printed is not another's to see."
        raise Conflict("printers_of_different_organizations", detail)
    spans = len(spans_of(survivor, survivor["printer_id"])) + len(spans_of(merged, merged["printer_id"]))
    if spans > MOST_SPANS:
        raise Conflict("too_many_mergers", f"A printer's history is made of at most {MOST_SPANS} parts.")


def _joined(survivor: Item, merged: Item, now: datetime) -> tuple[Item, Item]:
    """Both items after the merger; the merged one is on no list any more, and keeps its tags for the way back."""
    survivor_id, merged_id = survivor["printer_id"], merged["printer_id"]
    spans = spans_of(survivor, survivor_id) + spans_of(merged, merged_id)
    ids = [*survivor.get("merged_printer_ids", []), merged_id, *merged.get("merged_printer_ids", [])]
    after = {name: value for name, value in survivor.items() if name != Question.IDENTITY_CONFLICT.value}
    after = with_spans(after | {"merged_printer_ids": ids}, spans, survivor_id)
    first = min(survivor["first_seen_at"], merged["first_seen_at"])
    without = {name: value for name, value in merged.items() if name not in _LISTING | _QUESTIONS}
    return after | {"first_seen_at": first}, without | {"merged_into": survivor_id, "merged_at": key_time(now)}


def _record(survivor: Item, merged: Item, identities: Sequence[Item], now: datetime) -> Item:
    """All that is needed to undo the merger."""
    pk, sk = keys.merger(survivor["tenant_id"], survivor["printer_id"], merged["printer_id"])
    held = [{"pk": item["pk"], "better_key": item.get("better_key")} for item in identities]
    listing = {name: merged[name] for name in _LISTING if name in merged}
    first_seen = {"first_seen_at": survivor["first_seen_at"]}
    return {"pk": pk, "sk": sk, "merged_at": key_time(now), "identities": held, "listing": listing, **first_seen}


def _told(survivor: Item, merged: Item, now: datetime, by: dict[str, str | None]) -> list[Item]:
    at, merged_id = key_time(now), merged["printer_id"]
    names = ("manufacturer", "model", "serial_number", "mac_address")
    data = {"merged_printer_id": merged_id, **{f"merged_{name}": merged.get(name) for name in names}}
    event = outbox.told(
        EventName.PRINTERS_MERGED,
        survivor,
        subject_id=survivor["printer_id"],
        fact=f"merged:{merged_id}:{at}",
        at=now,
        data=data,
    )
    return [
        entry(survivor, Happening.MERGED, now, merged_id, **by, **data),
        entry(merged, Happening.MERGED_INTO, now, merged_id, **by, survivor_id=survivor["printer_id"]),
        event,
    ]
