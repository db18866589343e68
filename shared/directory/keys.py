"""Keys of the items that other contexts may read. The owning context's ``keys.py`` builds on these."""

from shared.directory.week import first_week
from shared.names import DELIVERY_SORT_KEY, ORGANIZATION_SORT_KEY, SITE_SORT_KEY, STATE_SORT_KEY


def tenant(tenant_id: str) -> str:
    """Partition of a tenant's organisations, sites and contacts (accounts)."""
    return f"TENANT#{tenant_id}"


def organization(organization_id: str) -> str:
    """Sort key of an organisation in its tenant's partition (accounts)."""
    return f"{ORGANIZATION_SORT_KEY}{organization_id}"


def site(site_id: str) -> str:
    """Sort key of a site in its tenant's partition (accounts)."""
    return f"{SITE_SORT_KEY}{site_id}"


def contact(contact_id: str) -> str:
    """Sort key of a contact in its tenant's partition (accounts)."""
    return f"CONTACT#{contact_id}"


def delivery_contact(printer_id: str) -> str:
    """Sort key of a printer's supplies delivery contact in its tenant's partition (accounts)."""
    return f"{DELIVERY_SORT_KEY}{printer_id}"


def explicit_settings(level: str, entity_id: str) -> str:
    """Sort key, in the tenant's partition, of what is explicitly set at one place of the tree (accounts)."""
    return f"SETTINGS#{level}#{entity_id}"


def agent(agent_id: str) -> tuple[str, str]:
    """An agent (fleet). It is found before its tenant is known, so the tenant is not part of its key."""
    return f"AGENT#{agent_id}", "AGENT"


def api_key_pointer(key_id: str) -> str:
    """Sort key, in the tenant's partition, of what says where an API key is and whether it is good (accounts)."""
    return f"APIKEY#{key_id}"


def printer(tenant_id: str, printer_id: str) -> str:
    """Partition of one printer (fleet)."""
    return f"TENANT#{tenant_id}#PRN#{printer_id}"


PRINTER_META = "META"
PRINTER_STATE = STATE_SORT_KEY
PRINTER_MEDIA = "MEDIA"
PRINTER_SILENCE = "SILENCE"


PRINTER_WEEK_PREFIX = "WEEK#"


def printer_week(monday: str) -> str:
    """Sort key of the roll-ups of a printer's site-local days of a week, by its Monday, ``2026-11-16`` (fleet)."""
    return f"{PRINTER_WEEK_PREFIX}{monday}"


def printer_weeks(first: str, last: str) -> tuple[str, str]:
    """Bounds of the sort keys of the weeks that may have days from ``first`` to ``last`` (fleet)."""
    return printer_week(first_week(first)), printer_week(last)


def printers_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's printers, in order of organisation path and id (fleet)."""
    return f"TENANT#{tenant_id}#PRN"


def retired_printers_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's printers that are out of service, in order of organisation path and id (fleet)."""
    return f"TENANT#{tenant_id}#RETIRED"


def agents_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's agents, in order of organisation path and id (fleet)."""
    return f"TENANT#{tenant_id}#AGENT"


def printer_order(organization_path: str, printer_id: str) -> str:
    """Index sort key of a printer (fleet)."""
    return f"{organization_path}#{printer_id}"


PROGRAMME = "PROGRAMME#mps"
"""Partition of the models that the programme supports (eligibility)."""
MODEL_PREFIX = "MODEL#"


def enrolment_status(tenant_id: str) -> str:
    """Partition of a tenant's enrolment facts, one item a printer (eligibility)."""
    return f"TENANT#{tenant_id}#MANAGED"


def managed_printer(printer_id: str) -> str:
    """Sort key of a printer's enrolment fact (eligibility)."""
    return f"PRN#{printer_id}"


ORDER = "ORDER"
PRINTER_ORDER_PREFIX = "ORDER#"
ENDED_ORDERS = frozenset({"cancelled", "closed"})
"""States of an order that nothing follows (orders)."""
CALL_FAMILY_PREFIX = "FAMILY#"


def order(tenant_id: str, order_id: str) -> str:
    """Partition of one order (orders)."""
    return f"TENANT#{tenant_id}#ORD#{order_id}"


def printer_orders(tenant_id: str, printer_id: str) -> str:
    """Partition of one printer's positions and orders (orders)."""
    return f"TENANT#{tenant_id}#PRN#{printer_id}"


PAST_ALERT_PREFIX = "PAST#"


def past_alert(cleared_at: str, logical_key: str) -> str:
    """Sort key of an alert that is over, in its printer's partition (tickets)."""
    return f"{PAST_ALERT_PREFIX}{cleared_at}#{logical_key}"


def alert_begun(logical_key: str) -> str:
    """Sort key of when an alert was first read, where the printer does not tell when it began (tickets)."""
    return f"BEGUN#{logical_key}"


def printer_calls(tenant_id: str, printer_id: str) -> str:
    """Partition of one printer's problems and calls (tickets)."""
    return f"TENANT#{tenant_id}#PRN#{printer_id}"
