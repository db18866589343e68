"""The readings of one printer, folded into its stored items and written so that a crash is repaired by the repeat.

Order of writes: who it is, its days, its trays, and its state last. The state tells a repeated reading from a new one;
until it is written, a repeat writes everything again, and each of these writes gives the same item twice over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from functions.ingest import keys
from functions.ingest.identity import Claim
from functions.ingest.keys import Key
from functions.ingest.ports import Documents
from functions.ingest.printer_meta import merge_meta, meta_digest
from functions.ingest.readings import fold_media, fold_state, media_digest, placed_at, sections_of
from functions.ingest.rollup import local_day, quarter, roll_up, state_tells
from shared.attributes import Item
from shared.clock import key_time
from shared.directory.day import counted_quarters, seen_day
from shared.directory.keys import PRINTER_META
from shared.errors import Unavailable
from shared.tenancy import AgentCaller
from shared.wire.reading import PrinterReading
from shared.wire.upload import Outcome

ATTEMPTS: Final = 6


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent the readings, when they arrived, and the time zone of the site they were taken at."""

    caller: AgentCaller
    agent_version: str
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A valid reading with all that is made of it once: its claim, its sections, the time it counts for, digests."""

    reading: PrinterReading
    claim: Claim
    sections: dict[str, Any]
    at: datetime
    stamp: str
    day: str
    meta_digest: str
    media_digest: str | None

    @classmethod
    def of(cls, reading: PrinterReading, claim: Claim, sender: "Sender") -> Self:
        """A reading as its sender's."""
        sections, at = sections_of(reading), placed_at(reading, sender.now)
        return cls(
            reading=reading,
            claim=claim,
            sections=sections,
            at=at,
            stamp=key_time(at),
            day=local_day(at, sender.zone),
            meta_digest=meta_digest(claim, reading, sender.caller, sender.agent_version),
            media_digest=media_digest(sections),
        )

    def follows(self, state: Item | None) -> bool:
        """True when it was taken after what is stored."""
        return state is None or self.stamp > state["taken_at"]

    def says_what(self, state: Item | None, digest: str) -> bool:
        """True when it follows the state and says the same of who the printer is, or of its media."""
        return state is not None and self.follows(state) and state.get(digest) == getattr(self, digest)


@dataclass(slots=True)
class _Work:
    """Items to write and what became of each reading, in the order of taking."""

    writes: dict[Key, Item] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)


def keys_to_load(printer_id: str, taken: Sequence[Taken], state: Item | None, sender: Sender) -> list[Key]:
    """What `store_readings` needs of a printer beside its state: nothing, when one reading only moves counts on."""
    tenant_id, first = sender.caller.tenant_id, taken[0]
    single = state if len(taken) == 1 else None
    if single is not None and single["reading_id"] == first.reading.reading_id:
        return []
    wanted = []
    if not first.says_what(single, "meta_digest"):
        wanted.append(keys.meta(tenant_id, printer_id))
    if any(each.media_digest for each in taken) and not first.says_what(single, "media_digest"):
        wanted.append(keys.media(tenant_id, printer_id))
    if not state_tells(single, first.sections, first.stamp, first.day):
        days = {each.day for each in taken} | ({state["day"]} if state else set())
        wanted += [keys.day(tenant_id, printer_id, day) for day in sorted(days)]
    return wanted


def store_readings(
    printer_id: str,
    taken: Sequence[Taken],
    loaded: Mapping[Key, Item],
    *,
    sender: Sender,
    documents: Documents,
) -> list[Outcome]:
    """Store readings of one printer, given in the order of taking; what became of each.

    ``loaded`` holds those that exist of its state and of `keys_to_load`. Safe to repeat and to run beside another
    upload: each item is written at the version it was read, and when somebody was faster everything is read and
    folded again.

    Raises:
        Unavailable: Others kept being faster; nothing of it is wrong, try again.
    """
    state_key = keys.state(sender.caller.tenant_id, printer_id)
    for _ in range(ATTEMPTS):
        work = _fold(printer_id, taken, loaded, sender)
        if _write(work, loaded, sender, documents):
            return work.outcomes
        state = documents.load([state_key])
        loaded = state | documents.load(keys_to_load(printer_id, taken, state.get(state_key), sender))
    raise Unavailable("printer_busy", "A printer is being written by other uploads; try again.")


