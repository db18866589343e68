"""The use cases of partners on activation codes and agents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from functions.ingest.agent_desk.models import (
    ActivationCode,
    Agent,
    AgentChange,
    AgentChanged,
    AgentDetails,
    AgentKey,
    IssuedActivationCode,
    NewActivationCode,
    changed_config,
)
from functions.ingest.agent_desk.printer_counts import count_printers
from functions.ingest.agents import ending
from functions.ingest.agents.agent import (
    KEY_WANTED,
    AgentStatus,
    config_of,
    contact_of,
    given_of,
    own_config_of,
    pending_agent,
    visible_agent,
    with_config,
    with_inherited,
)
from functions.ingest.agents.changes import AgentDeed, change_entry, edited, edits_of
from functions.ingest.agents.life import expired_codes
from functions.ingest.credentials.codes import NewCode, code_for, status_of
from functions.ingest.credentials.public_keys import ends_at, kid_of
from functions.ingest.silence.agent_state import AgentState, state_of
from functions.ingest.table import keys
from functions.ingest.table.holdings import StatusesOf
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.inherited import Resolved, SettingName
from shared.directory.views import SiteView
from shared.errors import Conflict, Unavailable
from shared.etag import require_match
from shared.names import GSI1
from shared.table import Item
from shared.visibility import Visible
from shared.wire.codes import format_code

SettingsFor = Callable[[Item], Mapping[SettingName, Resolved]]
"""The settings in force for an agent, by its row."""
_TRIES: Final = 3
_REQUESTS_KEPT: Final = timedelta(days=7)
_ROUNDS: Final = 8
"""Of looking for more agents of a state in one request; a page may then be short and still have a next one."""


def issue_code(
    documents: Documents,
    site: SiteView,
    wanted: NewActivationCode,
    *,
    key_id: str,
    request_key: str | None,
    now: datetime,
) -> IssuedActivationCode:
    """Make a new agent at a site, pending, and the code that activates it, which is in this answer and nowhere else.

    Safe to repeat under ``request_key`` (the Idempotency-Key): no second code is made, but as no copy of it exists
    to be answered again, the repetition is a `Conflict` ``activation_code_already_issued``.
    """
    agent = pending_agent(site, name=wanted.name, config=wanted.config())
    made = code_for(agent, valid_for=timedelta(hours=wanted.valid_hours), now=now)
    asked = _request(key_id, request_key, site.tenant_id, now)
    if documents.commit([made.item, _awaiting(agent, made), *asked]):
        return _issued(made)
    _refuse_repeat(asked, documents)
    raise Unavailable("store_busy", "The store did not take the code; try again.")


def issue_code_for(  # noqa: PLR0913 - as `issue_code`
    documents: Documents,
    visible: Visible,
    agent_id: str,
    *,
    valid_for: timedelta,
    key_id: str,
    request_key: str | None,
    now: datetime,
) -> IssuedActivationCode:
    """Make a code that activates an agent again; an unused one made for it before expires with the same write.

    The agent's row remembers the one code that is open. Safe to repeat as `issue_code` is.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_not_active``: it was deactivated, which is for good; or ``activation_code_already_issued``.
    """
    for _ in range(_TRIES):
        agent = visible_agent(documents, visible, agent_id)
        if AgentStatus(agent["status"]).is_over:
            raise Conflict("agent_not_active", "A deactivated agent stays so; make a code for a new one.")
        made = code_for(agent, valid_for=valid_for, now=now)
        writes = [made.item, _awaiting(agent, made), *expired_codes(documents, agent, now)]
        asked = _request(key_id, request_key, agent["tenant_id"], now)
        if documents.commit([*writes, *asked]):
            return _issued(made)
        _refuse_repeat(asked, documents)
    raise Unavailable("store_busy", "The agent is being changed by others; try again.")


def _awaiting(agent: Item, made: NewCode) -> Item:
    """The row of an agent with an open code; one that was never activated goes when its last code does."""
    never = agent["status"] == AgentStatus.PENDING
    return agent | {"open_code": made.item["pk"]} | ({"expires_at": made.item["expires_at"]} if never else {})


def _request(key_id: str, request_key: str | None, tenant_id: str, now: datetime) -> list[Item]:
    """That a code was made under an Idempotency-Key, to be written with the code; nothing without one."""
    if not request_key:
        return []
    pk, sk = keys.request(key_id, request_key)
    until = int((now + _REQUESTS_KEPT).timestamp())
    return [{"pk": pk, "sk": sk, "tenant_id": tenant_id, "expires_at": until}]


def _refuse_repeat(asked: Sequence[Item], documents: Documents) -> None:
    if asked and documents.load([keys.key_of(item) for item in asked]):
        detail = "This Idempotency-Key made a code already, which was shown once; use another key for a new code."
        raise Conflict("activation_code_already_issued", detail)


def _issued(made: NewCode) -> IssuedActivationCode:
    return IssuedActivationCode.model_validate(made.item | {"code": format_code(made.code)})


def list_codes(
    documents: Documents, visible: Visible, *, limit: int, cursor: str | None, now: datetime
) -> tuple[list[ActivationCode], str | None]:
    """A page of codes, without the codes themselves."""
    partition = keys.codes_of_tenant(visible.tenant_id)
    page = documents.page(partition, sk_prefix=visible.path, index=GSI1, limit=limit, cursor=cursor)
    return [
        ActivationCode.model_validate(item | {"status": status_of(item, now)}) for item in page.items
    ], page.next_cursor


def list_agents(  # noqa: PLR0913 - one keyword for each thing a list may be narrowed by
    documents: Documents,
    visible: Visible,
    *,
    site_id: str | None,
    state: AgentState | None,
    required_version: str,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> tuple[list[Agent], str | None]:
    """A page of agents with when each was last heard of; only those at the site, only those in the state."""
    partition = keys.agents_of_tenant(visible.tenant_id)
    found: list[Agent] = []
    for _ in range(_ROUNDS):
        wanted = limit - len(found)
        page = documents.page(partition, sk_prefix=visible.path, index=GSI1, limit=wanted, cursor=cursor)
        items = [item for item in page.items if site_id is None or item["site_id"] == site_id]
        contacts = contact_of(documents, [item["agent_id"] for item in items])
        agents = [_shown(item, contacts.get(item["agent_id"]), required_version, now) for item in items]
        found += [agent for agent in agents if state is None or agent.state is state]
        cursor = page.next_cursor
        if cursor is None or len(found) >= limit:
            break
    return found, cursor


def get_agent(
    documents: Documents,
    visible: Visible,
    agent_id: str,
    *,
    statuses_of: StatusesOf,
    required_version: str,
    now: datetime,
) -> tuple[AgentDetails, int]:
    """One agent with what it reads, and the version of its entity tag; `NotFound` when it is another's or none."""
    agent = visible_agent(documents, visible, agent_id)
    shown = _shown(agent, contact_of(documents, [agent_id]).get(agent_id), required_version, now)
    held = [
        AgentKey(kid=kid_of(key), added_at=from_key_time(key["added_at"]), ends_at=ends_at(key))
        for key in agent["keys"]
    ]
    count = count_printers(documents, agent, statuses_of, now)
    details = AgentDetails(
        **dict(shown),
        keys=held,
        key_wanted_at=agent.get(KEY_WANTED),
        config=config_of(agent),
        given_intervals=sorted(given_of(agent)),
        printers=count.printers,
        is_complete=count.is_complete,
        managed_printers=count.managed,
        pending_printers=count.pending,
        printers_by_state=count.by_state,
        counted_at=count.counted_at,
    )
    return details, edits_of(agent)


