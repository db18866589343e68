"""What the entry points of this context are made of."""

from dataclasses import dataclass
from functools import cache

from functions.tickets.calls.repository import DynamoTicketStore
from functions.tickets.calls.service import Tickets
from functions.tickets.settings import TicketsSettings
from shared import aws
from shared.directory.reader import AccountsDirectory, EligibilityDirectory, FleetDirectory
from shared.directory.views import OrganizationView, PrinterState, PrinterView, SiteView
from shared.table import Table


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
