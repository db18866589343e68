"""The receipt that is kept of an agent: of its last batch, without what a repeat of the batch says again.

An agent has one batch under way: what it sends again is the last one, whose answer it did not get. An older batch that
comes again is judged anew, and changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from functions.ingest.uploads.taken import Sender
from shared.attributes import PACKED, Item
from shared.clock import from_key_time, key_time
from shared.wire.upload import Outcome, ReadingOutcome, Upload, UploadReceipt

_TOGETHER: Final = ["agent_version", "dropped_readings", "clock_skew_seconds", "receipt", "taken"]


def name_of(raw: dict[str, Any], position: int) -> str:
    """What a reading is called in a receipt: its id, or its place where it has none that can be used."""
    given = raw.get("reading_id")
    return given[:255] if isinstance(given, str) else f"readings/{position}"


def receipt_of(upload: Upload, outcomes: Sequence[ReadingOutcome], config_etag: str, sender: Sender) -> UploadReceipt:
    """The answer to a batch that was stored now."""
    return UploadReceipt(
        boot_id=upload.boot_id,
        seq=upload.seq,
        received_at=sender.now,
        outcomes=list(outcomes),
        config_etag=config_etag,
        unchanged_readings=True,
    )


def with_receipt(contact: Item, upload: Upload, receipt: UploadReceipt) -> Item:
    """What an agent's item says of its uploads after this one: the receipt, and how many readings became what so far.

    A batch that the item has the receipt of already changes nothing.
    """
    if kept_receipt(upload, contact) is not None:
        return {}
    counts = Counter(each.outcome.value for each in receipt.outcomes)
    taken = {
        name: contact.get("taken", {}).get(name, 0) + counts[name] for name in {*contact.get("taken", {}), *counts}
    }
    kept = {
        "boot_id": upload.boot_id,
        "seq": upload.seq,
        "content": content_of(upload),
        "received_at": key_time(receipt.received_at),
        "outcomes": [each.outcome.value for each in receipt.outcomes],
        "reasons": {str(place): each.reason for place, each in enumerate(receipt.outcomes) if each.reason is not None},
    }
    return {"receipt": kept, "taken": dict(sorted(taken.items())), PACKED: _TOGETHER}


def kept_receipt(upload: Upload, contact: Item | None) -> Item | None:
    """What is kept of a batch's receipt when it is the agent's last; None when its number stood for other readings."""
    kept: Item = (contact or {}).get("receipt", {})
    batch = upload.boot_id, upload.seq, content_of(upload)
    return kept if (kept.get("boot_id"), kept.get("seq"), kept.get("content")) == batch else None


def receipt_again(upload: Upload, kept: Item, printers: Mapping[int, str | None], config_etag: str) -> UploadReceipt:
    """The answer to a batch that was answered before.

    Args:
        upload: The batch.
        kept: Its `kept_receipt`.
        printers: The printer of each whole reading, by position, as it is known now.
        config_etag: Of the agent's configuration now.
    """
    outcomes = [
        ReadingOutcome(
            reading_id=name_of(raw, place),
            outcome=Outcome(outcome),
            printer_id=printers.get(place),
            reason=kept["reasons"].get(str(place)),
        )
        for place, (raw, outcome) in enumerate(zip(upload.readings, kept["outcomes"], strict=True))
    ]
    return UploadReceipt(
        boot_id=upload.boot_id,
        seq=upload.seq,
        received_at=from_key_time(kept["received_at"]),
        outcomes=outcomes,
        config_etag=config_etag,
        unchanged_readings=True,
    )


def content_of(upload: Upload) -> str:
    """What a batch is recognised by, beside its number: the readings it carries."""
    names = "\n".join(str(raw.get("reading_id")) for raw in upload.readings)
    return sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:16]
