"""Agents: their row, their configuration, and who may see and use them. Rules are pure; `find_agent` reads."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from functions.ingest.agents.heartbeat import automatic_heartbeat_of
from functions.ingest.credentials.public_keys import accepted_key, new_key
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.directory.inherited import AUTOMATIC, Level, Resolved, SettingName
from shared.directory.views import AgentView, SiteView
from shared.errors import NotFound, Unavailable
from shared.ids import new_id
from shared.names import AGENT_AUDIENCE
from shared.table import Item
from shared.tenancy import AgentCaller, agent_refusal
from shared.visibility import Visible
from shared.wire.activation import ActivationGrant, ActivationRequest, AgentConfig


class AgentStatus(StrEnum):
    """Whether an agent is heard: only an active one is. A suspect one is again once it was activated again."""

    PENDING = "pending"
    """Its activation code was not redeemed yet."""
    ACTIVE = "active"
    SUSPECT = "suspect"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
    """Shown to nobody; the row stays so that its tokens are refused by name."""

    @property
    def is_over(self) -> bool:
        """True when nothing brings the agent back."""
        return self in {AgentStatus.DEACTIVATED, AgentStatus.DELETED}


class SuspectCause(StrEnum):
    """What showed that a key has two holders; the restored backup of one holder looks the same."""

    GENERATION_SPLIT = "generation_split"
    GENERATION_BEHIND = "generation_behind"
    EXCHANGED_KEY_USED = "exchanged_key_used"


def pending_agent(site: SiteView, *, name: str | None, config: AgentConfig) -> Item:
    """The row of a new agent at a site, until somebody redeems a code for it."""
    agent_id = new_id("agt")
    pk, sk = keys.agent(agent_id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "gsi1pk": keys.agents_of_tenant(site.tenant_id),
        "gsi1sk": keys.below_path(site.organization_path, agent_id),
        "tenant_id": site.tenant_id,
        "organization_id": site.organization_id,
        "organization_path": site.organization_path,
        "site_id": site.site_id,
        "agent_id": agent_id,
        "name": name,
        "status": AgentStatus.PENDING.value,
        "keys": [],
    }
    return with_config(item, config)


def activated(agent: Item, code: Item, request: ActivationRequest, now: datetime) -> Item:
    """The row of an agent that redeems a code made for it: the new key is its only one, suspicion is over.

    Its place, name, configuration and printers stay.
    """
    kept = {name: value for name, value in agent.items() if name not in _OF_ONE_ACTIVATION}
    told = {_TOLD: _between_reports(config_of(agent))}
    return kept | told | _activation(code, request, now)


KEY_WANTED: Final = "key_wanted_at"
"""Since when its partner wants the agent to exchange its key."""
_OF_ONE_ACTIVATION: Final = frozenset(
    {
        KEY_WANTED,
        "generation",
        "suspect_since",
        "suspect_cause",
        "open_code",
        "expires_at",
        "suspended_at",
        "suspended_by",
        "suspended_reason",
        "silent_since",
    }
)


def _activation(code: Item, request: ActivationRequest, now: datetime) -> Item:
    return {
        "status": AgentStatus.ACTIVE.value,
        "keys": [new_key(request.jwk, now)],
        "agent_version": request.agent_version,
        "host_name": request.host_name,
        "platform": request.platform,
        "activated_at": key_time(now),
        "code_id": code["code_id"],
    }


def as_told(agent: Item) -> Item:
    """The row of an agent that is told its configuration now; the same one when it was told that heartbeat before."""
    now_told = _between_reports(config_of(agent))
    return agent if told_heartbeat_of(agent) == timedelta(seconds=now_told) else agent | {_TOLD: now_told}


def told_heartbeat_of(agent: Item) -> timedelta:
    """The heartbeat that the agent keeps, or its poll where that is longer: it reports when it has polled.

    What was changed since it was last heard is not known to it.
    """
    told = agent.get(_TOLD)
    return timedelta(seconds=_between_reports(config_of(agent)) if told is None else int(told))


def _between_reports(config: AgentConfig) -> int:
    return max(config.heartbeat_interval_seconds, config.poll_interval_seconds)


_TOLD: Final = "told_heartbeat_seconds"


def with_config(agent: Item, config: AgentConfig) -> Item:
    """The row with a configuration and its entity tag (RFC 9110, quotes included); set are the intervals given."""
    given = sorted(config.model_fields_set & _DEFAULTS.keys())
    return _tagged(agent | {"config": config.model_dump(mode="json"), _GIVEN: given})


def with_inherited(agent: Item, resolved: Mapping[SettingName, Resolved]) -> Item:
    """The row with the intervals that it inherits; the same row when nothing of them changed (ENT-02).

    An interval that was given to the agent itself beats what is inherited, but not what is explicitly set at it. A
    heartbeat that is left to Platen is the one that the number of printers asks for.
    """
    given = own_config_of(agent).model_fields_set
    inherited = {}
    for name, (field, seconds) in _INTERVALS.items():
        setting = resolved[name]
        if field in given and not (setting.source is not None and setting.source.level is Level.AGENT):
            continue
        is_automatic = name is SettingName.HEARTBEAT_INTERVAL and setting.value == AUTOMATIC
        value = int(automatic_heartbeat_of(agent).total_seconds()) if is_automatic else setting.value * seconds
        if field in given or value != _DEFAULTS[field]:
            inherited[field] = value
    if inherited == agent.get("inherited", {}):
        return agent
    return _tagged(agent | {"inherited": inherited})


_INTERVALS: Final = {
    SettingName.POLL_INTERVAL: ("poll_interval_seconds", 60),
    SettingName.HEARTBEAT_INTERVAL: ("heartbeat_interval_seconds", 60),
    SettingName.DISCOVERY_INTERVAL: ("discovery_interval_seconds", 3_600),
}
"""The field of the configuration that each setting is, and the seconds of its unit."""
_GIVEN: Final = "given"
_DEFAULTS: Final[Mapping[str, int]] = {
    name: field.default for name, field in AgentConfig.model_fields.items() if name.endswith("_interval_seconds")
}


def given_of(agent: Item) -> frozenset[str]:
    """Which intervals were given to the agent itself; of a row that does not say, those other than the default."""
    config = agent["config"]
    return frozenset(agent.get(_GIVEN, [name for name, default in _DEFAULTS.items() if config[name] != default]))


def _tagged(agent: Item) -> Item:
    digest = sha256(config_of(agent).model_dump_json().encode()).hexdigest()[:16]
    return agent | {"config_etag": f'"{digest}"'}


def own_config_of(agent: Item) -> AgentConfig:
    """The configuration of an agent's row, without what it inherits; set are the intervals that were given."""
    left_out = _DEFAULTS.keys() - given_of(agent)
    return AgentConfig.model_validate({name: value for name, value in agent["config"].items() if name not in left_out})


