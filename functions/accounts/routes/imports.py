"""Partner API routes of contact files: import, its report, the sample, and the way out."""

import base64
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from functions.accounts.imports import contact_imports
from functions.accounts.imports.file import TEMPLATE, file_of
from functions.accounts.imports.models import ContactImport, ContactImportReport
from functions.accounts.wiring import accounts, contacts, import_queue, imports
from shared.clock import utc_now
from shared.errors import FieldError, Malformed
from shared.http import PROBLEMS, Cursor, Limit, caller_of
from shared.ids import EntityId
from shared.names import CSV_MEDIA_TYPES, Scope
from shared.scopes import needs
from shared.visibility import visible_organization

router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped
IMPORTS: Final = "/v1/contact-imports"
IMPORT: Final = "/v1/contact-imports/<import_id>"
ImportId = Annotated[EntityId, Path()]
Into = Annotated[EntityId, Query(description="The organisation whose contacts they are")]
_FILE: Final[dict[int, Any]] = {
    200: {"description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}},
}
_NEXT: Final = {"description": "`cursor` of the next file; not there with the last", "schema": {"type": "string"}}
_PAGED_FILE: Final[dict[int, Any]] = {200: {**_FILE[200], "headers": {"X-Next-Cursor": _NEXT}}}


class ContactImportPage(BaseModel):
    """A page of imports."""

    items: list[ContactImport]
    next_cursor: str | None


@router.post(
    IMPORTS,
    summary="Import contacts",
    description=(
        "Takes a CSV file (CTC-01): UTF-8, the template's header, at most 300 contacts and 256 KiB. A file that is not "
        "like this is refused with 422 and the lines at fault. Otherwise the contacts are added one after another; "
        "`Location` is where the progress and the report are. A cell that begins with `=`, `+`, `-` or `@` is text."
    ),
    responses={202: {"description": "Being imported"}, **PROBLEMS},
    tags=["Contact files"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_import(organization_id: Into) -> Response[ContactImport]:
    """Begin an import."""
    caller = caller_of(router)
    owner = visible_organization(accounts(), caller, organization_id)
    begun = contact_imports.begin_import(imports(), import_queue(), caller, owner, _file(), utc_now())
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=begun,
        headers={"Location": f"{IMPORTS}/{begun.import_id}"},
    )


@router.get(
    IMPORTS,
    summary="List contact imports",
    description="Imports into the key's organisation and all below it, or into one of these; kept for 30 days.",
    responses={200: {"description": "A page of imports"}, **PROBLEMS},
    tags=["Contact files"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def list_imports(
    organization_id: Annotated[EntityId | None, Query(description="Only this organisation and those below it")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ContactImportPage:
    """A page of imports."""
    items, next_cursor = contact_imports.list_imports(
        accounts(), imports(), caller_of(router), organization_id, limit=limit, cursor=cursor
    )
    return ContactImportPage(items=items, next_cursor=next_cursor)


@router.get(
    IMPORT,
    summary="Get a contact import",
    description="How far it is, and the three groups of rows that are no new contacts (CTC-02).",
    responses={200: {"description": "The import with its report"}, **PROBLEMS},
    tags=["Contact files"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_import(import_id: ImportId) -> ContactImportReport:
    """One import's report."""
    return contact_imports.visible_import(imports(), caller_of(router), import_id)


@router.post(
    IMPORT + "/cancellations",
    summary="Cancel a contact import",
    description="No row is imported after this answer; what was imported stays. Refused once the import has ended.",
    responses={200: {"description": "The import with its report"}, **PROBLEMS},
    tags=["Contact files"],
    openapi_extensions=needs(Scope.ACCOUNTS_WRITE),
)
def post_cancellation(import_id: ImportId) -> ContactImportReport:
    """Cancel an import."""
    return contact_imports.cancel_import(imports(), caller_of(router), import_id, utc_now())


@router.get(
    "/v1/contact-import-template",
    summary="Get the sample contact file",
    description="Every column in its order, and two made-up contacts to write over.",
    responses={**_FILE, **PROBLEMS},
    tags=["Contact files"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_template() -> Response[str]:
    """The sample file."""
    return _download("contacts-template.csv", TEMPLATE)


@router.get(
    "/v1/contact-exports",
    summary="Export contacts",
    description=(
        "One organisation's contacts, without the archived ones, as a file that can be imported again. What a "
        "spreadsheet would take for a formula has an apostrophe before it. The header `X-Next-Cursor` is the `cursor` "
        "of the next file; without it this was the last."
    ),
    responses={**_PAGED_FILE, **PROBLEMS},
    tags=["Contact files"],
    openapi_extensions=needs(Scope.ACCOUNTS_READ),
)
def get_export(organization_id: Into, limit: Limit = 200, cursor: Cursor = None) -> Response[str]:
    """A page of contacts as a file."""
    owner = visible_organization(accounts(), caller_of(router), organization_id)
    page, next_cursor = contacts().contacts_of_one(owner.tenant_id, owner.path, limit=limit, cursor=cursor)
    return _download("contacts.csv", file_of(page), **({"X-Next-Cursor": next_cursor} if next_cursor else {}))


def _file() -> bytes:
    """The body as it was sent."""
    request = router.current_event
    media_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if media_type not in CSV_MEDIA_TYPES:
        field = FieldError("header:Content-Type", f"Send {' or '.join(CSV_MEDIA_TYPES)}.")
        raise Malformed("unsupported_media_type", "The body is of a type that this operation does not read.", (field,))
    body = request.body or ""
    return base64.b64decode(body) if request.is_base64_encoded else body.encode()


def _download(name: str, text: str, **headers: str) -> Response[str]:
    given: dict[str, str | list[str]] = {"Content-Disposition": f'attachment; filename="{name}"', **headers}
    return Response(status_code=int(HTTPStatus.OK), content_type="text/csv; charset=utf-8", body=text, headers=given)
