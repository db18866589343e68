"""CloseOrder: closes an installed order once its time of confirmation is over."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.progress import close_order
from functions.orders.settings import settings
from functions.orders.wiring import orders
from shared.clock import utc_now
from shared.observability import logger, metrics, tracer


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answer ``{"state": ...}``."""
    repository = orders(settings().orders_table)
    order = close_order(event["tenant_id"], event["order_id"], store=repository, now=utc_now())
    return {"state": order.state.value}
