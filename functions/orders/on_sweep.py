"""Each minute: orders are brought in step with their executions, and silent printers are looked at (D3, D12)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.workflow import check_order
from functions.orders.settings import workflow_settings
from functions.orders.supplies.unheard import follow_silence
from functions.orders.wiring import machine, orders, silent_printers, world
from shared.clock import utc_now
from shared.observability import failure, logger, metrics, tracer

MAX_ORDERS_A_SHARD: Final = 100
MAX_SILENT_A_SHARD: Final = 100
RESERVE: Final = timedelta(seconds=10)
"""Left for the printer in hand: those that are not reached stay due."""


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Answer how many were checked and looked at; one that fails stays due and does not hold up the others."""
    settings = workflow_settings()
    repository = orders(settings.orders_table)
    workflow = machine(settings.supplies_order_machine_arn)
    now = utc_now()
    checks = (
        (order.order_id, partial(check_order, order, repository=repository, workflow=workflow, now=now))
        for order in repository.due(now, limit=MAX_ORDERS_A_SHARD)
    )
    checked, failed = _each(checks)
    silent, ports = silent_printers(), world()
    looks = (
        (
            each.printer_id,
            partial(follow_silence, each.tenant_id, each.printer_id, world=ports, silent=silent, now=now),
        )
        for each in silent.due(now, limit=MAX_SILENT_A_SHARD)
        if context.get_remaining_time_in_millis() >= RESERVE / timedelta(milliseconds=1)
    )
    looked_at, missed = _each(looks)
    return {"checked": checked, "looked_at": looked_at, "failed": failed + missed}


def _each(tasks: Iterable[tuple[str, Callable[[], object]]]) -> tuple[int, int]:
    """How many succeeded and failed: one's trouble is its own; it is logged, and the thing stays due."""
    done = failed = 0
    for subject_id, task in tasks:
        try:
            task()
            done += 1
        except Exception as error:  # noqa: BLE001 - see above
            logger("orders").error("sweep failed for one", subject_id=subject_id, **failure(error))
            failed += 1
    return done, failed
