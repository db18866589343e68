"""Partner API routes of contacts and their assignment to printers."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts import delivery
from functions.accounts.contact_models import (
    Assignment,
    AssignmentOutcomes,
    Contact,
    NewAssignment,
    NewAssignments,
    NewContact,
)
from functions.accounts.wiring import accounts, fleet
from shared.clock import utc_now
from shared.http import PROBLEMS, Cursor, Limit, created
from shared.ids import EntityId
from shared.names import Scope
from shared.tenancy import Caller

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
Below = Annotated[EntityId | None, Query(description="Only this organisation and those below it")]
PrinterId = Annotated[EntityId, Path()]


class ContactPage(BaseModel):
    """A page of contacts."""

    items: list[Contact]
    next_cursor: str | None


@router.post(
    "/v1/contacts",
    summary="Create a contact",
    description="A supplies delivery contact (CTC-05), reachable by e-mail or phone.",
    responses={201: {"description": "The new contact"}, **PROBLEMS},
    tags=["Contacts"],
)
def create_contact(wanted: Annotated[NewContact, Body()]) -> Response[Contact]:
    """Make a contact."""
    kept = accounts()
    contact = delivery.create_contact(kept, kept, _caller(Scope.ACCOUNTS_WRITE), wanted, utc_now())
    return created(contact, f"/v1/contacts/{contact.contact_id}")


@router.get(
    "/v1/contacts",
    summary="List contacts",
    description="Contacts of the key's organisation and all below it, or of one of these.",
    responses={200: {"description": "A page of contacts"}, **PROBLEMS},
    tags=["Contacts"],
)
def list_contacts(organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None) -> ContactPage:
    """A page of contacts."""
    kept, caller = accounts(), _caller(Scope.ACCOUNTS_READ)
    items, next_cursor = delivery.list_contacts(kept, kept, caller, organization_id, limit=limit, cursor=cursor)
    return ContactPage(items=items, next_cursor=next_cursor)


@router.get(
    "/v1/contacts/<contact_id>",
    summary="Get a contact",
    description="One contact that the key can see.",
    responses={200: {"description": "The contact"}, **PROBLEMS},
    tags=["Contacts"],
)
def get_contact(contact_id: Annotated[EntityId, Path()]) -> Contact:
    """One contact."""
    return delivery.visible_contact(accounts(), _caller(Scope.ACCOUNTS_READ), contact_id)


@router.put(
    "/v1/contact-assignments/<printer_id>",
    summary="Assign a printer's delivery contact",
    description="Replaces the present one. The contact is of the printer's organisation or of one above it.",
    responses={200: {"description": "The assignment"}, **PROBLEMS},
    tags=["Contacts"],
)
def put_assignment(printer_id: PrinterId, wanted: Annotated[NewAssignment, Body()]) -> Assignment:
    """Assign one printer's contact."""
    caller = _caller(Scope.ACCOUNTS_WRITE)
    return delivery.assign_contact(accounts(), fleet(), caller, printer_id, wanted.contact_id, utc_now())


@router.post(
    "/v1/contact-assignments",
    summary="Assign many printers' delivery contact",
    description="At most 200 printers; a printer that cannot be assigned is told and stops none of the others.",
    responses={200: {"description": "What became of each printer"}, **PROBLEMS},
    tags=["Contacts"],
)
def post_assignments(wanted: Annotated[NewAssignments, Body()]) -> AssignmentOutcomes:
    """Assign many printers' contact."""
    outcomes = delivery.assign_contact_to_many(
        accounts(), fleet(), _caller(Scope.ACCOUNTS_WRITE), wanted.printer_ids, wanted.contact_id, utc_now()
    )
    return AssignmentOutcomes(items=outcomes)


@router.get(
    "/v1/contact-assignments/<printer_id>",
    summary="Get a printer's delivery contact",
    description="Whom the printer's supplies are delivered to.",
    responses={200: {"description": "The assignment"}, **PROBLEMS},
    tags=["Contacts"],
)
def get_assignment(printer_id: PrinterId) -> Assignment:
    """One printer's assignment."""
    return delivery.visible_assignment(accounts(), fleet(), _caller(Scope.ACCOUNTS_READ), printer_id)


@router.delete(
    "/v1/contact-assignments/<printer_id>",
    summary="Remove a printer's delivery contact",
    description="The printer has no delivery contact afterwards, whether it had one or not.",
    responses={204: {"description": "Removed"}, **PROBLEMS},
    tags=["Contacts"],
)
def delete_assignment(printer_id: PrinterId) -> Response[None]:
    """Remove one printer's assignment."""
    delivery.unassign_contact(accounts(), fleet(), _caller(Scope.ACCOUNTS_WRITE), printer_id)
    return Response(status_code=204)


def _caller(scope: str) -> Caller:
    event: dict[str, Any] = router.current_event.raw_event
    caller = Caller.from_rest_event(event)
    caller.require(scope)
    return caller
