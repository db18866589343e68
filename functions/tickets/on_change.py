"""Tickets stream: what became of a call goes on the bus (D5)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.tickets.calls.announcements import announcements
from functions.tickets.settings import PublisherSettings
from functions.tickets.table import keys
from functions.tickets.table.models import ServiceCall
from shared import aws
from shared.events import publish
from shared.observability import logger, tracer
from shared.stream import Change, consume

log = logger("tickets")


@log.inject_lambda_context
@tracer("tickets").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Publish what each change of a call means; answers the records that failed."""
    return consume(event, context, _handle)


def _handle(change: Change) -> None:
    if change.new is None or change.new["sk"] != keys.CALL_HEAD:
        return
    old = ServiceCall.model_validate(change.old) if change.old else None
    events = announcements(old, ServiceCall.model_validate(change.new))
    if events:
        publish(events, context="tickets", bus=PublisherSettings.from_environment().event_bus, client=aws.events())
