"""Once a day: enrolment requests whose workflow was never started, or never finished, get one (D3)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.eligibility.enrolment.enrolling import restart_overdue
from functions.eligibility.wiring import enrolments_to_start, workflows
from shared.clock import utc_now
from shared.observability import logger, tracer

LOGGER = logger("eligibility")


@LOGGER.inject_lambda_context
@tracer("eligibility").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature
    """How many requests were overdue. Safe to repeat: a run is known by its name."""
    overdue = restart_overdue(enrolments_to_start(), workflows(), utc_now())
    if overdue:
        LOGGER.warning("enrolments were overdue", count=overdue)
    return {"overdue": overdue}
