"""The stack of a stage: shared parts first, then the contexts, then the APIs before them and the alarms over all."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.accounts import Accounts
from infra.agent_api import AgentApi
from infra.assets import code_of, source
from infra.bus import Bus
from infra.eligibility import Eligibility
from infra.house import House
from infra.ingest import Ingest
from infra.monitoring import Monitoring
from infra.orders import Orders
from infra.partner_api import PartnerApi
from infra.settings import StageSettings
from infra.tables import Tables
from infra.tickets import Tickets
from infra.webhooks import Webhooks

if TYPE_CHECKING:
    from infra.function import PlatenFunction


class PlatenStack(Stack):
    """Everything of one stage, for any account and region.

    Args:
        layer: Folder with the dependencies, from `infra.assets.dependency_layer`.
        alarm_email: Who gets the alarms.
    """

    def __init__(self, scope: Construct, *, settings: StageSettings, layer: Path, alarm_email: str | None) -> None:
        super().__init__(
            scope,
            f"Platen-{settings.stage}",
            description=f"Platen, managed print services ({settings.stage})",
            termination_protection=settings.keeps_data,
        )
        self.tables = Tables(self, "Tables", settings)
        self.bus = Bus(self, "Bus", settings)
        dependencies = lambda_.LayerVersion(
            self,
            "Dependencies",
            code=code_of(layer),
            description="requirements/lambda.txt",
            compatible_architectures=[lambda_.Architecture.custom(settings.architecture)],
        )
        house = House(settings, dependencies, cache(lambda context: code_of(source(context, settings))), self.tables)
        self.accounts = Accounts(self, "Accounts", house, self.bus)
        self.ingest = Ingest(self, "Ingest", house, self.bus)
        self.eligibility = Eligibility(self, "Eligibility", house, self.bus)
        self.orders = Orders(self, "Orders", house, self.bus)
        self.tickets = Tickets(self, "Tickets", house, self.bus)
        self.webhooks = Webhooks(self, "Webhooks", house, self.bus)
        self.agent_api = AgentApi(
            self,
            "AgentApi",
            settings=settings,
            authorizer=self.ingest.authorizer,
            activation=self.ingest.activation,
            upload=self.ingest.upload,
        )
        self.partner_api = PartnerApi(
            self,
            "PartnerApi",
            settings=settings,
            authorizer=self.accounts.authorizer,
            functions=self._partner_functions(),
        )
        self._watch(alarm_email)
        self._publish_names()

    def _partner_functions(self) -> "dict[str, PlatenFunction]":
        return {
            "accounts": self.accounts.api,
            "fleet": self.ingest.api,
            "eligibility": self.eligibility.api,
            "orders": self.orders.api,
            "fulfilment": self.orders.fulfilment,
            "tickets": self.tickets.api,
            "webhooks": self.webhooks.api,
        }

    def _watch(self, email: str | None) -> None:
        monitoring = Monitoring(self, "Monitoring", email=email)
        monitoring.watch_apis(self.agent_api, self.partner_api)
        monitoring.watch_agents()
        monitoring.watch_keys()
        monitoring.watch_webhooks()
        monitoring.watch_streams(
            self.accounts.on_change,
            self.eligibility.on_change,
            self.orders.on_reading,
            self.orders.on_change,
            self.tickets.on_reading,
            self.tickets.on_change,
        )
        monitoring.watch_minute_sweeps(self.ingest.sweep, self.orders.sweep, self.tickets.sweep, self.webhooks.sweep)
        CfnOutput(self, "AlarmTopicArn", value=monitoring.topic.topic_arn)

    def _publish_names(self) -> None:
        """Outputs: what a deployer, a demo or a test needs to reach the stack."""
        values = {
            "AgentApiId": self.agent_api.http.api_id,
            "AgentApiUrl": self.agent_api.url,
            "PartnerApiId": self.partner_api.rest.rest_api_id,
            "PartnerApiStage": self.partner_api.rest.deployment_stage.stage_name,
            "PartnerApiUrl": self.partner_api.url,
            "BootstrapFunctionName": self.accounts.bootstrap.function_name,
            "SuppliesOrderMachineArn": self.orders.workflow.machine.state_machine_arn,
            "EnrolmentMachineArn": self.eligibility.workflow.machine.state_machine_arn,
            "FleetTableName": self.tables.fleet.table_name,
            "AccountsTableName": self.tables.accounts.table_name,
            "EligibilityTableName": self.tables.eligibility.table_name,
            "OrdersTableName": self.tables.orders.table_name,
            "TicketsTableName": self.tables.tickets.table_name,
            "WebhooksTableName": self.tables.webhooks.table_name,
            "WebhooksSenderFunctionName": self.webhooks.on_work.function_name,
            "WebhooksSweepFunctionName": self.webhooks.sweep.function_name,
            "IdempotencyTableName": self.tables.idempotency.table_name,
            "EventBusName": self.bus.events.event_bus_name,
        }
        for name, value in values.items():
            CfnOutput(self, name, value=value)
