"""Partner API of the fleet: activation codes, agents, printers and meters."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import (
    agent_life_routes,
    agent_routes,
    coverage_routes,
    identity_routes,
    listing_routes,
    meter_entry_routes,
    meter_routes,
    printer_routes,
    tag_routes,
    transfer_routes,
    view_routes,
)
from shared.http import ends_with, partner_api, resolve, serve
from shared.observability import logger, metrics, tracer

app = partner_api()
app.include_router(agent_routes.router)
app.include_router(agent_life_routes.router)
app.include_router(listing_routes.router)
app.include_router(printer_routes.router)
app.include_router(view_routes.router)
app.include_router(tag_routes.router)
app.include_router(identity_routes.router)
app.include_router(transfer_routes.router)
app.include_router(coverage_routes.router)
app.include_router(meter_routes.router)
app.include_router(meter_entry_routes.router)


@logger("fleet").inject_lambda_context(clear_state=True)
@metrics("fleet").log_metrics
@tracer("fleet").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. A new code's answer is never kept for replay: it holds the code."""
    if ends_with(event, agent_routes.CODES_SEGMENT):
        return resolve(app, event, context)
    return serve(app, event, context)
