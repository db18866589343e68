"""Partner API routes of the settings that resolve down the tree."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel, Field

from functions.accounts.inheritance import settings as inheritance
from functions.accounts.inheritance.models import (
    PlaceSettings,
    ResetBelow,
    SettingChanges,
    SettingDefinition,
    SettingsChanged,
)
from functions.accounts.inheritance.settings import Tree
from functions.accounts.wiring import accounts, fleet, setting_store
from shared.clock import utc_now
from shared.directory.inherited import DEFINITIONS
from shared.etag import etag_of
from shared.http import PRECONDITIONS, PROBLEMS, Cursor, Limit, caller_of
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
SETTINGS: Final = "/v1/settings"
PLACE: Final = f"{SETTINGS}/<place_id>"
OfPlace = Annotated[EntityId, Path(description="Id of an organisation, a site, a printer or an agent")]
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The settings in force",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}


class SettingDefinitions(BaseModel):
    """Every setting there is."""

    settings: list[SettingDefinition]


class SettingsChangePage(BaseModel):
    """A page of changes, the newest first."""

    items: list[SettingsChanged]
    next_cursor: str | None


class ResetReport(BaseModel):
    """How far a reset below came."""

    places: int = Field(description="Places at which something was explicit and is inherited now", examples=[12])
    next_cursor: str | None = Field(description="Send the same again with this `cursor`; null when all is done")


@router.get(
    SETTINGS,
    summary="List the settings there are",
    description="Each with its unit, bounds, default, what it does, and at which levels it may be explicit.",
    responses={200: {"description": "All of them"}, **PROBLEMS},
    tags=["Settings"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_settings() -> SettingDefinitions:
    """Every setting."""
    return SettingDefinitions(settings=[SettingDefinition.model_validate(each) for each in DEFINITIONS.values()])


@router.get(
    PLACE,
    summary="Get the settings of a place",
    description=(
        "What is in force at an organisation, site, printer or agent, and where each value comes from: the nearest "
        "explicit one on the way up, else the default. Agents' settings are not inherited by printers."
    ),
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Settings"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_settings(place_id: OfPlace) -> Response[PlaceSettings]:
    """The settings of a place."""
    caller = caller_of(router)
    return _with_etag(*inheritance.settings_at(_tree(), caller, place_id))


@router.patch(
    PLACE,
    summary="Change the settings of a place",
    description="`set` makes values explicit here, `reset` makes them inherited again. In force within a minute.",
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Settings"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def patch_settings(place_id: OfPlace, changes: Annotated[SettingChanges, Body()]) -> Response[PlaceSettings]:
    """Change the settings of a place."""
    caller, if_match = caller_of(router), router.current_event.headers.get("if-match")
    changed = inheritance.change_settings(_tree(), caller, place_id, changes, if_match, utc_now())
    return _with_etag(*changed)


@router.post(
    f"{PLACE}/resets",
    summary="Reset settings below a place",
    description=(
        "Makes the named settings inherited again everywhere below, not at the place itself; "
        f"{inheritance.RESET_AT_ONCE} places a request: repeat with `next_cursor` until it is null. Safe to repeat."
    ),
    responses={200: {"description": "How far it came"}, **PROBLEMS},
    tags=["Settings"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_reset(place_id: OfPlace, wanted: Annotated[ResetBelow, Body()], cursor: Cursor = None) -> ResetReport:
    """Reset settings below a place."""
    caller = caller_of(router)
    places, following = inheritance.reset_below(_tree(), caller, place_id, wanted, cursor=cursor, now=utc_now())
    return ResetReport(places=places, next_cursor=following)


@router.get(
    f"{PLACE}/changes",
    summary="List who changed the settings of a place",
    description="The newest first: which key set or reset what, and when.",
    responses={200: {"description": "A page of changes"}, **PROBLEMS},
    tags=["Settings"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_setting_changes(place_id: OfPlace, limit: Limit = 50, cursor: Cursor = None) -> SettingsChangePage:
    """Who changed what."""
    caller = caller_of(router)
    items, following = inheritance.changes_of(_tree(), caller, place_id, limit=limit, cursor=cursor)
    return SettingsChangePage(items=items, next_cursor=following)


def _tree() -> Tree:
    return Tree(accounts(), fleet(), setting_store())


def _with_etag(settings: PlaceSettings, version: int) -> Response[PlaceSettings]:
    headers: dict[str, str | list[str]] = {"ETag": etag_of(version)}
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=settings, headers=headers)
