"""The `supplies_order` definition on an ASL interpreter."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.orders import settings, wiring
from functions.orders.fulfilment.partner_repository import PartnerRepository
from functions.orders.table.repository import OrderRepository
from functions.orders.tasks import submit_order
from shared.names import DUE_INDEX, GSI1
from tests.support.orders import a_partner
from tests.support.orders_in_memory import FakeGateway
from tests.support.supplies_order import Stage, invoke
from tests.support.tables import make_table, take_turns


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("ORDERS_TABLE", "orders")
    monkeypatch.setenv("EVENT_BUS", "bus")
    monkeypatch.setattr("moto.awslambda_simple.models.LambdaSimpleBackend.invoke", invoke)
    take_turns(monkeypatch)
    gateway = FakeGateway()
    monkeypatch.setattr(submit_order, "gateway", lambda: gateway)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
        boto3.client("events").create_event_bus(Name="bus")
        table = make_table(boto3.client("dynamodb"), "orders", (GSI1, DUE_INDEX))
        PartnerRepository(table).create(a_partner())
        machine = "arn:aws:states:us-east-1:123456789012:stateMachine:supplies_order"
        monkeypatch.setenv("SUPPLIES_ORDER_MACHINE_ARN", machine)
        for cached in (settings.settings, settings.change_settings, settings.submit_settings):
            cached.cache_clear()
        yield Stage(OrderRepository(table), gateway)
    wiring.gateway.cache_clear()
