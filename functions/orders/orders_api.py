"""Partner API: orders, supply decisions, fulfilment partners."""

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment import partner_desk
from functions.orders.fulfilment.api_models import (
    CreatedFulfilmentPartner,
    FulfilmentPartnerPage,
    FulfilmentPartnerSummary,
    NewFulfilmentPartner,
    OrderDetails,
    OrderMove,
    OrderPage,
    OrderSummary,
    SupplyDecision,
    SupplyDecisionPage,
)
from functions.orders.fulfilment.progress import transition_order
from functions.orders.table.models import FulfilmentPartner, Order, OrderState
from functions.orders.wiring import desk
from shared.clock import utc_now
from shared.http import (
    IDEMPOTENCY_HEADER,
    PROBLEMS,
    Cursor,
    Limit,
    caller_of,
    created,
    is_at,
    partner_api,
    serve,
)
from shared.ids import EntityId
from shared.names import Scope
from shared.observability import logger, metrics, tracer
from shared.scopes import needs

FULFILMENT_PARTNERS: Final = "/v1/fulfilment-partners"
app = partner_api()


@app.get(
    "/v1/orders",
    summary="List supplies orders",
    description=(
        "Orders of an organisation and all below it, newest first within each. With `state` a page may hold fewer "
        "items than `limit` and still have a next one."
    ),
    responses={200: {"description": "A page of orders"}, **PROBLEMS},
    tags=["Supplies orders"],
    openapi_extensions=needs(Scope.ORDERS_READ),
)
def list_orders(
    organization_id: Annotated[EntityId | None, Query(description="Only this organisation and those below it")] = None,
    printer_id: Annotated[EntityId | None, Query(description="Only this printer's orders")] = None,
    state: Annotated[OrderState | None, Query(description="Only orders in this state")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderPage:
    """A page of orders."""
    caller = caller_of(app)
    wanted = partner_desk.Wanted(organization_id, printer_id, state)
    orders, next_cursor = partner_desk.list_orders(caller, wanted, desk=desk(), limit=limit, cursor=cursor)
    return OrderPage(items=[_summary(order) for order in orders], next_cursor=next_cursor)


@app.get(
    "/v1/orders/<order_id>",
    summary="Read a supplies order",
    description="The order with its forecast, delivery address and history.",
    responses={200: {"description": "The order"}, **PROBLEMS},
    tags=["Supplies orders"],
    openapi_extensions=needs(Scope.ORDERS_READ),
)
def get_order(order_id: EntityId) -> OrderDetails:
    """One order."""
    caller = caller_of(app)
    return _details(partner_desk.visible_order(caller, order_id, desk=desk()))


@app.post(
    "/v1/orders/<order_id>/transitions",
    summary="Approve or cancel a supplies order",
    description=(
        "A held order is approved or cancelled by a person; an order is cancelled before it ships. What the order's "
        "state does not allow is answered 409."
    ),
    responses={200: {"description": "The order after the decision"}, **PROBLEMS},
    tags=["Supplies orders"],
    openapi_extensions=needs(Scope.ORDERS_WRITE),
)
def move_order(order_id: EntityId, decision: Annotated[OrderMove, Body()]) -> OrderDetails:
    """A person's decision."""
    caller = caller_of(app)
    at_desk = desk()
    order = partner_desk.visible_order(caller, order_id, desk=at_desk)
    target = OrderState(decision.to)
    return _details(transition_order(order, target, store=at_desk.orders, reason=decision.reason, now=utc_now()))


@app.get(
    "/v1/supply-decisions",
    summary="List supply decisions",
    description="Why a cartridge was ordered, held or not ordered: each decision with its inputs, newest first.",
    responses={200: {"description": "A page of decisions"}, **PROBLEMS},
    tags=["Supplies orders"],
    openapi_extensions=needs(Scope.ORDERS_READ),
)
def list_decisions(
    printer_id: Annotated[EntityId, Query(description="The printer")], limit: Limit = 50, cursor: Cursor = None
) -> SupplyDecisionPage:
    """A page of decisions."""
    caller = caller_of(app)
    items, next_cursor = partner_desk.list_decisions(caller, printer_id, desk=desk(), limit=limit, cursor=cursor)
    decisions = [SupplyDecision.model_validate(_only(SupplyDecision, item.model_dump())) for item in items]
    return SupplyDecisionPage(items=decisions, next_cursor=next_cursor)


@app.post(
    FULFILMENT_PARTNERS,
    summary="Create a fulfilment partner",
    description=(
        "Becomes the default of its organisation and of those below without their own. Orders are sent as "
        "`POST {url}/orders`, signed as Standard Webhooks with the secret that only this answer shows."
    ),
    responses={201: {"description": "The partner with its signing secret"}, **PROBLEMS},
    tags=["Fulfilment"],
    openapi_extensions=needs(Scope.ORDERS_WRITE),
)
def create_partner(wanted: Annotated[NewFulfilmentPartner, Body()]) -> Response[CreatedFulfilmentPartner]:
    """A new partner."""
    caller = caller_of(app)
    made = partner_desk.create_partner(
        caller,
        organization_id=wanted.organization_id,
        name=wanted.name,
        url=wanted.url,
        lead_time_days=wanted.lead_time_days,
        request_key=app.current_event.headers.get(IDEMPOTENCY_HEADER),
        desk=desk(),
        now=utc_now(),
    )
    shown = CreatedFulfilmentPartner.model_validate(_only(CreatedFulfilmentPartner, made.model_dump()))
    return created(shown, f"/v1/fulfilment-partners/{made.fulfilment_partner_id}")


@app.get(
    "/v1/fulfilment-partners",
    summary="List fulfilment partners",
    description="Partners of the key's organisation and those below it.",
    responses={200: {"description": "A page of partners"}, **PROBLEMS},
    tags=["Fulfilment"],
    openapi_extensions=needs(Scope.ORDERS_READ),
)
def list_partners(
    organization_id: Annotated[EntityId | None, Query(description="Only this organisation and those below it")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FulfilmentPartnerPage:
    """A page of partners."""
    caller = caller_of(app)
    partners, next_cursor = partner_desk.list_partners(caller, organization_id, desk=desk(), limit=limit, cursor=cursor)
    return FulfilmentPartnerPage(items=[_partner(partner) for partner in partners], next_cursor=next_cursor)


@app.get(
    "/v1/fulfilment-partners/<fulfilment_partner_id>",
    summary="Read a fulfilment partner",
    description="The partner without its secret.",
    responses={200: {"description": "The partner"}, **PROBLEMS},
    tags=["Fulfilment"],
    openapi_extensions=needs(Scope.ORDERS_READ),
)
def get_partner(fulfilment_partner_id: EntityId) -> FulfilmentPartnerSummary:
    """One partner."""
    caller = caller_of(app)
    return _partner(partner_desk.visible_partner(caller, fulfilment_partner_id, desk=desk()))


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. A new partner's answer is not kept for replay: it holds the secret, and that stays here."""
    return serve(app, event, context, shows_secret=is_at(event, FULFILMENT_PARTNERS))


def _summary(order: Order) -> OrderSummary:
    return OrderSummary.model_validate(_only(OrderSummary, _shown(order)))


def _details(order: Order) -> OrderDetails:
    return OrderDetails.model_validate(_only(OrderDetails, _shown(order)))


def _partner(partner: FulfilmentPartner) -> FulfilmentPartnerSummary:
    return FulfilmentPartnerSummary.model_validate(_only(FulfilmentPartnerSummary, partner.model_dump()))


def _shown(order: Order) -> dict[str, Any]:
    return order.model_dump() | {"hold_reason": order.hold_reason}


def _only(model: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    """The values that a body shows; bodies forbid what they do not name."""
    return {name: values[name] for name in model.model_fields}
