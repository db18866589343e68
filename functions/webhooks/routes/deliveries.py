"""Partner API routes of a webhook's log: its deliveries, tests, and what is sent again."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.webhooks.partner_desk import resending as cases
from functions.webhooks.partner_desk.api_models import (
    DeliveryDetails,
    DeliveryPage,
    NewReplay,
    ShownDelivery,
    ShownReplay,
    delivery_details,
    shown_delivery,
)
from functions.webhooks.partner_desk.desk import require_scopes, visible_webhook
from functions.webhooks.table.models import Delivery, DeliveryState
from functions.webhooks.wiring import desk
from shared.clock import utc_now
from shared.http import PROBLEMS, Cursor, Limit, caller_of
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
DELIVERIES: Final = "/v1/webhooks/<webhook_id>/deliveries"
DELIVERY: Final = f"{DELIVERIES}/<delivery_id>"
REPLAYS: Final = "/v1/webhooks/<webhook_id>/replays"
WebhookId = Annotated[EntityId, Path()]
DeliveryId = Annotated[EntityId, Path()]
OfState = Annotated[DeliveryState | None, Query(description="Only deliveries in this state")]
_ACCEPTED: Final[dict[int, Any]] = {202: {"description": "It is on its way"}}


@router.post(
    "/v1/webhooks/<webhook_id>/pings",
    summary="Send a test event",
    description="A `WebhookPing`, whatever the webhook asked to be told of; its delivery says what became of it.",
    responses={**_ACCEPTED, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def post_ping(webhook_id: WebhookId) -> Response[ShownDelivery]:
    """Send a test event."""
    made = cases.ping(caller_of(router), webhook_id, desk=desk(), now=utc_now())
    return _accepted(shown_delivery(made), _place(made))


@router.get(
    DELIVERIES,
    summary="List deliveries",
    description=(
        "The log of thirty days, the newest event first. A page of one state may hold fewer than `limit`; only a null "
        "`next_cursor` is its end."
    ),
    responses={200: {"description": "A page of deliveries"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_READ),
)
def list_deliveries(
    webhook_id: WebhookId, state: OfState = None, limit: Limit = 50, cursor: Cursor = None
) -> DeliveryPage:
    """A page of deliveries."""
    found = desk()
    webhook = visible_webhook(caller_of(router), webhook_id, desk=found)
    items, next_cursor = found.deliveries.deliveries_page(
        webhook.tenant_id, webhook.webhook_id, state=state, limit=limit, cursor=cursor
    )
    return DeliveryPage(items=[shown_delivery(each) for each in items], next_cursor=next_cursor)


@router.get(
    DELIVERY,
    summary="Get a delivery",
    description="What is sent and each attempt. The key needs the scope with which it could read what the event tells.",
    responses={200: {"description": "The delivery"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_READ),
)
def get_delivery(webhook_id: WebhookId, delivery_id: DeliveryId) -> DeliveryDetails:
    """One delivery."""
    caller = caller_of(router)
    delivery = cases.visible_delivery(caller, webhook_id, delivery_id, desk=desk())
    require_scopes(caller, [delivery.event_type])
    return delivery_details(delivery)


@router.post(
    f"{DELIVERY}/retries",
    summary="Send a delivery again",
    description="At once, whatever became of it, under the same `webhook-id`; its 72 hours begin anew.",
    responses={**_ACCEPTED, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def post_retry(webhook_id: WebhookId, delivery_id: DeliveryId) -> Response[ShownDelivery]:
    """Send one again."""
    again = cases.retry(caller_of(router), webhook_id, delivery_id, desk=desk(), now=utc_now())
    return _accepted(shown_delivery(again), _place(again))


@router.post(
    REPLAYS,
    summary="Replay from a point of the log",
    description=(
        "Sends again what happened `since` a time, or came after a delivery, in the order of the events, under the "
        "same ids; `undelivered` leaves out what was taken. What is pending is on its way already. Refused with "
        "`webhook_parked` while the webhook is."
    ),
    responses={202: {"description": "The replay goes on in the background"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_WRITE),
)
def post_replay(webhook_id: WebhookId, wanted: Annotated[NewReplay, Body()]) -> Response[ShownReplay]:
    """Begin a replay."""
    replay = cases.begin_replay(caller_of(router), webhook_id, wanted, desk=desk(), now=utc_now())
    shown = ShownReplay.model_validate(replay.model_dump())
    return _accepted(shown, f"/v1/webhooks/{webhook_id}/replays/{replay.replay_id}")


@router.get(
    f"{REPLAYS}/<replay_id>",
    summary="Get a replay",
    description="How far it has come.",
    responses={200: {"description": "The replay"}, **PROBLEMS},
    tags=["Webhooks"],
    openapi_extensions=needs(Scope.WEBHOOKS_READ),
)
def get_replay(webhook_id: WebhookId, replay_id: Annotated[EntityId, Path()]) -> ShownReplay:
    """One replay."""
    replay = cases.visible_replay(caller_of(router), webhook_id, replay_id, desk=desk())
    return ShownReplay.model_validate(replay.model_dump())


def _place(delivery: Delivery) -> str:
    return f"/v1/webhooks/{delivery.webhook_id}/deliveries/{delivery.delivery_id}"


def _accepted(body: BaseModel, location: str) -> Response[Any]:
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=body,
        headers={"Location": location},
    )
