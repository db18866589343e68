"""A serial number that is on two printers at once: each gets an identity of its own, and people are asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from functions.ingest.identities.doubles import Doubt, Sight
from functions.ingest.identities.items import Known, identity_item, loaded_identities, way_back
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.ownership import unsaid
from functions.ingest.identities.questions import ConflictKind, Question, asked, question
from functions.ingest.table import keys, outbox
from functions.ingest.table.identity import Claim, IdentityKey, claim_of
from functions.ingest.table.ports import Documents
from shared.events import EventName
from shared.table import Item
from shared.tenancy import AgentCaller
from shared.wire.reading import Identity

IDENTITY_EVENT_FIELDS: Final = ("site_id", "agent_id", "manufacturer", "model", "serial_number")


def sights(claims: Sequence[Claim], known: Known, caller: AgentCaller, documents: Documents) -> dict[str, Sight]:
    """How the printers that the claims' serial numbers name were seen last, by printer id."""
    named = {known[each.serial]["printer_id"] for each in claims if each.serial is not None and each.serial in known}
    wanted = [key for each in named for key in (keys.meta(caller.tenant_id, each), keys.state(caller.tenant_id, each))]
    found = documents.load(wanted)
    seen = {}
    for printer_id in named:
        meta, state = (found.get(key(caller.tenant_id, printer_id)) for key in (keys.meta, keys.state))
        if meta is not None and state is not None:
            seen[printer_id] = Sight.stored(meta, state)
    return seen


def tell_apart(  # noqa: PLR0913, PLR0917 - one reading's doubt
    claim: Claim,
    before: Sight,
    printer_id: str,
    reason: Doubt,
    known: Mapping[IdentityKey, Item],
    caller: AgentCaller,
    documents: Documents,
    now: datetime,
) -> None:
    """Let nobody be found by the claim's serial number alone from now on, and flag the printer that had it.

    The printer keeps the oldest of the MAC addresses in question; the next reading of another registers a printer of
    its own. Safe to repeat, and beside another upload: one of them writes, and both read again.

    Args:
        claim: What the doubted reading says.
        before: The sight that it does not go with.
        printer_id: The printer that the serial number names.
        reason: What shows that these are two.
        known: The identity items of the claim.
        caller: The agent that read it.
        documents: The fleet table.
        now: The present.
    """
    wanted = [keys.meta(caller.tenant_id, printer_id), keys.state(caller.tenant_id, printer_id)]
    found = documents.load(wanted)
    meta, state = (found.get(key) for key in wanted)
    if meta is None or claim.serial is None:
        return
    own = _without_serial(meta, meta.get("mac_address"))
    asked_of = {own, _without_serial(meta, before.mac_address), *([claim.mac] if claim.mac else [])}
    doubted = loaded_identities(documents, caller, list(asked_of))
    its = sorted((item for item in doubted.values() if item["printer_id"] == printer_id), key=_age)
    writes: list[Item] = [known[claim.serial] | {"ambiguous": True}, *([unsaid(state)] if state else [])]
    if its:
        writes.append({name: value for name, value in its[0].items() if name != "better_key"})
    elif own not in doubted:
        made = identity_item(caller, own, printer_id, now)
        writes += [made, way_back(made)]
    gone = [keys.key_of(item) for item in its[1:]]
    gone += [keys.identity_of(caller.tenant_id, printer_id, item["key"]) for item in its[1:]]
    if Question.IDENTITY_CONFLICT.value not in meta:
        said = {"kind": ConflictKind.DUPLICATE_SERIAL.value, "reason": reason.value}
        flagged, told = conflict(meta, said, now, agent_id=caller.agent_id)
        writes += [flagged, *told, *asked(flagged, meta)[0]]
    documents.commit(writes, gone=gone)


def _age(identity: Item) -> str:
    first_seen_at: str = identity["first_seen_at"]
    return first_seen_at


def questioned(
    meta: Item, said: dict[str, Any], now: datetime, *, agent_id: str | None = None, key_id: str | None = None
) -> tuple[Item, Item]:
    """The printer's item with the question who it is; and the entry that tells of it."""
    asking = question(said, now)
    flagged = meta | {Question.IDENTITY_CONFLICT.value: asking}
    by = {"agent_id": agent_id, "key_id": key_id}
    return flagged, entry(meta, Happening.IDENTITY_CONFLICT, now, asking["question_id"], **by, **said)


def conflict(
    meta: Item, said: dict[str, Any], now: datetime, *, agent_id: str | None = None
) -> tuple[Item, list[Item]]:
    """As `questioned`, of a printer that an agent reads; with the event that tells of it."""
    flagged, story = questioned(meta, said, now, agent_id=agent_id)
    asking = flagged[Question.IDENTITY_CONFLICT.value]
    data = {name: meta.get(name) for name in IDENTITY_EVENT_FIELDS} | asking
    fact = f"conflict:{asking['question_id']}"
    event = outbox.told(
        EventName.PRINTER_IDENTITY_CONFLICT, meta, subject_id=meta["printer_id"], fact=fact, at=now, data=data
    )
    return flagged, [story, event]


def is_elsewhere(serial: IdentityKey | None, tenant_id: str, organization_id: str, documents: Documents) -> bool:
    """True when another organisation of the tenant has a printer of a serial number that is in service."""
    if serial is None:
        return False
    partition = keys.serial_number_of_tenant(tenant_id, serial.text)
    found = documents.page(partition, limit=2).items
    return any(item["organization_id"] != organization_id for item in found)


def _without_serial(meta: Item, mac_address: str | None) -> IdentityKey:
    """What a printer with that MAC address is known by when its serial number does not count."""
    said = Identity(manufacturer=meta.get("manufacturer"), model=meta.get("model"), mac_address=mac_address)
    return claim_of(said, meta.get("agent_id", ""), meta.get("address")).lasting[0]
