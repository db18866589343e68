"""What the entry points of this context are made of."""

from functions.accounts.key_repository import KeyRepository
from functions.accounts.repository import AccountsRepository
from functions.accounts.settings import api_settings, settings
from shared import aws
from shared.directory.reader import FleetDirectory
from shared.table import Table


def accounts() -> AccountsRepository:
    """Organisations, sites, contacts and assignments."""
    return AccountsRepository(_table())


def partner_keys() -> KeyRepository:
    """API keys."""
    return KeyRepository(_table())


def fleet() -> FleetDirectory:
    """Printers."""
    return FleetDirectory(Table(api_settings().fleet_table, aws.dynamodb()))


def _table() -> Table:
    return Table(settings().accounts_table, aws.dynamodb())
