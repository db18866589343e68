"""Partner API routes of printers and meters."""

from datetime import date, datetime, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import keys, settings
from functions.ingest.agent_routes import Below, managed_statuses, visible_with
from functions.ingest.agents import not_heard
from functions.ingest.printer_models import (
    CommunicationFilter,
    MeterPage,
    PrinterDetails,
    PrinterPage,
    detailed,
    meter_day,
    shown,
)
from functions.ingest.silence import Stage
from shared.clock import from_key_time, utc_now
from shared.directory import keys as directory
from shared.directory.day import seen_day
from shared.directory.views import PrinterDay, PrinterState, PrinterView
from shared.errors import FieldError, Invalid, NotFound
from shared.http import PROBLEMS, Cursor, Limit
from shared.ids import EntityId
from shared.names import Scope
from shared.table import Item
from shared.visibility import Visible

LONGEST_SPAN = timedelta(days=400)
DEFAULT_SPAN = timedelta(days=31)
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    "/v1/printers",
    summary="List printers",
    description=(
        "Printers in order of organisation, each with its latest reading in short and its place in the programme. "
        "With `site_id` or `communication` a page may be short, or empty, and still have a next one."
    ),
    responses={200: {"description": "A page of printers"}, **PROBLEMS},
    tags=["Printers"],
)
def list_printers(
    organization_id: Below = None,
    site_id: Annotated[EntityId | None, Query(description="Only printers at this site")] = None,
    communication: Annotated[
        CommunicationFilter | None, Query(description="Only printers that communicate, do not, or went so far silent")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PrinterPage:
    """A page of printers."""
    visible = visible_with(router, Scope.FLEET_READ, organization_id)
    views, following = settings.fleet().printers_page(visible.tenant_id, visible.path, limit=limit, cursor=cursor)
    views = [view for view in views if site_id is None or view.site_id == site_id]
    ids = [view.printer_id for view in views]
    state_keys = [keys.state(visible.tenant_id, printer_id) for printer_id in ids]
    states = settings.documents().load(state_keys)
    now = utc_now()
    episodes = _episodes(visible.tenant_id, list(states.values()), now)
    unheard = not_heard(settings.documents(), {view.agent_id for view in views})
    items = [
        shown(
            view,
            _state(states.get(key)),
            managed,
            now,
            episode=episodes.get(view.printer_id),
            agent_heard=view.agent_id not in unheard,
        )
        for view, key, managed in zip(views, state_keys, managed_statuses(visible.tenant_id, ids), strict=True)
    ]
    return PrinterPage(
        items=[item for item in items if communication is None or communication.fits(item)], next_cursor=following
    )


@router.get(
    "/v1/printers/<printer_id>",
    summary="Get a printer",
    description="Identity, status, counters, trays, covers, supplies and alerts, raw and derived.",
    responses={200: {"description": "The printer"}, **PROBLEMS},
    tags=["Printers"],
)
def get_printer(printer_id: Annotated[EntityId, Path()], organization_id: Below = None) -> PrinterDetails:
    """One printer."""
    visible = visible_with(router, Scope.FLEET_READ, organization_id)
    meta = _visible_meta(visible, printer_id)
    state_key, media_key = keys.state(visible.tenant_id, printer_id), keys.media(visible.tenant_id, printer_id)
    found = settings.documents().load([state_key, media_key])
    state = found.get(state_key)
    managed = managed_statuses(visible.tenant_id, [printer_id])[0]
    now = utc_now()
    episode = _episodes(visible.tenant_id, [state] if state else [], now).get(printer_id)
    heard = not not_heard(settings.documents(), [meta["agent_id"]])
    printer = shown(PrinterView.model_validate(meta), _state(state), managed, now, episode=episode, agent_heard=heard)
    return detailed(printer, meta, state or {}, found.get(media_key, {}))


@router.get(
    "/v1/meters",
    summary="List a printer's days",
    description="One item for each site-local day with readings: first and last counters, last supplies.",
    responses={200: {"description": "A page of days, oldest first"}, **PROBLEMS},
    tags=["Meters"],
)
def list_meters(
    printer_id: Annotated[EntityId, Query()],
    first: Annotated[
        date | None, Query(alias="from", description="First day; 31 days before the last if left out")
    ] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day; today if left out")] = None,
    organization_id: Below = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MeterPage:
    """A page of days."""
    visible = visible_with(router, Scope.FLEET_READ, organization_id)
    _visible_meta(visible, printer_id)
    last = last or utc_now().date() + timedelta(days=1)  # a site east of Greenwich is a day ahead
    first = first or last - DEFAULT_SPAN
    if not timedelta() <= last - first <= LONGEST_SPAN:
        error = FieldError("query:from", f"A day in the {LONGEST_SPAN.days} days up to 'to'.")
        raise Invalid("invalid_span", "The days asked for are out of order or too many.", (error,))
    between = (directory.printer_day(first.isoformat()), directory.printer_day(last.isoformat()))
    partition = directory.printer(visible.tenant_id, printer_id)
    state_key = keys.state(visible.tenant_id, printer_id)
    # Before the days: what the state has not told them yet, it has still when it was read first.
    state = settings.documents().load([state_key]).get(state_key)
    page = settings.documents().page(partition, sk_between=between, limit=limit, cursor=cursor)
    items = [meter_day(PrinterDay.model_validate(seen_day(item, state))) for item in page.items]
    return MeterPage(items=items, next_cursor=page.next_cursor)


def _visible_meta(visible: Visible, printer_id: str) -> Item:
    key = keys.meta(visible.tenant_id, printer_id)
    meta = settings.documents().load([key]).get(key)
    if meta is None or not visible.covers(meta["tenant_id"], meta["organization_path"]):
        raise NotFound("printer", printer_id)
    return meta


def _episodes(tenant_id: str, states: list[Item], now: datetime) -> dict[str, Item]:
    """The last episodes of those that are silent, by printer id."""
    silent = [item["printer_id"] for item in states if Stage.at(from_key_time(item["taken_at"]), now)]
    found = settings.documents().load([keys.silence(tenant_id, each) for each in silent], consistent=False)
    return {item["printer_id"]: item for item in found.values()}


def _state(item: Item | None) -> PrinterState | None:
    return PrinterState.model_validate(item) if item else None
