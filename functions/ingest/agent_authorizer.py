"""Authorizer of the agent API: answers who the agent is, or why it is refused.

An HTTP API cannot shape its authorizer's refusal, so the answer is always *authorized*; `AgentCaller.from_http_event`,
which every agent route goes through, turns a refusal into a problem document before any other code runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import jwt
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import settings
from functions.ingest.agents import AgentStatus, find_agent
from functions.ingest.tokens import TokenRefused, peek, public_key, verify_bearer
from shared.clock import utc_now
from shared.ids import is_id
from shared.observability import logger, metrics, tracer
from shared.table import Item
from shared.wire.activation import PublicJwk

CACHE_FOR: Final = timedelta(seconds=60)
CACHE_SIZE: Final = 10_000
_SCHEME: Final = "bearer "


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """An agent's row with its keys ready to verify with, and until when to believe it."""

    item: Item
    keys: dict[str, jwt.PyJWK]
    believed_until: datetime


class Agents:
    """Agents of the last minute, kept in memory: a deactivation takes effect within `CACHE_FOR`."""

    def __init__(self, find: Callable[[str], Item | None]) -> None:
        self._find = find
        self._known: dict[str, KnownAgent] = {}

    def get(self, agent_id: str, now: datetime) -> KnownAgent | None:
        """The agent, or None when there is none; a missing agent is not remembered."""
        known = self._known.get(agent_id)
        if known is not None and now < known.believed_until:
            return known
        item = self._find(agent_id)
        if item is None:
            return None
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        jwks = [PublicJwk.model_validate(key["jwk"]) for key in item["keys"]]
        known = KnownAgent(item, {jwk.kid: public_key(jwk) for jwk in jwks}, now + CACHE_FOR)
        self._known[agent_id] = known
        return known


def judge(headers: dict[str, str], agents: Agents, now: datetime) -> dict[str, str]:
    """The context for the routes: the agent's identifiers, or ``refusal`` with the reason's code."""
    credential = headers.get("authorization", "").strip()
    if credential[: len(_SCHEME)].lower() != _SCHEME:
        return {"refusal": "no_credential"}
    token = credential[len(_SCHEME) :].strip()
    try:
        agent_id, kid = peek(token)
        agent = agents.get(agent_id, now) if is_id(agent_id, "agt") else None
        if agent is None:
            return {"refusal": "unknown_agent"}
        if kid not in agent.keys:
            return {"refusal": "invalid_token"}
        verify_bearer(token, agent.keys[kid], agent_id, now)
    except TokenRefused as refused:
        return {"refusal": refused.code}
    if agent.item["status"] != AgentStatus.ACTIVE:
        return {"refusal": "agent_not_active"}
    names = ("agent_id", "tenant_id", "organization_id", "organization_path", "site_id")
    return {name: str(agent.item[name]) for name in names}


@cache
def _agents() -> Agents:
    store = settings.documents()
    return Agents(lambda agent_id: find_agent(store, agent_id))


@logger("agent-authorizer").inject_lambda_context(clear_state=True)
@metrics("agent-authorizer").log_metrics
@tracer("agent-authorizer").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer an HTTP API authorizer request (payload 2.0, simple response)."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    found = judge(headers, _agents(), utc_now())
    if "refusal" in found:
        logger("agent-authorizer").info("agent refused", reason=found["refusal"])
        metrics("agent-authorizer").add_metric(name="AgentsRefused", unit="Count", value=1)
    return {"isAuthorized": True, "context": found}
