"""Each minute: orders whose check is due are brought in step with their executions (D3, D12)."""

from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.workflow import check_order
from functions.orders.settings import workflow_settings
from functions.orders.wiring import machine, orders
from shared.clock import utc_now
from shared.observability import failure, logger, metrics, tracer

MAX_ORDERS_A_SHARD: Final = 100


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Answer how many orders were checked; one that fails stays due and does not hold up the others."""
    settings = workflow_settings()
    repository = orders(settings.orders_table)
    workflow = machine(settings.supplies_order_machine_arn)
    now = utc_now()
    checked = failed = 0
    for order in repository.due(now, limit=MAX_ORDERS_A_SHARD):
        try:
            check_order(order, repository=repository, workflow=workflow, now=now)
            checked += 1
        except Exception as error:  # noqa: BLE001 - one order's trouble is its own; it is logged and stays due
            logger("orders").error("order check failed", order_id=order.order_id, **failure(error))
            failed += 1
    return {"checked": checked, "failed": failed}
