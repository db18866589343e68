"""The use cases of partners on activation codes and agents."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from functions.ingest import keys
from functions.ingest.agent_models import (
    ActivationCode,
    Agent,
    AgentChange,
    AgentDetails,
    IssuedActivationCode,
    NewActivationCode,
    changed_config,
)
from functions.ingest.agents import AgentStatus, config_of, contact_of, find_agent, refuse_deactivation, with_config
from functions.ingest.codes import new_code, status_of
from functions.ingest.ports import Documents
from shared.directory.views import ManagedStatus, SiteView
from shared.errors import Conflict, NotFound, Unavailable
from shared.names import GSI1
from shared.table import Item
from shared.visibility import Visible
from shared.wire.codes import format_code

MOST_PRINTERS: Final = 1_000
_TRIES: Final = 3
_REQUESTS_KEPT: Final = timedelta(days=7)
StatusesOf = Callable[[str, Sequence[str]], list[ManagedStatus]]


def issue_code(
    documents: Documents,
    site: SiteView,
    wanted: NewActivationCode,
    *,
    key_id: str,
    request_key: str | None,
    now: datetime,
) -> IssuedActivationCode:
    """Make a code for one agent at a site. It is in this answer and nowhere else.

    Safe to repeat under ``request_key`` (the Idempotency-Key): no second code is made, but as no copy of it exists
    to be answered again, the repetition is a `Conflict` ``activation_code_already_issued``.
    """
    valid_for = timedelta(hours=wanted.valid_hours)
    made = new_code(site.tenant_id, site, name=wanted.name, config=wanted.config(), valid_for=valid_for, now=now)
    writes = [made.item]
    request = keys.request(key_id, request_key) if request_key else None
    if request:
        until = int((now + _REQUESTS_KEPT).timestamp())
        writes.append({"pk": request[0], "sk": request[1], "tenant_id": site.tenant_id, "expires_at": until})
    if not documents.commit(writes):
        if not request or request not in documents.load([request]):
            raise Unavailable("store_busy", "The store did not take the code; try again.")
        detail = "This Idempotency-Key made a code already, which was shown once; use another key for a new code."
        raise Conflict("activation_code_already_issued", detail)
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


def list_agents(
    documents: Documents, visible: Visible, *, limit: int, cursor: str | None
) -> tuple[list[Agent], str | None]:
    """A page of agents with when each was last heard of."""
    partition = keys.agents_of_tenant(visible.tenant_id)
    page = documents.page(partition, sk_prefix=visible.path, index=GSI1, limit=limit, cursor=cursor)
    contacts = contact_of(documents, [item["agent_id"] for item in page.items])
    return [_shown(item, contacts.get(item["agent_id"])) for item in page.items], page.next_cursor


def get_agent(documents: Documents, visible: Visible, agent_id: str) -> AgentDetails:
    """One agent; `NotFound` when it is another's or none."""
    return _details(documents, _visible_agent(documents, visible, agent_id))


def change_agent(
    documents: Documents,
    visible: Visible,
    agent_id: str,
    change: AgentChange,
    *,
    statuses_of: StatusesOf,
) -> AgentDetails:
    """Change an agent's name or configuration, or deactivate it for good.

    Safe to repeat: the same change gives the same row, written at the version that was read.

    Raises:
        Conflict: ``agent_has_managed_printers`` (AGT-01), ``agent_has_too_many_printers`` to be sure of that, or
            others kept changing it.
    """
    for _ in range(_TRIES):
        agent = _visible_agent(documents, visible, agent_id)
        if change.status is AgentStatus.DEACTIVATED:
            printers = printers_of(documents, agent_id, most=MOST_PRINTERS + 1)
            if len(printers) > MOST_PRINTERS:
                detail = f"This agent reads more than {MOST_PRINTERS} printers; other agents must read them first."
                raise Conflict("agent_has_too_many_printers", detail)
            refuse_deactivation(statuses_of(visible.tenant_id, printers))
        changed = with_config(agent, changed_config(config_of(agent), change, change.discovery))
        changed |= {"name": change.name} if change.name else {}
        changed |= {"status": change.status.value} if change.status else {}
        if changed == agent or documents.save(changed):
            return _details(documents, changed)
    raise Conflict("agent_busy", "The agent is being changed by others; read it and try again.")


def printers_of(documents: Documents, agent_id: str, *, most: int) -> list[str]:
    """Ids of the printers that an agent reads, at most ``most``."""
    partition, _ = keys.agent(agent_id)
    found: list[str] = []
    cursor: str | None = None
    while len(found) < most:
        page = documents.page(partition, sk_prefix=keys.AGENT_PRINTER_PREFIX, limit=200, cursor=cursor)
        found += [item["printer_id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found[:most]


def _visible_agent(documents: Documents, visible: Visible, agent_id: str) -> Item:
    agent = find_agent(documents, agent_id)
    if agent is None or not visible.covers(agent["tenant_id"], agent["organization_path"]):
        raise NotFound("agent", agent_id)
    return agent


def _details(documents: Documents, agent: Item) -> AgentDetails:
    agent_id = agent["agent_id"]
    shown = _shown(agent, contact_of(documents, [agent_id]).get(agent_id))
    printers = len(printers_of(documents, agent_id, most=MOST_PRINTERS))
    return AgentDetails(**dict(shown), config=config_of(agent), printers=printers)


def _shown(agent: Item, contact: Item | None) -> Agent:
    heard = {
        name: contact[name]
        for name in ("last_seen_at", "agent_version", "clock_skew_seconds", "dropped_readings")
        if contact and name in contact
    }
    return Agent.model_validate(agent | heard)
