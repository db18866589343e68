"""The tickets context: alerts become service calls with SLA clocks."""

from functools import partial

from aws_cdk import Duration
from constructs import Construct

from infra.bus import Bus
from infra.function import PlatenFunction
from infra.house import API_SECONDS, CONSUMER_SECONDS, House
from infra.triggers import ONLY_STATE, dead_letters, on_schedule, on_stream


class Tickets(Construct):
    """Functions of the tickets context; it writes the tickets table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        function = partial(PlatenFunction, self, house=house, context="tickets")
        failures = dead_letters(self, "Failures")
        delays = {"DELAY_SCALE": house.settings.delay_scale}
        self.api = function(
            "TicketsApi",
            handler="tickets_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: service calls",
            environment=delays,
        )
        self.on_reading = function(
            "TicketsOnReading",
            handler="on_reading.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Fleet stream: alerts become calls, cleared alerts resolve them",
            environment=delays,
        )
        self.on_change = function(
            "TicketsOnChange",
            handler="on_change.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Stream: publishes what became of calls",
        )
        self.sweep = function(
            "TicketsSweep",
            handler="on_sweep.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Schedule: alert delays, SLA warnings and breaches, auto-resolve that are due",
            failures=failures,
            environment=delays,
        )
        tables = house.tables
        on_stream(self.on_reading, tables.fleet, failures, ONLY_STATE)
        on_stream(self.on_change, tables.tickets, failures)
        on_schedule(self.sweep, Duration.minutes(1), failures)
        bus.let_publish(self.on_change)
        tables.tickets.let_write(self.api, self.on_reading, self.sweep)
        for table in (tables.fleet, tables.accounts, tables.eligibility):
            table.let_read(self.api, self.on_reading, self.sweep)
        tables.idempotency.let_keep_answers(self.api)
