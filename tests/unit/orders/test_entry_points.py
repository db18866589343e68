"""Stream, queue and schedule, on real tables: what each does with what AWS hands it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.orders import on_change, on_printer_enrolled, on_reading, on_sweep, settings
from functions.orders.models import Order, OrderState
from functions.orders.order import move
from functions.orders.partner_repository import PartnerRepository
from functions.orders.repository import OrderRepository
from functions.orders.workflow import CLOSES_AFTER, SuppliesOrderMachine, check_order, reconcile
from shared.clock import utc_now
from shared.directory import keys
from shared.directory.views import PrinterState
from shared.events import BusEvent, EventName
from shared.names import DUE_INDEX, GSI1
from shared.table import Table, to_attributes
from tests.support.api_events import function_context
from tests.support.orders import (
    CUSTOMER,
    NOW,
    PRINTER,
    TENANT,
    a_partner,
    a_position,
    a_state,
    a_supply,
    an_order,
    at,
)
from tests.support.tables import make_table

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:supplies_order"
NOTHING_FAILED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


class FakeWorkflow:
    """`Workflow` that remembers what it was told."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.resumed: list[tuple[str, OrderState]] = []

    def start(self, order: Order) -> None:
        self.started.append(order.order_id)

    def resume(self, token: str, order: Order) -> None:
        self.resumed.append((token, order.state))


class Tables:
    """The tables of the contexts that orders reads, and its own."""

    def __init__(self) -> None:
        client = boto3.client("dynamodb")
        self.own = make_table(client, "orders", (GSI1, DUE_INDEX))
        self.fleet, self.accounts, self.eligibility = (
            make_table(client, name) for name in ("fleet", "accounts", "eligibility")
        )
        self.orders = OrderRepository(self.own)
        PartnerRepository(self.own).create(a_partner())

    def enrol(self) -> None:
        fact = {"tenant_id": TENANT, "organization_id": CUSTOMER, "printer_id": PRINTER, "status": "managed"}
        key = {"pk": keys.enrolment_status(TENANT), "sk": keys.managed_printer(PRINTER)}
        self.eligibility.put(fact | key | {"enrolment_id": "enr_01jd2x00000000000000000001"})

    def waits(self, awaiting: str) -> None:
        key = {"pk": f"TENANT#{TENANT}#ORD#{an_order().order_id}", "sk": "WAIT"}
        who = {"tenant_id": TENANT, "order_id": an_order().order_id}
        self.own.put(key | who | {"task_token": "token-1", "awaiting": awaiting})

    def all_orders(self) -> list[Order]:
        return self.orders.orders_page(TENANT, f"/{TENANT}/", limit=50, cursor=None)[0]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    for name in ("ORDERS", "FLEET", "ACCOUNTS", "ELIGIBILITY"):
        monkeypatch.setenv(f"{name}_TABLE", name.lower())
    monkeypatch.setenv("SUPPLIES_ORDER_MACHINE_ARN", ARN)
    monkeypatch.setenv("EVENT_BUS", "bus")
    for cached in (settings.evaluation_settings, settings.change_settings, settings.workflow_settings):
        cached.cache_clear()
    with mock_aws():
        yield Tables()


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> FakeWorkflow:
    fake = FakeWorkflow()
    for module in (on_change, on_sweep):
        monkeypatch.setattr(module, "machine", lambda _arn: fake)
    return fake


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[BusEvent]:
    events: list[BusEvent] = []
    monkeypatch.setattr(on_change, "publish", lambda published, **_: events.extend(published))
    return events


def a_record(new: dict[str, Any] | None, old: dict[str, Any] | None = None, number: str = "1") -> dict[str, Any]:
    images = {"NewImage": new, "OldImage": old}
    given = {name: to_attributes(image) for name, image in images.items() if image}
    return {"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": number, **given}}


def a_fleet_item(state: PrinterState) -> dict[str, Any]:
    return state.model_dump() | {"pk": keys.printer(TENANT, PRINTER), "sk": keys.PRINTER_STATE}


def an_item(table: Table, sk: str = "ORDER") -> dict[str, Any]:
    item = table.get(f"TENANT#{TENANT}#ORD#{an_order().order_id}", sk)
    assert item is not None
    return item


def low_now() -> PrinterState:
    return a_state(a_supply(3), taken_at=utc_now())


