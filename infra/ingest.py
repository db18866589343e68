"""The ingest context: agents, what they upload, printers and meters."""

from functools import partial

from aws_cdk import Duration
from constructs import Construct

from infra.bus import Bus
from infra.function import PlatenFunction
from infra.house import API_SECONDS, CONSUMER_SECONDS, House
from infra.triggers import dead_letters, on_schedule


class Ingest(Construct):
    """Functions of the ingest context; it writes the fleet table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        function = partial(PlatenFunction, self, house=house, context="ingest")
        self.authorizer = function(
            "AgentAuthorizer",
            handler="agent_authorizer.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Verifies an agent's token; answers the agent or the reason of the refusal",
            is_frequent=True,
        )
        self.activation = function(
            "ActivationApi",
            handler="activation_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Agent API: an activation code for an identity, an exchange of keys",
        )
        self.upload = function(
            "UploadApi",
            handler="upload_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Agent API: readings in, configuration out",
            is_frequent=True,
        )
        self.api = function(
            "FleetApi",
            handler="fleet_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: activation codes, agents, printers, meters",
        )
        failures = dead_letters(self, "Failures")
        self.sweep = function(
            "IngestSweep",
            handler="on_sweep.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Schedule: silent agents, mergers and transfers of printers; what happened goes on the bus",
            failures=failures,
        )
        on_schedule(self.sweep, Duration.minutes(1), failures)
        bus.let_publish(self.sweep)
        tables = house.tables
        tables.fleet.let_read(self.authorizer)
        tables.fleet.let_write(self.activation, self.upload, self.api, self.sweep)
        tables.fleet.let_delete(self.upload, self.api, self.sweep)
        tables.accounts.let_read(self.upload, self.api, self.sweep)
        tables.eligibility.let_read(self.api, self.sweep)
        tables.orders.let_read(self.api, self.sweep)
        tables.tickets.let_read(self.api, self.sweep)
        tables.idempotency.let_keep_answers(self.api)
