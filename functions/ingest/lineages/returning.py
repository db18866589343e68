"""A retired printer in service again: its tags' counts, its organisation's claim to its serial number, the event."""

from datetime import datetime

from functions.ingest.identities.items import identities_of
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.questions import ConflictKind, Question, asked
from functions.ingest.identities.retirement import RETIREMENT
from functions.ingest.identities.telling_apart import conflict, is_elsewhere, questioned
from functions.ingest.lineages.counted_tags import counted, steps_between
from functions.ingest.table import keys, outbox
from functions.ingest.table.identity import IdentityKey
from functions.ingest.table.ports import Documents
from shared.attributes import Item
from shared.events import EventName

IDENTIFIERS = ("printer_id", "tenant_id", "organization_id", "organization_path")


def link_of(meta: Item) -> Item:
    """The link from the agent that has a printer to the printer."""
    pk, sk = keys.agent_printer(meta["agent_id"], meta["printer_id"])
    return {"pk": pk, "sk": sk, **{name: meta[name] for name in IDENTIFIERS}}


def returned(
    documents: Documents,
    before: Item,
    after: Item,
    now: datetime,
    *,
    agent_id: str | None = None,
    key_id: str | None = None,
) -> list[Item]:
    """What is written when a retired printer comes back: ``after``, its item in service, the first.

    Another organisation of the tenant may have been given its serial number meanwhile: that is asked, as of a new
    printer. The link is not among them. Safe to repeat: committed with the item at the version that was read.

    Args:
        documents: The fleet table.
        before: The item until now, with its retirement.
        after: The item in service.
        now: When.
        agent_id: The agent that read it; None when people took its retirement back.
        key_id: Theirs.
    """
    retirement, tenant_id = before[RETIREMENT], after["tenant_id"]
    stories: list[Item] = []
    serials = [item for item in identities_of(documents, after) if item["key"].startswith("SERIAL#")]
    own = [IdentityKey(item["key"]) for item in serials if not item.get("ambiguous")]
    if Question.IDENTITY_CONFLICT.value not in after and any(
        is_elsewhere(key, tenant_id, after["organization_id"], documents) for key in own
    ):
        said = {"kind": ConflictKind.OTHER_ORGANIZATION.value}
        if agent_id is not None:
            after, stories = conflict(after, said, now, agent_id=agent_id)
        else:
            after, story = questioned(after, said, now, key_id=key_id)
            stories = [story]
    fact = f"returned:{retirement['retired_at']}"
    data = {name: after.get(name) for name in ("site_id", "agent_id", "manufacturer", "model", "serial_number")}
    data |= {"retired_at": retirement["retired_at"], "key_id": key_id}
    event = outbox.told(EventName.PRINTER_RETURNED, after, subject_id=after["printer_id"], fact=fact, at=now, data=data)
    details = {"retired_at": retirement["retired_at"], "from_site_id": before["site_id"], "site_id": after["site_id"]}
    story = entry(after, Happening.RETURNED, now, fact, agent_id=agent_id, key_id=key_id, **details)
    known = [_serial_number(after, key) for key in own]
    counts = counted(documents, after, steps_between([], after.get("tags", [])))
    return [after, *known, *counts, story, event, *stories, *asked(after, before)[0]]


def _serial_number(meta: Item, key: IdentityKey) -> Item:
    """That its organisation has a printer of this serial number."""
    partition = keys.serial_number_of_tenant(meta["tenant_id"], key.text)
    place = {"pk": partition, "sk": keys.serial_number_place(meta["organization_id"])}
    return place | {name: meta[name] for name in IDENTIFIERS}
