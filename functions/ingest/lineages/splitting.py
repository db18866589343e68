"""A printer that turned out to be two: a merger undone, or one MAC address let go its own way."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from functions.ingest.identities.items import identities_of, missing_ways_back
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.ownership import unsaid
from functions.ingest.identities.retirement import refuse_retired
from functions.ingest.lineages.counted_tags import counted, steps_between
from functions.ingest.lineages.returning import link_of
from functions.ingest.table import keys, outbox, pages_order, supply_order
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from functions.ingest.table.reviews import ask_review, asked_review
from shared.directory import keys as directory
from shared.directory.lineage import FIRST, Span, cut, spans_of, with_spans
from shared.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from shared.events import EventName
from shared.ids import new_id
from shared.table import Item

_TRIES: Final = 3
_OF_A_MERGED: Final = frozenset({"merged_into", "merged_at"})
_OF_ONE_PRINTER: Final = (
    "merged_printer_ids",
    "lineage",
    "site_move",
    "identity_conflict",
    "version",
    "mac_address",
    "asset_tag",
    "location",
    "tags",
    "lowest_supply",
    "pages_per_month",
    "duepk",
    "duesk",
)


def undo_merger(
    documents: Documents,
    printer: Item,
    merged_id: str,
    *,
    days_from: date | None,
    key_id: str,
    now: datetime,
) -> tuple[Item, Item]:
    """Take a merger back; the items of both printers after it.

    Identities and days are as they were before the merger; what the survivor learnt since is its own. Days since
    then go to the other one from ``days_from`` on, up to yesterday: today's are still being written. A reading that
    has both identities never merges them again by itself. Safe to repeat: one transaction at the versions read, and
    there is no merger to undo the second time.

    Raises:
        NotFound: The other was not merged into this one.
        Conflict: ``printer_retired``.
        Invalid: ``days_from`` is not before today.
    """
    tenant_id, printer_id = printer["tenant_id"], printer["printer_id"]
    refuse_retired(printer)
    for _ in range(_TRIES):
        keys_read = [
            keys.meta(tenant_id, printer_id),
            keys.state(tenant_id, printer_id),
            keys.merger(tenant_id, printer_id, merged_id),
            keys.meta(tenant_id, merged_id),
        ]
        found = documents.load(keys_read)
        survivor, state, record, merged = (found.get(key) for key in keys_read)
        if survivor is None or record is None or merged is None or merged.get("merged_into") != printer_id:
            raise NotFound("printer merged into this one", merged_id)
        theirs = spans_of(merged, merged_id)
        spans = [span for span in spans_of(survivor, printer_id) if span not in theirs]
        spans, given = _given(spans, printer_id, days_from, now)
        ids = {merged_id, *merged.get("merged_printer_ids", [])}
        kept = [each for each in survivor.get("merged_printer_ids", []) if each not in ids]
        after = _with_merged_ids(with_spans(survivor, spans, printer_id), kept)
        after |= {"first_seen_at": record["first_seen_at"]}
        back = {name: value for name, value in merged.items() if name not in _OF_A_MERGED} | record["listing"]
        back = with_spans(back, [*theirs, *given], merged_id)
        their_state = documents.load([keys.state(tenant_id, merged_id)]).get(keys.state(tenant_id, merged_id))
        identities = _returned(documents, record, printer_id, merged_id)
        writes = [after, back, *_states(after, state, back, their_state), *identities]
        writes += [*missing_ways_back(documents, identities), *_links(back)]
        writes += _told(after, back, days_from, key_id, now)
        writes += counted(documents, back, steps_between([], back.get("tags", [])))
        gone = [keys.key_of(record), *_ways_back(tenant_id, printer_id, identities)]
        for each in (after, back):  # before the write: a crash must not lose it
            ask_review(documents, each, now, is_whole=True)
        if documents.commit(writes, gone=gone):
            return after, back
    raise Unavailable("printer_busy", "The printers are being written by uploads; try again.")


def split_off(
    documents: Documents,
    printer: Item,
    mac_address: str,
    *,
    days_from: date | None,
    key_id: str,
    now: datetime,
) -> tuple[Item, Item]:
    """Let a MAC address of a printer be a printer of its own; the items of both after it.

    Nobody is found by the shared serial number alone from then on. Days go as in `undo_merger`. Not repeatable by
    itself: the second time the MAC address is no more this printer's, and that is a `NotFound`.

    Raises:
        NotFound: The printer is not known by that MAC address.
        Conflict: It is known by nothing else; or ``printer_retired``.
        Invalid: ``days_from`` is not before today.
    """
    tenant_id, printer_id = printer["tenant_id"], printer["printer_id"]
    refuse_retired(printer)
    for _ in range(_TRIES):
        keys_read = [keys.meta(tenant_id, printer_id), keys.state(tenant_id, printer_id)]
        found = documents.load(keys_read)
        meta, state = found[keys_read[0]], found.get(keys_read[1])
        identities = identities_of(documents, meta)
        leaving = [item for item in identities if item["key"].startswith(f"MAC#{mac_address}#")]
        if not leaving:
            raise NotFound("MAC address of this printer", mac_address)
        staying = [item for item in identities if item not in leaving and item["key"].startswith("MAC#")]
        if not staying:
            raise Conflict("only_identity", "The printer is known by no other MAC address; there is nothing to split.")
        new_printer_id = new_id("prn")
        spans, given = _given(spans_of(meta, printer_id), printer_id, days_from, now)
        after = with_spans(meta, spans, printer_id)
        if meta.get("mac_address") == mac_address:
            after["mac_address"] = staying[0]["key"].split("#")[1]
        fresh = {name: value for name, value in meta.items() if name not in _OF_ONE_PRINTER}
        pk, sk = keys.meta(tenant_id, new_printer_id)
        fresh |= {"pk": pk, "sk": sk, "printer_id": new_printer_id, "mac_address": mac_address}
        fresh |= {"gsi1sk": directory.printer_order(meta["organization_path"], new_printer_id)}
        fresh |= pages_order.place(fresh) | supply_order.place(fresh, None)
        fresh |= {"first_seen_at": min(item["first_seen_at"] for item in leaving)}
        fresh = with_spans(fresh, [Span(new_printer_id), *given], new_printer_id)
        left = [_apart(item, new_printer_id, None) for item in leaving]
        shared = [item | {"ambiguous": True} for item in identities if item["key"].startswith("SERIAL#")]
        writes = [after, fresh, *_states(after, state, fresh, None), *left, *shared, *_links(fresh)]
        writes += [*missing_ways_back(documents, left), *_told(after, fresh, days_from, key_id, now)]
        writes.append(asked_review(fresh, now, is_whole=True))
        ask_review(documents, after, now, is_whole=True)
        if documents.commit(writes, gone=_ways_back(tenant_id, printer_id, left)):
            return after, fresh
    raise Unavailable("printer_busy", "The printer is being written by uploads; try again.")


def _given(spans: list[Span], printer_id: str, days_from: date | None, now: datetime) -> tuple[list[Span], list[Span]]:
    """The spans that stay, and those of the printer's own days that go to the other from ``days_from`` on."""
    if days_from is None:
        return spans, []
    first, last = days_from.isoformat(), (now.date() - timedelta(days=1)).isoformat()
    if not FIRST < first <= last:
        error = FieldError("/days_from", f"A day up to {last}.")
        raise Invalid("invalid_day", "Days can be given from a day before today on.", (error,))
    given = [part for span in spans if span.printer_id == printer_id and (part := span.within(first, last))]
    return cut(spans, printer_id, first, last), given


