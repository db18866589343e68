"""The eligibility table's stream: a new request starts its workflow, a settled printer goes on the bus."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.eligibility.enrolment.announcements import announcement
from functions.eligibility.settings import publisher_settings
from functions.eligibility.table import keys
from functions.eligibility.table.models import Enrolment, EnrolmentFact, EnrolmentState
from functions.eligibility.wiring import workflows
from shared import aws
from shared.events import publish
from shared.observability import logger, tracer
from shared.stream import Change, consume

LOGGER = logger("eligibility")


@LOGGER.inject_lambda_context
@tracer("eligibility").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch; only the records that failed come again. Safe to repeat: runs and events are known by id."""
    return consume(event, context, _handle)


def _handle(change: Change) -> None:
    if change.new is None:
        return
    if keys.is_enrolment(change.new) and change.old is None:
        _start(Enrolment.model_validate(change.new))
    elif keys.is_fact(change.new):
        _announce(EnrolmentFact.model_validate(change.old) if change.old else None, change.new)


def _start(enrolment: Enrolment) -> None:
    if enrolment.state is EnrolmentState.PENDING:
        workflows().start(enrolment.enrolment_id, enrolment.tenant_id, enrolment.enrolment_id)
        LOGGER.info("enrolment started", enrolment_id=enrolment.enrolment_id, tenant_id=enrolment.tenant_id)


def _announce(old: EnrolmentFact | None, new: dict[str, Any]) -> None:
    event = announcement(old, EnrolmentFact.model_validate(new))
    if event is not None:
        publish([event], context="eligibility", bus=publisher_settings().event_bus, client=aws.events())
