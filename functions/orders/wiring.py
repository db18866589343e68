"""The context's ports fulfilled by DynamoDB, Step Functions and HTTPS; made once a process, on first use."""

from dataclasses import dataclass
from functools import cache

from functions.orders.fulfilment.gateway import FulfilmentGateway, partner_client
from functions.orders.fulfilment.partner_desk import Desk
from functions.orders.fulfilment.partner_repository import PartnerRepository
from functions.orders.fulfilment.workflow import SuppliesOrderMachine
from functions.orders.settings import api_settings, evaluation_settings, hosts, submit_settings
from functions.orders.supplies.facts import World
from functions.orders.table.repository import OrderRepository
from functions.orders.table.silent_printers import SilentPrinterRepository
from shared import aws
from shared.directory.reader import AccountsDirectory, EligibilityDirectory, FleetDirectory
from shared.directory.views import OrganizationView
from shared.table import Table


def table(name: str) -> Table:
    """A table by name."""
    return Table(name, aws.dynamodb())


def orders(table_name: str) -> OrderRepository:
    """The orders table as its repository."""
    return OrderRepository(table(table_name))


def machine(machine_arn: str) -> SuppliesOrderMachine:
    """The `supplies_order` state machine."""
    return SuppliesOrderMachine(aws.stepfunctions(), machine_arn)


@cache
def gateway() -> FulfilmentGateway:
    """The way to fulfilment partners; the client keeps the authorities it trusts."""
    settings = submit_settings()
    return FulfilmentGateway(partner_client(settings.fulfilment_ca_file), hosts(settings.fulfilment_private_hosts))


def world() -> World:
    """All that an evaluation needs."""
    settings = evaluation_settings()
    own = table(settings.orders_table)
    return World(
        store=OrderRepository(own),
        partners=PartnerRepository(own),
        fleet=FleetDirectory(table(settings.fleet_table)),
        accounts=AccountsDirectory(table(settings.accounts_table)),
        enrolments=EligibilityDirectory(table(settings.eligibility_table)),
    )


def silent_printers() -> SilentPrinterRepository:
    """What is kept of silent printers."""
    return SilentPrinterRepository(table(evaluation_settings().orders_table))


@dataclass(frozen=True, slots=True)
class Directories:
    """`Directory` on the accounts and fleet tables."""

    accounts: AccountsDirectory
    fleet: FleetDirectory

    def printer_path(self, tenant_id: str, printer_id: str) -> str | None:
        """The path of the printer's organisation, or None."""
        printer = self.fleet.printer(tenant_id, printer_id)
        return printer.organization_path if printer else None

    def printer_ids(self, tenant_id: str, printer_id: str) -> list[str]:
        """The ids under which a printer was known: that of today first, whichever is asked for."""
        printer = self.fleet.surviving_printer(tenant_id, printer_id)
        return [printer.printer_id, *printer.merged_printer_ids] if printer else []

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """The organisation, or None."""
        return self.accounts.organization(tenant_id, organization_id)


def desk() -> Desk:
    """All that the partner API needs."""
    settings = api_settings()
    own = table(settings.orders_table)
    return Desk(
        orders=OrderRepository(own),
        partners=PartnerRepository(own),
        directory=Directories(
            AccountsDirectory(table(settings.accounts_table)), FleetDirectory(table(settings.fleet_table))
        ),
        private_hosts=hosts(settings.fulfilment_private_hosts),
    )
