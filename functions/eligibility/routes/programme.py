"""Partner API routes of the programme: its models, entitlements, terms and their acceptance."""

from typing import Annotated
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.eligibility.programme.acceptance import accept_terms, list_acceptances
from functions.eligibility.programme.entitlements import grant, list_entitlements
from functions.eligibility.programme.supported_models import add_model, put_model
from functions.eligibility.programme.terms_text import current_terms
from functions.eligibility.table.models import (
    Acceptance,
    Entitlement,
    NewAcceptance,
    NewEntitlement,
    NewProgrammeModel,
    ProgrammeModel,
    Terms,
)
from functions.eligibility.wiring import sources
from shared.clock import utc_now
from shared.http import PRECONDITION, PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


class ProgrammeModelPage(BaseModel):
    """A page of supported models."""

    items: list[ProgrammeModel]
    next_cursor: str | None


class EntitlementPage(BaseModel):
    """A page of entitlements."""

    items: list[Entitlement]
    next_cursor: str | None


class AcceptancePage(BaseModel):
    """A page of acceptances."""

    items: list[Acceptance]
    next_cursor: str | None


@router.post(
    "/v1/programme-models",
    summary="Add a supported model",
    description="Operator only. The model is an exact name or a beginning that ends in `*`; case does not count.",
    responses={201: {"description": "The new model"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.PLATFORM_ADMIN),
)
def create_programme_model(wanted: Annotated[NewProgrammeModel, Body()]) -> Response[ProgrammeModel]:
    """Add a model."""
    model = add_model(sources().programmes, wanted, utc_now())
    return created(model, f"/v1/programme-models?manufacturer={quote(wanted.manufacturer, safe='')}")


@router.put(
    "/v1/programme-models",
    summary="Add or replace a supported model",
    description="Operator only. The manufacturer and the model's pattern name it; case does not count.",
    responses={200: {"description": "The model as it is now"}, **PROBLEMS, **PRECONDITION},
    tags=["Programme"],
    openapi_extensions=needs(Scope.PLATFORM_ADMIN),
)
def put_programme_model(wanted: Annotated[NewProgrammeModel, Body()]) -> ProgrammeModel:
    """Add or replace a model."""
    return put_model(sources().programmes, wanted, router.current_event.headers.get("if-match"), utc_now())


@router.get(
    "/v1/programme-models",
    summary="List supported models",
    description="What the programme supports, in order of manufacturer and model.",
    responses={200: {"description": "A page of models"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def list_programme_models(
    manufacturer: Annotated[str | None, Query(max_length=64, description="Only this manufacturer's")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ProgrammeModelPage:
    """A page of models."""
    items, next_cursor = sources().programmes.models(manufacturer, limit=limit, cursor=cursor)
    return ProgrammeModelPage(items=items, next_cursor=next_cursor)


@router.post(
    "/v1/entitlements",
    summary="Entitle an organisation",
    description=(
        "The operator grants the programme to a partner's root; an organisation that holds it grants it to each child "
        "explicitly. It cannot be undone by a partner. 200 when it was granted before."
    ),
    responses={201: {"description": "Granted now"}, 200: {"description": "Granted before"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.ELIGIBILITY_WRITE),
)
def create_entitlement(wanted: Annotated[NewEntitlement, Body()]) -> Response[Entitlement]:
    """Grant the programme."""
    caller, kept = caller_of(router), sources()
    entitlement, new = grant(kept.organizations, kept.programmes, caller, wanted, utc_now())
    if new:
        return created(entitlement, f"/v1/entitlements?organization_id={entitlement.organization_id}")
    return Response(status_code=200, content_type="application/json", body=entitlement)


@router.get(
    "/v1/entitlements",
    summary="List entitlements",
    description="Of the key's organisation and all below it, or of one of these.",
    responses={200: {"description": "A page of entitlements"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def get_entitlements(
    organization_id: Annotated[EntityId | None, Query(description="Only this organisation and those below it")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EntitlementPage:
    """A page of entitlements."""
    caller, kept = caller_of(router), sources()
    items, next_cursor = list_entitlements(
        kept.organizations, kept.programmes, caller, organization_id, limit=limit, cursor=cursor
    )
    return EntitlementPage(items=items, next_cursor=next_cursor)


@router.get(
    "/v1/terms",
    summary="Read the terms of service",
    description="The present version; it must be accepted before printers are enrolled.",
    responses={200: {"description": "The terms"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def get_terms() -> Terms:
    """The present terms."""
    return current_terms()


@router.post(
    "/v1/terms-acceptances",
    summary="Accept the terms of service",
    description="Adds an audit row with the caller's address, user agent and request id; it is never changed.",
    responses={201: {"description": "The acceptance"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.ELIGIBILITY_WRITE),
)
def create_acceptance(wanted: Annotated[NewAcceptance, Body()]) -> Response[Acceptance]:
    """Accept the terms for an organisation."""
    caller, kept = caller_of(router), sources()
    acceptance = accept_terms(kept.organizations, kept.programmes, caller, wanted, current_terms(), utc_now())
    return created(acceptance, f"/v1/terms-acceptances?organization_id={acceptance.organization_id}")


@router.get(
    "/v1/terms-acceptances",
    summary="List acceptances of the terms",
    description="The audit rows of one organisation: the key's own, or one below it.",
    responses={200: {"description": "A page of acceptances"}, **PROBLEMS},
    tags=["Programme"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def get_acceptances(
    organization_id: Annotated[EntityId | None, Query(description="The organisation that accepted")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AcceptancePage:
    """A page of acceptances."""
    caller, kept = caller_of(router), sources()
    items, next_cursor = list_acceptances(
        kept.organizations, kept.programmes, caller, organization_id, limit=limit, cursor=cursor
    )
    return AcceptancePage(items=items, next_cursor=next_cursor)
