"""Settings of the eligibility functions."""

from functools import cache

from shared.agent_versions import REQUIRED_AGENT_VERSION
from shared.settings import Settings


class EligibilitySettings(Settings):
    """What evaluates and enrols reads and writes."""

    eligibility_table: str
    accounts_table: str
    fleet_table: str
    required_agent_version: str = REQUIRED_AGENT_VERSION


class WorkflowSettings(Settings):
    """What starts enrolments."""

    enrolment_machine_arn: str


class PublisherSettings(Settings):
    """Where the stream's facts are published."""

    event_bus: str


class SweepSettings(Settings):
    """Where overdue requests are found."""

    eligibility_table: str


@cache
def settings() -> EligibilitySettings:
    """Settings of the API and of the workflow's task."""
    return EligibilitySettings.from_environment()


@cache
def workflow_settings() -> WorkflowSettings:
    """Settings of whatever starts enrolments."""
    return WorkflowSettings.from_environment()


@cache
def publisher_settings() -> PublisherSettings:
    """Settings of the stream consumer."""
    return PublisherSettings.from_environment()


@cache
def sweep_settings() -> SweepSettings:
    """Settings of the sweep."""
    return SweepSettings.from_environment()
