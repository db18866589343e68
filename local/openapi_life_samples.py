"""Sample values of what happens to printers, for the examples of the OpenAPI documents."""

from typing import Any, Final

_ULID: Final = "01jd2x8k3v9m4t7r5c2b6n0q1w"
_PRINTER: Final = f"prn_{_ULID}"

OF_PRINTER_LIVES: Final[dict[str, Any]] = {
    "SupplyLevel.fill_percent": None,
    "Printer.silence": None,
    "PrinterDetails.silence": None,
    "Printer.alerts": 1,
    "PrinterDetails.alerts": 1,
    "Printer.eligibility_status": "already_managed",
    "Printer.managed_status": "managed",
    "PrinterDetails.eligibility_status": None,
    "PrinterDetails.managed_status": "managed",
    "ConflictResolution.note": "Two printers of the same batch; the maker was told",
    "PrinterHappening.details": {"from_agent_id": f"agt_{_ULID}", "to_agent_id": "agt_01jd2x9d5h0c6h8m2v4k7p1r3x"},
    "PrinterHappening.what": "transferred",
    "Printer.merged_printer_ids": [],
    "PrinterDetails.merged_printer_ids": [],
    "Merger.merged_printer_ids": ["prn_01jd2x9d5h0c6h8m2v4k7p1r3x"],
    "NewMerger.other_printer_id": "prn_01jd2x9d5h0c6h8m2v4k7p1r3x",
    "NewSplit.days_from": None,
    "NewSplit.mac_address": None,
    "NewSplit.other_printer_id": "prn_01jd2x9d5h0c6h8m2v4k7p1r3x",
    "NewTransfer.printer_ids": [_PRINTER],
    "NewTransfer.to_agent_id": "agt_01jd2x9d5h0c6h8m2v4k7p1r3x",
    "Printer.identity_conflict": None,
    "Printer.site_move": None,
    "PrinterDetails.identity_conflict": None,
    "PrinterDetails.site_move": None,
    "PrinterQuestion.from_site_id": "site_01jd2x9d5h0c6h8m2v4k7p1r3x",
    "PrinterQuestion.to_site_id": f"site_{_ULID}",
    "SiteMoveConfirmation.delivery_contact_id": f"ctc_{_ULID}",
    "Split.other_printer_id": "prn_01jd2x9d5h0c6h8m2v4k7p1r3x",
    "Transfer.cancelled_at": None,
    "Transfer.cancelled_by_key_id": None,
    "Transfer.from_agent_id": f"agt_{_ULID}",
    "Transfer.moved": 12,
    "Transfer.refused": 0,
    "Transfer.state": "completed",
    "Transfer.to_agent_id": "agt_01jd2x9d5h0c6h8m2v4k7p1r3x",
    "TransferResult.error_code": None,
    "TransferResult.message": None,
    "TransferResult.ok": True,
}
"""By the names of a model and its field."""
