"""Partner API route of the reporting coverage."""

from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.silence.coverage import MOST_AGENTS, CoverageReport, coverage
from shared.http import PROBLEMS
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    "/v1/reporting-coverage",
    summary="Get the reporting coverage",
    description=(
        "How many printers were read within three days, of each organisation with agents, the worst first: what to "
        f"look at before the billing day. Counted once a day for each agent; at most {MOST_AGENTS:,} agents a request."
    ),
    responses={200: {"description": "The coverage"}, **PROBLEMS},
    tags=["Printers"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_coverage(organization_id: Below = None) -> CoverageReport:
    """The coverage."""
    return coverage(settings.documents(), visible_of(router, organization_id))
