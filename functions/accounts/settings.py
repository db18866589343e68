"""Settings of the accounts functions."""

from functools import cache

from shared.settings import Settings


class AccountsSettings(Settings):
    """The context's own table."""

    accounts_table: str


class AccountsApiSettings(AccountsSettings):
    """The API also looks printers up, to assign contacts to them."""

    fleet_table: str


class ImportSettings(AccountsSettings):
    """The worker of contact imports asks for what it had no time for."""

    contact_imports_queue_url: str


class PublisherSettings(Settings):
    """Where the stream's facts are published."""

    event_bus: str


@cache
def settings() -> AccountsSettings:
    """Settings of the authorizer and the bootstrap."""
    return AccountsSettings.from_environment()


@cache
def api_settings() -> AccountsApiSettings:
    """Settings of the API."""
    return AccountsApiSettings.from_environment()


@cache
def publisher_settings() -> PublisherSettings:
    """Settings of the stream's consumer."""
    return PublisherSettings.from_environment()


@cache
def import_settings() -> ImportSettings:
    """Settings of what begins and carries out contact imports."""
    return ImportSettings.from_environment()
