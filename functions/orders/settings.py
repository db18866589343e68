"""Settings of the orders functions."""

from functools import cache

from shared.settings import Settings


class OrdersSettings(Settings):
    """What every function of the context has."""

    orders_table: str


class EvaluationSettings(OrdersSettings):
    """The consumers that evaluate printers."""

    fleet_table: str
    accounts_table: str
    eligibility_table: str


class ApiSettings(OrdersSettings):
    """The partner API, which looks printers and organisations up; private hosts as in `SubmitSettings`."""

    fleet_table: str
    accounts_table: str
    fulfilment_private_hosts: str = ""


class WorkflowSettings(OrdersSettings):
    """The stream consumer and the sweep."""

    supplies_order_machine_arn: str


class ChangeSettings(WorkflowSettings):
    """The stream consumer also publishes."""

    event_bus: str


class SubmitSettings(OrdersSettings):
    """``fulfilment_private_hosts``: a comma list of hosts that may be private addresses, for the local stack only."""

    fulfilment_private_hosts: str = ""
    fulfilment_ca_file: str | None = None


def hosts(comma_list: str) -> frozenset[str]:
    """The hosts of a comma list."""
    return frozenset(host.strip() for host in comma_list.split(",") if host.strip())


@cache
def settings() -> OrdersSettings:
    """Settings of functions that only need the table."""
    return OrdersSettings.from_environment()


@cache
def evaluation_settings() -> EvaluationSettings:
    """Settings of the consumers that evaluate."""
    return EvaluationSettings.from_environment()


@cache
def api_settings() -> ApiSettings:
    """Settings of the API."""
    return ApiSettings.from_environment()


@cache
def workflow_settings() -> WorkflowSettings:
    """Settings of the sweep."""
    return WorkflowSettings.from_environment()


@cache
def change_settings() -> ChangeSettings:
    """Settings of the stream consumer."""
    return ChangeSettings.from_environment()


@cache
def submit_settings() -> SubmitSettings:
    """Settings of the task that sends orders."""
    return SubmitSettings.from_environment()
