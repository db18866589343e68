"""What the entry points of this context are made of."""

from functions.accounts.api_keys.repository import KeyRepository
from functions.accounts.contacts.repository import ContactRepository
from functions.accounts.holdings import StoredHoldings
from functions.accounts.imports.queue import ImportQueue
from functions.accounts.imports.repository import ImportRepository
from functions.accounts.inheritance.repository import SettingRepository
from functions.accounts.settings import api_settings, import_settings, settings
from functions.accounts.tree.organization_repository import OrganizationRepository
from functions.accounts.tree.repository import AccountsRepository
from shared import aws
from shared.directory.reader import FleetDirectory
from shared.table import Table


def accounts() -> AccountsRepository:
    """Organisations and sites."""
    return AccountsRepository(_table())


def organizations() -> OrganizationRepository:
    """The tree of organisations."""
    return OrganizationRepository(_table())


def holdings() -> StoredHoldings:
    """What organisations and sites still have."""
    return StoredHoldings(organizations(), accounts(), contacts(), partner_keys(), fleet())


def contacts() -> ContactRepository:
    """Contacts and assignments."""
    return ContactRepository(_table())


def setting_store() -> SettingRepository:
    """What is explicitly set where."""
    return SettingRepository(_table())


def partner_keys() -> KeyRepository:
    """API keys."""
    return KeyRepository(_table())


def imports() -> ImportRepository:
    """Contact imports."""
    return ImportRepository(_table())


def import_queue() -> ImportQueue:
    """Where contact imports wait for their worker."""
    return ImportQueue(import_settings().contact_imports_queue_url, aws.sqs())


def fleet() -> FleetDirectory:
    """Printers."""
    return FleetDirectory(Table(api_settings().fleet_table, aws.dynamodb()))


def _table() -> Table:
    return Table(settings().accounts_table, aws.dynamodb())
