"""Partner API routes of printers and meters."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings, wiring
from functions.ingest.identities.histories import days_page
from functions.ingest.lineages.merging import visible_printer
from functions.ingest.meters.day_models import MeterPage, meter_day
from functions.ingest.printers.alert_history import PastAlertPage, past_alerts
from functions.ingest.printers.models import PrinterDetails, detailed
from functions.ingest.printers.supply_levels import SupplyLevelPage, levels_of
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.routes.visible_printers import site_of
from functions.ingest.table import keys
from shared.clock import utc_now
from shared.directory.views import PrinterDay
from shared.errors import FieldError, Invalid
from shared.etag import etag_of
from shared.http import PROBLEMS, Cursor, Limit
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.table import Item

LONGEST_SPAN = timedelta(days=400)
DEFAULT_SPAN = timedelta(days=31)
FirstDay = Annotated[date | None, Query(alias="from", description="First day; 31 days before the last if left out")]
LastDay = Annotated[date | None, Query(alias="to", description="Last day; today if left out")]
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    "/v1/printers/<printer_id>",
    summary="Get a printer",
    description=(
        "Identity, status, counters, trays, covers, supplies and alerts, raw and derived. The id of a printer that was "
        "merged into another answers with that one."
    ),
    responses={
        200: {
            "description": "The printer",
            "headers": {
                "ETag": {
                    "description": "For If-Match: of one that was registered by hand and that no agent has read",
                    "schema": {"type": "string"},
                }
            },
        },
        **PROBLEMS,
    },
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_printer(printer_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[PrinterDetails]:
    """One printer."""
    visible = visible_of(router, organization_id)
    meta = visible_printer(settings.documents(), visible, printer_id)
    printer_id = meta["printer_id"]
    state_key, media_key = keys.state(visible.tenant_id, printer_id), keys.media(visible.tenant_id, printer_id)
    found = settings.documents().load([state_key, media_key])
    state = found.get(state_key)
    printer = wiring.printer_list().rows.of(visible.tenant_id, [meta], utc_now(), consistent=True)[0]
    details = detailed(printer, meta, state or {}, found.get(media_key, {}))
    headers: dict[str, str | list[str]] = {} if "agent_id" in meta else {"ETag": etag_of(int(meta["version"]))}
    return Response(int(HTTPStatus.OK), content_type="application/json", body=details, headers=headers)


@router.get(
    "/v1/printers/<printer_id>/supply-levels",
    summary="List a printer's supply levels",
    description="The last valid level of each supply on each site-local day, and on which day another was put in.",
    responses={200: {"description": "A page of days, oldest first"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_supply_levels(
    printer_id: Annotated[EntityId, Path()],
    first: FirstDay = None,
    last: LastDay = None,
    organization_id: Below = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SupplyLevelPage:
    """A page of days with their supplies."""
    visible = visible_of(router, organization_id)
    meta = visible_printer(settings.documents(), visible, printer_id)
    days, following = _days(meta, first, last, limit, cursor)
    return SupplyLevelPage(items=list(levels_of(days)), next_cursor=following)


@router.get(
    "/v1/printers/<printer_id>/alerts",
    summary="List a printer's alerts that are over",
    description=(
        "When each began and ended, the last first, for 400 days, with those of printers that were merged into it. "
        "Those that stand are in the printer's details. An "
        "alert that begins and ends between two readings is not known."
    ),
    responses={200: {"description": "A page of alerts"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_alerts(
    printer_id: Annotated[EntityId, Path()], organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> PastAlertPage:
    """A page of alerts."""
    visible = visible_of(router, organization_id)
    meta = visible_printer(settings.documents(), visible, printer_id)
    site = site_of(meta)
    zone = ZoneInfo(site.time_zone) if site else settings.UTC_ZONE
    return past_alerts(settings.tickets(), meta, zone, limit=limit, cursor=cursor)


@router.get(
    "/v1/meters",
    summary="List a printer's days",
    description="One item for each site-local day with readings: first and last counters, last supplies.",
    responses={200: {"description": "A page of days, oldest first"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_meters(
    printer_id: Annotated[EntityId, Query()],
    first: FirstDay = None,
    last: LastDay = None,
    organization_id: Below = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MeterPage:
    """A page of days."""
    visible = visible_of(router, organization_id)
    meta = visible_printer(settings.documents(), visible, printer_id)
    days, following = _days(meta, first, last, limit, cursor)
    return MeterPage(items=[meter_day(day) for day in days], next_cursor=following)


def _days(
    meta: Item, first: date | None, last: date | None, limit: int, cursor: str | None
) -> tuple[list[PrinterDay], str | None]:
    last = last or utc_now().date() + timedelta(days=1)  # a site east of Greenwich is a day ahead
    first = first or last - min(DEFAULT_SPAN, last - date.min)
    if not timedelta() <= last - first <= LONGEST_SPAN:
        error = FieldError("query:from", f"A day in the {LONGEST_SPAN.days} days up to 'to'.")
        raise Invalid("invalid_span", "The days asked for are out of order or too many.", (error,))
    state_key = keys.state(meta["tenant_id"], meta["printer_id"])
    # Before the days: what the state has not told them yet, it has still when it was read first.
    state = settings.documents().load([state_key]).get(state_key)
    span = {"first": first.isoformat(), "last": last.isoformat()}
    page = days_page(settings.documents(), meta, state, **span, limit=limit, cursor=cursor)
    return [PrinterDay.model_validate(item) for item in page.items], page.next_cursor
