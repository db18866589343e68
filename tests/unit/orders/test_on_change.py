"""The orders table's stream and the sweep, on real tables: executions started and woken, others told."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from functions.orders import on_change, on_sweep
from functions.orders.fulfilment.workflow import CLOSES_AFTER, SuppliesOrderMachine, check_order, reconcile
from functions.orders.table.models import Order, OrderState
from functions.orders.table.order import move
from shared.clock import utc_now
from shared.directory import keys
from shared.events import BusEvent, EventName
from tests.support.api_events import function_context
from tests.support.order_tables import ARN, FakeWorkflow, Tables, a_record, an_item
from tests.support.orders import NOW, PRINTER, TENANT, a_position, an_order, at


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

    assert (answer, again) == ({"checked": 2, "looked_at": 0, "failed": 0}, {"checked": 0, "looked_at": 0, "failed": 0})
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

    assert on_sweep.lambda_handler({}, function_context()) == {"checked": 2, "looked_at": 0, "failed": 1}
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
