"""The bus on which the contexts meet, its archive, and the way from one of its events to a queue."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.settings import StageSettings
from infra.triggers import dead_letters
from shared.names import EVENT_SOURCE_PREFIX

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

_ARCHIVE_DAYS: Final = 30


class Bus(Construct):
    """The event bus; in production it keeps 30 days of events, so that a consumer can be fed them again."""

    def __init__(self, scope: Construct, construct_id: str, settings: StageSettings) -> None:
        super().__init__(scope, construct_id)
        # A name without the stack's would be taken when two stages share an account.
        self.events = events.EventBus(self, "Events", description="What happened, for every context")
        self._undelivered = dead_letters(self, "Undelivered")
        if settings.keeps_data:
            self.events.archive(
                "Archive",
                description="All events of Platen",
                retention=Duration.days(_ARCHIVE_DAYS),
                event_pattern=events.EventPattern(source=events.Match.prefix(EVENT_SOURCE_PREFIX)),
            )

    def let_publish(self, *functions: "lambda_.Function") -> None:
        """Let the functions put events on the bus."""
        for function in functions:
            function.add_environment("EVENT_BUS", self.events.event_bus_name)
            self.events.grant_put_events_to(function)

    def all_to_queue(self, construct_id: str, queue: "sqs.IQueue") -> None:
        """Send every event of every context to a queue, as they are (the whole envelope)."""
        events.Rule(
            self,
            construct_id,
            event_bus=self.events,
            event_pattern=events.EventPattern(source=events.Match.prefix(EVENT_SOURCE_PREFIX)),
            targets=[targets.SqsQueue(queue, dead_letter_queue=self._undelivered)],
        )

    def to_queue(self, construct_id: str, queue: "sqs.IQueue", *, context: str, event_name: str) -> None:
        """Send the events of this name and context to a queue, as they are (the whole envelope)."""
        events.Rule(
            self,
            construct_id,
            event_bus=self.events,
            description=f"{event_name} to its consumer's queue",
            event_pattern=events.EventPattern(source=[EVENT_SOURCE_PREFIX + context], detail_type=[event_name]),
            targets=[targets.SqsQueue(queue, dead_letter_queue=self._undelivered)],
        )