def test_a_low_reading_of_a_managed_printer_makes_an_order(tables: Tables) -> None:
    tables.enrol()
    event = {"Records": [a_record(a_fleet_item(low_now()))]}

    answers = [on_reading.lambda_handler(event, function_context()) for _ in range(2)]

    assert answers == [NOTHING_FAILED] * 2
    (order,) = tables.all_orders()
    assert (order.state, order.hold_reason) == (OrderState.HELD, "no_delivery_contact")
    assert order.fulfilment_partner_id == a_partner().fulfilment_partner_id


def test_a_low_reading_of_an_unmanaged_printer_makes_none(tables: Tables) -> None:
    event = {"Records": [a_record(a_fleet_item(low_now())), a_record({"pk": "x", "sk": "META"}), a_record(None)]}

    assert on_reading.lambda_handler(event, function_context()) == NOTHING_FAILED
    assert tables.all_orders() == []


def test_a_reading_that_cannot_be_read_fails_alone(tables: Tables) -> None:
    tables.enrol()
    bad = a_record({"pk": "x", "sk": "STATE"}, number="7")

    answer = on_reading.lambda_handler({"Records": [bad, a_record(a_fleet_item(low_now()))]}, function_context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert len(tables.all_orders()) == 1


def test_a_printer_that_joins_with_a_low_cartridge_is_served_at_once(tables: Tables) -> None:
    tables.enrol()
    tables.fleet.put(a_fleet_item(low_now()))
    event = BusEvent(
        event_id="e",
        name=EventName.PRINTER_ENROLLED,
        occurred_at=NOW,
        tenant_id=TENANT,
        organization_id=CUSTOMER,
        subject_id=PRINTER,
    )
    body = json.dumps({"detail-type": "PrinterEnrolled", "detail": event.model_dump(mode="json")})
    record = {"eventSource": "aws:sqs", "messageId": "m-1", "body": body}

    answer = on_printer_enrolled.lambda_handler({"Records": [record]}, function_context())

    assert answer == NOTHING_FAILED
    assert len(tables.all_orders()) == 1


def test_an_approved_order_starts_its_execution(tables: Tables, workflow: FakeWorkflow, told: list[BusEvent]) -> None:
    tables.orders.place(an_order(), a_position(version=1))

    on_change.lambda_handler({"Records": [a_record(an_item(tables.own))]}, function_context())

    assert workflow.started == [an_order().order_id]
    assert told == []


def test_each_transition_is_told_once_with_a_stable_id(
    tables: Tables, workflow: FakeWorkflow, told: list[BusEvent]
) -> None:
    tables.orders.place(an_order(OrderState.SUBMITTED), a_position(version=1))
    old = an_item(tables.own)
    tables.orders.advance(move(an_order(OrderState.SUBMITTED), OrderState.DELIVERED, at=at(1), cause="test"))
    record = a_record(an_item(tables.own), old)

    for _ in range(2):
        on_change.lambda_handler({"Records": [record]}, function_context())

    names = [event.name for event in told]
    assert names == [EventName.SUPPLIES_ORDER_SHIPPED, EventName.SUPPLIES_ORDER_DELIVERED] * 2
    assert told[0].event_id == told[2].event_id == f"{an_order().order_id}:shipped:3"
    assert workflow.resumed == []


def test_a_new_epoch_is_told_as_a_replaced_cartridge(
    tables: Tables, workflow: FakeWorkflow, told: list[BusEvent]
) -> None:
    past = [{"epoch": 1, "started_at": at(-9), "ended_at": at(0), "residual_percent": 4.0, "pages": 900}]
    keyed = {"pk": keys.printer(TENANT, PRINTER), "sk": "POSITION#1.1"}
    old = a_position().model_dump() | keyed
    new = a_position(version=2, epoch=2, epochs_made=2, past=past).model_dump() | keyed

    on_change.lambda_handler({"Records": [a_record(new, old), a_record(new, new), a_record(new)]}, function_context())

    (event,) = told
    assert (event.name, event.event_id) == (EventName.CARTRIDGE_REPLACED, f"{PRINTER}:1.1:2")
    assert event.data["residual_percent"] == 4.0
    assert workflow.started == []


def test_whichever_comes_last_wakes_the_execution(tables: Tables, workflow: FakeWorkflow, told: list[BusEvent]) -> None:
    # Given the shipment is reported before the execution waits for it
    tables.orders.place(an_order(OrderState.SHIPPED), a_position(version=1))
    on_change.lambda_handler({"Records": [a_record(an_item(tables.own))]}, function_context())
    assert workflow.resumed == []

    # When the token is left
    tables.waits("shipped")
    record = a_record(an_item(tables.own, "WAIT"))
    for _ in range(2):
        on_change.lambda_handler({"Records": [record]}, function_context())

    # Then
    assert workflow.resumed == [("token-1", OrderState.SHIPPED)]
    assert told != []


def test_a_token_for_what_is_still_to_come_is_kept(tables: Tables, workflow: FakeWorkflow) -> None:
    tables.orders.place(an_order(OrderState.SUBMITTED), a_position(version=1))
    tables.waits("acknowledged")

    reconcile(an_order(OrderState.SUBMITTED), repository=tables.orders, workflow=workflow)

    assert workflow.resumed == []
    assert tables.orders.waiting(an_order()) is not None


def test_the_sweep_starts_and_wakes_what_the_stream_missed(tables: Tables, workflow: FakeWorkflow) -> None:
    tables.orders.place(an_order(), a_position(version=1))
    other = an_order(OrderState.SUBMITTED, order_id="ord_01jd2x00000000000000000002", epoch=2)
    tables.orders.place(other, a_position(version=2))
    key = {"pk": f"TENANT#{TENANT}#ORD#{other.order_id}", "sk": "WAIT"}
    tables.own.put(key | {"task_token": "token-2", "awaiting": "acknowledged"})
    tables.orders.advance(move(other, OrderState.ACKNOWLEDGED, at=at(0), cause="test"))

    answer = on_sweep.lambda_handler({}, function_context())
    again = on_sweep.lambda_handler({}, function_context())

    assert (answer, again) == ({"checked": 2, "failed": 0}, {"checked": 0, "failed": 0})
    assert workflow.started == [an_order().order_id]
    assert workflow.resumed == [("token-2", OrderState.ACKNOWLEDGED)]


def test_an_order_that_cannot_be_checked_stays_due_and_holds_up_no_other(
    tables: Tables, workflow: FakeWorkflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        order = an_order(order_id=f"ord_01jd2x0000000000000000000{number}", epoch=number)
        tables.orders.place(order, a_position(version=number))

    def start(order: Order) -> None:
        if order.order_id.endswith("2"):
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "StartExecution")
        workflow.started.append(order.order_id)

    monkeypatch.setattr(workflow, "start", start)

    assert on_sweep.lambda_handler({}, function_context()) == {"checked": 2, "failed": 1}
    assert [order.order_id[-1] for order in tables.orders.due(utc_now(), limit=10)] == ["2"]


def test_an_installed_order_that_lost_its_execution_is_closed(tables: Tables, workflow: FakeWorkflow) -> None:
    installed = an_order(OrderState.INSTALLED)
    tables.orders.place(installed, a_position(version=1))

    check_order(installed, repository=tables.orders, workflow=workflow, now=NOW + CLOSES_AFTER + timedelta(seconds=1))

    (order,) = tables.all_orders()
    assert order.state is OrderState.CLOSED


def test_an_ended_order_is_not_checked_again(tables: Tables, workflow: FakeWorkflow) -> None:
    failed = an_order(OrderState.FAILED)
    tables.orders.place(failed, a_position(version=1))

    check_order(failed, repository=tables.orders, workflow=workflow, now=utc_now())

    assert tables.orders.due(at(9_999), limit=10) == []


@pytest.mark.parametrize("code", ["InvalidToken", "TaskDoesNotExist", "TaskTimedOut"])
def test_a_token_that_is_over_is_ignored(code: str) -> None:
    class Over:
        def send_task_success(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": code}}, "SendTaskSuccess")

        def start_execution(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")

    machine = SuppliesOrderMachine(Over(), ARN)  # type: ignore[arg-type] # only what is called

    machine.resume("token", an_order())
    machine.start(an_order())


def test_any_other_fault_of_step_functions_is_raised() -> None:
    class Down:
        def send_task_success(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "SendTaskSuccess")

    with pytest.raises(ClientError):
        SuppliesOrderMachine(Down(), ARN).resume("token", an_order())  # type: ignore[arg-type] # only what is called
