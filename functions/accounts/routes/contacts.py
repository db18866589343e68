"""Partner API routes of contacts."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts.contacts import contacts as cases
from functions.accounts.contacts.models import Contact, ContactChanges, ContactDetails, NewContact
from functions.accounts.contacts.search import MAX_SEARCH
from functions.accounts.wiring import accounts, contacts
from shared.clock import utc_now
from shared.etag import etag_of
from shared.http import PRECONDITIONS, PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import Scope
from shared.scopes import needs

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
CONTACTS: Final = "/v1/contacts"
CONTACT: Final = "/v1/contacts/<contact_id>"
Below = Annotated[EntityId | None, Query(description="Only this organisation and those below it")]
Search = Annotated[
    str | None,
    Query(max_length=MAX_SEARCH, description="Beginning of a business name, of one of its words, or of a city"),
]
IsArchived = Annotated[bool, Query(description="List the archived contacts, and no others")]
ContactId = Annotated[EntityId, Path()]
_WITH_ETAG: Final[dict[int, Any]] = {
    200: {
        "description": "The contact as it is now",
        "headers": {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}},
    }
}


class ContactPage(BaseModel):
    """A page of contacts."""

    items: list[Contact]
    next_cursor: str | None


@router.post(
    CONTACTS,
    summary="Create a contact",
    description=(
        "A supplies delivery contact (CTC-05), reachable by e-mail or phone. The same first name, last name and e-mail "
        "in the same organisation are refused with `contact_exists`, which names the contact that is there (CTC-03)."
    ),
    responses={201: {"description": "The new contact"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def create_contact(wanted: Annotated[NewContact, Body()]) -> Response[Contact]:
    """Make a contact."""
    contact = cases.create_contact(accounts(), contacts(), caller_of(router), wanted, utc_now())
    return created(contact, f"{CONTACTS}/{contact.contact_id}")


@router.get(
    CONTACTS,
    summary="List contacts",
    description=(
        "Contacts of the key's organisation and all below it, or of one of these. A page of a search may hold fewer "
        "than `limit`; only a null `next_cursor` is its end."
    ),
    responses={200: {"description": "A page of contacts"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_contacts(
    organization_id: Below = None,
    search: Search = None,
    archived: IsArchived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ContactPage:
    """A page of contacts."""
    caller = caller_of(router)
    items, next_cursor = cases.list_contacts(
        accounts(), contacts(), caller, organization_id, search=search, is_archived=archived, limit=limit, cursor=cursor
    )
    return ContactPage(items=items, next_cursor=next_cursor)


@router.get(
    CONTACT,
    summary="Get a contact",
    description="One contact that the key can see; its ETag is what an edit has to name.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_contact(contact_id: ContactId) -> Response[Contact]:
    """One contact."""
    return _with_etag(cases.visible_contact(contacts(), caller_of(router), contact_id))


@router.put(
    CONTACT,
    summary="Edit a contact",
    description="Replaces all details; what is not given is empty afterwards. Its organisation stays.",
    responses={**_WITH_ETAG, **PROBLEMS, **PRECONDITIONS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def put_contact(contact_id: ContactId, wanted: Annotated[ContactDetails, Body()]) -> Response[Contact]:
    """Edit a contact."""
    caller, if_match = caller_of(router), router.current_event.headers.get("if-match")
    return _with_etag(cases.replace_contact(contacts(), caller, contact_id, wanted, if_match))


@router.post(
    CONTACT + "/duplicates",
    summary="Duplicate a contact",
    description="A new contact like this one but for the fields given; null leaves a field empty.",
    responses={201: {"description": "The new contact"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_duplicate(contact_id: ContactId, changes: Annotated[ContactChanges, Body()]) -> Response[Contact]:
    """Duplicate a contact."""
    caller = caller_of(router)
    contact = cases.duplicate_contact(accounts(), contacts(), caller, contact_id, changes, utc_now())
    return created(contact, f"{CONTACTS}/{contact.contact_id}")


@router.put(
    CONTACT + "/archived",
    summary="Archive a contact",
    description=(
        "An archived contact cannot be assigned and is in no list that does not ask for it (CTC-04). Printers that "
        "it is assigned to keep it until they are re-assigned: `assigned_printers` says how many."
    ),
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def put_archived(contact_id: ContactId) -> Response[Contact]:
    """Archive a contact."""
    return _with_etag(cases.archive_contact(contacts(), caller_of(router), contact_id, utc_now()))


@router.delete(
    CONTACT + "/archived",
    summary="Restore a contact",
    description="Takes it out of the archive, whether it was in it or not.",
    responses={**_WITH_ETAG, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def delete_archived(contact_id: ContactId) -> Response[Contact]:
    """Take a contact out of the archive."""
    return _with_etag(cases.restore_contact(contacts(), caller_of(router), contact_id))


@router.delete(
    CONTACT,
    summary="Delete a contact",
    description="Refused with `contact_assigned` while a printer's supplies go to it, saying how many do (CTC-04).",
    responses={204: {"description": "Deleted"}, **PROBLEMS},
    tags=["Contacts"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def delete_contact(contact_id: ContactId) -> Response[None]:
    """Delete a contact."""
    cases.delete_contact(contacts(), caller_of(router), contact_id)
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


def _with_etag(contact: Contact) -> Response[Contact]:
    headers: dict[str, str | list[str]] = {"ETag": etag_of(contact.version)}
    return Response(status_code=int(HTTPStatus.OK), content_type="application/json", body=contact, headers=headers)
