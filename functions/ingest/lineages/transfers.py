"""Transfers of printers from one agent to another: asked for at once, carried out in steps, answered one by one.

A transfer is a task (TSK-01) whose item says where it stands; each step moves some printers, each in a transaction of
its own with its result, and then moves the task on. A step that was cut short is taken again and finds what was done.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from functions.ingest.agents.agent import AgentStatus, takes_printers
from functions.ingest.identities.life_story import Happening
from functions.ingest.identities.ownership import given_to
from functions.ingest.identities.retirement import is_listed
from functions.ingest.lineages.relocation import Bound, moved, placed
from functions.ingest.table import keys
from functions.ingest.table.holdings import Holding, HoldingsOf
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Conflict, Unavailable
from shared.ids import new_id
from shared.table import Item
from shared.visibility import Visible

STEP: Final = 25
"""Printers of one step: a request's time is enough for it."""
MOST_NAMED: Final = 500
"""Printers that one request may name; more are transferred by leaving the list out."""
_TRIES: Final = 3


class TransferState(StrEnum):
    """Where a transfer stands (TSK-01)."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    """No printer was moved, and some were refused."""
    CANCELLED = "cancelled"
    """People ended it before all were reached."""


class Refusal(StrEnum):
    """Why a printer stays where it is."""

    NOT_FOUND = "not_found"
    NOT_ON_AGENT = "not_on_agent"
    NOT_SEEN_BY_TARGET = "not_seen_by_target"
    AGENT_NOT_ACTIVE = "agent_not_active"
    BUSY = "busy"


_SAID: Final = {
    Refusal.NOT_FOUND: "No printer with this id is visible to this key.",
    Refusal.NOT_ON_AGENT: "The printer belongs to another agent; transfer it from that one.",
    Refusal.NOT_SEEN_BY_TARGET: (
        "The printer is managed or pending, and the agent it is to go to has not read it; let that agent find it first."
    ),
    Refusal.AGENT_NOT_ACTIVE: "The agent it is to go to is no longer active, or was just being ended; name another.",
    Refusal.BUSY: "The printer was being written by uploads; ask again.",
}


def ask(  # noqa: PLR0913 - from where, where to, what, and by whom
    documents: Documents,
    source: Item,
    target: Item,
    printer_ids: Sequence[str] | None,
    *,
    visible: Visible,
    key_id: str,
    now: datetime,
) -> Item:
    """Note a transfer, to be carried out; ``printer_ids`` None means all printers of the source.

    Not repeatable by itself: the Idempotency-Key makes it so. Asked twice, the second finds nothing left to move.

    Raises:
        Conflict: The agents cannot hand printers to each other, with the reason.
    """
    if source["agent_id"] == target["agent_id"]:
        raise Conflict("same_agent", "The printers are with this agent already; name another one to go to.")
    if source["organization_id"] != target["organization_id"]:
        detail = "Both agents must belong to one organisation: a printer that changes its owner is registered anew."
        raise Conflict("agents_of_different_organizations", detail)
    if target["status"] != AgentStatus.ACTIVE:
        raise Conflict(
            "agent_not_active", f"The agent to go to is {target['status']}; only an active one reads printers."
        )
    transfer_id = new_id("trf")
    pk, sk = keys.transfer(source["agent_id"], transfer_id)
    tenancy = {name: source[name] for name in ("tenant_id", "organization_id", "organization_path")}
    item: Item = {
        "pk": pk,
        "sk": sk,
        **tenancy,
        "transfer_id": transfer_id,
        "from_agent_id": source["agent_id"],
        "to_agent_id": target["agent_id"],
        "to_site_id": target["site_id"],
        "state": TransferState.QUEUED.value,
        "asked_at": key_time(now),
        "key_id": key_id,
        "visible_path": visible.path,
        "printer_ids": list(dict.fromkeys(printer_ids)) if printer_ids is not None else None,
        "reached": 0,
        "after": None,
        "moved": 0,
        "refused": 0,
        **keys.chore(transfer_id, now),
    }
    if not documents.commit([item]):
        raise Unavailable("store_busy", "The store did not take the transfer; try again.")
    return item | {"version": 1}


def cancel(documents: Documents, transfer: Item, holdings_of: HoldingsOf, *, key_id: str, now: datetime) -> Item:
    """End a transfer that is not finished: printers that were moved stay, the others stay where they were.

    From its first write on no printer is moved: each move is bound to the transfer as it was read. Safe to repeat: a
    cancelled transfer stays as it is, and one of which the counts are still to be made is ended by the sweep.

    Raises:
        Conflict: ``transfer_ended``: it was finished before.
        Unavailable: Steps kept being faster; try again.
    """
    key = keys.key_of(transfer)
    for _ in range(_TRIES):
        if transfer["state"] == TransferState.CANCELLED:
            return step(documents, transfer, holdings_of, now)
        if "ended_at" in transfer:
            raise Conflict(
                "transfer_ended", f"The transfer is {transfer['state']}; transfer the printers back instead."
            )
        by = {"cancelled_at": key_time(now), "cancelled_by_key_id": key_id}
        after = transfer | by | {"state": TransferState.CANCELLED.value}
        if documents.save(after):
            return step(documents, after | {"version": int(transfer["version"]) + 1}, holdings_of, now)
        transfer = documents.load([key])[key]
    raise Unavailable("transfer_busy", "The transfer is being carried out at this moment; try again.")


def step(documents: Documents, transfer: Item, holdings_of: HoldingsOf, now: datetime) -> Item:
    """Take the next step of a transfer; its item as it is then. One that was cancelled is ended.

    Safe to repeat, and beside another: a printer's result is written with its move, once; the task moves on at the
    version that was read.
    """
    if "ended_at" in transfer:
        return transfer
    key = keys.key_of(transfer)
    following, after = None, transfer
    if transfer["state"] != TransferState.CANCELLED:
        ids, following = _next_printers(documents, transfer)
        results: list[Item] = []
        for each in ids:
            result = _result(documents, transfer, each, holdings_of, now)
            if result is None:
                return documents.load([key])[key]
            results.append(result)
        count = sum(result["ok"] for result in results)
        after = transfer | {
            "moved": transfer["moved"] + count,
            "refused": transfer["refused"] + len(results) - count,
            "reached": transfer["reached"] + len(ids),
            "after": following,
            "state": TransferState.RUNNING.value,
        }
    if following is None:
        after = {name: value for name, value in after.items() if name not in {"duepk", "duesk"}}
        after |= _counted(documents, transfer["transfer_id"])
        after |= {"state": _end(after).value, "ended_at": key_time(now)}
    if documents.save(after):
        return after | {"version": int(transfer["version"]) + 1}
    return documents.load([key])[key]


def _next_printers(documents: Documents, transfer: Item) -> tuple[list[str], str | None]:
    """The printers of the next step, and after which to go on; None when these are the last."""
    named = transfer.get("printer_ids")
    if named is not None:
        ids = named[transfer["reached"] : transfer["reached"] + STEP]
        return ids, ids[-1] if transfer["reached"] + len(ids) < len(named) else None
    partition, _ = keys.agent(transfer["from_agent_id"])
    after = f"{keys.AGENT_PRINTER_PREFIX}{transfer.get('after') or ''}\0"
    between = (after, f"{keys.AGENT_PRINTER_PREFIX}~")
    page = documents.page(partition, sk_between=between, limit=STEP)
    ids = [item["printer_id"] for item in page.items]
    return ids, ids[-1] if page.next_cursor is not None else None


def _result(
    documents: Documents, transfer: Item, printer_id: str, holdings_of: HoldingsOf, now: datetime
) -> Item | None:
    """What became of a printer, written once, with its move; None when the transfer was cancelled before."""
    pk, sk = keys.transfer_item(transfer["transfer_id"], printer_id)
    fine: Item = {"pk": pk, "sk": sk, "printer_id": printer_id, "ok": True}
    tenant_id, agent_id, site_id = (transfer[name] for name in ("tenant_id", "to_agent_id", "to_site_id"))
    wanted = [(pk, sk), keys.meta(tenant_id, printer_id), keys.state(tenant_id, printer_id)]
    taker_key = keys.agent(agent_id)
    for _ in range(_TRIES):
        found = documents.load([*wanted, taker_key, keys.key_of(transfer)])
        stored, meta, state = (found.get(key) for key in wanted)
        taker = found.get(taker_key)
        transfer = found[keys.key_of(transfer)]
        if stored is not None:
            return stored
        if transfer["state"] == TransferState.CANCELLED:
            return None
        refusal = _refusal(transfer, meta, state, holdings_of, is_taken=takes_printers(taker, now))
        result, told = (fine if refusal is None else _refused(fine, refusal)), Bound()
        if refusal is None and meta is not None and meta.get("agent_id") != agent_id:
            after = placed(meta, agent_id, site_id, now, now.date())
            told = moved(
                meta, after, Happening.TRANSFERRED, at=now, fact=transfer["transfer_id"], key_id=transfer["key_id"]
            )
            states = [given_to(state, agent_id, site_id, key_time(now))] if state is not None else []
            told = Bound([after, *states, *told.items], told.gone, told.taker)
        still = [transfer, taker] if told.taker and taker is not None else [transfer]
        if documents.commit([result, *told.items], gone=told.gone, still=still):
            return result
    result = _refused(fine, Refusal.BUSY)
    documents.save(result)
    return result


def _refused(result: Item, refusal: Refusal) -> Item:
    return result | {"ok": False, "error_code": refusal.value, "message": _SAID[refusal]}


def _refusal(
    transfer: Item, meta: Item | None, state: Item | None, holdings_of: HoldingsOf, *, is_taken: bool
) -> Refusal | None:
    """Why a printer is not moved; None when it may be (AGT-01: a managed one only to who already sees it)."""
    visible = Visible(transfer["tenant_id"], transfer["visible_path"])
    if meta is None or not visible.covers(meta["tenant_id"], meta["organization_path"]):
        return Refusal.NOT_FOUND
    if not is_listed(meta) or meta.get("agent_id") not in {transfer["from_agent_id"], transfer["to_agent_id"]}:
        return Refusal.NOT_ON_AGENT
    if meta.get("agent_id") != transfer["to_agent_id"] and not is_taken:
        return Refusal.AGENT_NOT_ACTIVE
    has_seen = transfer["to_agent_id"] in (state or {}).get("seen_by", {})
    if not has_seen and Holding.MANAGED in holdings_of(transfer["tenant_id"], meta["printer_id"]):
        return Refusal.NOT_SEEN_BY_TARGET
    return None


def _counted(documents: Documents, transfer_id: str) -> dict[str, int]:
    """How many printers were moved and refused, by their results: a step that was cut short did not count its own."""
    partition, _ = keys.transfer_item(transfer_id, "")
    counts = {"moved": 0, "refused": 0}
    cursor: str | None = None
    while True:
        page = documents.page(partition, sk_prefix=keys.TRANSFER_ITEM_PREFIX, limit=200, cursor=cursor)
        for item in page.items:
            counts["moved" if item["ok"] else "refused"] += 1
        cursor = page.next_cursor
        if cursor is None:
            return counts


def _end(transfer: Item) -> TransferState:
    if transfer["state"] == TransferState.CANCELLED:
        return TransferState.CANCELLED
    if not transfer["refused"]:
        return TransferState.COMPLETED
    return TransferState.COMPLETED_WITH_ERRORS if transfer["moved"] else TransferState.FAILED
