"""Keys of the accounts table; the ones that other contexts read are built in `shared.directory.keys`."""

from typing import Final

PARTNERS: Final = "PARTNER"
"""Partition of the installation's partners: the root organisation of each tenant."""
BOOTSTRAP: Final = "BOOTSTRAP"
"""Partition and sort key of the one item that says the installation has its operator."""
API_KEY_ITEM: Final = "KEY"


def partner(organization_id: str) -> str:
    """Sort key of a partner among the partners."""
    return f"ORG#{organization_id}"


def organizations(tenant_id: str) -> str:
    """Index partition of a tenant's organisations, in order of path."""
    return f"TENANT#{tenant_id}#ORG"


def sites(tenant_id: str) -> str:
    """Index partition of a tenant's sites, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#SITE"


def contacts(tenant_id: str) -> str:
    """Index partition of a tenant's contacts, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#CONTACT"


def api_keys(tenant_id: str) -> str:
    """Index partition of a tenant's API keys, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#KEY"


def below(organization_path: str, entity_id: str) -> str:
    """Index sort key of a thing that belongs to an organisation: a path finds all below it by prefix."""
    return f"{organization_path}#{entity_id}"


def api_key(key_hash: str) -> str:
    """Partition of an API key: found by what the caller sends."""
    return f"KEY#{key_hash}"


def api_key_pointer(key_id: str) -> str:
    """Sort key, in the tenant's partition, of the item that leads from a key's id to its hash."""
    return f"APIKEY#{key_id}"


def api_key_request(request: str) -> str:
    """Sort key, in the tenant's partition, of the item that says a request for a key was met."""
    return f"APIKEYREQUEST#{request}"
