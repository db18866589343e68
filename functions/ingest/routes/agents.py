"""Partner API routes of activation codes and agents."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.agent_desk import partner_agents
from functions.ingest.agent_desk.models import (
    ActivationCodePage,
    AgentChange,
    AgentChangedPage,
    AgentDetails,
    AgentPage,
    IssuedActivationCode,
    NewActivationCode,
    NewReactivationCode,
)
from functions.ingest.agents.inheritance import settings_of
from functions.ingest.routes.visible_printers import visible_site
from functions.ingest.silence.agent_state import AgentState
from functions.ingest.wiring import managed_statuses
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import IDEMPOTENCY_HEADER, PRECONDITIONS, PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.visibility import Visible, visible_to

CODES_SEGMENT = "activation-codes"
CODES = f"/v1/{CODES_SEGMENT}"
Below = Annotated[
    EntityId | None, Query(description="Only this organisation and those below it; the operator names a partner's root")
]
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The agent as it is now",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.post(
    CODES,
    summary="Create an activation code",
    description=(
        "Makes an agent, pending, and the code that activates it at its site. The code is in this answer and nowhere "
        "else; we keep its hash. A repeated Idempotency-Key is refused with `activation_code_already_issued`, because "
        "no copy of the code exists to be answered again."
    ),
    responses={201: {"description": "The new code"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.AGENTS_ENROL),
)
def create_activation_code(wanted: Annotated[NewActivationCode, Body()]) -> Response[IssuedActivationCode]:
    """Make a code."""
    caller = caller_of(router)
    site = visible_site(caller, wanted.site_id)
    issued = partner_agents.issue_code(
        settings.documents(),
        site,
        wanted,
        key_id=caller.key_id,
        request_key=router.current_event.headers.get(IDEMPOTENCY_HEADER),
        now=utc_now(),
    )
    return created(issued, f"{CODES}/{issued.code_id}")


@router.post(
    f"/v1/agents/<agent_id>/{CODES_SEGMENT}",
    summary="Create another code for an agent",
    description=(
        "For an agent that lost its key, is suspect or suspended, or was never activated. Whoever redeems the code is "
        "this agent, with its printers and configuration; its former keys end at that moment. An unused code made for "
        "it before expires. The code is in this answer and nowhere else; a repeated Idempotency-Key is refused with "
        "`activation_code_already_issued`."
    ),
    responses={201: {"description": "The new code"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.AGENTS_ENROL),
)
def create_reactivation_code(
    agent_id: Annotated[EntityId, Path()],
    wanted: Annotated[NewReactivationCode, Body()],
    organization_id: Below = None,
) -> Response[IssuedActivationCode]:
    """Make a code for an agent that exists."""
    caller = caller_of(router)
    issued = partner_agents.issue_code_for(
        settings.documents(),
        visible_to(settings.accounts(), caller, organization_id),
        agent_id,
        valid_for=timedelta(hours=wanted.valid_hours),
        key_id=caller.key_id,
        request_key=router.current_event.headers.get(IDEMPOTENCY_HEADER),
        now=utc_now(),
    )
    return created(issued, f"{CODES}/{issued.code_id}")


@router.get(
    CODES,
    summary="List activation codes",
    description="What became of each code: unused, used (by which agent) or expired. Never the codes.",
    responses={200: {"description": "A page of codes"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.AGENTS_ENROL),
)
def list_activation_codes(
    organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> ActivationCodePage:
    """A page of codes."""
    visible = visible_of(router, organization_id)
    items, following = partner_agents.list_codes(
        settings.documents(), visible, limit=limit, cursor=cursor, now=utc_now()
    )
    return ActivationCodePage(items=items, next_cursor=following)


@router.get(
    "/v1/agents",
    summary="List agents",
    description=(
        "Agents in order of organisation, each with its state and when it was last heard of; a pending one was made "
        "with its activation code. With `site_id` or `state` a page may be short, or empty, and still have a next one."
    ),
    responses={200: {"description": "A page of agents"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_agents(
    organization_id: Below = None,
    site_id: Annotated[EntityId | None, Query(description="Only agents at this site")] = None,
    state: Annotated[AgentState | None, Query(description="Only agents in this state")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AgentPage:
    """A page of agents."""
    visible = visible_of(router, organization_id)
    items, following = partner_agents.list_agents(
        settings.documents(),
        visible,
        site_id=site_id,
        state=state,
        required_version=settings.required_agent_version(),
        limit=limit,
        cursor=cursor,
        now=utc_now(),
    )
    return AgentPage(items=items, next_cursor=following)


@router.get(
    "/v1/agents/<agent_id>",
    summary="Get an agent",
    description="An agent with its configuration, its keys, and its printers counted: managed, pending, silent.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_agent(agent_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[AgentDetails]:
    """One agent."""
    return _with_etag(visible_of(router, organization_id), agent_id)


@router.patch(
    "/v1/agents/<agent_id>",
    summary="Change an agent",
    description=(
        "Where it looks, how often it works, its name; or `status: deactivated`, as `POST …/deactivations` does. All "
        "or nothing, and only over the version that `If-Match` names: what an agent does itself is no new version."
    ),
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def change_agent(
    agent_id: Annotated[EntityId, Path()], change: Annotated[AgentChange, Body()], organization_id: Below = None
) -> Response[AgentDetails]:
    """Change an agent."""
    visible, caller = visible_of(router, organization_id), caller_of(router)
    partner_agents.change_agent(
        settings.documents(),
        visible,
        agent_id,
        change,
        if_match=router.current_event.headers.get("if-match"),
        statuses_of=managed_statuses,
        settings_for=lambda agent: settings_of(agent, settings.accounts()),
        key_id=caller.key_id,
        now=utc_now(),
    )
    return _with_etag(visible, agent_id)


@router.get(
    "/v1/agents/<agent_id>/changes",
    summary="List what was changed of an agent",
    description="By whom and when, with each field before and after, the newest first; kept for 400 days.",
    responses={200: {"description": "A page of changes"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_agent_changes(
    agent_id: Annotated[EntityId, Path()], organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> AgentChangedPage:
    """A page of changes."""
    visible = visible_of(router, organization_id)
    items, following = partner_agents.list_changes(settings.documents(), visible, agent_id, limit=limit, cursor=cursor)
    return AgentChangedPage(items=items, next_cursor=following)


def details_of(visible: Visible, agent_id: str) -> AgentDetails:
    """An agent as it is now."""
    details, _ = _read(visible, agent_id)
    return details


def _read(visible: Visible, agent_id: str) -> tuple[AgentDetails, int]:
    return partner_agents.get_agent(
        settings.documents(),
        visible,
        agent_id,
        statuses_of=managed_statuses,
        required_version=settings.required_agent_version(),
        now=utc_now(),
    )


def _with_etag(visible: Visible, agent_id: str) -> Response[AgentDetails]:
    details, version = _read(visible, agent_id)
    headers: dict[str, str | list[str]] = {"ETag": etag_of(version)}
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=details, headers=headers)


def visible_of(router: APIGatewayRouter, organization_id: str | None) -> Visible:
    """What the caller asks to see."""
    return visible_to(settings.accounts(), caller_of(router), organization_id)
