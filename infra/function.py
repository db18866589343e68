"""A function with the defaults of the house: own role, own log group, JSON lines, tracing, a bound on time."""

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from constructs import Construct

from infra.house import House
from infra.retention import log_group
from shared.names import METRICS_NAMESPACE

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs

_MEMORY_MB = 512
_ASYNC_RETRIES = 2


class PlatenFunction(lambda_.Function):
    """A function of a context.

    Its role may write its own log group and send traces; whatever else it may do is granted by name.

    Args:
        handler: ``module.function`` below ``functions.<context>``.
        timeout_seconds: After which the invocation fails.
        description: What it does, for the console.
        failures: Where an asynchronous invocation goes that failed three times; needed when a schedule or a bus
            invokes it, useless otherwise.
        is_frequent: Invoked by every agent all day: Lambda's own start, end and report lines of good invocations
            are not kept, which would cost more than running it. Metrics and traces have what they say.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each thing a function may differ in
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        context: str,
        handler: str,
        timeout_seconds: int,
        description: str,
        failures: "sqs.IQueue | None" = None,
        environment: dict[str, str] | None = None,
        is_frequent: bool = False,
    ) -> None:
        settings = house.settings
        logs = log_group(scope, f"{construct_id}Logs", settings)
        role = iam.Role(scope, f"{construct_id}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        logs.grant_write(role)
        super().__init__(
            scope,
            construct_id,
            description=description,
            code=house.code_of(context),
            handler=f"functions.{context}.{handler}",
            runtime=lambda_.Runtime(f"python{settings.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.custom(settings.architecture),
            layers=[house.layer],
            memory_size=_MEMORY_MB,
            timeout=Duration.seconds(timeout_seconds),
            role=role,
            tracing=lambda_.Tracing.ACTIVE,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel(settings.log_level),
            system_log_level_v2=lambda_.SystemLogLevel.WARN if is_frequent else None,
            log_group=logs,
            on_failure=destinations.SqsDestination(failures) if failures else None,
            retry_attempts=_ASYNC_RETRIES if failures else None,
            environment={
                "POWERTOOLS_SERVICE_NAME": context,
                "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
                "POWERTOOLS_LOG_LEVEL": settings.log_level,
                **(environment or {}),
            },
        )
