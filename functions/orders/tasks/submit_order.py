"""SubmitOrder: sends an approved order to its fulfilment partner."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.partner_repository import PartnerRepository
from functions.orders.fulfilment.progress import submit_order
from functions.orders.settings import submit_settings
from functions.orders.table.repository import OrderRepository
from functions.orders.wiring import gateway, table
from shared.clock import utc_now
from shared.observability import logger, metrics, tracer


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answer ``{"outcome": "submitted" | "refused" | "cancelled", "state": ...}``; raises `Unavailable`."""
    own = table(submit_settings().orders_table)
    order, outcome = submit_order(
        event["tenant_id"],
        event["order_id"],
        store=OrderRepository(own),
        partners=PartnerRepository(own),
        gateway=gateway(),
        now=utc_now(),
    )
    return {"outcome": outcome, "state": order.state.value}
