"""Partner API routes of organisations and sites."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts import places
from functions.accounts.models import NewOrganization, NewSite, Organization, Site
from functions.accounts.wiring import accounts
from shared.clock import utc_now
from shared.http import PROBLEMS, Cursor, Limit, created
from shared.ids import EntityId
from shared.names import Scope
from shared.tenancy import Caller
from shared.visibility import visible_organization

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
Below = Annotated[EntityId | None, Query(description="Only this organisation and those below it")]


class OrganizationPage(BaseModel):
    """A page of organisations, in order of path."""

    items: list[Organization]
    next_cursor: str | None


class SitePage(BaseModel):
    """A page of sites."""

    items: list[Site]
    next_cursor: str | None


@router.post(
    "/v1/organizations",
    summary="Create an organisation",
    description=(
        "A partner makes organisations anywhere below its own. The operator without `parent_id` makes a new partner."
    ),
    responses={201: {"description": "The new organisation"}, **PROBLEMS},
    tags=["Organisations"],
)
def create_organization(wanted: Annotated[NewOrganization, Body()]) -> Response[Organization]:
    """Make an organisation."""
    organization = places.create_organization(accounts(), _caller(Scope.ACCOUNTS_WRITE), wanted, utc_now())
    return created(organization, f"/v1/organizations/{organization.organization_id}")


@router.get(
    "/v1/organizations",
    summary="List organisations",
    description="The key's organisation and all below it; for the operator all partners, or one partner's tree.",
    responses={200: {"description": "A page of organisations"}, **PROBLEMS},
    tags=["Organisations"],
)
def list_organizations(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> OrganizationPage:
    """A page of organisations."""
    caller = _caller(Scope.ACCOUNTS_READ)
    items, next_cursor = places.list_organizations(accounts(), caller, organization_id, limit=limit, cursor=cursor)
    return OrganizationPage(items=items, next_cursor=next_cursor)


@router.get(
    "/v1/organizations/<organization_id>",
    summary="Get an organisation",
    description="One organisation that the key can see.",
    responses={200: {"description": "The organisation"}, **PROBLEMS},
    tags=["Organisations"],
)
def get_organization(organization_id: Annotated[EntityId, Path()]) -> Organization:
    """One organisation."""
    return visible_organization(accounts(), _caller(Scope.ACCOUNTS_READ), organization_id)


@router.post(
    "/v1/sites",
    summary="Create a site",
    description="Where printers stand: address, IANA time zone, opening hours and whose public holidays count.",
    responses={201: {"description": "The new site"}, **PROBLEMS},
    tags=["Sites"],
)
def create_site(wanted: Annotated[NewSite, Body()]) -> Response[Site]:
    """Make a site."""
    site = places.create_site(accounts(), _caller(Scope.ACCOUNTS_WRITE), wanted, utc_now())
    return created(site, f"/v1/sites/{site.site_id}")


@router.get(
    "/v1/sites",
    summary="List sites",
    description="Sites of the key's organisation and all below it, or of one of these.",
    responses={200: {"description": "A page of sites"}, **PROBLEMS},
    tags=["Sites"],
)
def list_sites(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> SitePage:
    """A page of sites."""
    caller = _caller(Scope.ACCOUNTS_READ)
    items, next_cursor = places.list_sites(accounts(), caller, organization_id, limit=limit, cursor=cursor)
    return SitePage(items=items, next_cursor=next_cursor)


@router.get(
    "/v1/sites/<site_id>",
    summary="Get a site",
    description="One site that the key can see.",
    responses={200: {"description": "The site"}, **PROBLEMS},
    tags=["Sites"],
)
def get_site(site_id: Annotated[EntityId, Path()]) -> Site:
    """One site."""
    return places.visible_site(accounts(), _caller(Scope.ACCOUNTS_READ), site_id)


def _caller(scope: str) -> Caller:
    event: dict[str, Any] = router.current_event.raw_event
    caller = Caller.from_rest_event(event)
    caller.require(scope)
    return caller
