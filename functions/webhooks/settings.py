"""Settings of the webhooks functions."""

from functools import cache

from shared.settings import Settings


class WebhooksSettings(Settings):
    """The context's own table and its queue of work."""

    webhooks_table: str
    webhook_work_queue_url: str


class PlaceSettings(WebhooksSettings):
    """The API and the consumer of events look organisations up."""

    accounts_table: str


class ApiSettings(PlaceSettings):
    """``webhook_private_hosts``: a comma list of hosts that may be private addresses, for the local stack only."""

    webhook_private_hosts: str = ""


class SendSettings(WebhooksSettings):
    """The sender; private hosts as in `ApiSettings`, ``webhook_ca_file`` with more authorities to trust."""

    webhook_private_hosts: str = ""
    webhook_ca_file: str | None = None


def hosts(comma_list: str) -> frozenset[str]:
    """The hosts of a comma list."""
    return frozenset(host.strip() for host in comma_list.split(",") if host.strip())


@cache
def settings() -> WebhooksSettings:
    """Settings of the sweep."""
    return WebhooksSettings.from_environment()


@cache
def place_settings() -> PlaceSettings:
    """Settings of the consumer of events."""
    return PlaceSettings.from_environment()


@cache
def api_settings() -> ApiSettings:
    """Settings of the API."""
    return ApiSettings.from_environment()


@cache
def send_settings() -> SendSettings:
    """Settings of the sender."""
    return SendSettings.from_environment()
