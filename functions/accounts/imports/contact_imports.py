"""Use cases of contact imports: begun, watched, canceled, and carried out row by row (CTC-01 to CTC-03)."""

from collections.abc import Callable
from datetime import datetime

from functions.accounts.imports.file import rows_of, text_of
from functions.accounts.imports.models import ContactImport, ContactImportReport, ImportState, KeptImport, report_of
from functions.accounts.imports.ports import Imports, RowOutcome, Work
from functions.accounts.imports.rows import contact_of, faults_of
from functions.accounts.tree.models import Organization
from functions.accounts.tree.ports import Places
from shared.errors import Conflict, NotFound, PlatenError
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization


def begin_import(
    imports: Imports, work: Work, caller: Caller, owner: Organization, content: bytes, now: datetime
) -> ContactImport:
    """Take a contact file in: what is wrong with the file is refused now, what is wrong with a row is reported.

    Safe to repeat under an Idempotency-Key; without one the second import finds every contact there already.

    Raises:
        TooLarge, Invalid: The file is not one; nothing of it is kept.
        Unavailable: No worker can be told; the import is ended and the file may be sent again.
    """
    text = text_of(content)
    rows = rows_of(text)
    faults = faults_of(rows)
    kept = KeptImport(
        tenant_id=owner.tenant_id,
        organization_id=owner.organization_id,
        organization_path=owner.path,
        import_id=new_id("imp"),
        state=ImportState.QUEUED,
        rows=len(rows),
        invalid_rows=sorted({fault.row for fault in faults}),
        created_at=now,
        created_by=caller.key_id,
    )
    imports.add_import(kept, text, faults)
    try:
        work.send(kept.tenant_id, kept.import_id)
    except PlatenError:
        imports.end(kept, ImportState.FAILED, now)
        raise
    return ContactImport.model_validate(kept.model_dump())


def visible_import(imports: Imports, caller: Caller, import_id: str) -> ContactImportReport:
    """The import with its report as far as it is, or `NotFound`."""
    kept = _visible(imports, caller, import_id)
    return report_of(kept, imports.faults_of(kept))


def list_imports(
    places: Places, imports: Imports, caller: Caller, organization_id: str | None, *, limit: int, cursor: str | None
) -> tuple[list[ContactImport], str | None]:
    """Imports into the caller's organisations, or into one and those below it."""
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    return imports.imports(top.tenant_id, top.path, limit=limit, cursor=cursor)


def cancel_import(imports: Imports, caller: Caller, import_id: str, now: datetime) -> ContactImportReport:
    """End an import where it is: the row that is being written is the last. Safe to repeat: canceled is canceled.

    Raises:
        Conflict: It came to its end before.
    """
    kept = _visible(imports, caller, import_id)
    imports.end(kept, ImportState.CANCELED, now)
    report = visible_import(imports, caller, import_id)
    if report.state is not ImportState.CANCELED:
        raise Conflict("import_ended", f"The import is {report.state} already; its contacts can be deleted one by one.")
    return report


def carry_out(
    imports: Imports, tenant_id: str, import_id: str, *, now: Callable[[], datetime], has_time: Callable[[], bool]
) -> bool:
    """Import row after row from where the import is; False when the time is up before its end.

    Safe to repeat and to break off at any point: each row is kept together with the import's progress.
    """
    kept = imports.import_of(tenant_id, import_id)
    if kept is None:
        return True
    text = imports.text_of(kept) if imports.begin(kept) else None
    if text is None:
        # Ended meanwhile; an open import whose file has run out of its time can never be gone on with.
        imports.end(kept, ImportState.FAILED, now())
        return True
    invalid = set(kept.invalid_rows)
    for row in rows_of(text):
        if row.number <= kept.rows_done or row.number in invalid:
            continue
        if not has_time():
            return False
        outcome = imports.add_row(kept, row.number, contact_of(row, kept, now()))
        if outcome is RowOutcome.STOPPED:
            return True
        kept = kept.model_copy(update={"rows_done": row.number})
    imports.end(kept, ImportState.COMPLETED, now(), rows_done=kept.rows)
    return True


def _visible(imports: Imports, caller: Caller, import_id: str) -> KeptImport:
    kept = imports.import_of(caller.tenant_id, import_id)
    if kept is None or not caller.can_see(kept.organization_path):
        raise NotFound("contact import", import_id)
    return kept
