"""Fleet stream: a printer's state changed, so its supplies are looked at (design flow 2)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.supplies.evaluation import evaluate_printer, is_worth_a_look
from functions.orders.wiring import world
from shared.clock import utc_now
from shared.directory.keys import PRINTER_STATE
from shared.directory.views import PrinterState
from shared.observability import logger, metrics, tracer
from shared.stream import Change, consume


def handle(change: Change) -> None:
    """Evaluate the printer of one change; anything but a printer's state is left alone."""
    if change.new is None or change.new.get("sk") != PRINTER_STATE:
        return
    state = PrinterState.model_validate(change.new)
    previous = PrinterState.model_validate(change.old) if change.old else None
    if is_worth_a_look(previous, state):
        evaluate_printer(state, previous, world=world(), now=utc_now())


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the records that must come again."""
    return consume(event, context, handle)
