"""Partner API routes of the list of printers and of its files."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import wiring
from functions.ingest.printers import query as given
from functions.ingest.printers.columns import DEFAULT_COLUMNS, Column, file_of
from functions.ingest.printers.filter import PrinterFilter, Sort
from functions.ingest.printers.listing import Wanted
from functions.ingest.printers.models import PrinterPage
from functions.ingest.printers.saved_views import SavedView
from functions.ingest.routes.agents import Below, visible_of
from shared.clock import utc_now
from shared.errors import FieldError, Invalid
from shared.http import PROBLEMS, Cursor, Limit
from shared.names import Scope
from shared.scopes import needs
from shared.visibility import Visible

MOST_ROWS = 1_000
EXPORTS = "/v1/printer-exports"
_READ_AHEAD = (
    "Values of one category are alternatives, categories narrow each other. With filters a page may be short, or "
    "empty, and still have a next one: a request looks at 2,000 printers at most, or 500 with `communication`, "
    "`managed_status` or `eligibility_status`; `scanned` says at how many it did."
)
_FILE: dict[int, Any] = {
    200: {
        "description": "A part of the file",
        "headers": {
            "Link": {"description": 'The next part, as rel="next"', "schema": {"type": "string"}},
            "X-Next-Cursor": {"description": "The cursor of the next part", "schema": {"type": "string"}},
        },
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    "/v1/printers",
    summary="List printers",
    description=(
        "Printers with their latest reading in short, their place in the programme, their tags and the names of their "
        f"organisation and site. {_READ_AHEAD}"
    ),
    responses={200: {"description": "A page of printers"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_printers(  # noqa: PLR0913, PLR0917 - one parameter for each category
    organization_id: Below = None,
    site_id: given.SiteIds = None,
    agent_id: given.AgentIds = None,
    manufacturer: given.Manufacturers = None,
    model: given.Models = None,
    firmware: given.Firmwares = None,
    read_by: given.Readers = None,
    registration: given.Registrations = None,
    tag: given.Tags = None,
    search: given.Searches = None,
    supply_below: given.SupplyBelow = None,
    communication: given.Communications = None,
    managed_status: given.ManagedStatuses = None,
    eligibility_status: given.EligibilityStatuses = None,
    question: given.Questions = None,
    retired: given.Retired = False,
    sort: given.Order = None,
    view_id: given.ViewId = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PrinterPage:
    """A page of printers."""
    visible = visible_of(router, organization_id)
    wanted = given.filter_of(
        site_id=site_id,
        agent_id=agent_id,
        manufacturer=manufacturer,
        model=model,
        firmware=firmware,
        read_by=read_by,
        registration=registration,
        tag=tag,
        search=search,
        supply_below=supply_below,
        communication=communication,
        managed_status=managed_status,
        eligibility_status=eligibility_status,
        question=question,
        retired=retired,
    )
    view = _view(visible, view_id, wanted, sort)
    return _page(visible, view, wanted, sort, limit, cursor)


@router.get(
    EXPORTS,
    summary="Export printers",
    description=(
        "The list as a CSV file of chosen columns, in parts: follow `Link` with rel=next and append what comes; only "
        "the first part has the header. What a spreadsheet would take for a formula has an apostrophe before it. "
        f"{_READ_AHEAD}"
    ),
    responses={**_FILE, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def export_printers(  # noqa: PLR0913, PLR0917 - one parameter for each category
    organization_id: Below = None,
    site_id: given.SiteIds = None,
    agent_id: given.AgentIds = None,
    manufacturer: given.Manufacturers = None,
    model: given.Models = None,
    firmware: given.Firmwares = None,
    read_by: given.Readers = None,
    registration: given.Registrations = None,
    tag: given.Tags = None,
    search: given.Searches = None,
    supply_below: given.SupplyBelow = None,
    communication: given.Communications = None,
    managed_status: given.ManagedStatuses = None,
    eligibility_status: given.EligibilityStatuses = None,
    question: given.Questions = None,
    retired: given.Retired = False,
    sort: given.Order = None,
    view_id: given.ViewId = None,
    column: Annotated[
        list[Column] | None, Query(max_length=len(Column), description="The columns, in this order; else the view's")
    ] = None,
    bom: Annotated[bool, Query(description="Begin with a byte order mark, by which Excel knows UTF-8")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows a part")] = MOST_ROWS,
    cursor: Cursor = None,
) -> Response[str]:
    """A part of the file."""
    visible = visible_of(router, organization_id)
    wanted = given.filter_of(
        site_id=site_id,
        agent_id=agent_id,
        manufacturer=manufacturer,
        model=model,
        firmware=firmware,
        read_by=read_by,
        registration=registration,
        tag=tag,
        search=search,
        supply_below=supply_below,
        communication=communication,
        managed_status=managed_status,
        eligibility_status=eligibility_status,
        question=question,
        retired=retired,
    )
    view = _view(visible, view_id, wanted, sort)
    columns = column or (view.columns if view else None) or list(DEFAULT_COLUMNS)
    page = _page(visible, view, wanted, sort, limit, cursor)
    text = file_of(page.items, columns, with_header=cursor is None)
    headers: dict[str, str | list[str]] = {"Content-Disposition": 'attachment; filename="printers.csv"'}
    if page.next_cursor:
        headers |= {"X-Next-Cursor": page.next_cursor, "Link": f'<{_next_part(page.next_cursor)}>; rel="next"'}
    body = "\ufeff" + text if bom and cursor is None else text
    return Response(status_code=int(HTTPStatus.OK), content_type="text/csv; charset=utf-8", body=body, headers=headers)


def _view(visible: Visible, view_id: str | None, wanted: PrinterFilter, sort: Sort | None) -> SavedView | None:
    if view_id is None:
        return None
    if not wanted.is_empty or sort is not None:
        error = FieldError("query:view_id", "Leave it out, or leave out the filters and the order.")
        raise Invalid("view_and_filters", "A saved view has its own filters and order.", (error,))
    return wiring.saved_views().get(visible, view_id)


def _page(
    visible: Visible, view: SavedView | None, wanted: PrinterFilter, sort: Sort | None, limit: int, cursor: str | None
) -> PrinterPage:
    by_view = (view.filter, view.sort) if view else (wanted, sort or Sort.ORGANIZATION)
    return wiring.printer_list().page(Wanted(visible, *by_view), limit=limit, cursor=cursor, now=utc_now())


def _next_part(cursor: str) -> str:
    """A reference to the same request with another cursor, relative to it (RFC 3986, 5.4)."""
    query = dict(router.current_event.resolved_query_string_parameters)
    return "?" + urlencode(query | {"cursor": [cursor]}, doseq=True)
