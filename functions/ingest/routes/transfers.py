"""Partner API routes of transfers of printers between agents."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.agents.agent import visible_agent
from functions.ingest.lineages import transfers
from functions.ingest.lineages.models import (
    NewTransfer,
    Transfer,
    TransferPage,
    TransferResult,
    TransferResultPage,
)
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.table import keys
from shared.clock import utc_now
from shared.errors import NotFound
from shared.http import PROBLEMS, Cursor, Limit, caller_of
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs
from shared.table import Item
from shared.visibility import Visible, visible_to

TRANSFERS = "/v1/agents/<agent_id>/transfers"
AgentId = Annotated[EntityId, Path()]
TransferId = Annotated[EntityId, Path()]
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.post(
    TRANSFERS,
    summary="Transfer printers to another agent",
    description=(
        "All printers of the agent, or those named. The first 25 go at once, the others in the minutes after; the "
        "results name each one that stays, with the reason. A managed or pending printer goes only to an agent that "
        "has read it. Its history goes along, and readings of the former agent do not bring it back. When the other "
        "agent is at another site, each printer then asks where its supplies go (`site_move`)."
    ),
    responses={202: {"description": "The transfer and how far it is"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def transfer_printers(
    agent_id: AgentId, wanted: Annotated[NewTransfer, Body()], organization_id: Below = None
) -> Response[Transfer]:
    """Begin a transfer."""
    caller = caller_of(router)
    visible = visible_to(settings.accounts(), caller, organization_id)
    documents, now = settings.documents(), utc_now()
    asked = transfers.ask(
        documents,
        visible_agent(documents, visible, agent_id),
        visible_agent(documents, visible, wanted.to_agent_id),
        wanted.printer_ids,
        visible=visible,
        key_id=caller.key_id,
        now=now,
    )
    after = transfers.step(documents, asked, settings.holdings(), now)
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=Transfer.model_validate(after),
        headers={"Location": f"/v1/agents/{agent_id}/transfers/{after['transfer_id']}"},
    )


@router.get(
    TRANSFERS,
    summary="List transfers from an agent",
    description="Oldest first.",
    responses={200: {"description": "A page of transfers"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_transfers(
    agent_id: AgentId, organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> TransferPage:
    """A page of transfers."""
    visible = visible_of(router, organization_id)
    visible_agent(settings.documents(), visible, agent_id)
    partition, _ = keys.agent(agent_id)
    page = settings.documents().page(partition, sk_prefix=keys.TRANSFER_PREFIX, limit=limit, cursor=cursor)
    return TransferPage(items=[Transfer.model_validate(item) for item in page.items], next_cursor=page.next_cursor)


@router.get(
    f"{TRANSFERS}/<transfer_id>",
    summary="Get a transfer",
    description="How far it is.",
    responses={200: {"description": "The transfer"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def get_transfer(agent_id: AgentId, transfer_id: TransferId, organization_id: Below = None) -> Transfer:
    """One transfer."""
    return Transfer.model_validate(_visible_transfer(agent_id, transfer_id, organization_id))


@router.get(
    f"{TRANSFERS}/<transfer_id>/results",
    summary="List what became of each printer of a transfer",
    description="In order of printer; those that are not reached yet are not among them.",
    responses={200: {"description": "A page of results"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_transfer_results(
    agent_id: AgentId,
    transfer_id: TransferId,
    organization_id: Below = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TransferResultPage:
    """A page of results."""
    _visible_transfer(agent_id, transfer_id, organization_id)
    partition, _ = keys.transfer_item(transfer_id, "")
    prefix = keys.TRANSFER_ITEM_PREFIX
    page = settings.documents().page(partition, sk_prefix=prefix, limit=limit, cursor=cursor)
    items = [TransferResult.model_validate(item) for item in page.items]
    return TransferResultPage(items=items, next_cursor=page.next_cursor)


@router.post(
    f"{TRANSFERS}/<transfer_id>/cancellations",
    summary="Cancel a transfer",
    description=(
        "Ends a transfer that is not finished: printers that were moved stay with the other agent, the others stay "
        "where they were, and none is moved any more. A transfer that is finished is a conflict; one that is cancelled "
        "is answered as it is."
    ),
    responses={200: {"description": "The transfer, cancelled"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def cancel_transfer(agent_id: AgentId, transfer_id: TransferId, organization_id: Below = None) -> Transfer:
    """Cancel a transfer."""
    caller = caller_of(router)
    transfer = _transfer(visible_to(settings.accounts(), caller, organization_id), agent_id, transfer_id)
    documents, now = settings.documents(), utc_now()
    after = transfers.cancel(documents, transfer, settings.holdings(), key_id=caller.key_id, now=now)
    return Transfer.model_validate(after)


def _visible_transfer(agent_id: str, transfer_id: str, organization_id: str | None) -> Item:
    return _transfer(visible_of(router, organization_id), agent_id, transfer_id)


def _transfer(visible: Visible, agent_id: str, transfer_id: str) -> Item:
    visible_agent(settings.documents(), visible, agent_id)
    key = keys.transfer(agent_id, transfer_id)
    found = settings.documents().load([key]).get(key)
    if found is None:
        raise NotFound("transfer", transfer_id)
    return found