def _returned(documents: Documents, record: Item, printer_id: str, merged_id: str) -> list[Item]:
    """The identities that the merger took, as they were; those that went elsewhere since stay there."""
    held = {each["pk"]: each.get("better_key") for each in record["identities"]}
    found = documents.load([(pk, "IDENT") for pk in held]).values()
    return [_apart(item, merged_id, held[item["pk"]]) for item in found if item["printer_id"] == printer_id]


def _apart(identity: Item, printer_id: str, better_key: str | None) -> Item:
    kept = {name: value for name, value in identity.items() if name not in {"better_key", "joined"}}
    return kept | {"printer_id": printer_id, "apart": True} | ({"better_key": better_key} if better_key else {})


def _states(after: Item, state: Item | None, other: Item, other_state: Item | None) -> list[Item]:
    """The states with their printers' lineage, and without what agents last said of whom they read."""
    pairs = ((after, state), (other, other_state))
    return [
        unsaid(with_spans(each, spans_of(meta, meta["printer_id"]), meta["printer_id"]))
        for meta, each in pairs
        if each is not None
    ]


def _with_merged_ids(meta: Item, ids: Sequence[str]) -> Item:
    kept = {name: value for name, value in meta.items() if name != "merged_printer_ids"}
    return kept | ({"merged_printer_ids": list(ids)} if ids else {})


def _links(meta: Item) -> list[Item]:
    """The link to its agent; none of a printer that was registered by hand."""
    return [link_of(meta)] if "agent_id" in meta else []


def _ways_back(tenant_id: str, printer_id: str, identities: Sequence[Item]) -> list[Key]:
    return [keys.identity_of(tenant_id, printer_id, item["key"]) for item in identities]


def _told(after: Item, other: Item, days_from: date | None, key_id: str, now: datetime) -> list[Item]:
    printer_id, other_id = after["printer_id"], other["printer_id"]
    days = days_from.isoformat() if days_from else None
    data = {"other_printer_id": other_id, "days_from": days}
    fact = f"split:{other_id}:{now.isoformat()}"
    return [
        entry(after, Happening.SPLIT, now, other_id, key_id=key_id, **data),
        entry(other, Happening.SPLIT_FROM, now, other_id, key_id=key_id, other_printer_id=printer_id, days_from=days),
        outbox.told(EventName.PRINTER_SPLIT, after, subject_id=printer_id, fact=fact, at=now, data=data),
    ]
