"""The eligibility context: entitlements, terms, evaluations, and the enrolment workflow."""

from functools import partial

from aws_cdk import Duration
from constructs import Construct

from infra.bus import Bus
from infra.function import PlatenFunction
from infra.house import API_SECONDS, CONSUMER_SECONDS, TASK_SECONDS, House
from infra.triggers import dead_letters, on_schedule, on_stream
from infra.workflow import Workflow


class Eligibility(Construct):
    """Functions and workflow of the eligibility context; it writes the eligibility table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        function = partial(PlatenFunction, self, house=house, context="eligibility")
        failures = dead_letters(self, "Failures")
        self.api = function(
            "EligibilityApi",
            handler="eligibility_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: entitlements, terms, evaluations, enrolments",
        )
        self.confirm = function(
            "ConfirmEnrolment",
            handler="tasks.confirm_enrolment.lambda_handler",
            timeout_seconds=TASK_SECONDS,
            description="Workflow task: pending printers become managed or rejected",
        )
        self.on_change = function(
            "EligibilityOnChange",
            handler="on_change.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Stream: starts enrolments, publishes what became of printers",
        )
        self.sweep = function(
            "EligibilitySweep",
            handler="on_sweep.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Schedule: starts enrolments whose start was missed",
            failures=failures,
        )
        self.workflow = Workflow(
            self,
            "Enrolment",
            settings=house.settings,
            name="enrolment",
            tasks={"ConfirmEnrolmentFunctionArn": self.confirm},
        )
        on_stream(self.on_change, house.tables.eligibility, failures)
        on_schedule(self.sweep, Duration.days(1), failures)
        self.workflow.let_start("ENROLMENT_MACHINE_ARN", self.on_change, self.sweep)
        bus.let_publish(self.on_change)
        tables = house.tables
        tables.eligibility.let_write(self.api, self.confirm)
        tables.eligibility.let_read(self.sweep)
        tables.accounts.let_read(self.api, self.confirm)
        tables.fleet.let_read(self.api, self.confirm)
        tables.idempotency.let_keep_answers(self.api)
