"""Receipts as they are kept: what became of each reading of a batch, without what a repeat of the batch says again."""

import zlib
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from pydantic_core import from_json, to_json

from functions.ingest.table import keys
from functions.ingest.uploads.store_readings import Sender
from shared.attributes import Item
from shared.clock import from_key_time, key_time
from shared.wire.upload import Outcome, ReadingOutcome, Upload, UploadReceipt

KEEP_RECEIPTS: Final = timedelta(days=40)  # longer than the 35 days a reading may be old


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


def kept_receipt(upload: Upload, receipt: UploadReceipt, sender: Sender) -> Item:
    """The receipt's item."""
    pk, sk = keys.receipt(sender.caller.agent_id, upload.boot_id, upload.seq)
    rows = [[each.outcome.value, each.printer_id, each.reason] for each in receipt.outcomes]
    return {
        "pk": pk,
        "sk": sk,
        "content": content_of(upload),
        "received_at": key_time(receipt.received_at),
        "outcomes": zlib.compress(to_json(rows)),
        "tenant_id": sender.caller.tenant_id,
        "expires_at": int((sender.now + KEEP_RECEIPTS).timestamp()),
    }


def repeated(upload: Upload, kept: Item | None, config_etag: str) -> UploadReceipt | None:
    """The answer to a batch that was answered before; None when it was not, or its number stood for other readings."""
    if kept is None or "outcomes" not in kept or kept["content"] != content_of(upload):
        return None
    outcomes = [
        ReadingOutcome(
            reading_id=name_of(raw, position), outcome=Outcome(outcome), printer_id=printer_id, reason=reason
        )
        for position, (raw, (outcome, printer_id, reason)) in enumerate(zip(upload.readings, _rows(kept), strict=True))
    ]
    return UploadReceipt(
        boot_id=upload.boot_id,
        seq=upload.seq,
        received_at=from_key_time(kept["received_at"]),
        outcomes=outcomes,
        config_etag=config_etag,
        unchanged_readings=True,
    )


def outcomes_of(kept: Item) -> list[Outcome]:
    """What became of each reading of a kept receipt, in the order sent."""
    return [Outcome(outcome) for outcome, *_ in _rows(kept)]


def _rows(kept: Item) -> list[list[Any]]:
    rows: list[list[Any]] = from_json(zlib.decompress(bytes(kept["outcomes"])))
    return rows


def content_of(upload: Upload) -> str:
    """What a batch is recognised by, beside its number: the readings it carries."""
    names = "\n".join(str(raw.get("reading_id")) for raw in upload.readings)
    return sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:32]
