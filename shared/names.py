"""Names that the template and the code must agree on: plain constants, nothing else (the only room `infra` reads)."""

from typing import Final

PRODUCT: Final = "Platen"

GSI1: Final = "gsi1"
"""The one general index a table may have: keys ``gsi1pk``/``gsi1sk``."""
DUE_INDEX: Final = "due"
"""Sparse index of what falls due: ``duepk`` (a shard, see `DUE_SHARDS`) and ``duesk`` (time and id)."""
PAGES_INDEX: Final = "pages"
"""Sparse index of the keys of printers by the pages that they make in a month: ``pagespk`` and ``pagessk``."""
DUE_SHARDS: Final = 4
TTL_ATTRIBUTE: Final = "expires_at"

DELIVERY_SORT_KEY: Final = "DELIVERY#"
ORGANIZATION_SORT_KEY: Final = "ORG#"
SITE_SORT_KEY: Final = "SITE#"
"""What the sort keys begin with that the accounts stream's consumer filters on: assignments, organisations, sites."""
STATE_SORT_KEY: Final = "STATE"
"""Sort key of a printer's latest state: what the fleet stream's consumers filter on."""

API_KEY_HEADER: Final = "x-api-key"
AGENT_AUDIENCE: Final = "platen-agent-api"
METRICS_NAMESPACE: Final = "Platen"
AGENT_IDENTITY_SERVICE: Final = "agent-identity"
AGENTS_SUSPECTED_METRIC: Final = "AgentsSuspected"
"""Counted by more than one function, under one service, so that one alarm sees all of it."""
ROTATED_KEYS_USED_METRIC: Final = "RotatedKeysUsed"
"""Counted once a day for each partner key that is used a week after its successor was made."""
ACCOUNTS_SERVICE: Final = "accounts"
WEBHOOKS_SERVICE: Final = "webhooks"
WEBHOOKS_PARKED_METRIC: Final = "WebhooksParked"
"""Counted when an endpoint failed for so long, or is gone, that nothing is sent to it any more."""
DELIVERIES_GIVEN_UP_METRIC: Final = "DeliveriesGivenUp"
"""Counted for each event that an endpoint refused for 72 hours while it took others."""
EVENT_SOURCE_PREFIX: Final = "platen."
PRINTER_ENROLLED_EVENT: Final = "PrinterEnrolled"
PRINTER_SILENT_EVENT: Final = "PrinterSilent"
PRINTER_HEARD_EVENT: Final = "PrinterHeard"
"""The events that rules of the template route; the other names are only in `shared.events`."""

CSV_MEDIA_TYPES: Final = ("text/csv", "text/plain")
"""What a contact file may be sent as; the partner API hands bodies of these types on byte by byte."""

PARTNER_API_PREFIXES: Final = {
    "accounts": (
        "organizations",
        "sites",
        "contacts",
        "contact-assignments",
        "assigned-contacts",
        "contact-imports",
        "contact-import-template",
        "contact-exports",
        "api-keys",
        "settings",
    ),
    "fleet": (
        "activation-codes",
        "agents",
        "printers",
        "printer-exports",
        "printer-questions",
        "printer-tags",
        "printer-tag-changes",
        "printer-views",
        "meters",
        "counters",
        "reporting-coverage",
    ),
    "eligibility": (
        "entitlements",
        "terms",
        "terms-acceptances",
        "programme-models",
        "eligibility-evaluations",
        "enrolments",
    ),
    "orders": ("orders", "supply-decisions", "fulfilment-partners"),
    "fulfilment": ("fulfilment-events",),
    "tickets": ("service-calls",),
    "webhooks": ("webhooks",),
}
"""First path segment after ``/v1`` of the partner API, by the function that serves it."""


class Scope:
    """What a partner key may do."""

    PLATFORM_ADMIN: Final = "platform:admin"
    ACCOUNTS_READ: Final = "accounts:read"
    ACCOUNTS_WRITE: Final = "accounts:write"
    KEYS_WRITE: Final = "keys:write"
    FLEET_READ: Final = "fleet:read"
    FLEET_WRITE: Final = "fleet:write"
    AGENTS_ENROL: Final = "agents:enrol"
    ELIGIBILITY_READ: Final = "eligibility:read"
    ELIGIBILITY_WRITE: Final = "eligibility:write"
    ORDERS_READ: Final = "orders:read"
    ORDERS_WRITE: Final = "orders:write"
    FULFILMENT_WRITE: Final = "fulfilment:write"
    TICKETS_READ: Final = "tickets:read"
    TICKETS_WRITE: Final = "tickets:write"
    WEBHOOKS_READ: Final = "webhooks:read"
    WEBHOOKS_WRITE: Final = "webhooks:write"


PARTNER_SCOPES: Final = (
    Scope.ACCOUNTS_READ,
    Scope.ACCOUNTS_WRITE,
    Scope.KEYS_WRITE,
    Scope.FLEET_READ,
    Scope.FLEET_WRITE,
    Scope.AGENTS_ENROL,
    Scope.ELIGIBILITY_READ,
    Scope.ELIGIBILITY_WRITE,
    Scope.ORDERS_READ,
    Scope.ORDERS_WRITE,
    Scope.FULFILMENT_WRITE,
    Scope.TICKETS_READ,
    Scope.TICKETS_WRITE,
    Scope.WEBHOOKS_READ,
    Scope.WEBHOOKS_WRITE,
)
"""All that a partner may grant; `Scope.PLATFORM_ADMIN` is the operator's alone."""
