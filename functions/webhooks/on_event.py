"""Queue of every event of the bus: each becomes a delivery for each webhook that wants it."""

import json
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.webhooks import wiring
from functions.webhooks.partner_desk.ending import end_with_organization
from functions.webhooks.sending.fanout import fan_out
from functions.webhooks.settings import place_settings
from shared.clock import utc_now
from shared.events import parse
from shared.observability import logger, metrics, tracer
from shared.stream import consume_queue


def handle(body: str) -> None:
    """Fan one event out, to all but the webhooks that end with it."""
    settings = place_settings()
    event = parse(json.loads(body)["detail"])
    if ended := end_with_organization(event, webhooks=wiring.webhooks(settings)):
        logger("webhooks").info("webhooks ended", organization_id=event.subject_id, ended=ended)
    made = fan_out(
        event,
        organizations=wiring.organizations(),
        webhooks=wiring.webhooks(settings),
        deliveries=wiring.deliveries(settings),
        dispatch=wiring.dispatch(settings),
        now=utc_now(),
    )
    if made:
        metrics("webhooks").add_metric("DeliveriesMade", MetricUnit.Count, made)


@logger("webhooks").inject_lambda_context
@metrics("webhooks").log_metrics
@tracer("webhooks").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the messages that must come again."""
    return consume_queue(event, context, handle)
