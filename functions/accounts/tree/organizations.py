"""Use cases of organisations: a tree of bounded depth, in which names are unique among siblings."""

from datetime import datetime
from typing import Final

from functions.accounts.tree.models import NewOrganization, Organization, OrganizationChanges
from functions.accounts.tree.ports import Holdings, Organizations, Written
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from shared.etag import changed_meanwhile, require_match
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization

MAX_DEPTH: Final = 12
"""Levels of organisations a tenant may have, its root included."""


def create_organization(tree: Organizations, caller: Caller, wanted: NewOrganization, now: datetime) -> Organization:
    """Make a partner (operator, no parent) or an organisation below one the caller sees.

    Safe to repeat under an Idempotency-Key; without one the second call meets the name of the first.

    Raises:
        Conflict: A sibling has the name (``name_taken``).
        Invalid: The parent is at the lowest level (``too_deep``).
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
        parent = visible_organization(tree, caller, wanted.parent_id or caller.organization_id)
        _refuse_too_deep(parent)
        organization = Organization(
            tenant_id=parent.tenant_id,
            organization_id=organization_id,
            parent_id=parent.organization_id,
            path=f"{parent.path}{organization_id}/",
            name=wanted.name,
            created_at=now,
        )
    written = tree.add_organization(organization)
    if written is Written.NAME_TAKEN:
        raise _name_taken(organization.name)
    if written is Written.CHANGED:
        raise NotFound("organization", organization.parent_id or organization_id)
    return organization


def list_organizations(
    tree: Organizations, caller: Caller, organization_id: str | None, *, limit: int, cursor: str | None
) -> tuple[list[Organization], str | None]:
    """What the caller sees, or only what is below one organisation; the operator sees the partners."""
    if organization_id is None and caller.is_operator:
        return tree.partners(limit=limit, cursor=cursor)
    top = visible_organization(tree, caller, organization_id or caller.organization_id)
    return tree.organizations(top.tenant_id, top.path, limit=limit, cursor=cursor)


def rename_organization(
    tree: Organizations, caller: Caller, organization_id: str, changes: OrganizationChanges, if_match: str | None
) -> Organization:
    """Give an organisation another name. Safe to repeat: only over the version that ``if_match`` names.

    It cannot be moved: printers, orders and calls, past ones too, are found by where it stands in the tree.
    """
    seen = visible_organization(tree, caller, organization_id)
    _refuse_operators_own(caller, seen)
    require_match(if_match, seen.version)
    renamed = seen.model_copy(update={"name": changes.name, "version": seen.version + 1})
    written = tree.rename_organization(seen, renamed)
    if written is Written.NAME_TAKEN:
        raise _name_taken(changes.name)
    if written is Written.CHANGED:
        raise changed_meanwhile()
    return renamed


def delete_organization(
    tree: Organizations, holdings: Holdings, caller: Caller, organization_id: str, now: datetime
) -> None:
    """Remove one organisation that has nothing any more. Safe to repeat: then it is `NotFound`.

    Raises:
        Conflict: It has something still; ``organization_not_empty`` says what.
    """
    organization = visible_organization(tree, caller, organization_id)
    _refuse_operators_own(caller, organization)
    if held := holdings.of_organization(organization, now):
        detail = f"'{organization.name}' still has: {', '.join(held)}. Delete, revoke or move these first."
        raise Conflict("organization_not_empty", detail)
    if tree.delete_organization(organization) is not Written.DONE:
        raise changed_meanwhile()


def _refuse_too_deep(parent: Organization) -> None:
    if parent.path.count("/") - 1 >= MAX_DEPTH:
        error = FieldError("/parent_id", f"Organisations nest at most {MAX_DEPTH} deep; choose one further up.")
        raise Invalid("too_deep", "The parent is at the lowest level already.", (error,))


def _refuse_operators_own(caller: Caller, organization: Organization) -> None:
    if caller.is_operator and organization.organization_id == caller.tenant_id:
        raise Forbidden("operators_own", "The operator's own organisation stays as it was installed.")


def _name_taken(name: str) -> Conflict:
    field = FieldError("/name", "Choose a name that no organisation beside it has; case and spaces do not count.")
    return Conflict("name_taken", f"An organisation beside it is called '{name}' already.", (field,))