def config_of(agent: Item) -> AgentConfig:
    """The configuration in force: the row's own, and what it inherits."""
    return AgentConfig.model_validate(agent["config"] | agent.get("inherited", {}))


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


def find_agent(documents: Documents, agent_id: str, *, consistent: bool = True) -> Item | None:
    """The agent's row, or None; perhaps as it was a moment before when not ``consistent``."""
    key = keys.agent(agent_id)
    return documents.load([key], consistent=consistent).get(key)


def visible_agent(documents: Documents, visible: Visible, agent_id: str) -> Item:
    """The agent's row; `NotFound` when it is missing, deleted or out of sight."""
    agent = find_agent(documents, agent_id)
    if agent is None or agent["status"] == AgentStatus.DELETED:
        raise NotFound("agent", agent_id)
    if not visible.covers(agent["tenant_id"], agent["organization_path"]):
        raise NotFound("agent", agent_id)
    return agent


def refusal_of(agent: Item | None) -> str | None:
    """Why an agent is not heard, as a code of `AGENT_REFUSALS`; None when it is."""
    return _REFUSALS.get(agent["status"], "agent_not_active") if agent is not None else "agent_not_active"


_REFUSALS: Final[dict[str, str | None]] = {
    AgentStatus.ACTIVE: None,
    AgentStatus.SUSPECT: "agent_suspect",
    AgentStatus.SUSPENDED: "agent_suspended",
}


def calling_agent(documents: Documents, caller: AgentCaller, now: datetime) -> Item:
    """The row, as it is now, of an agent whose token was accepted; the authorizer may believe an older one.

    Raises:
        Forbidden: It was deactivated or suspended, or became suspect, since.
        Unauthenticated: Its key ended since, as an agent's keys do at once when it is activated again.
    """
    agent = find_agent(documents, caller.agent_id)
    refused = refusal_of(agent)
    if agent is None or refused is not None:
        raise agent_refusal(refused or "agent_not_active")
    if accepted_key(agent, caller.kid, now) is None:
        raise agent_refusal("key_ended")
    return agent


def takes_printers(agent: Item | None, now: datetime) -> bool:
    """True for an agent that printers may be given to: heard, and not just being ended (AGT-01)."""
    return agent is not None and refusal_of(agent) is None and not _is_ending(agent, now)


def taking_agent(documents: Documents, agent_id: str, now: datetime) -> Item:
    """The row, as last written, of an agent that is about to take a printer over; bind the write to it (``still``).

    Who ends an agent first writes that it is ending, and then counts its managed printers (AGT-01). A printer that came
    before is counted; a write that is bound to the row as it was before fails after.

    Raises:
        Forbidden: It is heard no more.
        Unavailable: ``agent_ending``: that is just being decided; ask again.
    """
    agent = find_agent(documents, agent_id)
    refused = refusal_of(agent)
    if agent is None or refused is not None:
        raise agent_refusal(refused or "agent_not_active")
    if _is_ending(agent, now):
        raise Unavailable("agent_ending", "This agent is just being ended, or not; send this again.")
    return agent


def _is_ending(agent: Item, now: datetime) -> bool:
    return AgentView.model_validate(agent).is_ending(now)


def agents_of(documents: Documents, agent_ids: Iterable[str]) -> dict[str, Item]:
    """The rows of those of the agents that are there, by id, perhaps as they were a moment before."""
    found = documents.load([keys.agent(agent_id) for agent_id in agent_ids], consistent=False)
    return {item["agent_id"]: item for item in found.values()}


def contact_of(documents: Documents, agent_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """When each agent was last heard of, and with which version."""
    agent_of = {keys.agent_contact(agent_id): agent_id for agent_id in agent_ids}
    return {agent_of[key]: item for key, item in documents.load(list(agent_of)).items()}
