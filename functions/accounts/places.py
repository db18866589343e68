"""Use cases of organisations and sites: who may make what where, and who sees it."""

from datetime import datetime
from typing import Final

from functions.accounts.models import NewOrganization, NewSite, Organization, Site
from functions.accounts.ports import Places
from shared.errors import FieldError, Invalid, NotFound
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization

MAX_DEPTH: Final = 8
"""Levels of organisations a tenant may have, its root included."""


def create_organization(places: Places, caller: Caller, wanted: NewOrganization, now: datetime) -> Organization:
    """Make a partner (operator, no parent) or an organisation below one the caller sees.

    Safe to repeat under an Idempotency-Key; without one each call makes another organisation.
    """
    organization_id = new_id("org")
    if wanted.parent_id is None and caller.is_operator:
        organization = Organization(
            tenant_id=organization_id,
            organization_id=organization_id,
            path=f"/{organization_id}/",
            name=wanted.name,
            created_at=now,
        )
    else:
        parent = visible_organization(places, caller, wanted.parent_id or caller.organization_id)
        _refuse_too_deep(parent)
        organization = Organization(
            tenant_id=parent.tenant_id,
            organization_id=organization_id,
            parent_id=parent.organization_id,
            path=f"{parent.path}{organization_id}/",
            name=wanted.name,
            created_at=now,
        )
    places.add_organization(organization)
    return organization


def list_organizations(
    places: Places, caller: Caller, organization_id: str | None, *, limit: int, cursor: str | None
) -> tuple[list[Organization], str | None]:
    """What the caller sees, or only what is below one organisation; the operator sees the partners."""
    if organization_id is None and caller.is_operator:
        return places.partners(limit=limit, cursor=cursor)
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    return places.organizations(top.tenant_id, top.path, limit=limit, cursor=cursor)


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
    places.add_site(site)
    return site


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


def _refuse_too_deep(parent: Organization) -> None:
    if parent.path.count("/") - 1 >= MAX_DEPTH:
        error = FieldError("/parent_id", f"Organisations nest at most {MAX_DEPTH} deep; choose one further up.")
        raise Invalid("too_deep", "The parent is at the lowest level already.", (error,))
