"""Partner API routes of the ledger's entries: manual reads, breaks, and decisions on both."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel, Field

from functions.ingest import settings
from functions.ingest.meters import breaks as meter_breaks
from functions.ingest.meters import reads as meter_reads
from functions.ingest.meters.entry_models import (
    BreakId,
    ManualRead,
    ManualReadPage,
    MeterBreak,
    MeterBreakPage,
    NewBreakDecision,
    NewDocumentedBreak,
    NewManualRead,
    NewReadDecision,
)
from functions.ingest.meters.site_days import zone_of
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.routes.visible_printers import site_of, visible_meta
from shared.clock import utc_now
from shared.http import PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.table import Item
from shared.tenancy import Caller
from shared.visibility import Visible

READS = "/v1/meters/reads"
BREAKS = "/v1/meters/breaks"
OfPrinter = Annotated[EntityId, Query(description="The printer")]
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


class DocumentedBreaks(BaseModel):
    """The breaks that were documented, one for each counter."""

    items: list[MeterBreak] = Field(description="In order of counter")


@router.get(
    READS,
    summary="List manual reads",
    description="What was read by hand of a printer, by day, with its check and the decisions on it.",
    responses={200: {"description": "A page of manual reads"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_manual_reads(
    printer_id: OfPrinter, organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> ManualReadPage:
    """A page of manual reads."""
    meta = visible_meta(visible_of(router, organization_id), printer_id)
    items, following = meter_reads.list_reads(settings.documents(), meta, limit=limit, cursor=cursor, now=utc_now())
    return ManualReadPage(items=items, next_cursor=following)


@router.post(
    READS,
    summary="Enter a manual read",
    description=(
        "For a printer without network, or one that has been silent. The read is checked against the readings around "
        "it and the daily mean of 90 days: outside 60 % of that it is `held` until somebody accepts it (MTR-02). "
        "`corrects` names a read that this one takes the place of."
    ),
    responses={201: {"description": "The read, accepted or held"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def enter_manual_read(wanted: Annotated[NewManualRead, Body()]) -> Response[ManualRead]:
    """Enter a read."""
    caller, meta = _writable(wanted.printer_id)
    entered = meter_reads.enter_read(
        settings.documents(), meta, wanted, zone=zone_of(site_of(meta)), key_id=caller.key_id, now=utc_now()
    )
    return created(entered, f"{READS}?printer_id={wanted.printer_id}")


@router.post(
    READS + "/<read_id>/decisions",
    summary="Decide on a manual read",
    description="Accept or reject it. A later decision names the one before in `corrects` and takes its place.",
    responses={201: {"description": "The read as it is now"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def decide_manual_read(
    read_id: Annotated[EntityId, Path()], wanted: Annotated[NewReadDecision, Body()]
) -> Response[ManualRead]:
    """Decide on a read."""
    caller, meta = _writable(wanted.printer_id)
    decided = meter_reads.decide_read(settings.documents(), meta, read_id, wanted, key_id=caller.key_id, now=utc_now())
    return created(decided, f"{READS}?printer_id={wanted.printer_id}")


@router.get(
    BREAKS,
    summary="List a printer's meter breaks",
    description=(
        "Where a counter went back, by day, noticed within two minutes of the reading: a roll-over is accepted by its "
        "arithmetic when it is plausible, anything else is `held` until somebody decides (MTR-05). Each begins an "
        "epoch, whose offset keeps the logical meter continuous (MTR-06)."
    ),
    responses={200: {"description": "A page of breaks"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_meter_breaks(
    printer_id: OfPrinter, organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> MeterBreakPage:
    """A page of breaks."""
    meta = visible_meta(visible_of(router, organization_id), printer_id)
    items, following = meter_breaks.list_breaks(settings.documents(), meta, limit=limit, cursor=cursor, now=utc_now())
    return MeterBreakPage(items=items, next_cursor=following)


@router.post(
    BREAKS,
    summary="Document a reset or another board",
    description=(
        "What the counters ended at and began with, before or after readings show it. It explains the nearest break "
        "within three days; a board that began higher than the old one ended shows no break, and is told by this alone."
    ),
    responses={201: {"description": "The breaks, one for each counter"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def document_meter_break(wanted: Annotated[NewDocumentedBreak, Body()]) -> Response[DocumentedBreaks]:
    """Document a change."""
    caller, meta = _writable(wanted.printer_id)
    made = meter_breaks.document_break(
        settings.documents(), meta, wanted, zone=zone_of(site_of(meta)), key_id=caller.key_id, now=utc_now()
    )
    items = sorted(made, key=lambda each: each.counter)
    return created(DocumentedBreaks(items=items), f"{BREAKS}?printer_id={wanted.printer_id}")


@router.post(
    BREAKS + "/<break_id>/decisions",
    summary="Decide what a break was",
    description=(
        "With `final_value` and `start_value` of a reset or another board, `modulus` of a roll-over, or the pages "
        "across it (`usage`). A later decision names the one before in `corrects` and takes its place."
    ),
    responses={201: {"description": "The break as it is now"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def decide_meter_break(
    break_id: Annotated[BreakId, Path()], wanted: Annotated[NewBreakDecision, Body()]
) -> Response[MeterBreak]:
    """Decide on a break."""
    caller, meta = _writable(wanted.printer_id)
    decided = meter_breaks.decide_break(
        settings.documents(), meta, break_id, wanted, key_id=caller.key_id, now=utc_now()
    )
    return created(decided, f"{BREAKS}?printer_id={wanted.printer_id}")


def _writable(printer_id: str) -> tuple[Caller, Item]:
    """The caller, who must have the scope, and a printer that is its own or below it."""
    caller = caller_of(router)
    return caller, visible_meta(Visible(caller.tenant_id, caller.organization_path), printer_id)
