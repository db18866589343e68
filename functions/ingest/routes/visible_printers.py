"""A printer that a caller may see, and where it stands."""

from functions.ingest import settings
from functions.ingest.lineages.merging import visible_printer
from shared.directory.views import SiteView
from shared.table import Item
from shared.visibility import Visible


def visible_meta(visible: Visible, printer_id: str) -> Item:
    """Who the printer is, by its own id or one that was merged into it; `NotFound` when it is none or out of sight."""
    return visible_printer(settings.documents(), visible, printer_id)


def site_of(meta: Item) -> SiteView | None:
    """Where a printer stands; None when that site is gone."""
    return settings.accounts().site(meta["tenant_id"], meta["site_id"])
