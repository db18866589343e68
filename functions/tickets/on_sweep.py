"""Each minute: what falls due. Alert delays, SLA notices, automatic resolution (D12)."""

from datetime import datetime, timedelta
from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.tickets.calls.service import Tickets
from functions.tickets.table.ports import Due
from functions.tickets.wiring import tickets
from shared.clock import utc_now
from shared.observability import logger, metrics, tracer

log = logger("tickets")
measures = metrics("tickets")
RESERVE_MILLISECONDS: Final = 5_000
"""Left for the thing in hand: what is not reached is the next minute's."""
TRY_AGAIN_AFTER: Final = timedelta(minutes=5)


@log.inject_lambda_context
@measures.log_metrics
@tracer("tickets").capture_lambda_handler(capture_response=False)
def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Handle what is due, each thing by itself; what fails is put off for some minutes and tried again."""
    now = utc_now()
    use_cases = tickets()
    handled = failed = 0
    for due in use_cases.store.due(now):
        if context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS:
            break
        if _handle(use_cases, due, now):
            handled += 1
        else:
            failed += 1
    measures.add_metric("DueHandled", MetricUnit.Count, handled)
    measures.add_metric("DueFailed", MetricUnit.Count, failed)
    return {"handled": handled, "failed": failed}


def _handle(use_cases: Tickets, due: Due, now: datetime) -> bool:
    try:
        use_cases.handle_due(due, now)
    except Exception:
        log.exception("due item failed", partition=due.pk)
        _put_off(use_cases, due, now + TRY_AGAIN_AFTER)
        return False
    return True


def _put_off(use_cases: Tickets, due: Due, until: datetime) -> None:
    try:
        use_cases.store.put_off(due, until)
    except Exception:
        log.exception("due item stays due", partition=due.pk)
