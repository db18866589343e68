"""Authorizer of the agent API: answers who the agent is, or why it is refused.

An HTTP API cannot shape its authorizer's refusal, so the answer is always *authorized*; `AgentCaller.from_http_event`,
which every agent route goes through, turns a refusal into a problem document before any other code runs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final, Protocol

import jwt
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import settings
from functions.ingest.agents.agent import find_agent, refusal_of
from functions.ingest.credentials.public_keys import ends_at
from functions.ingest.credentials.tokens import TokenRefused, peek, public_key, verify_bearer
from shared.clock import utc_now
from shared.ids import is_id
from shared.observability import logger, metrics, tracer
from shared.table import Item
from shared.wire.activation import PublicJwk

CACHE_FOR: Final = timedelta(seconds=60)
CACHE_SIZE: Final = 10_000
_SCHEME: Final = "bearer "


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key ready to verify with, and when it ends if it was exchanged."""

    jwk: jwt.PyJWK
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """An agent's row with its keys, and until when to believe it."""

    item: Item
    keys: dict[str, KnownKey]
    believed_until: datetime


class Find(Protocol):
    """Finds an agent's row."""

    def __call__(self, agent_id: str, *, consistent: bool) -> Item | None:
        """The row, or None; perhaps as it was a moment before when not ``consistent``."""


class Agents:
    """Agents of the last minute, kept in memory: the routes that write read the row again."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[str, KnownAgent] = {}

    def get(self, agent_id: str, kid: str, now: datetime) -> KnownAgent | None:
        """The agent, or None when there is none; a missing agent is not remembered.

        A key that is not among the known ones may be new: the row is read again. The first look may be a moment behind
        and costs half; nobody is refused by it, and what is written looks again.
        """
        known = self._known.get(agent_id)
        if known is not None and now < known.believed_until and kid in known.keys:
            return known
        item = self._find(agent_id, consistent=False)
        if item is None or kid not in _kids(item) or refusal_of(item) is not None:
            item = self._find(agent_id, consistent=True)
        if item is None:
            return None
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        jwks = [(PublicJwk.model_validate(key["jwk"]), ends_at(key)) for key in item["keys"]]
        keys = {jwk.kid: KnownKey(public_key(jwk), end) for jwk, end in jwks}
        known = KnownAgent(item, keys, now + CACHE_FOR)
        self._known[agent_id] = known
        return known


def _kids(agent: Item) -> set[str]:
    return {key["jwk"]["kid"] for key in agent["keys"]}


def judge(headers: dict[str, str], agents: Agents, now: datetime) -> dict[str, str]:
    """The context for the routes: the agent's identifiers, or ``refusal`` with the reason's code."""
    credential = headers.get("authorization", "").strip()
    if credential[: len(_SCHEME)].lower() != _SCHEME:
        return {"refusal": "no_credential"}
    token = credential[len(_SCHEME) :].strip()
    try:
        agent_id, kid = peek(token)
        agent = agents.get(agent_id, kid, now) if is_id(agent_id, "agt") else None
        if agent is None or kid not in agent.keys:
            return {"refusal": "unknown_agent" if agent is None else "invalid_token"}
        generation, nonce = verify_bearer(token, agent.keys[kid].jwk, agent_id, now)
    except TokenRefused as refused:
        return {"refusal": refused.code}
    end = agent.keys[kid].ends_at
    refusal = "key_ended" if end is not None and now >= end else refusal_of(agent.item)
    if refusal is not None:
        return {"refusal": refusal}
    names = ("agent_id", "tenant_id", "organization_id", "organization_path", "site_id")
    who = {name: str(agent.item[name]) for name in names}
    return who | {"kid": kid, "generation": str(generation), "generation_nonce": nonce}


@cache
def _agents() -> Agents:
    store = settings.documents()
    return Agents(partial(find_agent, store))


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
