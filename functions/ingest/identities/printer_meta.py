"""Who a printer is and where: the item that changes seldom. Pure."""

from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

from functions.ingest.table import keys, pages_order
from functions.ingest.table.identity import Claim
from shared.attributes import PACKED, Item
from shared.clock import key_time
from shared.directory import keys as directory
from shared.tenancy import AgentCaller
from shared.wire.reading import PrinterReading

IDENTITY_FIELDS: Final = (
    "manufacturer",
    "model",
    "mac_address",
    "firmware",
    "host_name",
    "location",
    "asset_tag",
    "sys_descr",
    "sys_object_id",
)
_IDENTITY: Final = attrgetter(*IDENTITY_FIELDS)
TOGETHER: Final = [
    *IDENTITY_FIELDS,
    *("serial_number", "stays", "address", "credentials", "agent_version", "first_seen_at", "registration"),
    *("printer_id", "tenant_id", "organization_id", "organization_path", "site_id", "agent_id"),
]
"""Written as one: each index has a copy of the item, and a unit of writing is a kilobyte."""


def new_meta(printer_id: str, claim: Claim, reading: PrinterReading, caller: AgentCaller, agent_version: str) -> Item:
    """The item of a printer seen for the first time."""
    pk, sk = keys.meta(caller.tenant_id, printer_id)
    base: Item = {
        "pk": pk,
        "sk": sk,
        "gsi1pk": directory.printers_of_tenant(caller.tenant_id),
        "gsi1sk": directory.printer_order(caller.organization_path, printer_id),
        "tenant_id": caller.tenant_id,
        "organization_id": caller.organization_id,
        "organization_path": caller.organization_path,
        "printer_id": printer_id,
        "first_seen_at": key_time(reading.taken_at),
        PACKED: TOGETHER,
    }
    base |= pages_order.place(base)
    return merge_meta(base, claim, reading, caller=caller, agent_version=agent_version, is_newest=True)


def merge_meta(
    meta: Item, claim: Claim, reading: PrinterReading, *, caller: AgentCaller, agent_version: str, is_newest: bool
) -> Item:
    """The item after a reading: what was not read stays, and an older reading only fills gaps.

    So does a reading of an agent that the printer does not belong to; `relocation.placed` lets it change hands.
    Equal to ``meta`` when nothing changed.
    """
    said = _said(claim, reading, caller)
    if not is_newest or meta.get("agent_id", caller.agent_id) != caller.agent_id:
        return said | meta
    place = {"site_id": meta.get("site_id", caller.site_id), "agent_id": caller.agent_id}
    kept = {"serial_number": meta["serial_number"]} if meta.get("serial_number") else {}
    registered = {"registration": claim.registration.value} if _is_first_or_better(meta, claim) else {}
    return {**meta, **said, **kept, **place, "agent_version": agent_version, **registered}


def meta_digest(claim: Claim, reading: PrinterReading, caller: AgentCaller, agent_version: str) -> str:
    """Equal for readings that say the same of who a printer is and where, in all that `merge_meta` looks at."""
    said = *(key.text for key in claim.keys), *sorted(_said(claim, reading, caller).items())
    place = caller.organization_path, caller.site_id, caller.agent_id, agent_version
    return blake2b(repr((said, place)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _said(claim: Claim, reading: PrinterReading, caller: AgentCaller) -> dict[str, Any]:
    said: dict[str, Any] = dict(zip(IDENTITY_FIELDS, _IDENTITY(reading.identity), strict=True))
    said["address"] = reading.address
    if reading.credentials is not None:  # a name means something at its own agent only
        said["credentials"] = {"agent_id": caller.agent_id, "name": reading.credentials}
    said["serial_number"] = (reading.identity.serial_number or "").strip() if claim.serial else None
    return {name: value for name, value in said.items() if value is not None}


def _is_first_or_better(meta: Item, claim: Claim) -> bool:
    return "registration" not in meta or bool(claim.serial or claim.mac)
