"""Partner API routes of whom each printer's supplies are delivered to."""

from typing import Annotated, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts.contacts import delivery
from functions.accounts.contacts.assignment_models import (
    AssignedContact,
    Assignment,
    AssignmentOutcomes,
    NewAssignedContact,
    NewAssignment,
    NewAssignments,
    Reassignment,
    ReassignmentProgress,
)
from functions.accounts.contacts.contacts import create_contact
from functions.accounts.wiring import accounts, contacts, fleet
from shared.clock import utc_now
from shared.http import PRECONDITION, PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
PrinterId = Annotated[EntityId, Path()]
_ASSIGNMENT: Final = {
    200: {
        "description": "The assignment",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    },
    **PROBLEMS,
}


class AssignmentPage(BaseModel):
    """A page of assignments."""

    items: list[Assignment]
    next_cursor: str | None


@router.put(
    "/v1/contact-assignments/<printer_id>",
    summary="Assign a printer's delivery contact",
    description="Replaces the present one. The contact is of the printer's organisation or of one above it.",
    responses={**_ASSIGNMENT, **PRECONDITION},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def put_assignment(printer_id: PrinterId, wanted: Annotated[NewAssignment, Body()]) -> Response[Assignment]:
    """Assign one printer's contact."""
    caller, if_match = caller_of(router), router.current_event.headers.get("if-match")
    return _with_etag(
        delivery.assign_contact(contacts(), fleet(), caller, printer_id, wanted.contact_id, utc_now(), if_match)
    )


@router.post(
    "/v1/contact-assignments",
    summary="Assign many printers' delivery contact",
    description="At most 200 printers; a printer that cannot be assigned is told and stops none of the others.",
    responses={200: {"description": "What became of each printer"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_assignments(wanted: Annotated[NewAssignments, Body()]) -> AssignmentOutcomes:
    """Assign many printers' contact."""
    outcomes = delivery.assign_contact_to_many(
        contacts(), fleet(), caller_of(router), wanted.printer_ids, wanted.contact_id, utc_now()
    )
    return AssignmentOutcomes(items=outcomes)


@router.get(
    "/v1/contact-assignments",
    summary="List a contact's printers",
    description="The printers whose supplies are delivered to the contact.",
    responses={200: {"description": "A page of assignments"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_assignments(
    contact_id: Annotated[EntityId, Query(description="The contact")], limit: Limit = 50, cursor: Cursor = None
) -> AssignmentPage:
    """A page of a contact's assignments."""
    caller = caller_of(router)
    items, next_cursor = delivery.list_assignments(contacts(), caller, contact_id, limit=limit, cursor=cursor)
    return AssignmentPage(items=items, next_cursor=next_cursor)


@router.post(
    "/v1/contacts/<contact_id>/reassignments",
    summary="Re-assign a contact's printers",
    description=(
        "Hands 100 printers at a time over to another contact. Send the answer's `next_cursor` as `cursor` until it is "
        "null; `remaining` says how many are left. It may be stopped and begun again at any step."
    ),
    responses={200: {"description": "What became of each printer of this step"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_reassignment(
    contact_id: Annotated[EntityId, Path()], wanted: Annotated[Reassignment, Body()]
) -> ReassignmentProgress:
    """Re-assign the next printers of a contact."""
    caller = caller_of(router)
    return delivery.reassign_printers(contacts(), fleet(), caller, contact_id, wanted, utc_now())


@router.post(
    "/v1/assigned-contacts",
    summary="Create a contact and assign it",
    description=(
        "Makes the contact and assigns it to at most 200 printers; a printer that cannot be assigned is told and "
        "stops none of the others."
    ),
    responses={201: {"description": "The new contact, and what became of each printer"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_assigned_contact(wanted: Annotated[NewAssignedContact, Body()]) -> Response[AssignedContact]:
    """Make a contact and assign it."""
    kept, caller, now = contacts(), caller_of(router), utc_now()
    contact = create_contact(accounts(), kept, caller, wanted.contact, now)
    outcomes = delivery.assign_contact_to_many(kept, fleet(), caller, wanted.printer_ids, contact.contact_id, now)
    contact = kept.contact(contact.tenant_id, contact.contact_id) or contact
    return created(AssignedContact(contact=contact, items=outcomes), f"/v1/contacts/{contact.contact_id}")


@router.get(
    "/v1/contact-assignments/<printer_id>",
    summary="Get a printer's delivery contact",
    description="Whom the printer's supplies are delivered to.",
    responses=_ASSIGNMENT,
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_assignment(printer_id: PrinterId) -> Response[Assignment]:
    """One printer's assignment."""
    return _with_etag(delivery.visible_assignment(contacts(), fleet(), caller_of(router), printer_id))


@router.delete(
    "/v1/contact-assignments/<printer_id>",
    summary="Remove a printer's delivery contact",
    description="The printer has no delivery contact afterwards, whether it had one or not.",
    responses={204: {"description": "Removed"}, **PROBLEMS, **PRECONDITION},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def delete_assignment(printer_id: PrinterId) -> Response[None]:
    """Remove one printer's assignment."""
    if_match = router.current_event.headers.get("if-match")
    delivery.unassign_contact(contacts(), fleet(), caller_of(router), printer_id, if_match)
    return Response(status_code=204)


def _with_etag(assignment: Assignment) -> Response[Assignment]:
    headers: dict[str, str | list[str]] = {"ETag": assignment.etag}
    return Response(status_code=200, content_type="application/json", body=assignment, headers=headers)
