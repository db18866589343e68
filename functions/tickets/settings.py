"""Settings of the tickets functions and the use cases made from them."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from functions.tickets.repository import DynamoTicketStore
from functions.tickets.service import Tickets
from shared import aws
from shared.directory.reader import AccountsDirectory, EligibilityDirectory, FleetDirectory
from shared.directory.views import OrganizationView, PrinterState, PrinterView, SiteView
from shared.settings import Settings
from shared.table import Table


class TicketsSettings(Settings):
    """Tables, and the factor on alert delays (1 except in the local stack)."""

    tickets_table: str
    fleet_table: str
    accounts_table: str
    eligibility_table: str
    delay_scale: Decimal = Decimal(1)


class PublisherSettings(Settings):
    """Where the stream's facts are published."""

    event_bus: str


@dataclass(frozen=True, slots=True)
class DirectorySurroundings:
    """`Surroundings` from the read-only views."""

    accounts: AccountsDirectory
    fleet: FleetDirectory
    eligibility: EligibilityDirectory

    def is_managed(self, tenant_id: str, printer_id: str) -> bool:
        """See `Surroundings`."""
        return self.eligibility.is_managed(tenant_id, printer_id)

    def site(self, tenant_id: str, site_id: str) -> SiteView | None:
        """See `Surroundings`."""
        return self.accounts.site(tenant_id, site_id)

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """See `Surroundings`."""
        return self.fleet.printer(tenant_id, printer_id)

    def state(self, tenant_id: str, printer_id: str) -> PrinterState | None:
        """See `Surroundings`."""
        return self.fleet.state(tenant_id, printer_id)

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """See `Surroundings`."""
        return self.accounts.organization(tenant_id, organization_id)


@cache
def tickets() -> Tickets:
    """The use cases of this process."""
    settings = TicketsSettings.from_environment()
    client = aws.dynamodb()
    surroundings = DirectorySurroundings(
        accounts=AccountsDirectory(Table(settings.accounts_table, client)),
        fleet=FleetDirectory(Table(settings.fleet_table, client)),
        eligibility=EligibilityDirectory(Table(settings.eligibility_table, client)),
    )
    store = DynamoTicketStore(Table(settings.tickets_table, client))
    return Tickets(store, surroundings, settings.delay_scale)
