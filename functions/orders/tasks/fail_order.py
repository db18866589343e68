"""FailOrder: gives an order up that was refused, or that nobody answered, shipped, delivered or installed in time."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.progress import Ending, end_order
from functions.orders.settings import settings
from functions.orders.wiring import orders
from shared.clock import utc_now
from shared.observability import logger, metrics, tracer


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answer ``{"state": ...}``: where the order ended, or where it went on to meanwhile."""
    repository = orders(settings().orders_table)
    ending = Ending(event["ending"])
    order = end_order(event["tenant_id"], event["order_id"], ending, store=repository, now=utc_now())
    return {"state": order.state.value}
