"""Uploads sent to the use case, and what is kept of them."""

from typing import Any, Final

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from functions.ingest.uploads.accept_upload import accept_upload
from shared.wire.reading import PrinterReading
from shared.wire.upload import Outcome, Upload, UploadReceipt
from tests.support.api_events import ROOT_ORGANIZATION
from tests.support.ingest import sender, upload

TENANT: Final = ROOT_ORGANIZATION
OTHER_AGENT: Final = "agt_01jd2x00000000000000000002"


def accept(documents: Documents, sent: Upload, **who: Any) -> UploadReceipt:  # noqa: ANN401 - as `sender`
    """The receipt of an upload by the agent, or by another as `sender` has it."""
    return accept_upload(sent, sender=sender(**who), config_etag='"c1"', documents=documents)


def send(documents: Documents, *readings: PrinterReading, seq: int = 1, **who: Any) -> list[Outcome]:  # noqa: ANN401 - as `sender`
    """What became of each reading, sent in one batch."""
    return [each.outcome for each in accept(documents, upload(*readings, seq=seq), **who).outcomes]


def printer_of(receipt: UploadReceipt, position: int = 0) -> str:
    """The printer that a reading of a receipt was counted for."""
    printer_id = receipt.outcomes[position].printer_id
    assert printer_id is not None
    return printer_id


def state_of(documents: Documents, printer_id: str) -> dict[str, Any]:
    """A printer's latest state as it is kept."""
    key = keys.state(TENANT, printer_id)
    return documents.load([key])[key]


def meta_of(documents: Documents, printer_id: str) -> dict[str, Any]:
    """Who a printer is, as it is kept."""
    key = keys.meta(TENANT, printer_id)
    return documents.load([key])[key]
