"""Partner API: what a fulfilment partner reports of its orders."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.api_models import FulfilmentAnswer, FulfilmentReport
from functions.orders.fulfilment.progress import FulfilmentEvent, apply_event
from functions.orders.settings import settings
from functions.orders.wiring import orders
from shared.clock import utc_now
from shared.errors import NotFound
from shared.http import PROBLEMS, caller_of, partner_api, serve
from shared.names import Scope
from shared.observability import logger, metrics, tracer
from shared.scopes import needs

app = partner_api()


@app.post(
    "/v1/fulfilment-events",
    summary="Report on a supplies order",
    description=(
        "A report is applied at most once for its `event_id` and never moves an order backward: what comes late or "
        "out of order is answered 200 with the outcome `ignored`. An order may be reported shipped without having "
        "been acknowledged."
    ),
    responses={200: {"description": "What became of the report"}, **PROBLEMS},
    tags=["Fulfilment"],
    openapi_extensions=needs(Scope.FULFILMENT_WRITE),
)
def report(told: Annotated[FulfilmentReport, Body()]) -> FulfilmentAnswer:
    """One report."""
    caller = caller_of(app)
    store = orders(settings().orders_table)
    order = store.order(caller.tenant_id, told.order_id)
    if order is None or not caller.can_see(order.organization_path):
        raise NotFound("order", told.order_id)
    event = FulfilmentEvent(
        event_id=told.event_id,
        type=told.type,
        occurred_at=told.occurred_at,
        reference=told.reference,
        tracking_number=told.tracking_number,
        reason=told.reason,
    )
    after, outcome = apply_event(caller.tenant_id, told.order_id, event, store=store, now=utc_now())
    return FulfilmentAnswer(order_id=after.order_id, event_id=told.event_id, outcome=outcome, state=after.state)


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return serve(app, event, context)
