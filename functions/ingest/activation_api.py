"""Agent API: `POST /v1/activations`, the only operation without a token, and `POST /v1/keys`: all that makes keys."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import settings
from functions.ingest.agent_desk.activation import activate, limit_attempts
from functions.ingest.agents.key_rotation import rotate_key
from functions.ingest.agents.suspicion import AgentSuspected
from shared.clock import utc_now
from shared.http import PROBLEMS, agent_api, agent_of, resolve
from shared.names import AGENT_IDENTITY_SERVICE, AGENTS_SUSPECTED_METRIC
from shared.observability import logger, metrics, tracer
from shared.wire.activation import ActivationGrant, ActivationRequest
from shared.wire.rotation import KeyRotationGrant, KeyRotationRequest

SERVICE = "activation"
app = agent_api()


@app.post(
    "/v1/activations",
    summary="Activate an agent",
    description=(
        "Redeems a one-time code. The agent makes an ES256 key, proves that it holds it, and is answered with its "
        "identity and configuration. The same code with the same key is answered with the same identity again. A code "
        "that was made for an agent activates that agent again: its former keys end at once."
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


@app.post(
    "/v1/keys",
    summary="Exchange the agent's key",
    description=(
        "Registers the agent's next key, signed for by both keys; the token is signed by the key in force. The key "
        "before is accepted for 14 days more. The same key again is answered as the first time."
    ),
    responses={200: {"description": "The key in force"}, **PROBLEMS},
    tags=["Keys"],
)
def post_key(request: Annotated[KeyRotationRequest, Body()]) -> KeyRotationGrant:
    """Register the next key."""
    caller = agent_of(app)
    try:
        grant = rotate_key(request, caller, documents=settings.documents(), now=utc_now())
    except AgentSuspected as suspected:
        logger(SERVICE).warning("agent suspect", agent_id=suspected.agent_id, cause=suspected.cause.value)
        metrics(AGENT_IDENTITY_SERVICE).add_metric(name=AGENTS_SUSPECTED_METRIC, unit="Count", value=1)
        raise
    logger(SERVICE).info("agent key exchanged", agent_id=caller.agent_id, signed_by=caller.kid, kid=grant.kid)
    metrics(SERVICE).add_metric(name="AgentKeysExchanged", unit="Count", value=1)
    return grant


@logger(SERVICE).inject_lambda_context(clear_state=True)
@metrics(SERVICE).log_metrics
@metrics(AGENT_IDENTITY_SERVICE).log_metrics
@tracer(SERVICE).capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return resolve(app, event, context)
