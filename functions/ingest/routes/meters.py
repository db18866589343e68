"""Partner API routes that read the meter ledger."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.meters import usage as meter_usage
from functions.ingest.meters.file import FileFormat, file_of
from functions.ingest.meters.gaps import meter_gaps
from functions.ingest.meters.models import CounterDefinition, CounterDictionary, MeterGaps, MetersAsOf, UsagePage
from functions.ingest.meters.site_days import zone_of
from functions.ingest.meters.usage import Span
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.routes.visible_printers import site_of, visible_meta
from shared.clock import utc_now
from shared.directory.views import PrinterView
from shared.errors import FieldError, Malformed, NotFound
from shared.http import PROBLEMS, Cursor
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.visibility import Visible
from shared.wire.counters import COUNTERS, VOLATILE

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
From = Annotated[date | None, Query(alias="from", description="First day; 31 days before the last if left out")]
To = Annotated[date | None, Query(alias="to", description="Last day, read at its end; today if left out")]
AtSite = Annotated[EntityId | None, Query(description="Only printers at this site")]
Printers = Annotated[int, Query(ge=1, le=50, description="Printers a page; each may have 64 counters")]
OfPrinter = Annotated[EntityId | None, Query(description="Only this printer")]
_NEXT: Final = {"description": "`cursor` of the next part; not there with the last", "schema": {"type": "string"}}
_FILE: Final[dict[int, Any]] = {
    200: {
        "description": "A part of the file",
        "content": {form.media_type: {"schema": {"type": "string"}} for form in FileFormat},
        "headers": {"X-Next-Cursor": _NEXT},
    }
}


@router.get(
    "/v1/counters",
    summary="Get the counter dictionary",
    description=(
        "What each counter counts, its unit, and whether it is read from the standard tables or from the maker's own. "
        "A counter that nobody has confirmed is called `<maker>.<what>` and is not in it."
    ),
    responses={200: {"description": "The dictionary"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_counters() -> CounterDictionary:
    """The dictionary."""
    visible_of(router, None)
    return CounterDictionary(
        counters=[
            CounterDefinition(
                name=name,
                meaning=counter.meaning,
                unit=counter.unit,
                source=counter.source,
                restarts=name in VOLATILE,
            )
            for name, counter in COUNTERS.items()
        ]
    )


@router.get(
    "/v1/meters/as-of",
    summary="Get a printer's meters as of a day",
    description=(
        "Of each counter the nearest reading at or before the end of a site-local day: how old it is, and whether it "
        "was read by the agent or by hand. `logical` goes on across resets, changes of board and roll-overs."
    ),
    responses={200: {"description": "The meters"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_meters_as_of(
    printer_id: Annotated[EntityId, Query()],
    day: Annotated[date | None, Query(description="Site-local; today if left out")] = None,
    organization_id: Below = None,
) -> MetersAsOf:
    """One printer as of a day."""
    visible = visible_of(router, organization_id)
    meta = visible_meta(visible, printer_id)
    now = utc_now()
    local = now.astimezone(zone_of(site_of(meta))).date()
    return meter_usage.as_of(settings.documents(), meta, min(day or local, local), now)


@router.get(
    "/v1/meters/usages",
    summary="List usage between two days",
    description=(
        "What each printer counted, by counter, from the beginning of one site-local day to the end of another: of one "
        "printer, a site, or an organisation and all below it. Usage is never negative, and parts of a span add up. "
        "Across a break that nobody has decided nothing is counted, and `is_complete` is false. A printer that moved "
        "has a row for each stay at a site, with its days; together they are the whole. Retired printers come last, "
        "with what they counted up to their last day in service. A page may be short, or empty, and still have a next "
        "one."
    ),
    responses={200: {"description": "A page of printers"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_usages(  # noqa: PLR0913, PLR0917 - one parameter for each thing a list may be narrowed by
    first: From = None,
    last: To = None,
    printer_id: OfPrinter = None,
    site_id: AtSite = None,
    organization_id: Below = None,
    limit: Printers = 25,
    cursor: Cursor = None,
) -> UsagePage:
    """A page of usage."""
    return _usages(first, last, printer_id, site_id, organization_id, limit, cursor)


@router.get(
    "/v1/meters/exports",
    summary="Export usage between two days",
    description=(
        "The same as a file, CSV or JSON lines, one row for each printer, stay and counter, and one for a printer "
        "without any counter. A part holds the rows of `limit` printers; the header `X-Next-Cursor` is the `cursor` of "
        "the next part, and without it this was the last. The first part alone has the line of columns."
    ),
    responses={**_FILE, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_meter_export(  # noqa: PLR0913, PLR0917 - as `list_usages`
    form: Annotated[FileFormat, Query(alias="format")] = FileFormat.CSV,
    first: From = None,
    last: To = None,
    printer_id: OfPrinter = None,
    site_id: AtSite = None,
    organization_id: Below = None,
    limit: Printers = 25,
    cursor: Cursor = None,
) -> Response[str]:
    """A part of a file."""
    page = _usages(first, last, printer_id, site_id, organization_id, limit, cursor)
    headers: dict[str, str | list[str]] = {"Content-Disposition": f'attachment; filename="meters.{form.value}"'}
    if page.next_cursor:
        headers["X-Next-Cursor"] = page.next_cursor
    return Response(
        status_code=int(HTTPStatus.OK),
        content_type=f"{form.media_type}; charset=utf-8",
        body=file_of(page, form, with_header=cursor is None),
        headers=headers,
    )


@router.get(
    "/v1/meters/gaps",
    summary="Explain days without a count",
    description=(
        "The days of a span on which a printer has no count, and why: not discovered yet, its site closed, its agent "
        "silent, the printer silent while others of its agent were read, or read without a counter."
    ),
    responses={200: {"description": "The gaps"}, **PROBLEMS},
    tags=["Meters"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_gaps(
    printer_id: Annotated[EntityId, Query()], first: From = None, last: To = None, organization_id: Below = None
) -> MeterGaps:
    """One printer's gaps."""
    visible = visible_of(router, organization_id)
    meta = visible_meta(visible, printer_id)
    now = utc_now()
    span = Span.of(first, last, now)
    return meter_gaps(settings.documents(), meta, site_of(meta), span.first, span.last, now)


def _usages(  # noqa: PLR0913, PLR0917 - as `list_usages`
    first: date | None,
    last: date | None,
    printer_id: str | None,
    site_id: str | None,
    organization_id: str | None,
    limit: int,
    cursor: str | None,
) -> UsagePage:
    visible = visible_of(router, organization_id)
    now = utc_now()
    span = Span.of(first, last, now)
    documents = settings.documents()
    if site_id is not None:
        _require_site(visible, site_id)
    if printer_id is not None:
        meta = visible_meta(visible, printer_id)
        view = PrinterView.model_validate(meta)
        if site_id is not None and site_id not in {view.site_id, *meter_usage.sites_before(view)}:
            raise NotFound("printer", printer_id)
        if cursor is not None:
            field = FieldError("query:cursor", "One printer has one page; leave it out.")
            raise Malformed("invalid_cursor", "The cursor is not one of this list.", (field,))
        return meter_usage.usage_of([view], documents, span, None, now, site_id=site_id)
    return meter_usage.usage_page(
        documents, settings.fleet(), visible, span, site_id=site_id, limit=limit, cursor=cursor, now=now
    )


def _require_site(visible: Visible, site_id: str) -> None:
    site = settings.accounts().site(visible.tenant_id, site_id)
    if site is None or not visible.covers(site.tenant_id, site.organization_path):
        raise NotFound("site", site_id)
