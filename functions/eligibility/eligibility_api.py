"""Partner API of eligibility: evaluations and enrolments here; the programme itself in `routes.programme`."""

from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from functions.eligibility.enrolment import enrolling
from functions.eligibility.enrolment.evaluation import evaluate_printers
from functions.eligibility.programme.terms_text import current_terms
from functions.eligibility.routes import programme as programme_routes
from functions.eligibility.table.models import Enrolment, Evaluation, EvaluationRequest, NewEnrolment, Outcome
from functions.eligibility.wiring import sources
from shared.clock import utc_now
from shared.http import PROBLEMS, Cursor, Limit, caller_of, created, is_at, partner_api, serve
from shared.ids import EntityId
from shared.names import Scope
from shared.observability import logger, metrics, tracer
from shared.scopes import needs

EVALUATIONS: Final = "/v1/eligibility-evaluations"
ENROLMENTS: Final = "/v1/enrolments"
LOGGER = logger("eligibility")
MEASURES = metrics("eligibility")

app = partner_api()
app.include_router(programme_routes.router)


class EnrolmentPage(BaseModel):
    """A page of enrolment requests."""

    items: list[Enrolment]
    next_cursor: str | None


@app.post(
    EVALUATIONS,
    summary="Evaluate printers",
    description=(
        "The status of up to 1000 named printers, or of all of an organisation and below (at most 5000), with every "
        "other failing check as blockers and counts of all nine statuses. Nothing is kept."
    ),
    responses={200: {"description": "The evaluation"}, **PROBLEMS},
    tags=["Eligibility"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def create_evaluation(wanted: Annotated[EvaluationRequest, Body()]) -> Evaluation:
    """Evaluate printers."""
    caller = caller_of(app)
    return evaluate_printers(sources(), caller, wanted, utc_now())


@app.post(
    ENROLMENTS,
    summary="Enrol printers",
    description=(
        "Up to 100 printers of an entitled organisation that accepted the present terms. Each printer is evaluated "
        "again: the eligible are accepted, the others refused with status and blockers. A workflow makes the accepted "
        "ones managed. There is no way back for the partner."
    ),
    responses={201: {"description": "The request, printer by printer"}, **PROBLEMS},
    tags=["Eligibility"],
    openapi_extensions=needs(Scope.ELIGIBILITY_WRITE),
)
def create_enrolment(wanted: Annotated[NewEnrolment, Body()]) -> Response[Enrolment]:
    """Ask for printers to be enrolled."""
    caller = caller_of(app)
    made = enrolling.request_enrolment(sources(), caller, wanted, current_terms(), utc_now())
    accepted = sum(printer.outcome is Outcome.ACCEPTED for printer in made.printers)
    MEASURES.add_metric(name="EnrolmentsAccepted", unit="Count", value=accepted)
    return created(made, f"{ENROLMENTS}/{made.enrolment_id}")


@app.get(
    ENROLMENTS,
    summary="List enrolments",
    description="Requests the key can see, newest first. A page may hold fewer than `limit` and still have a next.",
    responses={200: {"description": "A page of requests"}, **PROBLEMS},
    tags=["Eligibility"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def list_enrolments(limit: Limit = 50, cursor: Cursor = None) -> EnrolmentPage:
    """A page of requests."""
    caller = caller_of(app)
    items, next_cursor = enrolling.list_enrolments(sources().enrolments, caller, limit=limit, cursor=cursor)
    return EnrolmentPage(items=items, next_cursor=next_cursor)


@app.get(
    ENROLMENTS + "/<enrolment_id>",
    summary="Get an enrolment",
    description="One request, with what became of each printer.",
    responses={200: {"description": "The request"}, **PROBLEMS},
    tags=["Eligibility"],
    openapi_extensions=needs(Scope.ELIGIBILITY_READ),
)
def get_enrolment(enrolment_id: Annotated[EntityId, Path()]) -> Enrolment:
    """One request."""
    caller = caller_of(app)
    return enrolling.visible_enrolment(sources().enrolments, caller, enrolment_id)


@LOGGER.inject_lambda_context
@MEASURES.log_metrics
@tracer("eligibility").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. An evaluation makes nothing, so that its answer is never kept for replay."""
    if is_at(event, EVALUATIONS):
        return app.resolve(event, context)
    return serve(app, event, context)
