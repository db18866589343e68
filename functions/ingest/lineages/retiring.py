"""Taking a printer out of service, and back: it is on no list and in no count, and all of its history stays."""

from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from functions.ingest.identities.items import identities_of
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.ownership import unsaid
from functions.ingest.identities.questions import Question, asked
from functions.ingest.identities.retirement import RETIREMENT, RetirementReason, in_service, is_retired, out_of_service
from functions.ingest.lineages.counted_tags import counted, steps_between
from functions.ingest.lineages.removing import refuse_in_use
from functions.ingest.lineages.returning import link_of, returned
from functions.ingest.table import keys, outbox
from functions.ingest.table.holdings import HoldingsOf
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Conflict, Unavailable
from shared.events import EventName
from shared.http import ApiModel
from shared.table import Item

_TRIES: Final = 3


class NewRetirement(ApiModel):
    """Why a printer is out of service."""

    reason: RetirementReason = Field(examples=["replaced"])
    note: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        default=None,
        description="For people: by what it was replaced, where it went",
        examples=["By the C4500 in the same room"],
    )


def retire(  # noqa: PLR0913 - what, why, what may speak against it, where, by whom and when
    documents: Documents,
    meta: Item,
    wanted: NewRetirement,
    *,
    holdings_of: HoldingsOf,
    has_contact: bool,
    zone: ZoneInfo,
    key_id: str,
    now: datetime,
) -> Item:
    """Take a printer off the lists, its agent and every count; its item after that.

    What it is found by stays, so its next reading brings it back; its organisation's claim to its serial number goes,
    so another one may be sold the printer. Questions about it end. Safe to repeat: it stays retired since the first
    time, and another reason is kept as a correction. One transaction at the versions that were read.

    What holds a printer is looked up before and after: an enrolment that was on its way keeps it in service. It writes
    that a printer is pending before it reads whether it is retired, so that one of the two sees the other. The repeat
    of a request that was cut short between looks again.

    Raises:
        Conflict: ``printer_in_use``: it is managed, has open orders or calls, or a delivery contact.
        Unavailable: ``printer_busy``: readings kept being faster.
    """
    for _ in range(_TRIES):
        if is_retired(meta):
            after = _corrected(documents, meta, wanted, key_id, now)
        else:
            refuse_in_use(meta, holdings_of, has_contact=has_contact)
            after = _retired(documents, meta, wanted, zone, key_id, now)
        if after is not None:
            try:
                refuse_in_use(after, holdings_of, has_contact=False)
            except Conflict:
                bring_back(documents, after, key_id=key_id, now=now)
                raise
            return after
        meta = _again(documents, meta)
    raise _busy()


def bring_back(documents: Documents, meta: Item, *, key_id: str, now: datetime) -> Item:
    """Take a printer's retirement back; its item after that, on its agent as before. One transaction.

    Safe to repeat: a printer in service stays so.

    Raises:
        Unavailable: ``printer_busy``: readings kept being faster.
    """
    for _ in range(_TRIES):
        if not is_retired(meta):
            return meta
        writes = returned(documents, meta, in_service(meta), now, key_id=key_id)
        links = [link_of(meta)] if "agent_id" in meta else []
        if documents.commit([*writes, *links]):
            return writes[0] | {"version": int(meta["version"]) + 1}
        meta = _again(documents, meta)
    raise _busy()


def _retired(
    documents: Documents, meta: Item, wanted: NewRetirement, zone: ZoneInfo, key_id: str, now: datetime
) -> Item | None:
    """The item of the printer that was taken out of service; None when somebody wrote meanwhile."""
    tenant_id, printer_id, at = meta["tenant_id"], meta["printer_id"], key_time(now)
    said = wanted.model_dump(mode="json", exclude_none=True)
    without = {name: value for name, value in meta.items() if name not in set(Question)}
    since = {"retired_at": at, "last_day": now.astimezone(zone).date().isoformat(), "key_id": key_id}
    after = out_of_service(without, said | since)
    state = documents.load([keys.state(tenant_id, printer_id)]).get(keys.state(tenant_id, printer_id))
    data = {name: meta.get(name) for name in ("site_id", "manufacturer", "model", "serial_number")}
    data |= {"retired_at": at, "reason": wanted.reason.value, "key_id": key_id}
    event = outbox.told(EventName.PRINTER_RETIRED, meta, subject_id=printer_id, fact=f"retired:{at}", at=now, data=data)
    writes = [after, *([unsaid(state)] if state else []), event]
    writes.append(entry(meta, Happening.RETIRED, now, "retired", key_id=key_id, **said))
    writes += counted(documents, meta, steps_between(meta.get("tags", []), []))
    gone = [keys.silence(tenant_id, printer_id), keys.wanted_merger(tenant_id, printer_id), *asked(after, meta)[1]]
    if "agent_id" in meta:
        gone.append(keys.agent_printer(meta["agent_id"], printer_id))
    place = keys.serial_number_place(meta["organization_id"])
    gone += [
        (keys.serial_number_of_tenant(tenant_id, item["key"]), place)
        for item in identities_of(documents, meta)
        if item["key"].startswith("SERIAL#")
    ]
    return after | {"version": int(meta["version"]) + 1} if documents.commit(writes, gone=gone) else None


def _corrected(documents: Documents, meta: Item, wanted: NewRetirement, key_id: str, now: datetime) -> Item | None:
    """The item of a retired printer with another reason; None when somebody wrote meanwhile."""
    said, before = wanted.model_dump(mode="json", exclude_none=True), meta[RETIREMENT]
    kept = {name: before[name] for name in ("retired_at", "last_day", "key_id")}
    after = meta | {RETIREMENT: said | kept}
    if after == meta:
        return meta
    story = entry(meta, Happening.RETIRED, now, key_time(now), key_id=key_id, retired_at=before["retired_at"], **said)
    return after | {"version": int(meta["version"]) + 1} if documents.commit([after, story]) else None


def _again(documents: Documents, meta: Item) -> Item:
    """The printer's item as it is now.

    Raises:
        Unavailable: It was removed, or became part of another meanwhile; asked again, that answers.
    """
    found = documents.load([keys.key_of(meta)]).get(keys.key_of(meta))
    if found is None or "merged_into" in found:
        raise _busy()
    return found


def _busy() -> Unavailable:
    return Unavailable("printer_busy", "The printer is being written by others; try again.")
