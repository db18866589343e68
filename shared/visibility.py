"""What part of which tenant a caller may see: the one place that decides it for every partner route."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from shared.errors import NotFound
from shared.tenancy import Caller


class Placed(Protocol):
    """An organisation, in whatever form its reader keeps it."""

    @property
    def tenant_id(self) -> str:
        """Its tenant: the root of its path."""
        ...

    @property
    def path(self) -> str:
        """Every ancestor's id and its own: ``/org_a/org_b/``."""
        ...


Found_co = TypeVar("Found_co", bound=Placed, covariant=True)


class Organizations(Protocol[Found_co]):
    """Whoever can look an organisation up."""

    def organization(self, tenant_id: str, organization_id: str) -> Found_co | None:
        """The tenant's organisation of that id, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Visible:
    """An organisation and all below it, of one tenant."""

    tenant_id: str
    path: str

    def covers(self, tenant_id: str, organization_path: str) -> bool:
        """True when a thing of that tenant and organisation is in it."""
        return tenant_id == self.tenant_id and organization_path.startswith(self.path)


def visible_organization(organizations: Organizations[Found_co], caller: Caller, organization_id: str) -> Found_co:
    """The organisation, if it is the caller's or below; for the operator any partner's root too.

    Raises:
        NotFound: It is missing, or out of sight: the two are never told apart.
    """
    organization = organizations.organization(caller.tenant_id, organization_id)
    if organization is not None and caller.can_see(organization.path):
        return organization
    if organization is None and caller.is_operator:
        root = organizations.organization(organization_id, organization_id)
        if root is not None:
            return root
    raise NotFound("organization", organization_id)


def visible_to(organizations: Organizations[Placed], caller: Caller, organization_id: str | None) -> Visible:
    """What the caller asks to see: all of its own, or a named organisation and what is below it.

    Raises:
        NotFound: The named one is missing or out of sight.
    """
    if organization_id is None:
        return Visible(caller.tenant_id, caller.organization_path)
    organization = visible_organization(organizations, caller, organization_id)
    return Visible(organization.tenant_id, organization.path)
