"""Settings of the accounts functions."""

from functools import cache

from shared.settings import Settings


class AccountsSettings(Settings):
    """The context's own table."""

    accounts_table: str


class AccountsApiSettings(AccountsSettings):
    """The API also looks printers up, to assign contacts to them."""

    fleet_table: str


@cache
def settings() -> AccountsSettings:
    """Settings of the authorizer and the bootstrap."""
    return AccountsSettings.from_environment()


@cache
def api_settings() -> AccountsApiSettings:
    """Settings of the API."""
    return AccountsApiSettings.from_environment()