def change_agent(  # noqa: PLR0913 - a keyword for each thing it depends on
    documents: Documents,
    visible: Visible,
    agent_id: str,
    change: AgentChange,
    *,
    if_match: str | None,
    statuses_of: StatusesOf,
    settings_for: SettingsFor,
    key_id: str,
    now: datetime,
) -> None:
    """Change an agent's name or configuration, and with the same write deactivate it for good when that is asked.

    Safe to repeat: only over the version that ``if_match`` names; what changes nothing writes nothing.

    Raises:
        PreconditionRequired: Without ``if_match``.
        PreconditionFailed: A partner changed the agent since that version.
        Conflict: As `ending.deactivate`, or the agent's own writes kept coming between.
    """

    def edit(agent: Item) -> Item:
        require_match(if_match, edits_of(agent))
        after = with_config(agent, changed_config(own_config_of(agent), change, change.discovery))
        after |= {"name": change.name} if change.name else {}
        return after if after == agent else with_inherited(after, settings_for(agent))

    if change.status is AgentStatus.DEACTIVATED:
        ending.deactivate(documents, visible, agent_id, statuses_of=statuses_of, key_id=key_id, now=now, edit=edit)
        return
    for _ in range(_TRIES):
        agent = visible_agent(documents, visible, agent_id)
        after = edit(agent)
        if after == agent:
            return
        entry = change_entry(agent, after, AgentDeed.EDITED, now, key_id=key_id)
        if documents.commit([edited(after), entry]):
            return
    raise Conflict("agent_busy", "The agent is being changed by others; read it and try again.")


def list_changes(
    documents: Documents, visible: Visible, agent_id: str, *, limit: int, cursor: str | None
) -> tuple[list[AgentChanged], str | None]:
    """What was changed of an agent, the newest first; `NotFound` when it is another's or none."""
    visible_agent(documents, visible, agent_id)
    partition, _ = keys.agent(agent_id)
    page = documents.page(partition, sk_prefix=keys.AGENT_CHANGE_PREFIX, limit=limit, cursor=cursor, newest_first=True)
    return [AgentChanged.model_validate(item) for item in page.items], page.next_cursor


def _shown(agent: Item, contact: Item | None, required_version: str, now: datetime) -> Agent:
    heard = {
        name: contact[name]
        for name in ("last_seen_at", "agent_version", "clock_skew_seconds", "dropped_readings")
        if contact and name in contact
    }
    return Agent.model_validate(agent | heard | dict(state_of(agent, contact, required_version, now)))
