"""What the use cases need kept, and what they need to know of organisations, contacts and printers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from functions.eligibility.table.models import Acceptance, Enrolment, EnrolmentFact, Entitlement, ProgrammeModel
from shared.directory.views import AgentView, OrganizationView, PrinterState, PrinterView


class Programmes(Protocol):
    """The models the programme supports, and who is entitled to it."""

    def create_model(self, model: ProgrammeModel) -> bool:
        """Keep a new model; False when the manufacturer's pattern is there already."""

    def model(self, manufacturer: str, pattern: str) -> ProgrammeModel | None:
        """The manufacturer's model of that pattern, or None."""

    def replace_model(self, seen: ProgrammeModel, model: ProgrammeModel) -> bool:
        """Keep a model in place of the one that was seen; False when that is not the present one any more."""

    def models(
        self, manufacturer: str | None, *, limit: int, cursor: str | None
    ) -> tuple[list[ProgrammeModel], str | None]:
        """A page of the models, or of one manufacturer's."""

    def all_models(self) -> list[ProgrammeModel]:
        """Every model."""

    def entitlement(self, tenant_id: str, organization_id: str) -> Entitlement | None:
        """The organisation's entitlement, or None."""

    def grant(self, entitlement: Entitlement) -> bool:
        """Keep a new entitlement; False when the organisation holds it already."""

    def entitlements(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Entitlement], str | None]:
        """Entitlements of an organisation and all under it."""

    def entitled(self, tenant_id: str, organization_ids: Iterable[str]) -> set[str]:
        """Those of the organisations that hold the programme."""

    def add_acceptance(self, acceptance: Acceptance) -> None:
        """Add an audit row."""

    def acceptance(self, tenant_id: str, organization_id: str, version: str) -> Acceptance | None:
        """The organisation's first acceptance of the version, or None."""

    def acceptances(
        self, tenant_id: str, organization_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Acceptance], str | None]:
        """The organisation's acceptances."""


class Enrolments(Protocol):
    """Enrolment requests, and each printer's way into the programme."""

    def accept(self, enrolment: Enrolment, facts: Sequence[EnrolmentFact]) -> bool:
        """Keep the request and make its printers pending; False, and nothing kept, when one is no longer free."""

    def enrolment(self, tenant_id: str, enrolment_id: str) -> Enrolment | None:
        """The request, or None."""

    def enrolments(self, tenant_id: str, *, limit: int, cursor: str | None) -> tuple[list[Enrolment], str | None]:
        """The tenant's requests, newest first."""

    def pending(self, before: datetime) -> Iterator[Enrolment]:
        """Requests made before that time which no workflow has completed."""

    def facts(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, EnrolmentFact]:
        """The facts of those of the printers that have one."""

    def settle(self, fact: EnrolmentFact) -> bool:
        """Make a pending printer managed or reject it; False when it is not this request's to decide (any more)."""

    def complete(self, enrolment: Enrolment) -> None:
        """Keep what became of the request."""


class Organizations(Protocol):
    """Organisations and contacts, as accounts keeps them."""

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """The organisation, or None."""

    def printers_with_contact(self, tenant_id: str, printer_ids: Iterable[str]) -> set[str]:
        """Those of the printers that have a delivery contact."""


class Fleet(Protocol):
    """Printers, as ingest keeps them."""

    def printers(self, tenant_id: str, organization_path: str) -> Iterator[PrinterView]:
        """Every printer of an organisation and all below it."""

    def printers_of(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, PrinterView]:
        """Those of the printers that exist."""

    def states_of(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, PrinterState]:
        """Latest readings of those of the printers that have one."""

    def agents_of(self, tenant_id: str, agent_ids: Iterable[str]) -> dict[str, AgentView]:
        """Those of the agents that exist, as last written."""


class Workflows(Protocol):
    """Runs of the enrolment workflow."""

    def start(self, name: str, tenant_id: str, enrolment_id: str) -> bool:
        """Start a run; False when one of that name has ended already. One that still runs is left alone."""
