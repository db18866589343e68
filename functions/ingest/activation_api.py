"""Agent API: `POST /v1/activations`, the only operation without a token."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import settings
from functions.ingest.activation import activate, limit_attempts
from shared.clock import utc_now
from shared.http import PROBLEMS, agent_api, resolve
from shared.observability import logger, metrics, tracer
from shared.wire.activation import ActivationGrant, ActivationRequest

SERVICE = "activation"
app = agent_api()


@app.post(
    "/v1/activations",
    summary="Activate an agent",
    description=(
        "Redeems a one-time code. The agent makes an ES256 key, proves that it holds it, and is answered with its "
        "identity and configuration. The same code with the same key is answered with the same identity again."
    ),
    responses={200: {"description": "The agent's identity and configuration"}, **PROBLEMS},
    tags=["Activation"],
)
def post_activation(request: Annotated[ActivationRequest, Body()]) -> ActivationGrant:
    """Redeem a code."""
    now = utc_now()
    source_ip = app.current_event.raw_event["requestContext"]["http"].get("sourceIp", "unknown")
    limit_attempts(source_ip, documents=settings.documents(), now=now)
    grant = activate(request, documents=settings.documents(), now=now)
    logger(SERVICE).info("agent activated", agent_id=grant.agent_id)
    metrics(SERVICE).add_metric(name="AgentsActivated", unit="Count", value=1)
    return grant


@logger(SERVICE).inject_lambda_context(clear_state=True)
@metrics(SERVICE).log_metrics
@tracer(SERVICE).capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return resolve(app, event, context)
