"""The webhooks context: partners' systems are told what happens."""

from functools import partial

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.bus import Bus
from infra.function import PlatenFunction
from infra.house import API_SECONDS, CONSUMER_SECONDS, House
from infra.triggers import dead_letters, on_queue, on_schedule, work_queue

_SENDERS_AT_ONCE = 50


class Webhooks(Construct):
    """Functions and queues of the webhooks context; they write the webhooks table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        function = partial(PlatenFunction, self, house=house, context="webhooks")
        failures = dead_letters(self, "Failures")
        private = {"WEBHOOK_PRIVATE_HOSTS": ",".join(house.settings.fulfilment_private_hosts)}
        self.api = function(
            "WebhooksApi",
            handler="webhooks_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: webhooks, their log, and what is sent again",
            environment=private,
        )
        self.on_event = function(
            "WebhooksOnEvent",
            handler="on_event.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Bus: each event becomes a delivery for each webhook that wants it",
        )
        self.on_work = function(
            "WebhooksOnWork",
            handler="on_work.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Queue: one attempt to deliver, or one page of a replay",
            environment=private,
        )
        self.sweep = function(
            "WebhooksSweep",
            handler="on_sweep.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Schedule: deliveries whose time to be tried again has come",
            failures=failures,
        )
        happened = work_queue(self, "Events", timeout_seconds=CONSUMER_SECONDS)
        work = work_queue(self, "Work", timeout_seconds=CONSUMER_SECONDS)
        bus.all_to_queue("Webhooks", happened)
        on_queue(self.on_event, happened)
        # One a time, for an endpoint may take ten seconds; and four times as many as a tenant may have at once.
        on_queue(self.on_work, work, batch_size=1, most_at_once=_SENDERS_AT_ONCE)
        on_schedule(self.sweep, Duration.minutes(1), failures)
        functions = (self.api, self.on_event, self.on_work, self.sweep)
        for sender in functions:
            sender.add_environment("WEBHOOK_WORK_QUEUE_URL", work.queue_url)
            sender.add_to_role_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[work.queue_arn]))
        tables = house.tables
        tables.webhooks.let_write(*functions)
        tables.webhooks.let_delete(self.api, self.on_event)
        for reader in (self.api, self.on_event):
            tables.accounts.let(reader, "dynamodb:GetItem")
        tables.idempotency.let_keep_answers(self.api)
