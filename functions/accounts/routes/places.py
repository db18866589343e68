"""Partner API routes of sites."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts.tree import places
from functions.accounts.tree.models import NewSite, Site, SiteDetails
from functions.accounts.wiring import accounts, holdings
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import PRECONDITIONS, PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
Below = Annotated[EntityId | None, Query(description="Only this organisation and those below it")]


SiteId = Annotated[EntityId, Path()]
SITE: Final = "/v1/sites/<site_id>"
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The site as it is now",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}


class SitePage(BaseModel):
    """A page of sites."""

    items: list[Site]
    next_cursor: str | None


@router.post(
    "/v1/sites",
    summary="Create a site",
    description="Where printers stand: address, IANA time zone, opening hours and whose public holidays count.",
    responses={201: {"description": "The new site"}, **PROBLEMS},
    tags=["Sites"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def create_site(wanted: Annotated[NewSite, Body()]) -> Response[Site]:
    """Make a site."""
    site = places.create_site(accounts(), caller_of(router), wanted, utc_now())
    return created(site, f"/v1/sites/{site.site_id}")


@router.get(
    "/v1/sites",
    summary="List sites",
    description="Sites of the key's organisation and all below it, or of one of these.",
    responses={200: {"description": "A page of sites"}, **PROBLEMS},
    tags=["Sites"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_sites(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> SitePage:
    """A page of sites."""
    caller = caller_of(router)
    items, next_cursor = places.list_sites(accounts(), caller, organization_id, limit=limit, cursor=cursor)
    return SitePage(items=items, next_cursor=next_cursor)


@router.get(
    SITE,
    summary="Get a site",
    description="One site that the key can see; its ETag is what an edit has to name.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Sites"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_site(site_id: SiteId) -> Response[Site]:
    """One site."""
    return _with_etag(places.visible_site(accounts(), caller_of(router), site_id))


@router.put(
    SITE,
    summary="Edit a site",
    description=(
        "Replaces all details; what is not given is empty afterwards. Its organisation stays. `closed_days` and "
        "`extra_windows` change the business time of single days. Due times that were promised stay."
    ),
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Sites"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def put_site(site_id: SiteId, wanted: Annotated[SiteDetails, Body()]) -> Response[Site]:
    """Edit a site."""
    caller, if_match = caller_of(router), router.current_event.headers.get("if-match")
    return _with_etag(places.replace_site(accounts(), caller, site_id, wanted, if_match))


@router.delete(
    SITE,
    summary="Delete a site",
    description="Only when no agent and no printer is at it: `site_not_empty` says which are.",
    responses={204: {"description": "Deleted"}, **PROBLEMS, 412: PRECONDITIONS[412]},
    tags=["Sites"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def delete_site(site_id: SiteId) -> Response[None]:
    """Delete a site."""
    places.delete_site(accounts(), holdings(), caller_of(router), site_id)
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


def _with_etag(site: Site) -> Response[Site]:
    headers: dict[str, str | list[str]] = {"ETag": etag_of(site.version)}
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=site, headers=headers)
