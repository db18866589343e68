"""Partner API routes of printers' tags."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.printers.cursor import Place
from functions.ingest.printers.tags import PrinterTags, TagChange, TagOutcomes, TagPage
from functions.ingest.routes.agents import Below, visible_of
from shared.http import PROBLEMS, Cursor, Limit
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    "/v1/printer-tags",
    summary="List tags",
    description="The tags that printers have, each with how many of them.",
    responses={200: {"description": "A page of tags"}, **PROBLEMS},
    tags=["Tags"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_tags(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> TagPage:
    """A page of tags."""
    visible = visible_of(router, organization_id)
    name = f"tags {visible.tenant_id} {visible.path}"
    after = Place.read(cursor, name).key if cursor else ""
    used = [each for each in PrinterTags(settings.documents()).used(visible) if each.tag > after]
    following = Place(0, used[limit - 1].tag).written(name) if len(used) > limit else None
    return TagPage(items=used[:limit], next_cursor=following)


@router.post(
    "/v1/printer-tag-changes",
    summary="Change the tags of printers",
    description=(
        "Sets, adds or removes tags of up to 100 printers, and says of each what became of it. A printer has at most "
        "20 tags of at most 50 characters; capitals and surplus spaces make no difference."
    ),
    responses={200: {"description": "What became of each printer, in the order given"}, **PROBLEMS},
    tags=["Tags"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def change_tags(wanted: Annotated[TagChange, Body()], organization_id: Below = None) -> TagOutcomes:
    """Change tags."""
    visible = visible_of(router, organization_id)
    return TagOutcomes(items=PrinterTags(settings.documents()).change(visible, wanted))
