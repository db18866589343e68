"""Partner API routes of what people say of a printer: registered by hand, corrected, removed, retired, back again."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings, wiring
from functions.ingest.identities import by_hand
from functions.ingest.identities.by_hand import NewPrinter, PrinterCorrection
from functions.ingest.lineages import removing, retiring
from functions.ingest.lineages.retiring import NewRetirement
from functions.ingest.meters.site_days import zone_of
from functions.ingest.printers.models import PrinterDetails, detailed
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.routes.visible_printers import site_of, visible_meta, visible_site
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import PRECONDITIONS, PROBLEMS, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.table import Item

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.post(
    "/v1/printers",
    summary="Register a printer that no agent reads",
    description=(
        "Behind USB, or in a network without an agent. It is listed with the others, its counts are entered by "
        "`POST /v1/meters/reads`, and it is in the usage of its site. The first agent of its organisation that reads "
        "it finds it by manufacturer and serial number; it is that agent's from then on, with all its history."
    ),
    responses={201: {"description": "The new printer"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def register_printer(wanted: Annotated[NewPrinter, Body()]) -> Response[PrinterDetails]:
    """Register a printer."""
    caller = caller_of(router)
    site = visible_site(caller, wanted.site_id)
    meta = by_hand.register(settings.documents(), site, wanted, key_id=caller.key_id, now=utc_now())
    return created(_shown(meta), f"/v1/printers/{meta['printer_id']}")


@router.patch(
    "/v1/printers/<printer_id>",
    summary="Correct a printer that was registered by hand",
    description=(
        "What is left out stays; null takes a note away. Another serial number makes it known by that one. Refused "
        "with `printer_read_by_agent` once an agent has read it: then what the printer says of itself counts."
    ),
    responses={
        200: {
            "description": "The printer as it is now",
            "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
        },
        **PROBLEMS,
        **PRECONDITIONS,
    },
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def correct_printer(
    printer_id: Annotated[EntityId, Path()],
    wanted: Annotated[PrinterCorrection, Body()],
    organization_id: Below = None,
) -> Response[PrinterDetails]:
    """Correct a printer."""
    caller = caller_of(router)
    meta = visible_meta(visible_of(router, organization_id), printer_id)
    site = visible_site(caller, wanted.site_id or meta["site_id"])
    if_match = router.current_event.headers.get("if-match")
    after = by_hand.correct(
        settings.documents(), meta, site, wanted, if_match=if_match, key_id=caller.key_id, now=utc_now()
    )
    headers: dict[str, str | list[str]] = {"ETag": etag_of(int(after["version"]))}
    return Response(int(HTTPStatus.OK), content_type="application/json", body=_shown(after), headers=headers)


@router.delete(
    "/v1/printers/<printer_id>",
    summary="Remove a printer that was registered by mistake",
    description=(
        "Only of one that was registered by hand, and that nobody has read: refused with `printer_read_by_agent`, with "
        "`printer_has_counts` when counts were entered, and with `printer_in_use` while it has a delivery contact, "
        "is managed, or has open orders or calls."
    ),
    responses={204: {"description": "Removed"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def remove_printer(printer_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[None]:
    """Remove a printer."""
    caller = caller_of(router)
    meta = visible_meta(visible_of(router, organization_id), printer_id)
    removing.remove(
        settings.documents(),
        meta,
        settings.holdings(),
        has_contact=_has_contact(meta),
        key_id=caller.key_id,
        now=utc_now(),
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


@router.put(
    "/v1/printers/<printer_id>/retirement",
    summary="Retire a printer",
    description=(
        "It was replaced, scrapped, returned or sold. It is off the lists, its agent and every count, and its silence "
        "is not told; its history stays, its usage up to its last day with it. `GET /v1/printers?retired=true` lists "
        "those that are retired. A reading that was taken later brings it back by itself: take an address that is "
        "still read out of its agent's search. Refused with `printer_in_use` while it is managed or pending, or has a "
        "delivery contact, open orders or calls. Another reason for a retired printer corrects it."
    ),
    responses={200: {"description": "The printer as it is now"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def retire_printer(
    printer_id: Annotated[EntityId, Path()], wanted: Annotated[NewRetirement, Body()], organization_id: Below = None
) -> PrinterDetails:
    """Retire a printer."""
    caller = caller_of(router)
    meta = visible_meta(visible_of(router, organization_id), printer_id)
    after = retiring.retire(
        settings.documents(),
        meta,
        wanted,
        holdings_of=settings.holdings(),
        has_contact=_has_contact(meta),
        zone=zone_of(site_of(meta)),
        key_id=caller.key_id,
        now=utc_now(),
    )
    return _shown(after)


@router.delete(
    "/v1/printers/<printer_id>/retirement",
    summary="Take a printer's retirement back",
    description="It is on the lists again, and its agent's as before. One that is not retired stays as it is.",
    responses={200: {"description": "The printer as it is now"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def bring_printer_back(printer_id: Annotated[EntityId, Path()], organization_id: Below = None) -> PrinterDetails:
    """Take a printer's retirement back."""
    caller = caller_of(router)
    meta = visible_meta(visible_of(router, organization_id), printer_id)
    return _shown(retiring.bring_back(settings.documents(), meta, key_id=caller.key_id, now=utc_now()))


def _has_contact(meta: Item) -> bool:
    return bool(settings.accounts().printers_with_contact(meta["tenant_id"], [meta["printer_id"]]))


def _shown(meta: Item) -> PrinterDetails:
    (printer,) = wiring.printer_list().rows.of(meta["tenant_id"], [meta], utc_now(), consistent=True)
    return detailed(printer, meta, {}, {})
