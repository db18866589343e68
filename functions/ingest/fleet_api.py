"""Partner API of the fleet: activation codes, agents, printers and meters."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest.routes import (
    agent_life,
    agents,
    coverage,
    identities,
    listing,
    meter_entries,
    meters,
    printers,
    registered_printers,
    tags,
    transfers,
    views,
)
from shared.http import ends_with, partner_api, serve
from shared.observability import logger, metrics, tracer

app = partner_api()
app.include_router(agents.router)
app.include_router(agent_life.router)
app.include_router(listing.router)
app.include_router(printers.router)
app.include_router(registered_printers.router)
app.include_router(views.router)
app.include_router(tags.router)
app.include_router(identities.router)
app.include_router(transfers.router)
app.include_router(coverage.router)
app.include_router(meters.router)
app.include_router(meter_entries.router)


@logger("fleet").inject_lambda_context(clear_state=True)
@metrics("fleet").log_metrics
@tracer("fleet").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. A new code's answer is never kept for replay: it holds the code."""
    return serve(app, event, context, shows_secret=ends_with(event, agents.CODES_SEGMENT))
