"""Roles: what people call a set of scopes. A key is made with the scopes that its roles have on that day."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from shared.names import PARTNER_SCOPES, Scope


class Role(StrEnum):
    """What somebody, or a system, does for a partner or for the operator."""

    PARTNER_ADMIN = "partner_admin"
    FLEET_READ = "fleet_read"
    FLEET_WRITE = "fleet_write"
    ORDERS = "orders"
    TICKETS = "tickets"
    BILLING = "billing"
    OPERATIONS_SPECIALIST = "operations_specialist"


_SEES: Final = frozenset({Scope.ACCOUNTS_READ, Scope.FLEET_READ})

SCOPES: Final[dict[Role, frozenset[str]]] = {
    Role.PARTNER_ADMIN: frozenset(PARTNER_SCOPES),
    Role.FLEET_READ: _SEES,
    Role.FLEET_WRITE: _SEES | {Scope.FLEET_WRITE, Scope.AGENTS_ENROL},
    Role.ORDERS: _SEES | {Scope.ORDERS_READ, Scope.ORDERS_WRITE},
    Role.TICKETS: _SEES | {Scope.TICKETS_READ, Scope.TICKETS_WRITE},
    Role.BILLING: _SEES | {Scope.ORDERS_READ, Scope.TICKETS_READ},
    Role.OPERATIONS_SPECIALIST: _SEES
    | {Scope.PLATFORM_ADMIN, Scope.ACCOUNTS_WRITE, Scope.ELIGIBILITY_READ, Scope.ELIGIBILITY_WRITE},
}
"""Scopes by role. Whoever invoices reads meters, orders and calls; the operator's specialists entitle partners."""


def scopes_of(roles: Iterable[Role], more: Iterable[str]) -> list[str]:
    """The scopes of the roles and the others named, each once, in order."""
    return sorted(set(more).union(*(SCOPES[role] for role in roles)))


def in_words() -> str:
    """Each role with its scopes, for the API's description."""
    return "; ".join(f"`{role}`: {', '.join(f'`{scope}`' for scope in sorted(SCOPES[role]))}" for role in Role)
