"""Partner API routes of saved views."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import wiring
from functions.ingest.printers.cursor import Place
from functions.ingest.printers.saved_views import NewView, SavedView, ViewChange, ViewPage
from functions.ingest.routes.agents import Below, visible_of
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import PRECONDITIONS, PROBLEMS, Cursor, Limit, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

VIEWS: Final = "/v1/printer-views"
VIEW: Final = f"{VIEWS}/<view_id>"
ViewId = Annotated[EntityId, Path()]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=256, description="The ETag of the last GET")]
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The view as it is now",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    VIEWS,
    summary="List saved views",
    description="The organisation's own views and those that an organisation above it shares, in order of name.",
    responses={200: {"description": "A page of views"}, **PROBLEMS},
    tags=["Saved views"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_views(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> ViewPage:
    """A page of views."""
    visible = visible_of(router, organization_id)
    name = f"views {visible.tenant_id} {visible.path}"
    after = Place.read(cursor, name).key if cursor else ""
    views = [view for view in wiring.saved_views().all(visible) if _place_of(view) > after]
    following = Place(0, _place_of(views[limit - 1])).written(name) if len(views) > limit else None
    return ViewPage(items=views[:limit], next_cursor=following)


@router.post(
    VIEWS,
    summary="Save a view",
    description=(
        "A filter, an order and columns under a name that is unique in its organisation, whatever its case. An "
        "organisation has at most 50."
    ),
    responses={201: {"description": "The new view"}, **PROBLEMS},
    tags=["Saved views"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def create_view(wanted: Annotated[NewView, Body()]) -> Response[SavedView]:
    """Save a view."""
    visible = visible_of(router, wanted.organization_id)
    view = wiring.saved_views().create(visible, wanted, utc_now())
    return created(view, f"{VIEWS}/{view.view_id}")


@router.get(
    VIEW,
    summary="Get a saved view",
    description="One view, with the ETag that a change has to name.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Saved views"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_view(view_id: ViewId, organization_id: Below = None) -> Response[SavedView]:
    """One view."""
    visible = visible_of(router, organization_id)
    return _with_etag(wiring.saved_views().get(visible, view_id))


@router.put(
    VIEW,
    summary="Change a saved view",
    description="Replaces the view. `If-Match` names the version that was seen.",
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Saved views"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def change_view(
    view_id: ViewId,
    wanted: Annotated[ViewChange, Body()],
    if_match: IfMatch = None,
    organization_id: Below = None,
) -> Response[SavedView]:
    """Change a view."""
    visible = visible_of(router, organization_id)
    return _with_etag(wiring.saved_views().change(visible, view_id, wanted, if_match=if_match, now=utc_now()))


@router.delete(
    VIEW,
    summary="Delete a saved view",
    description="`If-Match` names the version that was seen.",
    responses={204: {"description": "It is gone"}, **PROBLEMS, **PRECONDITIONS},
    tags=["Saved views"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def delete_view(view_id: ViewId, if_match: IfMatch = None, organization_id: Below = None) -> Response[None]:
    """Delete a view."""
    visible = visible_of(router, organization_id)
    wiring.saved_views().delete(visible, view_id, if_match=if_match)
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


def _with_etag(view: SavedView) -> Response[SavedView]:
    return Response(
        status_code=int(HTTPStatus.OK),
        content_type="application/json",
        body=view,
        headers={"ETag": etag_of(view.version)},
    )


def _place_of(view: SavedView) -> str:
    return f"{view.name.casefold()}\n{view.view_id}"
