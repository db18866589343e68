"""Partner API routes that end an agent, for a while or for good, or have it exchange its key."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.agent_desk.models import AgentDetails, Suspension
from functions.ingest.agents import ending
from functions.ingest.agents import life as agent_life
from functions.ingest.agents.key_rotation import ask_for_next_key
from functions.ingest.routes.agents import Below, details_of, visible_of
from functions.ingest.wiring import managed_statuses
from shared.clock import utc_now
from shared.http import PROBLEMS, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.visibility import visible_to

AGENT = "/v1/agents/<agent_id>"
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.post(
    f"{AGENT}/suspensions",
    summary="Suspend an agent",
    description=(
        "For a machine that was stolen, or is not to be heard for now: its uploads are refused from now on, and an "
        "open activation code for it expires. Nothing is deleted; the agent keeps what it reads until it is resumed. "
        "Always possible, also with managed printers. Suspending a suspended agent changes nothing."
    ),
    responses={201: {"description": "The agent as it is now"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def suspend_agent(
    agent_id: Annotated[EntityId, Path()], wanted: Annotated[Suspension, Body()], organization_id: Below = None
) -> Response[AgentDetails]:
    """Suspend an agent."""
    caller = caller_of(router)
    visible = visible_to(settings.accounts(), caller, organization_id)
    agent_life.suspend(
        settings.documents(), visible, agent_id, reason=wanted.reason, key_id=caller.key_id, now=utc_now()
    )
    return created(details_of(visible, agent_id), f"/v1/agents/{agent_id}")


@router.post(
    f"{AGENT}/resumptions",
    summary="Resume a suspended agent",
    description=(
        "It is heard again with the key it has, and sends what it kept. If the key may have been copied, make a code "
        "by `POST /v1/agents/{agent_id}/activation-codes` instead: redeeming it resumes the agent with a new key only."
    ),
    responses={201: {"description": "The agent as it is now"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def resume_agent(agent_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[AgentDetails]:
    """Resume an agent."""
    visible, caller = visible_of(router, organization_id), caller_of(router)
    agent_life.resume(settings.documents(), visible, agent_id, key_id=caller.key_id, now=utc_now())
    return created(details_of(visible, agent_id), f"/v1/agents/{agent_id}")


@router.post(
    f"{AGENT}/key-rotations",
    summary="Have an agent exchange its key",
    description=(
        "It does so by itself every 90 days; this is for sooner. The answer to its next upload asks for it, by "
        "`expected_by` at the latest; `key_wanted_at` is null again when it is done. The key before is accepted for 14 "
        "days more: if somebody else may hold it, use `POST /v1/agents/{agent_id}/activation-codes` instead. An agent "
        "that was asked already stays asked."
    ),
    responses={201: {"description": "The agent as it is now"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def rotate_agent_key(agent_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[AgentDetails]:
    """Ask an agent for its next key."""
    visible, caller = visible_of(router, organization_id), caller_of(router)
    ask_for_next_key(settings.documents(), visible, agent_id, key_id=caller.key_id, now=utc_now())
    return created(details_of(visible, agent_id), f"/v1/agents/{agent_id}")


@router.post(
    f"{AGENT}/deactivations",
    summary="Deactivate an agent",
    description=(
        "For good. Refused with `agent_has_managed_printers`, saying how many, while it reads managed or pending "
        "printers. The agent stays listed, its printers stay listed as not communicating, with all their history. "
        "Of more than 20,000 a request counts the first, and answers 503 `agent_ending`; sent again it goes on."
    ),
    responses={201: {"description": "The agent as it is now"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def deactivate_agent(agent_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[AgentDetails]:
    """Deactivate an agent."""
    visible, caller = visible_of(router, organization_id), caller_of(router)
    ending.deactivate(
        settings.documents(), visible, agent_id, statuses_of=managed_statuses, key_id=caller.key_id, now=utc_now()
    )
    return created(details_of(visible, agent_id), f"/v1/agents/{agent_id}")


@router.delete(
    AGENT,
    summary="Delete an agent",
    description=(
        "Takes it off every list, with its name, host and keys; also an agent that was never activated, whose code "
        "expires. Refused with `agent_has_managed_printers`, saying how many, while it reads managed or pending "
        "printers. Its other printers stay listed with all their history. Of more than 20,000 a request "
        "counts the first, and answers 503 `agent_ending`; sent again it goes on."
    ),
    responses={204: {"description": "Deleted"}, **PROBLEMS},
    tags=["Agents"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def delete_agent(agent_id: Annotated[EntityId, Path()], organization_id: Below = None) -> Response[None]:
    """Delete an agent."""
    visible, caller = visible_of(router, organization_id), caller_of(router)
    ending.delete(
        settings.documents(), visible, agent_id, statuses_of=managed_statuses, key_id=caller.key_id, now=utc_now()
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT))
