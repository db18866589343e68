"""How long things are kept: logs by the stage's days, data by the stage's policy."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.settings import StageSettings

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
}


def removal_policy(settings: StageSettings) -> RemovalPolicy:
    """What becomes of data when its resource leaves the stack."""
    return RemovalPolicy.RETAIN if settings.keeps_data else RemovalPolicy.DESTROY


def log_group(scope: Construct, construct_id: str, settings: StageSettings, name: str | None = None) -> logs.LogGroup:
    """A log group with the stage's retention; a name only where AWS wants a certain one."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=_RETENTION[settings.log_retention_days],
        removal_policy=removal_policy(settings),
    )
