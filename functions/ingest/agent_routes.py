"""Partner API routes of activation codes and agents."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import partner_agents, settings
from functions.ingest.agent_models import (
    ActivationCodePage,
    AgentChange,
    AgentDetails,
    AgentPage,
    IssuedActivationCode,
    NewActivationCode,
)
from shared.clock import utc_now
from shared.directory.views import ManagedStatus
from shared.errors import NotFound
from shared.http import IDEMPOTENCY_HEADER, PROBLEMS, Cursor, Limit, created
from shared.ids import EntityId
from shared.names import Scope
from shared.tenancy import Caller
from shared.visibility import Visible, visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

CODES = "/v1/activation-codes"
WORKERS = 8
Below = Annotated[
    EntityId | None, Query(description="Only this organisation and those below it; the operator names a partner's root")
]
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.post(
    CODES,
    summary="Create an activation code",
    description=(
        "One code activates one agent at one site. The code is in this answer and nowhere else; we keep its hash. "
        "A repeated Idempotency-Key is refused with `activation_code_already_issued`, because no copy of the code "
        "exists to be answered again."
    ),
    responses={201: {"description": "The new code"}, **PROBLEMS},
    tags=["Agents"],
)
def create_activation_code(wanted: Annotated[NewActivationCode, Body()]) -> Response[IssuedActivationCode]:
    """Make a code."""
    caller = caller_with(router, Scope.AGENTS_ENROL)
    site = settings.accounts().site(caller.tenant_id, wanted.site_id)
    if site is None or not caller.can_see(site.organization_path):
        raise NotFound("site", wanted.site_id)
    issued = partner_agents.issue_code(
        settings.documents(),
        site,
        wanted,
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
)
def list_activation_codes(
    organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> ActivationCodePage:
    """A page of codes."""
    visible = visible_with(router, Scope.AGENTS_ENROL, organization_id)
    items, following = partner_agents.list_codes(
        settings.documents(), visible, limit=limit, cursor=cursor, now=utc_now()
    )
    return ActivationCodePage(items=items, next_cursor=following)


@router.get(
    "/v1/agents",
    summary="List agents",
    description="Agents in order of organisation, each with when it was last heard of.",
    responses={200: {"description": "A page of agents"}, **PROBLEMS},
    tags=["Agents"],
)
def list_agents(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> AgentPage:
    """A page of agents."""
    visible = visible_with(router, Scope.FLEET_READ, organization_id)
    items, following = partner_agents.list_agents(settings.documents(), visible, limit=limit, cursor=cursor)
    return AgentPage(items=items, next_cursor=following)


@router.get(
    "/v1/agents/<agent_id>",
    summary="Get an agent",
    description="An agent with its configuration and the number of printers it reads.",
    responses={200: {"description": "The agent"}, **PROBLEMS},
    tags=["Agents"],
)
def get_agent(agent_id: Annotated[EntityId, Path()], organization_id: Below = None) -> AgentDetails:
    """One agent."""
    visible = visible_with(router, Scope.FLEET_READ, organization_id)
    return partner_agents.get_agent(settings.documents(), visible, agent_id)


@router.patch(
    "/v1/agents/<agent_id>",
    summary="Change an agent",
    description=(
        "Where it looks, how often it works, its name; or `status: deactivated`, for good, which is refused while "
        "it reads managed or pending printers."
    ),
    responses={200: {"description": "The agent as it is now"}, **PROBLEMS},
    tags=["Agents"],
)
def change_agent(
    agent_id: Annotated[EntityId, Path()], change: Annotated[AgentChange, Body()], organization_id: Below = None
) -> AgentDetails:
    """Change an agent."""
    visible = visible_with(router, Scope.FLEET_WRITE, organization_id)
    return partner_agents.change_agent(settings.documents(), visible, agent_id, change, statuses_of=managed_statuses)


def caller_with(router: APIGatewayRouter, scope: str) -> Caller:
    """The caller, who must have the scope."""
    caller = Caller.from_rest_event(router.current_event.raw_event)
    caller.require(scope)
    return caller


def visible_with(router: APIGatewayRouter, scope: str, organization_id: str | None) -> Visible:
    """What the caller, who must have the scope, asks to see."""
    return visible_to(settings.accounts(), caller_with(router, scope), organization_id)


def managed_statuses(tenant_id: str, printer_ids: "Sequence[str]") -> list[ManagedStatus]:
    """How far each printer is on its way into the programme, read a few at a time."""
    directory = settings.eligibility()

    def status(printer_id: str) -> ManagedStatus:
        fact = directory.enrolment(tenant_id, printer_id)
        return fact.status if fact else ManagedStatus.UNMANAGED

    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return list(pool.map(status, printer_ids))
