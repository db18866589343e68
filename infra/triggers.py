"""What starts a function besides an API: a table's stream, a queue, a schedule; and where failures end up."""

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared.names import DELIVERY_SORT_KEY, ORGANIZATION_SORT_KEY, SITE_SORT_KEY, STATE_SORT_KEY

if TYPE_CHECKING:
    from infra.function import PlatenFunction
    from infra.tables import PlatenTable

ONLY_STATE: Final[dict[str, Any]] = {
    "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.is_equal(STATE_SORT_KEY)}}},
}
"""Filter of the fleet stream: changes of a printer's latest state, not of its day roll-ups."""

ONLY_TREE: Final[dict[str, Any]] = {
    "dynamodb": {
        "Keys": {
            "sk": {
                "S": [{"prefix": beginning} for beginning in (DELIVERY_SORT_KEY, ORGANIZATION_SORT_KEY, SITE_SORT_KEY)]
            }
        }
    },
}
"""Filter of the accounts stream: changes of assignments, organisations and sites, not of keys, contacts and imports."""

_BATCH: Final = 25
_RETRIES: Final = 5
_QUEUE_RETRIES: Final = 5
_KEEP_FAILURES: Final = 14  # days: the most that SQS keeps
_VISIBILITY_PER_TIMEOUT: Final = 6  # AWS's advice, so that throttling does not use up the retries


def dead_letters(scope: Construct, construct_id: str) -> sqs.Queue:
    """A queue for what failed for good; an alarm watches each (see `infra.monitoring`)."""
    return sqs.Queue(
        scope,
        construct_id,
        retention_period=Duration.days(_KEEP_FAILURES),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
    )


def work_queue(scope: Construct, construct_id: str, *, timeout_seconds: int) -> sqs.Queue:
    """A queue of work for a function with this timeout; after five tries a message is a dead letter."""
    return sqs.Queue(
        scope,
        construct_id,
        retention_period=Duration.days(_KEEP_FAILURES),
        visibility_timeout=Duration.seconds(timeout_seconds * _VISIBILITY_PER_TIMEOUT),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        dead_letter_queue=sqs.DeadLetterQueue(
            queue=dead_letters(scope, f"{construct_id}DeadLetters"), max_receive_count=_QUEUE_RETRIES
        ),
    )


def on_stream(
    function: "PlatenFunction", table: "PlatenTable", failures: sqs.IQueue, only: dict[str, Any] | None = None
) -> None:
    """Start the function on changes of the table.

    A record that still fails after its retries, alone in its batch by bisection, is left behind: its position goes
    to ``failures``, and the sweep takes the decision again from the present state.
    """
    function.add_event_source(
        sources.DynamoEventSource(
            table,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=_BATCH,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=_RETRIES,
            max_record_age=Duration.hours(12),
            on_failure=sources.SqsDlq(failures),
            filters=[lambda_.FilterCriteria.filter(only)] if only else None,
        )
    )


def on_queue(
    function: "PlatenFunction", queue: sqs.IQueue, *, batch_size: int = 10, most_at_once: int | None = None
) -> None:
    """Start the function on messages of the queue; only those it names as failed come again.

    ``most_at_once`` bounds how many of it run side by side.
    """
    function.add_event_source(
        sources.SqsEventSource(
            queue, batch_size=batch_size, report_batch_item_failures=True, max_concurrency=most_at_once
        )
    )


def on_schedule(function: "PlatenFunction", every: Duration, failures: sqs.IQueue) -> None:
    """Start the function regularly. A start that is missed is made up for by the next: sweeps look at what is due."""
    target = targets.LambdaFunction(function, dead_letter_queue=failures, retry_attempts=2, max_event_age=every)
    events.Rule(
        function,
        "Schedule",
        description=f"Starts {function.node.id}",
        schedule=events.Schedule.rate(every),
        targets=[target],
    )
