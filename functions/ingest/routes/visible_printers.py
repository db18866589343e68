"""A printer or a site that a caller may see."""

from functions.ingest import settings
from functions.ingest.lineages.merging import visible_printer
from shared.directory.views import SiteView
from shared.errors import NotFound
from shared.table import Item
from shared.tenancy import Caller
from shared.visibility import Visible


def visible_meta(visible: Visible, printer_id: str) -> Item:
    """Who the printer is, by its own id or one that was merged into it; `NotFound` when it is none or out of sight."""
    return visible_printer(settings.documents(), visible, printer_id)


def visible_site(caller: Caller, site_id: str) -> SiteView:
    """A site that something is to be put at; `NotFound` when it is none or out of the caller's sight."""
    site = settings.accounts().site(caller.tenant_id, site_id)
    if site is None or not caller.can_see(site.organization_path):
        raise NotFound("site", site_id)
    return site


def site_of(meta: Item) -> SiteView | None:
    """Where a printer stands; None when that site is gone."""
    return settings.accounts().site(meta["tenant_id"], meta["site_id"])
