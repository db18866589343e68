"""Partner API of the accounts: API keys here; organisations, sites, contacts and assignments in their own rooms."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from functions.accounts.api_keys import partner_keys
from functions.accounts.api_keys.models import ApiKey, IssuedApiKey, NewApiKey, NewRotation
from functions.accounts.routes import contacts as contact_routes
from functions.accounts.routes import delivery as delivery_routes
from functions.accounts.routes import imports as import_routes
from functions.accounts.routes import organizations as organization_routes
from functions.accounts.routes import places as places_routes
from functions.accounts.routes import settings as setting_routes
from functions.accounts.wiring import accounts
from functions.accounts.wiring import partner_keys as kept_keys
from shared.clock import utc_now
from shared.http import (
    IDEMPOTENCY_HEADER,
    PROBLEMS,
    Cursor,
    Limit,
    caller_of,
    created,
    ends_with,
    is_at,
    partner_api,
    serve,
)
from shared.ids import EntityId
from shared.names import Scope
from shared.observability import logger, metrics, tracer
from shared.scopes import needs

API_KEYS: Final = "/v1/api-keys"
ROTATIONS: Final = "rotations"
LOGGER = logger("accounts")
PartnerRoot = Annotated[EntityId | None, Query(description="The partner's root, for the operator")]

app = partner_api()
app.include_router(organization_routes.router)
app.include_router(places_routes.router)
app.include_router(setting_routes.router)
app.include_router(contact_routes.router)
app.include_router(delivery_routes.router)
app.include_router(import_routes.router)


class ApiKeyPage(BaseModel):
    """A page of keys, never with their secrets."""

    items: list[ApiKey]
    next_cursor: str | None


@app.post(
    API_KEYS,
    summary="Create an API key",
    description=(
        "The secret is in this answer and nowhere else; we keep its hash. Roles are scopes under one name; the key "
        "keeps those that they have today. A key never grants a scope or a network its maker lacks. "
        "The operator may make a key for a partner's root. A repeated Idempotency-Key is refused with "
        "`key_already_issued`, because no copy of the secret exists to be answered again."
    ),
    responses={201: {"description": "The new key with its secret"}, **PROBLEMS},
    tags=["API keys"],
    openapi_extensions=needs(Scope.KEYS_WRITE),
)
def create_api_key(wanted: Annotated[NewApiKey, Body()]) -> Response[IssuedApiKey]:
    """Issue a key."""
    caller = caller_of(app)
    request_key = app.current_event.headers.get(IDEMPOTENCY_HEADER)
    issued = partner_keys.issue_key(accounts(), kept_keys(), caller, wanted, request_key, utc_now())
    return created(issued, f"{API_KEYS}/{issued.key_id}")


@app.post(
    f"{API_KEYS}/<key_id>/{ROTATIONS}",
    summary="Rotate an API key",
    description=(
        "Makes a second key with the same organisation, scopes and networks; its secret is in this answer and nowhere "
        "else. Both work until the old one is revoked: deploy the new one, then revoke the old one. At most two keys "
        "of an integration are alive (`two_keys_alive`). A key that is used a week after its rotation is shown with "
        "`used_after_rotation`, and the installation's operator is told. A repeated Idempotency-Key is refused with "
        "`key_already_issued`."
    ),
    responses={201: {"description": "The second key with its secret"}, **PROBLEMS},
    tags=["API keys"],
    openapi_extensions=needs(Scope.KEYS_WRITE),
)
def rotate_api_key(
    key_id: Annotated[EntityId, Path()], wanted: Annotated[NewRotation, Body()], organization_id: PartnerRoot = None
) -> Response[IssuedApiKey]:
    """Issue a key's successor."""
    caller = caller_of(app)
    request_key = app.current_event.headers.get(IDEMPOTENCY_HEADER)
    issued = partner_keys.rotate_key(
        accounts(),
        kept_keys(),
        caller,
        key_id,
        organization_id,
        wanted=wanted,
        request_key=request_key,
        now=utc_now(),
    )
    return created(issued, f"{API_KEYS}/{issued.key_id}")


@app.get(
    API_KEYS,
    summary="List API keys",
    description="Keys of the key's organisation and all below it; the operator names a partner's root.",
    responses={200: {"description": "A page of keys"}, **PROBLEMS},
    tags=["API keys"],
    openapi_extensions=needs(Scope.KEYS_WRITE),
)
def list_api_keys(
    organization_id: Annotated[EntityId | None, Query(description="Only this organisation and those below it")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ApiKeyPage:
    """A page of keys."""
    caller = caller_of(app)
    items, next_cursor = partner_keys.list_keys(
        accounts(), kept_keys(), caller, organization_id, limit=limit, cursor=cursor
    )
    return ApiKeyPage(items=items, next_cursor=next_cursor)


@app.get(
    API_KEYS + "/<key_id>",
    summary="Get an API key",
    description="One key, without its secret; the operator names the partner's root.",
    responses={200: {"description": "The key"}, **PROBLEMS},
    tags=["API keys"],
    openapi_extensions=needs(Scope.KEYS_WRITE),
)
def get_api_key(key_id: Annotated[EntityId, Path()], organization_id: PartnerRoot = None) -> ApiKey:
    """One key."""
    caller = caller_of(app)
    return partner_keys.visible_key(accounts(), kept_keys(), caller, key_id, organization_id)


@app.delete(
    API_KEYS + "/<key_id>",
    summary="Revoke an API key",
    description="For good. No write is taken from it after a minute; it may read for up to five minutes more.",
    responses={204: {"description": "Revoked"}, **PROBLEMS},
    tags=["API keys"],
    openapi_extensions=needs(Scope.KEYS_WRITE),
)
def delete_api_key(key_id: Annotated[EntityId, Path()], organization_id: PartnerRoot = None) -> Response[None]:
    """Revoke a key."""
    caller = caller_of(app)
    partner_keys.revoke_key(accounts(), kept_keys(), caller, key_id, organization_id, utc_now())
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


@LOGGER.inject_lambda_context
@metrics("accounts").log_metrics
@tracer("accounts").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. A new key's answer is never kept for replay: it holds the secret."""
    return serve(app, event, context, shows_secret=is_at(event, API_KEYS) or ends_with(event, ROTATIONS))
