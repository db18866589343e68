"""Use cases of sites: who may make what where, and who sees it."""

from datetime import datetime

from functions.accounts.tree.models import NewSite, Site, SiteDetails
from functions.accounts.tree.ports import Holdings, Places, Written
from shared.errors import Conflict, NotFound
from shared.etag import changed_meanwhile, require_match
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization


def create_site(places: Places, caller: Caller, wanted: NewSite, now: datetime) -> Site:
    """Make a site of an organisation the caller sees. Safe to repeat under an Idempotency-Key."""
    owner = visible_organization(places, caller, wanted.organization_id)
    site = Site(
        tenant_id=owner.tenant_id,
        organization_path=owner.path,
        site_id=new_id("site"),
        created_at=now,
        **dict(wanted),
    )
    if places.add_site(site) is Written.CHANGED:
        raise NotFound("organization", wanted.organization_id)
    return site


def replace_site(places: Places, caller: Caller, site_id: str, wanted: SiteDetails, if_match: str | None) -> Site:
    """Write all details of a site anew. Safe to repeat: only over the version that ``if_match`` names.

    Its organisation stays. Calendar changes count for what starts or goes on from now; promised due times stay.
    """
    seen = visible_site(places, caller, site_id)
    require_match(if_match, seen.version)
    site = seen.model_copy(update=dict(wanted) | {"version": seen.version + 1})
    if places.replace_site(seen, site) is Written.CHANGED:
        raise changed_meanwhile()
    return site


def delete_site(places: Places, holdings: Holdings, caller: Caller, site_id: str) -> None:
    """Remove a site at which nothing stands. Safe to repeat: then it is `NotFound`.

    Raises:
        Conflict: Something does; ``site_not_empty`` says what.
    """
    site = visible_site(places, caller, site_id)
    if held := holdings.of_site(site):
        raise Conflict("site_not_empty", f"'{site.name}' still has: {', '.join(held)}. Delete or move these first.")
    if places.delete_site(site) is not Written.DONE:
        raise changed_meanwhile()


def visible_site(places: Places, caller: Caller, site_id: str) -> Site:
    """The site, or `NotFound`, which does not tell a missing one from another tenant's."""
    site = places.site(caller.tenant_id, site_id)
    if site is None or not caller.can_see(site.organization_path):
        raise NotFound("site", site_id)
    return site


def list_sites(
    places: Places, caller: Caller, organization_id: str | None, *, limit: int, cursor: str | None
) -> tuple[list[Site], str | None]:
    """The caller's sites, or those of one organisation and below."""
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    return places.sites(top.tenant_id, top.path, limit=limit, cursor=cursor)
