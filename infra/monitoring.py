"""Alarms, and the topic they go to. Each costs money by itself, so each is about something a person must act on."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from shared.names import (
    ACCOUNTS_SERVICE,
    AGENT_IDENTITY_SERVICE,
    AGENTS_SUSPECTED_METRIC,
    DELIVERIES_GIVEN_UP_METRIC,
    METRICS_NAMESPACE,
    ROTATED_KEYS_USED_METRIC,
    WEBHOOKS_PARKED_METRIC,
    WEBHOOKS_SERVICE,
)

if TYPE_CHECKING:
    from infra.agent_api import AgentApi
    from infra.function import PlatenFunction
    from infra.partner_api import PartnerApi

_OVER_FIVE_MINUTES: Final = 5 * 60


class Monitoring(Construct):
    """Alarms on what the stack holds; give it the stack when everything else is in it.

    Queues and workflows are found, not listed, so that none is forgotten.

    Args:
        email: Gets the alarms, after it has confirmed; without it only the topic is there to subscribe to.
    """

    def __init__(self, scope: Construct, construct_id: str, *, email: str | None) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Alarms", enforce_ssl=True)
        if email:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
        for construct in Stack.of(self).node.find_all():
            if isinstance(construct, sqs.Queue):
                self._watch_queue(construct)
            elif isinstance(construct, stepfunctions.StateMachine):
                self._watch_workflow(construct)
        self._watch_functions()

    def watch_apis(self, agent: "AgentApi", partner: "PartnerApi") -> None:
        """Alarm on answers of the 5xx kind."""
        metrics = {"AgentApi": agent.http.metric_server_error(), "PartnerApi": partner.rest.metric_server_error()}
        for name, metric in metrics.items():
            self._alarm(
                f"{name}Errors",
                metric.with_(statistic="Sum", period=Duration.minutes(5)),
                above=0,
                says=f"The {name} answered 5xx. See its access log, then the log of the function that served the path.",
            )

    def watch_agents(self) -> None:
        """Alarm when the key of an agent turns out to have two holders."""
        self._alarm(
            "AgentsSuspected",
            cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=AGENTS_SUSPECTED_METRIC,
                dimensions_map={"service": AGENT_IDENTITY_SERVICE},
                statistic="Sum",
                period=Duration.minutes(5),
            ),
            above=0,
            says="Two holders of one agent's key were seen; it is not heard until it is activated again. Its id is in "
            "the log of UploadApi or ActivationApi, message 'agent suspect'.",
        )

    def watch_keys(self) -> None:
        """Alarm when a partner goes on using a key long after its successor was made."""
        self._alarm(
            "RotatedKeysUsed",
            cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=ROTATED_KEYS_USED_METRIC,
                dimensions_map={"service": ACCOUNTS_SERVICE},
                statistic="Sum",
                period=Duration.minutes(5),
            ),
            above=0,
            says="A partner still uses a key a week after it was rotated. The log of PartnerAuthorizer names both, "
            "message 'rotated key still used'; ask the partner to change over and to revoke the old one.",
        )

    def watch_webhooks(self) -> None:
        """Alarm when partners' systems are no longer told of what happens."""
        notices = {
            WEBHOOKS_PARKED_METRIC: "A webhook was parked: its endpoint failed for 72 hours or is gone, and nothing is "
            "sent to it. The log of WebhooksOnWork names it, message 'webhook parked'; tell its partner.",
            DELIVERIES_GIVEN_UP_METRIC: "An event was given up: its endpoint refused it for 72 hours and took others. "
            "The log of WebhooksOnWork names it, message 'delivery given up'; its partner finds it in its own.",
        }
        for name, says in notices.items():
            metric = cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=name,
                dimensions_map={"service": WEBHOOKS_SERVICE},
                statistic="Sum",
                period=Duration.minutes(5),
            )
            self._alarm(name, metric, above=0, says=says)

    def watch_streams(self, *functions: "PlatenFunction") -> None:
        """Alarm when a stream's consumer falls behind or stands still."""
        for function in functions:
            self._alarm(
                f"{function.node.id}Behind",
                function.metric("IteratorAge", statistic="Maximum", period=Duration.minutes(1)),
                above=_OVER_FIVE_MINUTES * 1_000,
                says=f"{function.node.id} is more than five minutes behind its stream. See its log for the error.",
            )

    def watch_minute_sweeps(self, *functions: "PlatenFunction") -> None:
        """Alarm when a sweep that must run each minute does not."""
        for function in functions:
            cloudwatch.Alarm(
                self,
                f"{function.node.id}Stopped",
                alarm_description=f"{function.node.id} has not run for five minutes: nothing that is due happens. "
                "See its schedule rule.",
                metric=function.metric_invocations(period=Duration.minutes(5)),
                comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                threshold=1,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
            ).add_alarm_action(actions.SnsAction(self.topic))

    def _watch_queue(self, queue: sqs.Queue) -> None:
        name = "".join(queue.node.path.split("/")[1:])
        if queue.dead_letter_queue is None:
            self._alarm(
                f"{name}NotEmpty",
                queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=Duration.minutes(1)),
                above=0,
                says=f"Something failed for good: look at the messages of {name}, mend the cause, send them again.",
            )
        else:
            self._alarm(
                f"{name}Old",
                queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=Duration.minutes(1)),
                above=_OVER_FIVE_MINUTES,
                says=f"Messages wait in {name} for more than five minutes. See its consumer's log.",
            )

    def _watch_workflow(self, machine: stepfunctions.StateMachine) -> None:
        name = "".join(machine.node.path.split("/")[1:-1])
        minute = Duration.minutes(1)
        for outcome, metric in (
            ("Failed", machine.metric_failed(period=minute)),
            ("TimedOut", machine.metric_timed_out(period=minute)),
        ):
            self._alarm(
                f"{name}{outcome}",
                metric,
                above=0,
                says=f"An execution of {name} has {outcome}. Its history in the console names the state and the cause.",
            )

    def _watch_functions(self) -> None:
        """Two alarms for all functions of the account, which is the stage's own; two each would cost fifty times."""
        for name in ("Errors", "Throttles"):
            self._alarm(
                f"Function{name}",
                cloudwatch.Metric(
                    namespace="AWS/Lambda", metric_name=name, statistic="Sum", period=Duration.minutes(5)
                ),
                above=0,
                says=f"A function of this account has {name}. AWS/Lambda by function name shows which; see its log.",
            )

    def _alarm(self, construct_id: str, metric: cloudwatch.IMetric, *, above: float, says: str) -> None:
        """An alarm when the metric is above the value for one period; missing data means that all is quiet."""
        cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=says,
            metric=metric,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=above,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        ).add_alarm_action(actions.SnsAction(self.topic))
