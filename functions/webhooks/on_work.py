"""Queue of work: one attempt to deliver, or one page of a replay, a message."""

import json
from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.webhooks import wiring
from functions.webhooks.sending.backoff import Verdict
from functions.webhooks.sending.delivering import attempt
from functions.webhooks.sending.replaying import step
from shared.names import DELIVERIES_GIVEN_UP_METRIC, WEBHOOKS_PARKED_METRIC
from shared.observability import logger, metrics, tracer
from shared.stream import consume_queue

_NOTICES: Final = {
    Verdict.PARK: (WEBHOOKS_PARKED_METRIC, "webhook parked"),
    Verdict.GONE: (WEBHOOKS_PARKED_METRIC, "webhook parked"),
    Verdict.GIVE_UP: (DELIVERIES_GIVEN_UP_METRIC, "delivery given up"),
}
"""What an operator is told of: the metric of an alarm, and the message by which the log says whose it is."""


def handle(body: str) -> None:
    """Do what the message names; an endpoint that fails is an outcome, not a failure of ours."""
    message = json.loads(body)
    tenant_id, webhook_id = str(message["tenant_id"]), str(message["webhook_id"])
    post = wiring.post()
    if "replay_id" in message:
        step(tenant_id, webhook_id, str(message["replay_id"]), post=post)
        return
    delivery_id = str(message["delivery_id"])
    outcome = attempt(tenant_id, webhook_id, delivery_id, post=post)
    if outcome is not None:
        metrics("webhooks").add_metric(f"Attempts_{outcome}", MetricUnit.Count, 1)
    if outcome in _NOTICES:
        metric, message = _NOTICES[outcome]
        metrics("webhooks").add_metric(metric, MetricUnit.Count, 1)
        logger("webhooks").warning(
            message, tenant_id=tenant_id, webhook_id=webhook_id, delivery_id=delivery_id, because=outcome
        )
    elif outcome not in {None, Verdict.WAIT}:
        logger("webhooks").info("attempt made", webhook_id=webhook_id, delivery_id=delivery_id, outcome=outcome)


@logger("webhooks").inject_lambda_context
@metrics("webhooks").log_metrics
@tracer("webhooks").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the messages that must come again."""
    return consume_queue(event, context, handle)
