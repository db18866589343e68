"""What the functions of this context are told by their environment, and the clients made from it."""

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from functions.ingest.printers.listing import PrinterList
from functions.ingest.printers.rows import PrinterRows
from functions.ingest.printers.saved_views import SavedViews
from functions.ingest.table.holdings import StoredHoldings
from functions.ingest.table.repository import DynamoDocuments
from shared import aws
from shared.agent_versions import REQUIRED_AGENT_VERSION
from shared.directory.reader import (
    AccountsDirectory,
    EligibilityDirectory,
    FleetDirectory,
    OrdersDirectory,
    TicketsDirectory,
)
from shared.directory.views import ManagedStatus
from shared.settings import Settings
from shared.table import Item, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

UTC_ZONE = ZoneInfo("UTC")


class FleetSettings(Settings):
    """The context's own table."""

    fleet_table: str


class HoldingsSettings(FleetSettings):
    """Who merges or transfers printers also reads what other contexts have of them."""

    eligibility_table: str
    orders_table: str
    tickets_table: str


class SweepSettings(HoldingsSettings):
    """The sweep also publishes."""

    event_bus: str


class UploadSettings(FleetSettings):
    """The upload API also reads sites."""

    accounts_table: str


class FleetApiSettings(UploadSettings):
    """The partner's API also reads enrolments."""

    eligibility_table: str
    required_agent_version: str = REQUIRED_AGENT_VERSION


def required_agent_version() -> str:
    """Older agents are down-level."""
    return FleetApiSettings.from_environment().required_agent_version


@cache
def documents() -> DynamoDocuments:
    """The fleet table."""
    return DynamoDocuments(Table(FleetSettings.from_environment().fleet_table, aws.dynamodb()))


@cache
def accounts() -> AccountsDirectory:
    """Organisations and sites."""
    return AccountsDirectory(Table(UploadSettings.from_environment().accounts_table, aws.dynamodb()))


@cache
def fleet() -> FleetDirectory:
    """Printers as every context sees them."""
    return FleetDirectory(documents().table)


@cache
def eligibility() -> EligibilityDirectory:
    """Enrolment facts."""
    return EligibilityDirectory(Table(FleetApiSettings.from_environment().eligibility_table, aws.dynamodb()))


def printer_list() -> PrinterList:
    """The list of printers, joined with what other contexts know of them."""
    return PrinterList(documents(), PrinterRows(documents(), managed_statuses, _names_of))


def saved_views() -> SavedViews:
    """The organisations' saved views."""
    return SavedViews(documents())


def managed_statuses(tenant_id: str, printer_ids: "Sequence[str]") -> list[ManagedStatus]:
    """How far each printer is on its way into the programme."""
    known = eligibility().statuses_of(tenant_id, printer_ids)
    return [known.get(printer_id, ManagedStatus.UNMANAGED) for printer_id in printer_ids]


def _names_of(tenant_id: str, metas: "Sequence[Item]") -> dict[str, str]:
    organizations = {meta["organization_id"] for meta in metas}
    return accounts().names_of(tenant_id, organizations, {meta["site_id"] for meta in metas})


@cache
def holdings() -> StoredHoldings:
    """What other contexts have of printers."""
    names, client = HoldingsSettings.from_environment(), aws.dynamodb()
    return StoredHoldings(
        EligibilityDirectory(Table(names.eligibility_table, client)),
        OrdersDirectory(Table(names.orders_table, client)),
        TicketsDirectory(Table(names.tickets_table, client)),
    )
