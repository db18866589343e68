"""The orders context: supplies, from the forecast to the installed cartridge."""

from functools import partial
from typing import Final

from aws_cdk import Duration
from constructs import Construct

from infra.bus import Bus
from infra.function import PlatenFunction
from infra.house import API_SECONDS, CONSUMER_SECONDS, TASK_SECONDS, House
from infra.triggers import ONLY_STATE, dead_letters, on_queue, on_schedule, on_stream, work_queue
from infra.workflow import Workflow
from shared.names import PRINTER_ENROLLED_EVENT, PRINTER_HEARD_EVENT, PRINTER_SILENT_EVENT

PRINTER_EVENTS: Final = (
    ("eligibility", PRINTER_ENROLLED_EVENT),
    ("ingest", PRINTER_SILENT_EVENT),
    ("ingest", PRINTER_HEARD_EVENT),
)
"""Contexts and their events after which a printer's supplies are looked at."""


class Orders(Construct):
    """Functions and workflow of the orders context; they write the orders table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        function = partial(PlatenFunction, self, house=house, context="orders")
        failures = dead_letters(self, "Failures")
        partners = {"FULFILMENT_PRIVATE_HOSTS": ",".join(house.settings.fulfilment_private_hosts)}
        self.api = function(
            "OrdersApi",
            handler="orders_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: orders, supply decisions, fulfilment partners",
            environment=partners,
        )
        self.fulfilment = function(
            "FulfilmentApi",
            handler="fulfilment_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: what a fulfilment partner reports",
        )
        self.on_reading = function(
            "OrdersOnReading",
            handler="on_reading.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Fleet stream: levels and meters become decisions",
        )
        self.on_printer_event = function(
            "OrdersOnPrinterEvent",
            handler="on_printer_event.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Bus: looks at the supplies of a printer that became managed, fell silent or was heard again",
        )
        self.on_change = function(
            "OrdersOnChange",
            handler="on_change.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Stream: starts orders, resumes waiting ones, publishes what became of them",
        )
        self.sweep = function(
            "OrdersSweep",
            handler="on_sweep.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Schedule: orders whose start or resume was missed, supplies of silent printers",
            failures=failures,
        )
        self.submit, self.close, self.fail = (
            function(
                name,
                handler=handler,
                timeout_seconds=TASK_SECONDS,
                description=f"Workflow task: {does}",
                environment=environment,
            )
            for name, handler, does, environment in (
                ("SubmitOrder", "tasks.submit_order.lambda_handler", "hands an order to its partner", partners),
                ("CloseOrder", "tasks.close_order.lambda_handler", "closes an order", {}),
                ("FailOrder", "tasks.fail_order.lambda_handler", "ends an order that cannot go on", {}),
            )
        )
        self.workflow = Workflow(
            self,
            "SuppliesOrder",
            settings=house.settings,
            name="supplies_order",
            tasks={
                "SubmitOrderFunctionArn": self.submit,
                "CloseOrderFunctionArn": self.close,
                "FailOrderFunctionArn": self.fail,
            },
            updates={"OrdersTableName": house.tables.orders},
        )
        events = work_queue(self, "PrinterEvents", timeout_seconds=CONSUMER_SECONDS)
        for context, event_name in PRINTER_EVENTS:
            bus.to_queue(event_name, events, context=context, event_name=event_name)
        on_queue(self.on_printer_event, events)
        on_stream(self.on_reading, house.tables.fleet, failures, ONLY_STATE)
        on_stream(self.on_change, house.tables.orders, failures)
        on_schedule(self.sweep, Duration.minutes(1), failures)
        self._grant(house, bus)

    def _grant(self, house: House, bus: Bus) -> None:
        """What each function may do, beside its logs and traces."""
        tables, workflow = house.tables, self.workflow
        self_driven = (self.on_change, self.sweep)
        tasks = (self.submit, self.close, self.fail)
        deciders = (self.on_reading, self.on_printer_event)
        workflow.let_start("SUPPLIES_ORDER_MACHINE_ARN", *self_driven)
        workflow.let_answer(*self_driven)
        bus.let_publish(self.on_change)
        tables.orders.let_write(self.api, self.fulfilment, *deciders, *self_driven, *tasks)
        # What is kept of a silent printer is forgotten when it is heard.
        tables.orders.let_delete(self.on_printer_event, self.sweep)
        for table in (tables.accounts, tables.fleet):
            table.let_read(self.api, *deciders, self.sweep)
        # Each partner operation asks before it writes whether the key still lives.
        tables.accounts.let(self.fulfilment, "dynamodb:GetItem")
        tables.eligibility.let_read(*deciders, self.sweep)
        tables.idempotency.let_keep_answers(self.api, self.fulfilment)
