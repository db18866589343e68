"""The items that printers are found by, and the way back from a printer to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from functions.ingest.table import keys
from functions.ingest.table.identity import Claim, IdentityKey
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.table import Item
from shared.tenancy import Owner

Known = dict[IdentityKey, Item]
"""Identity items by their key."""
MOST_IDENTITIES: Final = 24
"""Of one printer: MAC addresses and models change, but not that often."""


def loaded_identities(documents: Documents, owner: Owner, wanted: Sequence[IdentityKey]) -> Known:
    """The identity items that exist, as last written."""
    by_key = {keys.identity(owner, key): key for key in wanted}
    return {by_key[key]: item for key, item in documents.load(list(by_key)).items()}


def identities_of(documents: Documents, printer: Item) -> list[Item]:
    """The identity items of a printer, as last written, with the ways back to them; at most `MOST_IDENTITIES`."""
    partition, _ = keys.meta(printer["tenant_id"], printer["printer_id"])
    page = documents.page(partition, sk_prefix=keys.IDENTITY_PREFIX, limit=MOST_IDENTITIES)
    found = documents.load([(item["identity_pk"], "IDENT") for item in page.items])
    return [item for item in found.values() if item["printer_id"] == printer["printer_id"]]


def identified(owner: Owner, printer_id: str, claim: Claim, known: Known, now: datetime) -> list[Item]:
    """Identity items that a claim misses, and weaker ones that do not yet name the strongest; empty when none."""
    strongest, *weaker = claim.lasting
    missing = [] if strongest in known else [identity_item(owner, strongest, printer_id, now)]
    missing += [
        identity_item(owner, key, printer_id, now) | {"better_key": strongest.text}
        for key in weaker
        if key not in known
    ]
    writes = [*missing, *(way_back(item) for item in missing)]
    if strongest == claim.serial and strongest not in known:
        pk, sk = keys.serial_number(owner, strongest)
        writes.append({"pk": pk, "sk": sk, "printer_id": printer_id, **_tenancy(owner)})
    for key in claim.keys:
        item = known.get(key)
        if key != strongest and item and item["printer_id"] == printer_id and not item.get("better_key"):
            writes.append(item | {"better_key": strongest.text})
    return writes


def identity_item(owner: Owner, key: IdentityKey, printer_id: str, now: datetime) -> Item:
    """That a printer is known by a key."""
    pk, sk = keys.identity(owner, key)
    known = {"key": key.text, "printer_id": printer_id, "first_seen_at": key_time(now)}
    return {"pk": pk, "sk": sk, **known, **_tenancy(owner)}


def way_back(identity: Item) -> Item:
    """The item in the printer's own partition that leads to an identity item."""
    pk, sk = keys.identity_of(identity["tenant_id"], identity["printer_id"], identity["key"])
    return {"pk": pk, "sk": sk, "identity_pk": identity["pk"]}


def missing_ways_back(documents: Documents, identities: Sequence[Item]) -> list[Item]:
    """The ways back to identity items that are not there: one from an earlier time of the printer may still be."""
    wanted = {keys.key_of(item): item for item in map(way_back, identities)}
    found = documents.load(list(wanted))
    return [item for key, item in wanted.items() if key not in found]


def _tenancy(owner: Owner) -> Item:
    return {
        "tenant_id": owner.tenant_id,
        "organization_id": owner.organization_id,
        "organization_path": owner.organization_path,
    }
