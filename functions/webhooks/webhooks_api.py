"""Partner API of webhooks; their log and what is sent again is in `routes.deliveries`."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.webhooks.partner_desk import subscriptions as cases
from functions.webhooks.partner_desk.api_models import (
    CreatedSecret,
    CreatedWebhook,
    NewSecret,
    NewWebhook,
    ShownWebhook,
    WebhookDetails,
    WebhookPage,
    shown_webhook,
)
from functions.webhooks.partner_desk.desk import visible_webhook
from functions.webhooks.routes import deliveries as delivery_routes
from functions.webhooks.wiring import desk
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import (
    IDEMPOTENCY_HEADER,
    PRECONDITIONS,
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

WEBHOOKS: Final = "/v1/webhooks"
WEBHOOK: Final = "/v1/webhooks/<webhook_id>"
SECRETS: Final = "secrets"
LOGGER: Final = logger("webhooks")
WebhookId = Annotated[EntityId, Path()]
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The webhook as it is now",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}

app = partner_api()
app.include_router(delivery_routes.router)


@app.post(
    WEBHOOKS,
    summary="Create a webhook",
    description=(
        "Events of the organisation and of all below it are sent to the URL, signed as by Standard Webhooks. The key "
        "needs the scopes with which it could read what they tell. The secret is in this answer and in no other; a "
        "repeated Idempotency-Key is refused with `webhook_already_made`. An organisation has at most twenty."
    ),
    responses={201: {"description": "The new webhook with its secret"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def create_webhook(wanted: Annotated[NewWebhook, Body()]) -> Response[CreatedWebhook]:
    """Make a webhook."""
    now = utc_now()
    webhook = cases.create_webhook(caller_of(app), wanted, _request_key(), desk=desk(), now=now)
    shown = shown_webhook(webhook, now).model_dump() | {"signing_secret": webhook.secrets[0].secret}
    return created(CreatedWebhook.model_validate(shown), f"{WEBHOOKS}/{webhook.webhook_id}")


@app.get(
    WEBHOOKS,
    summary="List webhooks",
    description="Webhooks of the key's organisation and all below it, or of one of these.",
    responses={200: {"description": "A page of webhooks"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_READ),
)
def list_webhooks(
    organization_id: Annotated[EntityId | None, Query(description="Only this organisation and those below it")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> WebhookPage:
    """A page of webhooks."""
    caller, now = caller_of(app), utc_now()
    items, next_cursor = cases.list_webhooks(caller, organization_id, desk=desk(), limit=limit, cursor=cursor)
    return WebhookPage(items=[shown_webhook(each, now) for each in items], next_cursor=next_cursor)


@app.get(
    WEBHOOK,
    summary="Get a webhook",
    description="One webhook, without its secrets; its ETag is what an edit has to name.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_READ),
)
def get_webhook(webhook_id: WebhookId) -> Response[ShownWebhook]:
    """One webhook."""
    caller = caller_of(app)
    webhook = visible_webhook(caller, webhook_id, desk=desk())
    headers: dict[str, str | list[str]] = {"ETag": etag_of(webhook.version)}
    body = shown_webhook(webhook, utc_now())
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=body, headers=headers)


@app.put(
    WEBHOOK,
    summary="Edit a webhook",
    description="Replaces URL, event types and description; what is not given is empty afterwards, or every event.",
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def put_webhook(webhook_id: WebhookId, wanted: Annotated[WebhookDetails, Body()]) -> Response[ShownWebhook]:
    """Edit a webhook."""
    caller, if_match = caller_of(app), app.current_event.headers.get("if-match")
    webhook = cases.edit_webhook(caller, webhook_id, wanted, if_match, desk=desk())
    headers: dict[str, str | list[str]] = {"ETag": etag_of(webhook.version)}
    body = shown_webhook(webhook, utc_now())
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=body, headers=headers)


@app.delete(
    WEBHOOK,
    summary="Delete a webhook",
    description="Nothing is sent to it any more, not even what is on its way to be tried again.",
    responses={204: {"description": "Deleted"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def delete_webhook(webhook_id: WebhookId) -> Response[None]:
    """Delete a webhook."""
    cases.delete_webhook(caller_of(app), webhook_id, desk=desk())
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


@app.post(
    f"{WEBHOOK}/{SECRETS}",
    summary="Rotate a webhook's secret",
    description=(
        "Both secrets sign until the old one's `overlap_hours` are over: deploy the new one meanwhile. At most two are "
        "alive (`two_secrets_alive`). The new secret is in this answer and in no other; a repeated Idempotency-Key is "
        "refused with `secret_already_issued`."
    ),
    responses={201: {"description": "The new secret"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def rotate_webhook_secret(webhook_id: WebhookId, wanted: Annotated[NewSecret, Body()]) -> Response[CreatedSecret]:
    """Rotate the secret."""
    caller = caller_of(app)
    made = cases.rotate_secret(caller, webhook_id, wanted, _request_key(), desk=desk(), now=utc_now())
    shown = CreatedSecret(created_at=made.created_at, ends_at=None, signing_secret=made.secret)
    return created(shown, f"{WEBHOOKS}/{webhook_id}")


@app.put(
    f"{WEBHOOK}/parked",
    summary="Park a webhook",
    description="Nothing is sent; events are held for as long as the log keeps them, thirty days.",
    responses={200: {"description": "The webhook as it is now"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def put_webhook_parked(webhook_id: WebhookId) -> ShownWebhook:
    """Park a webhook."""
    now = utc_now()
    return shown_webhook(cases.park_webhook(caller_of(app), webhook_id, desk=desk(), now=now), now)


@app.delete(
    f"{WEBHOOK}/parked",
    summary="Unpark a webhook",
    description="Sends again, first of all what was held; whoever parked it, and whether it was parked or not.",
    responses={200: {"description": "The webhook as it is now"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def delete_webhook_parked(webhook_id: WebhookId) -> ShownWebhook:
    """Unpark a webhook."""
    now = utc_now()
    return shown_webhook(cases.unpark_webhook(caller_of(app), webhook_id, desk=desk(), now=now), now)


@LOGGER.inject_lambda_context
@metrics("webhooks").log_metrics
@tracer("webhooks").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. An answer with a secret is never kept for replay."""
    return serve(app, event, context, shows_secret=is_at(event, WEBHOOKS) or ends_with(event, SECRETS))


def _request_key() -> str | None:
    return app.current_event.headers.get(IDEMPOTENCY_HEADER)
