"""Keys of the accounts table; the ones that other contexts read are built in `shared.directory.keys`."""

from typing import Final

PARTNERS: Final = "PARTNER"
"""Partition of the installation's partners: the root organisation of each tenant."""
PARTNER_NAMES: Final = "PARTNERNAME"
"""Partition of the names that partners have."""
BOOTSTRAP: Final = "BOOTSTRAP"
"""Partition and sort key of the one item that says the installation has its operator."""
API_KEY_ITEM: Final = "KEY"


def partner(organization_id: str) -> str:
    """Sort key of a partner among the partners."""
    return f"ORG#{organization_id}"


def partner_name(digest: str) -> str:
    """Sort key of a partner's name, folded and hashed, among the partners' names."""
    return f"NAME#{digest}"


def child_names(parent_id: str) -> str:
    """What the sort keys of the names of an organisation's children begin with, in the tenant's partition."""
    return f"ORGNAME#{parent_id}#"


def child_name(parent_id: str, digest: str) -> str:
    """Sort key, in the tenant's partition, of the name of an organisation among its siblings, folded and hashed."""
    return f"{child_names(parent_id)}{digest}"


def organizations(tenant_id: str) -> str:
    """Index partition of a tenant's organisations, in order of path."""
    return f"TENANT#{tenant_id}#ORG"


def settings(tenant_id: str) -> str:
    """Index partition of the places of a tenant at which something is explicitly set, in order of organisation path."""
    return f"TENANT#{tenant_id}#SETTINGS"


def setting_changes(tenant_id: str, level: str, entity_id: str) -> str:
    """Partition of who changed what of the settings of a place, in order of time."""
    return f"TENANT#{tenant_id}#SETTINGS#{level}#{entity_id}"


def sites(tenant_id: str) -> str:
    """Index partition of a tenant's sites, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#SITE"


def contacts(tenant_id: str, *, is_archived: bool) -> str:
    """Index partition of a tenant's contacts, or of its archived ones, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#{'ARCHIVED' if is_archived else ''}CONTACT"


def contact_search(tenant_id: str, organization_id: str, *, is_archived: bool) -> str:
    """Partition of what the contacts of an organisation and all below it are found by."""
    return f"TENANT#{tenant_id}#{organization_id}#{'ARCHIVED' if is_archived else ''}CONTACTSEARCH"


def contact_start(start: str, contact_id: str) -> str:
    """Sort key of a text that a contact is found by."""
    return f"{start}#{contact_id}"


def contact_person(organization_id: str, person: str) -> str:
    """Sort key, in the tenant's partition, of the item that says an organisation has this person already (CTC-03)."""
    return f"PERSON#{organization_id}#{person}"


def assignments_of(tenant_id: str, contact_id: str) -> str:
    """Index partition of the printers whose supplies go to a contact, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#DELIVERY#{contact_id}"


def contact_imports(tenant_id: str) -> str:
    """Index partition of a tenant's contact imports, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#CONTACTIMPORT"


def contact_import(import_id: str) -> str:
    """Sort key, in the tenant's partition, of a contact import."""
    return f"CONTACTIMPORT#{import_id}"


def contact_import_file(import_id: str) -> str:
    """Sort key, in the tenant's partition, of an import's uploaded file."""
    return f"CONTACTIMPORTFILE#{import_id}"


def contact_import_faults(import_id: str) -> str:
    """Sort key, in the tenant's partition, of what is wrong with an import's rows."""
    return f"CONTACTIMPORTFAULTS#{import_id}"


def api_keys(tenant_id: str) -> str:
    """Index partition of a tenant's API keys, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#KEY"


def below(organization_path: str, entity_id: str) -> str:
    """Index sort key of a thing that belongs to an organisation: a path finds all below it by prefix."""
    return f"{organization_path}#{entity_id}"


def api_key(key_hash: str) -> str:
    """Partition of an API key: found by what the caller sends."""
    return f"KEY#{key_hash}"


def api_key_request(request: str) -> str:
    """Sort key, in the tenant's partition, of the item that says a request for a key was met."""
    return f"APIKEYREQUEST#{request}"
