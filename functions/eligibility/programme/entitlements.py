"""Which organisation a caller may act for, and whether the programme is granted to it."""

from collections.abc import Iterable
from datetime import datetime

from functions.eligibility.table.models import Entitlement, NewEntitlement
from functions.eligibility.table.ports import Organizations, Programmes
from shared.directory.views import OrganizationView
from shared.errors import Conflict, Forbidden
from shared.tenancy import Caller
from shared.visibility import visible_organization


def grant(
    organizations: Organizations, programmes: Programmes, caller: Caller, wanted: NewEntitlement, now: datetime
) -> tuple[Entitlement, bool]:
    """Grant the programme: the operator to a partner, an organisation that holds it to a child (ENR-04).

    Safe to repeat: an organisation's entitlement is written once; the answer says whether this call did.
    """
    organization = visible_organization(organizations, caller, wanted.organization_id)
    _refuse_foreign_grant(programmes, caller, organization)
    entitlement = Entitlement(
        tenant_id=organization.tenant_id,
        organization_id=organization.organization_id,
        organization_path=organization.path,
        programme=wanted.programme,
        granted_at=now,
        granted_by=caller.key_id,
    )
    if programmes.grant(entitlement):
        return entitlement, True
    return programmes.entitlement(organization.tenant_id, organization.organization_id) or entitlement, False


def list_entitlements(
    organizations: Organizations,
    programmes: Programmes,
    caller: Caller,
    organization_id: str | None,
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Entitlement], str | None]:
    """Entitlements of what the caller sees, or of one organisation and below."""
    top = visible_organization(organizations, caller, organization_id or caller.organization_id)
    return programmes.entitlements(top.tenant_id, top.path, limit=limit, cursor=cursor)


def refuse_not_entitled(programmes: Programmes, tenant_id: str, organization_paths: Iterable[str]) -> None:
    """`Forbidden` ``org_not_entitled`` unless every organisation, and every one above it, holds the programme.

    Looking at those above is what makes a revocation there block new enrolments below (ENR-04).
    """
    chains = {path: path.strip("/").split("/") for path in organization_paths}
    held = programmes.entitled(tenant_id, {one for chain in chains.values() for one in chain})
    lacking = sorted({chain[-1] for chain in chains.values() if not held.issuperset(chain)})
    if lacking:
        detail = f"The programme is not granted to {', '.join(lacking[:10])}, or not to an organisation above."
        raise Forbidden("org_not_entitled", detail)


def _refuse_foreign_grant(programmes: Programmes, caller: Caller, organization: OrganizationView) -> None:
    if organization.parent_id is None:
        if not caller.is_operator:
            raise Forbidden("not_grantable", "Only the operator grants the programme to a partner.")
        return
    if organization.organization_id == caller.organization_id:
        raise Forbidden("not_grantable", "An organisation cannot grant the programme to itself; ask the one above.")
    if programmes.entitlement(organization.tenant_id, organization.parent_id) is None:
        detail = f"The parent '{organization.parent_id}' does not hold the programme; grant it there first."
        raise Conflict("parent_not_entitled", detail)
