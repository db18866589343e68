"""Partner API routes of organisations."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts.tree import organizations as cases
from functions.accounts.tree.models import NewOrganization, Organization, OrganizationChanges
from functions.accounts.wiring import holdings, organizations
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import PRECONDITIONS, PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.visibility import visible_organization

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
ORGANIZATIONS: Final = "/v1/organizations"
ORGANIZATION: Final = f"{ORGANIZATIONS}/<organization_id>"
Below = Annotated[EntityId | None, Query(description="Only this organisation and those below it")]
OrganizationId = Annotated[EntityId, Path()]
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The organisation as it is now",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}


class OrganizationPage(BaseModel):
    """A page of organisations, in order of path."""

    items: list[Organization]
    next_cursor: str | None


@router.post(
    ORGANIZATIONS,
    summary="Create an organisation",
    description=(
        "A partner makes organisations anywhere below its own, at most twelve levels with its root. The operator "
        "without `parent_id` makes a new partner. A name is unique among siblings (`name_taken`), whatever its case."
    ),
    responses={201: {"description": "The new organisation"}, **PROBLEMS},
    tags=["Organisations"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def create_organization(wanted: Annotated[NewOrganization, Body()]) -> Response[Organization]:
    """Make an organisation."""
    organization = cases.create_organization(organizations(), caller_of(router), wanted, utc_now())
    return created(organization, f"{ORGANIZATIONS}/{organization.organization_id}")


@router.get(
    ORGANIZATIONS,
    summary="List organisations",
    description="The key's organisation and all below it; for the operator all partners, or one partner's tree.",
    responses={200: {"description": "A page of organisations"}, **PROBLEMS},
    tags=["Organisations"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_organizations(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> OrganizationPage:
    """A page of organisations."""
    caller = caller_of(router)
    items, next_cursor = cases.list_organizations(organizations(), caller, organization_id, limit=limit, cursor=cursor)
    return OrganizationPage(items=items, next_cursor=next_cursor)


@router.get(
    ORGANIZATION,
    summary="Get an organisation",
    description="One organisation that the key can see; its ETag is what a change has to name.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Organisations"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_organization(organization_id: OrganizationId) -> Response[Organization]:
    """One organisation."""
    return _with_etag(visible_organization(organizations(), caller_of(router), organization_id))


@router.patch(
    ORGANIZATION,
    summary="Rename an organisation",
    description=(
        "Only the name changes. An organisation is not moved to another parent: its printers, orders and service "
        "calls, past ones too, are kept and found by its place in the tree. Make a new one there and move its sites' "
        "agents."
    ),
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Organisations"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def patch_organization(
    organization_id: OrganizationId, changes: Annotated[OrganizationChanges, Body()]
) -> Response[Organization]:
    """Rename an organisation."""
    caller, if_match = caller_of(router), router.current_event.headers.get("if-match")
    return _with_etag(cases.rename_organization(organizations(), caller, organization_id, changes, if_match))


@router.delete(
    ORGANIZATION,
    summary="Delete an organisation",
    description=(
        "One at a time, and only when it is empty: `organization_not_empty` says what it still has of organisations, "
        "sites, contacts, living API keys, agents and printers."
    ),
    responses={204: {"description": "Deleted"}, **PROBLEMS, 412: PRECONDITIONS[412]},
    tags=["Organisations"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def delete_organization(organization_id: OrganizationId) -> Response[None]:
    """Delete an organisation."""
    cases.delete_organization(organizations(), holdings(), caller_of(router), organization_id, utc_now())
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


def _with_etag(organization: Organization) -> Response[Organization]:
    headers: dict[str, str | list[str]] = {"ETag": etag_of(organization.version)}
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=organization, headers=headers)
