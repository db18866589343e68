"""Keys of the eligibility table; those of enrolment facts, which others read, are in `shared.directory.keys`."""

from typing import Final

from shared.directory import keys as shared_keys

PENDING_ENROLMENTS: Final = "ENROLMENT#PENDING"
"""Sparse index partition of the requests that no workflow has finished yet."""
ENTITLEMENT_PREFIX: Final = "ENTITLEMENT#"
ENROLMENT_PREFIX: Final = "ENROLMENT#"


def models_of(manufacturer: str) -> str:
    """Prefix of a manufacturer's models; the name is case-folded already."""
    return f"{shared_keys.MODEL_PREFIX}{manufacturer}#"


def programme_model(manufacturer: str, pattern: str) -> str:
    """Sort key of a model of the programme; both are case-folded already."""
    return f"{models_of(manufacturer)}{pattern}"


def entitlements(tenant_id: str) -> str:
    """Partition of a tenant's entitlements."""
    return f"TENANT#{tenant_id}#ENTITLEMENT"


def entitlement(organization_id: str) -> str:
    """Sort key of an organisation's entitlement."""
    return f"{ENTITLEMENT_PREFIX}{organization_id}"


def acceptances(tenant_id: str) -> str:
    """Partition of a tenant's terms acceptances, which are only ever added to."""
    return f"TENANT#{tenant_id}#TERMS"


def acceptances_by(organization_id: str) -> str:
    """Prefix of an organisation's acceptances."""
    return f"ORG#{organization_id}#"


def acceptances_of(organization_id: str, version: str) -> str:
    """Prefix of an organisation's acceptances of one version."""
    return f"{acceptances_by(organization_id)}{version}#"


def acceptance(organization_id: str, version: str, acceptance_id: str) -> str:
    """Sort key of one acceptance."""
    return acceptances_of(organization_id, version) + acceptance_id


def enrolments(tenant_id: str) -> str:
    """Partition of a tenant's enrolment requests, in order of making."""
    return f"TENANT#{tenant_id}#ENROLMENT"


def enrolment(enrolment_id: str) -> str:
    """Sort key of an enrolment request."""
    return f"{ENROLMENT_PREFIX}{enrolment_id}"


def is_enrolment(item: dict[str, object]) -> bool:
    """True for an enrolment request's item, as the stream carries it."""
    return str(item["sk"]).startswith(ENROLMENT_PREFIX)


def is_fact(item: dict[str, object]) -> bool:
    """True for a printer's enrolment fact, as the stream carries it."""
    return str(item["sk"]).startswith(shared_keys.managed_printer(""))
