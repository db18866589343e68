"""The readings of one printer, folded into its stored items and written so that a crash is repaired by the repeat.

Order of writes: who it is, its days, its trays, and its state last. The state tells a repeated reading from a new one;
until it is written, a repeat writes everything again, and each of these writes gives the same item twice over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Final

from functions.ingest.agents.agent import taking_agent
from functions.ingest.identities import ownership, retirement
from functions.ingest.identities.printer_meta import merge_meta
from functions.ingest.lineages import relocation
from functions.ingest.meters.readings import fold_media, fold_state
from functions.ingest.meters.rollup import expiry, may_break, quarter, roll_up, state_tells, turned
from functions.ingest.printers import place as printer_place
from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from functions.ingest.table.reviews import ask_review
from functions.ingest.uploads.taken import Sender, Taken
from shared.attributes import Item
from shared.directory.day import counted_quarters, seen_day
from shared.directory.keys import PRINTER_META, PRINTER_WEEK_PREFIX
from shared.directory.week import day_in, week_of, with_day
from shared.errors import Unavailable
from shared.wire.upload import Outcome

ATTEMPTS: Final = 6
_ONE_TAKES: Final = Lock()
"""Printers that an agent takes over are bound to its row, and DynamoDB refuses two transactions at once on one item."""


@dataclass(slots=True)
class _Work:
    """Items to write and what became of each reading, in the order of taking."""

    writes: dict[Key, Item] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    needs_review: bool = False
    """A counter went back, or readings that came late may have shown or hidden that one did."""


def keys_to_load(printer_id: str, taken: Sequence[Taken], state: Item | None, sender: Sender) -> list[Key]:
    """What `store_readings` needs of a printer beside its state: nothing, when one reading only moves counts on."""
    tenant_id, first = sender.caller.tenant_id, taken[0]
    single = state if len(taken) == 1 else None
    if single is not None and single["reading_id"] == first.reading.reading_id:
        return []
    wanted = []
    if not first.says_who(single, sender.caller.agent_id) or printer_place.moves(single, first.sections):
        wanted.append(keys.meta(tenant_id, printer_id))
    if any(each.media_digest for each in taken) and not first.says_media(single):
        wanted.append(keys.media(tenant_id, printer_id))
    if not state_tells(single, first.sections, first.stamp, first.day):
        days = {each.day for each in taken} | ({state["day"]} if state else set())
        wanted += [keys.week(tenant_id, printer_id, monday) for monday in sorted({week_of(day) for day in days})]
    return wanted


def storing(
    printer_id: str,
    taken: Sequence[Taken],
    wanted: Sequence[Key],
    loaded: Mapping[Key, Item],
    *,
    sender: Sender,
    documents: Documents,
) -> Callable[[], list[Outcome]]:
    """Make ready what readings of one printer, given in the order of taking, change; the call stores it.

    ``loaded`` holds those that exist of its state and of ``wanted``, its `keys_to_load`. What the call returns is what
    became of each reading. It is safe to repeat and to run beside another upload: each item is written at the version
    it was read, and when somebody was faster everything is read and folded again. It raises `Forbidden` when a printer
    was to go to the sender, which was ended since its upload began (it stays where it was), and `Unavailable` when
    others kept being faster: nothing of it is wrong, try again.
    """
    state_key = keys.state(sender.caller.tenant_id, printer_id)

    def made_ready(wanted: Sequence[Key], loaded: Mapping[Key, Item]) -> tuple[_Work, Callable[[], bool]]:
        fold = _fold if wanted else _moved_on
        work = fold(printer_id, taken, loaded, sender)
        return work, _writing(work, loaded, taken[-1].stamp, sender, documents)

    work, write = made_ready(wanted, loaded)

    def store() -> list[Outcome]:
        nonlocal work, write
        for _ in range(ATTEMPTS):
            if work.needs_review:  # before the writes: a crash among them must not lose it
                ask_review(documents, _identifiers(printer_id, sender), sender.now)
            if write():
                return work.outcomes
            state = documents.load([state_key])
            needed = keys_to_load(printer_id, taken, state.get(state_key), sender)
            work, write = made_ready(needed, state | documents.load(needed))
        raise Unavailable("printer_busy", "A printer is being written by other uploads; try again.")

    return store


def _moved_on(printer_id: str, taken: Sequence[Taken], loaded: Mapping[Key, Item], sender: Sender) -> _Work:
    """What a reading leads to for which `keys_to_load` wants nothing, as for nearly all: its state is another, or not.

    It is the last one again; or it follows that on the same day, no counter went back, and who and where the printer
    is, its trays and its place in the lists are as before. `_fold` comes to the same, and looks for all of that again.
    """
    key = keys.state(sender.caller.tenant_id, printer_id)
    outcome, after = _folded(printer_id, taken[0], loaded[key], None, sender)
    return _Work({} if outcome is Outcome.DUPLICATE else {key: after}, [outcome])


def _fold(printer_id: str, taken: Sequence[Taken], loaded: Mapping[Key, Item], sender: Sender) -> _Work:
    caller, work = sender.caller, _Work()
    meta_key = keys.meta(caller.tenant_id, printer_id)
    state_key = keys.state(caller.tenant_id, printer_id)
    current = dict(loaded)
    for each in taken:
        state = current.get(state_key)
        outcome, after = _folded(printer_id, each, state, current.get(meta_key), sender)
        work.outcomes.append(outcome)
        if outcome is Outcome.DUPLICATE:
            continue
        changes = {
            meta_key: _meta(current, printer_id, each, sender, after),
            keys.media(caller.tenant_id, printer_id): _media(current, printer_id, each, sender),
            state_key: after if outcome is Outcome.STORED else None,
        }
        known = _known_days(current, state, each, sender, printer_id)
        days = _days(known, state, after, each, sender)
        work.needs_review |= may_break(state, each.sections, known, days, is_late=not each.follows(state))
        current |= _weeks(current, days.values(), sender, printer_id)
        current |= {key: item for key, item in changes.items() if item is not None}
    identifiers = _identifiers(printer_id, sender)
    changed = [key for key, item in current.items() if item is not loaded.get(key) and item != loaded.get(key)]
    ordered = sorted(changed, key=lambda key: (key == state_key, key[1] != PRINTER_META, key))
    # A week is kept for more than a year and only ever found by its printer: the key says whose it is.
    named = {key: {} if key[1].startswith(PRINTER_WEEK_PREFIX) else identifiers for key in ordered}
    work.writes = {key: {**named[key], **current[key], "pk": key[0], "sk": key[1]} for key in ordered}
    return work


def _folded(
    printer_id: str, taken: Taken, state: Item | None, meta: Item | None, sender: Sender
) -> tuple[Outcome, Item]:
    """What becomes of one reading, and the state after it."""
    place = ownership.place_of(state, meta, sender.caller, taken.stamp)
    folded = fold_state(
        state, taken.reading, taken.sections, caller=place, printer_id=printer_id, now=sender.now, at=taken.at
    )
    if folded.outcome is Outcome.DUPLICATE:
        return folded.outcome, folded.item
    after = folded.item
    if taken.follows(state):
        after |= _followed(state, taken, sender)
    if folded.outcome is Outcome.STORED:
        mac_address = taken.reading.identity.mac_address
        digest = ownership.kept_digest(meta, taken.meta_digest, taken.stamp)
        after = ownership.sighted(state, after, sender.caller.agent_id, taken.stamp, digest, mac_address)
    return folded.outcome, after


def _followed(state: Item | None, taken: Taken, sender: Sender) -> Item:
    """What a state holds of its newest reading beside the sections."""
    before = state if state is not None and state.get("day") == taken.day else {}
    counted = counted_quarters(before, quarter(taken.at, sender.zone))
    digests = {"media_digest": taken.media_digest} if taken.media_digest else {}
    return {"day": taken.day, "quarters": counted["quarters"], **digests}


def _meta(current: Mapping[Key, Item], printer_id: str, taken: Taken, sender: Sender, after: Item) -> Item | None:
    state = current.get(keys.state(sender.caller.tenant_id, printer_id))
    meta = current.get(keys.meta(sender.caller.tenant_id, printer_id))
    if meta is None:  # not loaded: it says the same as before, and so do the supplies
        return None
    agent_id = sender.caller.agent_id
    is_taken_up = retirement.is_taken_up(meta, taken.stamp)
    if retirement.is_retired(meta):  # first: the state may be one that was read before the retirement
        if not is_taken_up:
            return None
        meta = retirement.in_service(meta)
    elif taken.says_who(state, agent_id):
        return printer_place.placed(meta, after)
    if "agent_id" not in meta:
        meta = meta | {"read_since": taken.stamp}
    if is_taken_up or ownership.moves(state, agent_id, taken.stamp):
        since = date.fromisoformat(taken.day)
        meta = relocation.placed(meta, agent_id, sender.caller.site_id, sender.now, since)
    merged = merge_meta(
        meta,
        taken.claim,
        taken.reading,
        caller=sender.caller,
        agent_version=sender.agent_version,
        is_newest=taken.follows(state),
    )
    return printer_place.placed(merged, after)


def _media(current: Mapping[Key, Item], printer_id: str, taken: Taken, sender: Sender) -> Item | None:
    state = current.get(keys.state(sender.caller.tenant_id, printer_id))
    if taken.media_digest is None or taken.says_media(state):
        return None
    media = current.get(keys.media(sender.caller.tenant_id, printer_id))
    return fold_media(media, taken.media, taken.stamp, is_newest=taken.follows(state))


def _known_days(
    current: Mapping[Key, Item], state: Item | None, taken: Taken, sender: Sender, printer_id: str
) -> dict[str, Item]:
    """What is stored of the reading's day and of the state's, by date."""
    known = {}
    for day in {taken.day} | ({state["day"]} if state else set()):
        stored = day_in(current.get(keys.week(sender.caller.tenant_id, printer_id, week_of(day))), day)
        if stored is not None:
            known[day] = stored
    return known


def _days(known: Mapping[str, Item], before: Item | None, after: Item, taken: Taken, sender: Sender) -> dict[str, Item]:
    """The days that would not be seen as they are from what is stored of them and the state after the reading."""
    if state_tells(before, taken.sections, taken.stamp, taken.day):
        return {}
    changed = {}
    stored = known.get(taken.day)
    rolled = roll_up(stored and seen_day(stored, before), taken.sections, taken.at, sender.zone)
    if stored is None or seen_day(stored, after) != rolled or turned(stored, rolled):
        changed[taken.day] = rolled
    # The day of a printer that was silent for longer than days are kept is gone, and stays so.
    if before is not None and before["day"] not in {taken.day, after["day"]} and before["day"] in known:
        changed[before["day"]] = seen_day(known[before["day"]], before)
    return changed


def _weeks(current: Mapping[Key, Item], days: Iterable[Item], sender: Sender, printer_id: str) -> dict[Key, Item]:
    """The weeks with these days in them."""
    weeks: dict[Key, Item] = {}
    for day in days:
        monday = week_of(day["day"])
        key = keys.week(sender.caller.tenant_id, printer_id, monday)
        begun = weeks.get(key) or current.get(key) or {"printer_id": printer_id, "expires_at": expiry(monday)}
        weeks[key] = with_day(begun, day)
    return weeks


def _writing(
    work: _Work, loaded: Mapping[Key, Item], stamp: str, sender: Sender, documents: Documents
) -> Callable[[], bool]:
    bound = relocation.bound_by(work.writes, loaded, sender.caller, stamp, sender.now, documents)
    together = bound.keys
    alone = [documents.saving(item) for key, item in work.writes.items() if key not in together]

    def write() -> bool:
        if not all(save() for save in alone):
            return False
        if bound.taker is None:
            return not bound.items or documents.commit(bound.items, gone=bound.gone)
        with _ONE_TAKES:
            agent = taking_agent(documents, bound.taker, sender.now)
            return documents.commit(bound.items, gone=bound.gone, still=[agent])

    return write


def _identifiers(printer_id: str, sender: Sender) -> Item:
    return {
        "printer_id": printer_id,
        "tenant_id": sender.caller.tenant_id,
        "organization_id": sender.caller.organization_id,
        "organization_path": sender.caller.organization_path,
    }
