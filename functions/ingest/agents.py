"""Agents: their row, their configuration, and when they may be deactivated. Rules are pure; `find_agent` reads."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from functions.ingest import keys
from functions.ingest.ports import Documents
from functions.ingest.thumbprints import thumbprint
from shared.clock import from_key_time, key_time
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, Forbidden
from shared.names import AGENT_AUDIENCE
from shared.table import Item
from shared.wire.activation import ActivationGrant, ActivationRequest, AgentConfig


class AgentStatus(StrEnum):
    """Whether an agent is heard."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


def new_agent(agent_id: str, code: Item, request: ActivationRequest, now: datetime) -> Item:
    """The row of an agent that redeems ``code``: organisation and site are the code's, never the request's."""
    pk, sk = keys.agent(agent_id)
    key = {"jwk": request.jwk.model_dump(mode="json"), "thumbprint": thumbprint(request.jwk), "added_at": key_time(now)}
    item: Item = {
        "pk": pk,
        "sk": sk,
        "gsi1pk": keys.agents_of_tenant(code["tenant_id"]),
        "gsi1sk": keys.below_path(code["organization_path"], agent_id),
        **{name: code[name] for name in ("tenant_id", "organization_id", "organization_path", "site_id")},
        "agent_id": agent_id,
        "name": code.get("name"),
        "status": AgentStatus.ACTIVE.value,
        "keys": [key],
        "agent_version": request.agent_version,
        "host_name": request.host_name,
        "platform": request.platform,
        "activated_at": key_time(now),
        "code_id": code["code_id"],
    }
    return with_config(item, AgentConfig.model_validate(code["config"]))


def with_config(agent: Item, config: AgentConfig) -> Item:
    """The row with a configuration and its entity tag (RFC 9110, quotes included)."""
    digest = sha256(config.model_dump_json().encode()).hexdigest()[:16]
    return agent | {"config": config.model_dump(mode="json"), "config_etag": f'"{digest}"'}


def config_of(agent: Item) -> AgentConfig:
    """The configuration of an agent's row."""
    return AgentConfig.model_validate(agent["config"])


def grant_of(agent: Item) -> ActivationGrant:
    """What an activation is answered with."""
    return ActivationGrant(
        agent_id=agent["agent_id"],
        organization_id=agent["organization_id"],
        site_id=agent["site_id"],
        audience=AGENT_AUDIENCE,
        activated_at=from_key_time(agent["activated_at"]),
        config=config_of(agent),
        config_etag=agent["config_etag"],
    )


def is_current(config_etag: str, if_none_match: str | None) -> bool:
    """True when one of the entity tags of If-None-Match is the configuration's; weak comparison, ``*`` matches."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return config_etag in tags or "*" in tags


def refuse_deactivation(statuses: Sequence[ManagedStatus]) -> None:
    """Raise `Conflict` with the count when printers of the agent are managed or pending (AGT-01)."""
    held = sum(status in {ManagedStatus.MANAGED, ManagedStatus.PENDING} for status in statuses)
    if held:
        detail = f"This agent reads {held} managed or pending printer(s); another agent must read them first."
        raise Conflict("agent_has_managed_printers", detail)


def find_agent(documents: Documents, agent_id: str) -> Item | None:
    """The agent's row, or None."""
    key = keys.agent(agent_id)
    return documents.load([key]).get(key)


def active_agent(documents: Documents, agent_id: str) -> Item:
    """The row of an agent whose token was accepted; `Forbidden` when it was deactivated since."""
    agent = find_agent(documents, agent_id)
    if agent is None or agent["status"] != AgentStatus.ACTIVE:
        raise Forbidden("agent_not_active", "This agent is deactivated; ask the partner for a new activation code.")
    return agent


def contact_of(documents: Documents, agent_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """When each agent was last heard of, and with which version."""
    found = documents.load([keys.agent_contact(agent_id) for agent_id in agent_ids])
    return {item["agent_id"]: item for item in found.values()}
