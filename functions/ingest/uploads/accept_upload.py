"""The use case behind `POST /v1/uploads`: every reading is stored or rejected by name before it is answered (D6)."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from typing import Any, Final, TypeVar

from functions.ingest.identities.registration import Registrar
from functions.ingest.meters.readings import CLOCK_TOLERANCE, parse_reading, refusal_by_time
from functions.ingest.silence.heard import Heard, Told, digest, heard_from, joined, note_heard
from functions.ingest.table import keys
from functions.ingest.table.identity import claim_of, is_unread
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from functions.ingest.table.workers import run_all
from functions.ingest.uploads.receipts import kept_receipt, name_of, receipt_again, receipt_of, with_receipt
from functions.ingest.uploads.recognition import recognise
from functions.ingest.uploads.redating import redated
from functions.ingest.uploads.store_readings import keys_to_load, storing
from functions.ingest.uploads.taken import Sender, Taken
from functions.ingest.uploads.unchanged import settle_unchanged
from shared.attributes import Item
from shared.clock import key_time
from shared.directory.keys import PRINTER_WEEK_PREFIX
from shared.wire.upload import Outcome, ReadingOutcome, Upload, UploadReceipt, is_unchanged

_Made = TypeVar("_Made")
_UNREAD: Final = "/identity: neither serial number nor MAC address was answered; the next reading will tell"


def accept_upload(upload: Upload, *, sender: Sender, config_etag: str, documents: Documents) -> UploadReceipt:
    """Store an upload and say what became of each reading, in the order sent.

    Safe to repeat. The receipt is written last: a repeat of the agent's last batch is answered with it; a repeat of a
    batch that was cut short, or is not the last, finds readings stored already (then *duplicate* or *superseded*) and
    stores the rest. A batch number used again for other readings is a new batch.

    Raises:
        Unavailable: Something stayed contended; the agent sends the batch again.
    """
    contact_key = keys.agent_contact(sender.caller.agent_id)
    stored = documents.load([contact_key]).get(contact_key)
    if (kept := kept_receipt(upload, stored)) is not None:
        return receipt_again(upload, kept, _recognised(upload, sender, documents), config_etag)
    unchanged = {position: raw for position, raw in enumerate(upload.readings) if is_unchanged(raw)}
    outcomes, told = _whole(upload, unchanged, sender, documents)
    heard = heard_from(stored, sender.caller)
    settled = settle_unchanged(unchanged, sender, heard | joined(told, heard))
    outcomes |= settled.outcomes
    outcomes |= {each: _rejected(each, unchanged[each], reason) for each, reason in settled.rejected.items()}
    receipt = receipt_of(upload, [outcomes[each] for each in range(len(upload.readings))], config_etag, sender)

    def news(contact: Item) -> Item:
        return _contact(contact, upload, sender) | with_receipt(contact, upload, receipt)

    note_heard(documents, sender.caller, told | joined(settled.told, told), stored, news)
    return receipt


def _whole(
    upload: Upload, unchanged: Container[int], sender: Sender, documents: Documents
) -> tuple[dict[int, ReadingOutcome], Heard]:
    """Store the readings that were sent whole; their outcomes by position, and what the agent told with them."""
    outcomes: dict[int, ReadingOutcome] = {}
    good: dict[int, Taken] = {}
    for position, raw in enumerate(upload.readings):
        if position in unchanged:
            continue
        taken, reason = _judge(raw, sender)
        if taken is None:
            outcomes[position] = _rejected(position, raw, reason)
        else:
            good[position] = taken
    printer_ids, states = recognise(list(good.values()), sender, documents)
    printer_of = dict(zip(good, printer_ids, strict=True))
    strange = [position for position, printer_id in printer_of.items() if printer_id is None]
    if strange:
        registrar = Registrar(documents, sender.caller, upload.agent_version, sender.now)
        readings = [good[position].reading for position in strange]
        printer_of |= dict(zip(strange, registrar.printer_ids(readings, run_all), strict=True))
    by_printer: dict[str, list[int]] = defaultdict(list)
    told: Heard = {}
    for position, printer_id in printer_of.items():
        if printer_id is None:
            outcomes[position] = _rejected(position, upload.readings[position], _UNREAD)
        else:
            by_printer[printer_id].append(position)
            taken = good[position]
            whole = Told.whole(taken.reading.reading_id, taken.at)
            told[digest(printer_id)] = whole.joined(told.get(digest(printer_id)))
    return outcomes | _store(by_printer, good, states, sender, documents), told


def _recognised(upload: Upload, sender: Sender, documents: Documents) -> dict[int, str | None]:
    """The printers of readings that were stored before, by position; None where one is only known by its address."""
    judged = {place: _judge(raw, sender)[0] for place, raw in enumerate(upload.readings) if not is_unchanged(raw)}
    taken = {place: each for place, each in judged.items() if each is not None}
    printer_ids, _ = recognise(list(taken.values()), sender, documents)
    return dict(zip(taken, printer_ids, strict=True))


def _judge(raw: dict[str, Any], sender: Sender) -> tuple[Taken | None, str]:
    reading, reason = parse_reading(raw)
    if reading is None:
        return None, reason
    claim = claim_of(reading.identity, sender.caller.agent_id, reading.address)
    refused = refusal_by_time(reading, sender.now) or (_UNREAD if is_unread(claim, reading) else "")
    return (None, refused) if refused else (Taken.of(reading, claim, sender), "")


def _store(
    by_printer: dict[str, list[int]],
    good: dict[int, Taken],
    states: dict[Key, Item],
    sender: Sender,
    documents: Documents,
) -> dict[int, ReadingOutcome]:
    state_of = {printer_id: keys.state(sender.caller.tenant_id, printer_id) for printer_id in by_printer}
    loaded = states | documents.load([key for key in state_of.values() if key not in states], consistent=False)
    good = redated(by_printer, good, loaded, sender, documents)
    for positions in by_printer.values():
        positions.sort(key=lambda position: (good[position].at, good[position].reading.taken_at))
    faults: list[Exception] = []

    def needed_of(printer_id: str) -> list[Key]:
        taken = [good[position] for position in by_printer[printer_id]]
        return keys_to_load(printer_id, taken, loaded.get(state_of[printer_id]), sender)

    wanted = _of_each(by_printer, needed_of, faults)
    keys_wanted = [key for each in wanted.values() for key in each]
    # A week that is a moment behind is refused when it is written; an own item that is would pass for none.
    weeks = [key for key in keys_wanted if key[1].startswith(PRINTER_WEEK_PREFIX)]
    loaded |= documents.load(weeks, consistent=False)
    loaded |= documents.load([key for key in keys_wanted if not key[1].startswith(PRINTER_WEEK_PREFIX)])
    became: dict[str, list[Outcome]] = {}

    def task(printer_id: str) -> Callable[[], None]:
        needed = wanted[printer_id]
        mine = {key: loaded[key] for key in (state_of[printer_id], *needed) if key in loaded}
        taken = [good[position] for position in by_printer[printer_id]]
        made_ready = storing(printer_id, taken, needed, mine, sender=sender, documents=documents)

        def store() -> None:
            became[printer_id] = made_ready()

        return store

    run_all(list(_of_each(wanted, task, faults).values()))
    if faults:
        raise faults[0]
    return {
        position: ReadingOutcome(reading_id=good[position].reading.reading_id, outcome=outcome, printer_id=printer_id)
        for printer_id, positions in by_printer.items()
        for position, outcome in zip(positions, became[printer_id], strict=True)
    }


def _of_each(printer_ids: Iterable[str], make: Callable[[str], _Made], faults: list[Exception]) -> dict[str, _Made]:
    """What is made for each printer. One's trouble is put by: it must not keep the others' readings."""
    made = {}
    for printer_id in printer_ids:
        try:
            made[printer_id] = make(printer_id)
        except Exception as fault:  # noqa: BLE001 - raised when the others are stored
            faults.append(fault)
    return made


def _rejected(position: int, raw: dict[str, Any], reason: str) -> ReadingOutcome:
    return ReadingOutcome(reading_id=name_of(raw, position), outcome=Outcome.REJECTED, reason=reason)


def _contact(before: Item, upload: Upload, sender: Sender) -> Item:
    """What an upload says of its agent; the later time stays."""
    ahead = upload.sent_at - sender.now  # none when the agent corrects its times, but then it says by how much
    told = upload.clock_ahead_seconds
    skew = int(ahead.total_seconds()) if told is None else told
    return {
        "last_seen_at": max(key_time(sender.now), before.get("last_seen_at", "")),
        "agent_version": upload.agent_version,
        "dropped_readings": upload.dropped_readings,
        "clock_skew_seconds": skew if abs(skew) > CLOCK_TOLERANCE.total_seconds() else None,
    }