def _fold(printer_id: str, taken: Sequence[Taken], loaded: Mapping[Key, Item], sender: Sender) -> _Work:
    caller, work = sender.caller, _Work()
    state_key = keys.state(caller.tenant_id, printer_id)
    current = dict(loaded)
    for each in taken:
        state = current.get(state_key)
        folded = fold_state(state, each.reading, each.sections, caller=caller, printer_id=printer_id, now=sender.now)
        work.outcomes.append(folded.outcome)
        if folded.outcome is Outcome.DUPLICATE:
            continue
        after = folded.item
        if each.follows(state):
            after |= _followed(state, each, sender)
        changes = {
            keys.meta(caller.tenant_id, printer_id): _meta(current, printer_id, each, sender),
            keys.media(caller.tenant_id, printer_id): _media(current, printer_id, each, sender),
            state_key: after if folded.outcome is Outcome.STORED else None,
        }
        current |= _days(current, state, after, each, sender, printer_id)
        current |= {key: item for key, item in changes.items() if item is not None}
    identifiers = _identifiers(printer_id, sender)
    changed = [key for key, item in current.items() if item is not loaded.get(key) and item != loaded.get(key)]
    ordered = sorted(changed, key=lambda key: (key == state_key, key[1] != PRINTER_META, key))
    work.writes = {key: {**identifiers, **current[key], "pk": key[0], "sk": key[1]} for key in ordered}
    return work


def _followed(state: Item | None, taken: Taken, sender: Sender) -> Item:
    """What a state holds of its newest reading beside the sections."""
    before = state if state is not None and state.get("day") == taken.day else {}
    counted = counted_quarters(before, quarter(taken.at, sender.zone))
    digests = {"meta_digest": taken.meta_digest}
    if taken.media_digest:
        digests["media_digest"] = taken.media_digest
    return {"day": taken.day, "quarters": counted["quarters"], **digests}


def _meta(current: Mapping[Key, Item], printer_id: str, taken: Taken, sender: Sender) -> Item | None:
    state = current.get(keys.state(sender.caller.tenant_id, printer_id))
    if taken.says_what(state, "meta_digest"):
        return None
    return merge_meta(
        current[keys.meta(sender.caller.tenant_id, printer_id)],
        taken.claim,
        taken.reading,
        caller=sender.caller,
        agent_version=sender.agent_version,
        is_newest=taken.follows(state),
    )


def _media(current: Mapping[Key, Item], printer_id: str, taken: Taken, sender: Sender) -> Item | None:
    state = current.get(keys.state(sender.caller.tenant_id, printer_id))
    if taken.media_digest is None or taken.says_what(state, "media_digest"):
        return None
    media = current.get(keys.media(sender.caller.tenant_id, printer_id))
    return fold_media(media, taken.sections, taken.stamp, is_newest=taken.follows(state))


def _days(
    current: Mapping[Key, Item], before: Item | None, after: Item, taken: Taken, sender: Sender, printer_id: str
) -> dict[Key, Item]:
    """The days that would not be seen as they are from what is stored of them and the state after the reading."""
    if state_tells(before, taken.sections, taken.stamp, taken.day):
        return {}
    changed = {}
    tenant_id = sender.caller.tenant_id
    key = keys.day(tenant_id, printer_id, taken.day)
    stored = current.get(key)
    rolled = roll_up(stored and seen_day(stored, before), taken.sections, taken.at, sender.zone)
    if stored is None or seen_day(stored, after) != rolled:
        changed[key] = rolled
    if before is not None and before["day"] not in {taken.day, after["day"]}:
        key = keys.day(tenant_id, printer_id, before["day"])
        changed[key] = seen_day(current[key], before)
    return changed


def _write(work: _Work, loaded: Mapping[Key, Item], sender: Sender, documents: Documents) -> bool:
    for key, item in work.writes.items():
        before = loaded.get(key)
        if before and "gsi1pk" in before and before["agent_id"] != item["agent_id"]:
            _hand_over(before, item, sender, documents)
        if not documents.save(item):
            return False
    return True


def _hand_over(before: Item, after: Item, sender: Sender, documents: Documents) -> None:
    """Another agent reads the printer now: the link moves before the printer's own item, so a crash repeats it."""
    printer_id, tenancy = after["printer_id"], _identifiers(after["printer_id"], sender)
    pk, sk = keys.agent_printer(after["agent_id"], printer_id)
    documents.save({"pk": pk, "sk": sk, **tenancy})
    documents.remove(keys.agent_printer(before["agent_id"], printer_id))
    at = key_time(sender.now)
    pk, sk = keys.audit(after["tenant_id"], printer_id, at, "moved")
    moved = {"what": "moved", "at": at, "from_site_id": before["site_id"], "to_site_id": after["site_id"]}
    documents.save({"pk": pk, "sk": sk, **moved, **tenancy, "agent_id": after["agent_id"]})


def _identifiers(printer_id: str, sender: Sender) -> Item:
    return {
        "printer_id": printer_id,
        "tenant_id": sender.caller.tenant_id,
        "organization_id": sender.caller.organization_id,
        "organization_path": sender.caller.organization_path,
    }
