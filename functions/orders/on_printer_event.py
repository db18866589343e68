"""Queue of what happens to printers: `PrinterEnrolled`, `PrinterSilent`, `PrinterHeard`.

A printer that joins with a low cartridge must not wait for its next reading; one that is silent has none (SUP-30).
"""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.supplies.unheard import follow_silence
from functions.orders.wiring import silent_printers, world
from shared.clock import utc_now
from shared.events import parse
from shared.observability import logger, metrics, tracer
from shared.stream import consume_queue


def handle(body: str) -> None:
    """Look at the printer as it is now; which event it was tells nothing more."""
    event = parse(json.loads(body)["detail"])
    follow_silence(event.tenant_id, event.subject_id, world=world(), silent=silent_printers(), now=utc_now())


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the messages that must come again."""
    return consume_queue(event, context, handle)
