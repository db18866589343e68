"""Partner API routes of who a printer is: its history, mergers, splits, and what is asked about it."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from functions.ingest import settings
from functions.ingest.identities.histories import entries_page
from functions.ingest.identities.questions import Question
from functions.ingest.lineages.answers import confirm_site_move, resolve_conflict
from functions.ingest.lineages.merging import merge, visible_printer
from functions.ingest.lineages.models import (
    ConflictResolution,
    Merger,
    NewMerger,
    NewSplit,
    PrinterHappening,
    PrinterHistoryPage,
    PrinterQuestion,
    PrinterQuestionPage,
    SiteMoveConfirmation,
    Split,
)
from functions.ingest.lineages.splitting import split_off, undo_merger
from functions.ingest.routes.agents import Below, visible_of
from functions.ingest.table import keys
from shared.clock import utc_now
from shared.http import PROBLEMS, Cursor, Limit, caller_of, created
from shared.ids import EntityId
from shared.names import GSI1, Scope
from shared.scopes import needs
from shared.table import Item
from shared.tenancy import Caller
from shared.visibility import Visible, visible_to

PRINTER = "/v1/printers/<printer_id>"
PrinterId = Annotated[EntityId, Path()]
router = APIGatewayRouter()  # type: ignore[no-untyped-call] # Powertools leaves it untyped


@router.get(
    f"{PRINTER}/history",
    summary="List what happened to a printer",
    description=(
        "Discovered, identified, moved, transferred, address changed, merged, split, retired, asked and answered: "
        "what, when, and which agent or key did it. Entries of printers that were merged into this one are among them."
    ),
    responses={200: {"description": "A page of entries, oldest first"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_history(
    printer_id: PrinterId, organization_id: Below = None, limit: Limit = 50, cursor: Cursor = None
) -> PrinterHistoryPage:
    """A page of entries."""
    visible = visible_of(router, organization_id)
    printer = visible_printer(settings.documents(), visible, printer_id)
    page = entries_page(settings.documents(), printer, limit=limit, cursor=cursor)
    return PrinterHistoryPage(
        items=[PrinterHappening.model_validate(item) for item in page.items], next_cursor=page.next_cursor
    )


@router.post(
    f"{PRINTER}/merges",
    summary="Merge another printer into this one",
    description=(
        "For one printer that was taken for two. The other one's days and history are this one's from now on, its "
        "identities lead here, and its id answers with this printer. Refused, with the reason, when both are managed "
        "or both have open orders or calls; `merge_the_other_way` when only the other one has. A split undoes it."
    ),
    responses={201: {"description": "The printer as it is now"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def merge_printers(
    printer_id: PrinterId, wanted: Annotated[NewMerger, Body()], organization_id: Below = None
) -> Response[Merger]:
    """Merge two printers."""
    caller, visible, printer = _asked_for(printer_id, organization_id)
    visible_printer(settings.documents(), visible, wanted.other_printer_id)
    merged = merge(
        settings.documents(),
        visible.tenant_id,
        printer["printer_id"],
        wanted.other_printer_id,
        holdings_of=settings.holdings(),
        now=utc_now(),
        key_id=caller.key_id,
    )
    shown = Merger(printer_id=merged["printer_id"], merged_printer_ids=merged["merged_printer_ids"])
    return created(shown, f"/v1/printers/{merged['printer_id']}")


@router.post(
    f"{PRINTER}/splits",
    summary="Split a printer",
    description=(
        "For two printers that were taken for one. With `other_printer_id` a merger is undone: identities, days and "
        "history are as they were. With `mac_address` that address becomes a printer of its own. `days_from` gives "
        "days of this printer to the other one, whole days up to yesterday. A reading never merges the two again."
    ),
    responses={201: {"description": "Both printers"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def split_printer(
    printer_id: PrinterId, wanted: Annotated[NewSplit, Body()], organization_id: Below = None
) -> Response[Split]:
    """Split a printer."""
    caller, _, printer = _asked_for(printer_id, organization_id)
    documents, days_from, now = settings.documents(), wanted.days_from, utc_now()
    if wanted.mac_address is not None:
        after, other = split_off(
            documents, printer, wanted.mac_address, days_from=days_from, key_id=caller.key_id, now=now
        )
    else:
        merged_id = str(wanted.other_printer_id)
        after, other = undo_merger(documents, printer, merged_id, days_from=days_from, key_id=caller.key_id, now=now)
    shown = Split(printer_id=after["printer_id"], other_printer_id=other["printer_id"])
    return created(shown, f"/v1/printers/{other['printer_id']}")


@router.post(
    f"{PRINTER}/site-moves/<question_id>/confirmations",
    summary="Confirm where supplies go after a move",
    description=(
        "A printer that was found at another site has `site_move`, and its supplies orders are held until somebody "
        "confirms the delivery contact: the one that is assigned to it, by id, or null for none. Assign another one "
        "first by `POST /v1/contact-assignments` if it is to be another."
    ),
    responses={204: {"description": "Confirmed"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def confirm_move(
    printer_id: PrinterId,
    question_id: Annotated[EntityId, Path()],
    wanted: Annotated[SiteMoveConfirmation, Body()],
    organization_id: Below = None,
) -> Response[None]:
    """Confirm a move."""
    caller, visible, printer = _asked_for(printer_id, organization_id)
    contact = settings.accounts().delivery_contact(visible.tenant_id, printer["printer_id"])
    confirm_site_move(
        settings.documents(),
        printer,
        question_id,
        delivery_contact_id=wanted.delivery_contact_id,
        assigned_contact_id=contact.contact_id if contact else None,
        key_id=caller.key_id,
        now=utc_now(),
    )
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


@router.post(
    f"{PRINTER}/identity-conflicts/<question_id>/resolutions",
    summary="Say that a printer is one by itself",
    description=(
        "Takes the flag `identity_conflict` off a printer that shares its serial number with another, or was known at "
        "another organisation before. Two printers that are one are merged instead."
    ),
    responses={204: {"description": "Resolved"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_WRITE),
)
def resolve_identity(
    printer_id: PrinterId,
    question_id: Annotated[EntityId, Path()],
    wanted: Annotated[ConflictResolution, Body()],
    organization_id: Below = None,
) -> Response[None]:
    """Resolve a conflict."""
    caller, _, printer = _asked_for(printer_id, organization_id)
    note, key_id = wanted.note, caller.key_id
    resolve_conflict(settings.documents(), printer, question_id, note=note, key_id=key_id, now=utc_now())
    return Response(status_code=int(HTTPStatus.NO_CONTENT))


@router.get(
    "/v1/printer-questions",
    summary="List what is asked about printers",
    description=(
        "Open questions that no rule may answer: moves to another site (`site_move`) and doubtful identities "
        "(`identity_conflict`), in order of organisation. With `kind` a page may be short and still have a next one."
    ),
    responses={200: {"description": "A page of open questions"}, **PROBLEMS},
    tags=["Printer identity"],
    openapi_extensions=needs(Scope.FLEET_READ),
)
def list_questions(
    organization_id: Below = None,
    kind: Annotated[Question | None, Query(description="Only questions of this kind")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PrinterQuestionPage:
    """A page of questions."""
    visible = visible_of(router, organization_id)
    partition = keys.questions_of_tenant(visible.tenant_id)
    page = settings.documents().page(partition, sk_prefix=visible.path, index=GSI1, limit=limit, cursor=cursor)
    items = [_question(item) for item in page.items if kind is None or item["kind"] == kind.value]
    return PrinterQuestionPage(items=items, next_cursor=page.next_cursor)


def _question(item: Item) -> PrinterQuestion:
    said = item["question"]
    reason = ": ".join(said[name] for name in ("kind", "reason") if said.get(name)) or None
    return PrinterQuestion.model_validate(said | item | {"reason": reason})


def _asked_for(printer_id: str, organization_id: str | None) -> tuple[Caller, Visible, Item]:
    """Who asks for a change of a printer, what they see, and the printer."""
    caller = caller_of(router)
    visible = visible_to(settings.accounts(), caller, organization_id)
    return caller, visible, visible_printer(settings.documents(), visible, printer_id)
