"""What the tickets use cases need of the world."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.tickets.table.models import Family, FamilyMarker, Problem, ServiceCall
from shared.directory.views import OrganizationView, PrinterState, PrinterView, SiteView
from shared.table import Item


@dataclass(frozen=True, slots=True)
class Due:
    """Where something that falls due is kept: its keys, which can be read whatever became of the rest."""

    pk: str
    sk: str


class TicketStore(Protocol):
    """Problems, calls and the marker that allows one open call a family."""

    def problems(self, tenant_id: str, printer_id: str) -> list[Problem]:
        """Every problem of the printer that is open, or was within the last thirty days; a bounded number."""

    def problem(self, tenant_id: str, printer_id: str, logical_key: str) -> Problem | None:
        """The problem as it is now, or None."""

    def save_problem(self, problem: Problem) -> Problem | None:
        """The problem as stored, ``version + 1``; None when another writer was faster."""

    def alerts_begun(self, tenant_id: str, printer_id: str, logical_keys: Sequence[str]) -> dict[str, str]:
        """When these alerts were first read, of those of which that was kept, by logical key."""

    def keep(self, items: Sequence[Item]) -> None:
        """Keep rows of the history of alerts; one that is kept already stays the same."""

    def marker(self, tenant_id: str, printer_id: str, family: Family) -> FamilyMarker | None:
        """Which call the family has, or had last."""

    def create_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        """Store a new call, claim its family and store the problem that opened it, all or nothing.

        False when the family has an open call or another writer of the problem was faster.
        """

    def call(self, tenant_id: str, call_id: str) -> ServiceCall | None:
        """The call, or None."""

    def save_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        """Store the call as ``version + 1``, its family's marker and the problem that changed it, all or nothing.

        False when another writer of either was faster, or an open call would be its family's second.
        """

    def calls_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[ServiceCall], str | None]:
        """A page of calls of an organisation and all below it, newest first."""

    def due(self, now: datetime) -> Iterator[Due]:
        """What falls due until ``now``, a bounded number of each shard, the longest overdue first."""

    def thing(self, due: Due) -> Problem | ServiceCall | None:
        """What fell due, as it is now: an index may be behind its table."""

    def put_off(self, due: Due, until: datetime) -> None:
        """Look at it again then: what keeps failing must not stand before all the others."""


class Surroundings(Protocol):
    """What other contexts know and tickets need."""

    def is_managed(self, tenant_id: str, printer_id: str) -> bool:
        """True when the printer is in the programme."""

    def site(self, tenant_id: str, site_id: str) -> SiteView | None:
        """Where the printer stands, with its zone and hours."""

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """Who the printer is."""

    def state(self, tenant_id: str, printer_id: str) -> PrinterState | None:
        """What the printer says now."""

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """The organisation, or None when the tenant has none of that id."""
