"""Use case of accepting the terms of service."""

from datetime import datetime

from functions.eligibility.table.models import Acceptance, NewAcceptance, Terms
from functions.eligibility.table.ports import Organizations, Programmes
from shared.errors import Conflict, FieldError, Invalid
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization


def accept_terms(
    organizations: Organizations,
    programmes: Programmes,
    caller: Caller,
    wanted: NewAcceptance,
    terms: Terms,
    now: datetime,
) -> Acceptance:
    """Add the audit row of an acceptance (ENR-03). Safe to repeat: another row says the same once more."""
    organization = visible_organization(organizations, caller, wanted.organization_id)
    if wanted.terms_version != terms.version:
        error = FieldError("/terms_version", f"The present version is '{terms.version}'.")
        raise Invalid("not_current_terms", "Only the present terms can be accepted; read GET /v1/terms.", (error,))
    if wanted.sha256 not in (None, terms.sha256):
        error = FieldError("/sha256", "It is not the digest of the present text.")
        raise Invalid("other_text", "Another text was shown than the present terms; read GET /v1/terms.", (error,))
    acceptance = Acceptance(
        acceptance_id=new_id("acc"),
        tenant_id=organization.tenant_id,
        organization_id=organization.organization_id,
        organization_path=organization.path,
        terms_id=terms.terms_id,
        terms_version=terms.version,
        sha256=terms.sha256,
        locale=terms.locale,
        key_id=caller.key_id,
        accepted_by=wanted.accepted_by,
        accepted_at=now,
        source_ip=caller.source_ip,
        user_agent=caller.user_agent,
        request_id=caller.request_id,
    )
    programmes.add_acceptance(acceptance)
    return acceptance


def list_acceptances(
    organizations: Organizations,
    programmes: Programmes,
    caller: Caller,
    organization_id: str | None,
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Acceptance], str | None]:
    """The audit rows of one organisation: the caller's own, or one below it."""
    organization = visible_organization(organizations, caller, organization_id or caller.organization_id)
    return programmes.acceptances(organization.tenant_id, organization.organization_id, limit=limit, cursor=cursor)


def accepted_terms(programmes: Programmes, tenant_id: str, organization_id: str, version: str, terms: Terms) -> str:
    """Id of the organisation's acceptance of the present terms; `Conflict` ``terms_not_accepted`` names the version."""
    found = programmes.acceptance(tenant_id, organization_id, terms.version)
    if found is None or version != terms.version:
        error = FieldError("/terms_version", f"Accept version '{terms.version}' first: POST /v1/terms-acceptances.")
        detail = f"Terms version '{terms.version}' must be accepted for organisation '{organization_id}' first."
        raise Conflict("terms_not_accepted", detail, (error,))
    return found.acceptance_id
