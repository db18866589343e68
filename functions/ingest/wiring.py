"""What the partner's routes are put together from; uploads need none of it, so their cold start does not pay for it."""

from collections.abc import Sequence

from functions.ingest import settings
from functions.ingest.printers.elsewhere import Directories
from functions.ingest.printers.listing import PrinterList
from functions.ingest.printers.rows import PrinterRows
from functions.ingest.printers.saved_views import SavedViews
from shared.directory.views import ManagedStatus


def printer_list() -> PrinterList:
    """The list of printers, joined with what other contexts know of them."""
    return PrinterList(settings.documents(), PrinterRows(settings.documents(), _elsewhere()))


def saved_views() -> SavedViews:
    """The organisations' saved views."""
    return SavedViews(settings.documents())


def managed_statuses(tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
    """How far each printer is on its way into the programme."""
    return _elsewhere().statuses_of(tenant_id, printer_ids)


def _elsewhere() -> Directories:
    return Directories(settings.accounts(), settings.eligibility(), settings.required_agent_version())
