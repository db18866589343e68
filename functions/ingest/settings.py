"""What the functions of this context are told by their environment, and the clients made from it."""

from functools import cache
from zoneinfo import ZoneInfo

from functions.ingest.silence.episodes import Stages
from functions.ingest.table.holdings import StoredHoldings
from functions.ingest.table.repository import DynamoDocuments
from shared import aws
from shared.agent_versions import REQUIRED_AGENT_VERSION
from shared.directory.inherited import values_of
from shared.directory.reader import (
    AccountsDirectory,
    EligibilityDirectory,
    FleetDirectory,
    OrdersDirectory,
    TicketsDirectory,
)
from shared.settings import Settings
from shared.table import Item, Table

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
    """The sweep also publishes, and reads what is set for sites."""

    accounts_table: str
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


def stages_for(watch: Item) -> Stages:
    """See `functions.ingest.silence.watch.StagesFor`: one read of an agent's places in the tree."""
    place = watch["tenant_id"], watch["organization_path"], watch["site_id"]
    return Stages.of(values_of(accounts().explicit_settings(*place)))


@cache
def fleet() -> FleetDirectory:
    """Printers as every context sees them."""
    return FleetDirectory(documents().table)


@cache
def eligibility() -> EligibilityDirectory:
    """Enrolment facts."""
    return EligibilityDirectory(Table(FleetApiSettings.from_environment().eligibility_table, aws.dynamodb()))


@cache
def tickets() -> TicketsDirectory:
    """Alerts that are over, and open calls."""
    return TicketsDirectory(Table(HoldingsSettings.from_environment().tickets_table, aws.dynamodb()))


@cache
def holdings() -> StoredHoldings:
    """What other contexts have of printers."""
    names, client = HoldingsSettings.from_environment(), aws.dynamodb()
    return StoredHoldings(
        EligibilityDirectory(Table(names.eligibility_table, client)),
        OrdersDirectory(Table(names.orders_table, client)),
        tickets(),
    )
