"""Task of the enrolment workflow: decide finally about each accepted printer."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.table.models import Outcome
from functions.eligibility.wiring import sources
from shared.clock import utc_now
from shared.ids import EntityId
from shared.observability import logger, tracer

LOGGER = logger("eligibility")


class ConfirmationRequest(BaseModel):
    """The workflow's input."""

    tenant_id: EntityId
    enrolment_id: EntityId


@LOGGER.inject_lambda_context
@tracer("eligibility").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """``{"outcome": "enrolled" | "rejected", "managed": n, "rejected": n}``: rejected when no printer made it (D13)."""
    request = ConfirmationRequest.model_validate(event)
    enrolment = confirm_enrolment(sources(), request.tenant_id, request.enrolment_id, utc_now())
    outcomes = [printer.outcome for printer in enrolment.printers]
    managed, rejected = outcomes.count(Outcome.MANAGED), outcomes.count(Outcome.REJECTED)
    LOGGER.info("enrolment confirmed", enrolment_id=request.enrolment_id, managed=managed, rejected=rejected)
    return {"outcome": "enrolled" if managed else "rejected", "managed": managed, "rejected": rejected}
