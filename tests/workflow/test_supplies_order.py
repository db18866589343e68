"""The `supplies_order` definition on an ASL interpreter, with the real tasks: every branch and how it ends."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from functions.orders import on_change, settings, wiring
from functions.orders.fulfilment import FulfilmentEvent, FulfilmentEventType, apply_event
from functions.orders.models import Order, OrderState
from functions.orders.order import move
from functions.orders.partner_repository import PartnerRepository
from functions.orders.ports import Submission
from functions.orders.repository import OrderRepository
from functions.orders.tasks import close_order, fail_order, submit_order
from functions.orders.workflow import SuppliesOrderMachine
from shared.clock import utc_now
from shared.errors import Unavailable
from shared.names import DUE_INDEX, GSI1
from shared.table import to_attributes
from tests.support.api_events import function_context
from tests.support.orders import TENANT, FakeGateway, a_partner, a_position, an_order
from tests.support.tables import make_table

DEFINITION: Final = Path(__file__).parents[2] / "infra" / "state_machines" / "supplies_order.asl.json"
FUNCTION: Final = "arn:aws:lambda:us-east-1:123456789012:function:"
TASKS: Final = {
    "SubmitOrder": submit_order.lambda_handler,
    "CloseOrder": close_order.lambda_handler,
    "FailOrder": fail_order.lambda_handler,
}
PATIENCE_SECONDS: Final = 20.0
ORDER_ID: Final = "ord_01jd2x00000000000000000001"


def definition(time_outs: dict[str, int] | None = None) -> str:
    """The deployed text with its substitutions, waits of a second, and time-outs where a test wants them."""
    text = DEFINITION.read_text()
    for name in TASKS:
        text = text.replace(f"${{{name}FunctionArn}}", FUNCTION + name)
    machine = json.loads(text.replace("${OrdersTableName}", "orders"))
    for name, state in machine["States"].items():
        if "Seconds" in state:
            state["Seconds"] = 1
        for retry in state.get("Retry", []):
            retry["IntervalSeconds"], retry["BackoffRate"] = 1, 1.0
        if name in (time_outs or {}):
            state["TimeoutSeconds"] = (time_outs or {})[name]
    return json.dumps(machine)


class Stage:
    """One order, its table, its machine; the test plays the stream and the partner."""

    def __init__(self, repository: OrderRepository, gateway: FakeGateway) -> None:
        self.repository = repository
        self.gateway = gateway
        self.machine_arn = ""

    def start(self, time_outs: dict[str, int] | None = None, state: OrderState = OrderState.APPROVED) -> None:
        client = boto3.client("stepfunctions")
        role = "arn:aws:iam::123456789012:role/states"
        made = client.create_state_machine(name="supplies_order", definition=definition(time_outs), roleArn=role)
        self.machine_arn = made["stateMachineArn"]
        assert self.repository.place(an_order(state), a_position(version=1))
        SuppliesOrderMachine(client, self.machine_arn).start(self.order)

    @property
    def order(self) -> Order:
        order = self.repository.order(TENANT, ORDER_ID)
        assert order is not None
        return order

    def report(self, kind: str) -> None:
        event = FulfilmentEvent(event_id=f"e-{kind}", type=FulfilmentEventType(kind), occurred_at=utc_now())
        apply_event(TENANT, ORDER_ID, event, store=self.repository, now=utc_now())
        self.stream("ORDER")

    def move(self, target: OrderState) -> None:
        assert self.repository.advance(move(self.order, target, at=utc_now(), cause="test"))
        self.stream("ORDER")

    def stream(self, sort_key: str) -> None:
        """What DynamoDB would send of the item as it is."""
        item = self.repository.table.get(f"TENANT#{TENANT}#ORD#{ORDER_ID}", sort_key)
        if item is None:
            return
        image = to_attributes(item)
        record = {"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "1", "NewImage": image}}
        answer = on_change.lambda_handler({"Records": [record]}, function_context())
        assert answer == {"batchItemFailures": []}

    def awaiting(self, state: str) -> None:
        self.until(lambda: self._awaits() == state, f"waits for {state}, states {self.states()}")

    def woken_until(self, state: str) -> None:
        """Wait as `awaiting` does, with each token left on the way seen by the stream."""

        def holds() -> bool:
            self.stream("WAIT")
            return self._awaits() == state

        self.until(holds, f"waits for {state}, states {self.states()}")

    def _awaits(self) -> str | None:
        waiting = self.repository.waiting(self.order)
        return waiting.awaiting.value if waiting else None

    def finish(self) -> tuple[str, str]:
        """The status and the last state of the execution, waking it as the stream would."""
        self.until(self._is_over, f"ends, states {self.states()}")
        return self._execution()["status"], self.states()[-1]

    def _is_over(self) -> bool:
        self.stream("WAIT")
        return bool(self._execution()["status"] != "RUNNING")

    def _execution(self) -> Any:  # noqa: ANN401 - a boto3 answer
        return boto3.client("stepfunctions").describe_execution(executionArn=self._execution_arn())

    def _execution_arn(self) -> str:
        return self.machine_arn.replace(":stateMachine:", ":execution:") + f":{ORDER_ID}"

    def states(self) -> list[str]:
        history = boto3.client("stepfunctions").get_execution_history(executionArn=self._execution_arn())
        entered = (event.get("stateEnteredEventDetails") for event in history["events"])
        return [details["name"] for details in entered if details]

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"in {PATIENCE_SECONDS} s the execution never {what}"
            time.sleep(0.05)


def invoke(_backend: object, function_name: str, _qualifier: str, body: Any, _headers: object, answer: Any) -> bytes:  # noqa: ANN401 - moto's own types
    """Moto's Lambda, running our handlers in process and reporting their errors as AWS does."""
    handler = TASKS[function_name.rsplit(":", 1)[-1]]
    try:
        return json.dumps(handler(json.loads(body), function_context())).encode()
    except Exception as error:  # noqa: BLE001 - the runtime reports every error by its class
        answer["x-amz-function-error"] = "Unhandled"
        return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("ORDERS_TABLE", "orders")
    monkeypatch.setenv("EVENT_BUS", "bus")
    monkeypatch.setattr("moto.awslambda_simple.models.LambdaSimpleBackend.invoke", invoke)
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


def test_a_good_order_goes_from_approved_to_closed_in_twelve_transitions(stage: Stage) -> None:
    stage.start()
    for kind, awaited in (("acknowledged", "shipped"), ("shipped", "delivered"), ("delivered", "installed")):
        stage.awaiting(kind)
        stage.report(kind)
        stage.awaiting(awaited)

    stage.move(OrderState.INSTALLED)

    assert stage.finish() == ("SUCCEEDED", "OrderClosed")
    assert stage.order.state is OrderState.CLOSED
    assert len(stage.states()) == 12
    assert stage.gateway.sent == [stage.gateway.sent[0]]
    assert stage.order.partner_reference == "REF-1"


def test_an_order_shipped_without_acknowledgement_is_never_waited_for(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")

    stage.report("shipped")
    stage.woken_until("delivered")
    stage.report("delivered")
    stage.awaiting("installed")
    stage.move(OrderState.INSTALLED)

    assert stage.finish() == ("SUCCEEDED", "OrderClosed")


def test_a_token_left_after_the_event_is_handed_back_too(stage: Stage) -> None:
    stage.gateway.answers = [Unavailable("partner_unavailable", "busy")]
    stage.start()
    stage.until(lambda: stage.order.state is OrderState.SUBMITTED, "is submitted")

    stage.report("delivered")
    stage.woken_until("installed")
    stage.move(OrderState.INSTALLED)

    assert stage.finish() == ("SUCCEEDED", "OrderClosed")


def test_a_partner_that_is_busy_is_asked_again_under_the_same_number(stage: Stage) -> None:
    stage.gateway.answers = [Unavailable("partner_unavailable", "busy"), Unavailable("partner_unavailable", "busy")]
    stage.start()

    stage.awaiting("acknowledged")

    assert len(stage.gateway.sent) == 3
    assert len({entry.split(" ")[0] for entry in stage.gateway.sent}) == 1


def test_a_partner_that_never_answers_fails_the_order(stage: Stage) -> None:
    stage.gateway.answers = [Unavailable("partner_unavailable", "busy")] * 6
    stage.start()

    assert stage.finish() == ("FAILED", "OrderFailed")
    assert stage.order.state is OrderState.FAILED
    assert stage.states()[1:3] == ["SubmissionFailed", "FailOrder"]


def test_a_refused_order_fails_with_the_partners_reason(stage: Stage) -> None:
    stage.gateway.answers = [Submission(accepted=False, reason="partner answered 422")]
    stage.start()

    assert stage.finish() == ("FAILED", "OrderFailed")
    assert stage.order.history[-1].detail == "partner answered 422"


def test_an_order_cancelled_before_it_was_sent_ends_cancelled(stage: Stage) -> None:
    stage.start(state=OrderState.CANCELLED)

    assert stage.finish() == ("SUCCEEDED", "OrderCancelled")
    assert stage.gateway.sent == []


def test_an_order_rejected_after_it_was_sent_fails(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")

    stage.report("rejected")

    assert stage.finish() == ("FAILED", "OrderFailed")


def test_an_order_cancelled_by_a_person_on_its_way_ends_cancelled(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")

    stage.move(OrderState.CANCELLED)

    assert stage.finish() == ("SUCCEEDED", "OrderCancelled")


def test_a_backordered_order_waits_for_its_shipment(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")
    stage.report("backordered")
    stage.awaiting("shipped")

    stage.report("shipped")

    stage.awaiting("delivered")


def test_a_lost_shipment_ends_the_order_as_lost(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")
    stage.report("shipped")
    stage.woken_until("delivered")

    stage.report("lost")

    assert stage.finish() == ("FAILED", "OrderLost")


@pytest.mark.parametrize(
    ("awaits", "reports", "status", "ending", "state"),
    [
        ("AwaitAcknowledgement", (), "FAILED", "OrderFailed", OrderState.FAILED),
        ("AwaitShipment", ("acknowledged",), "FAILED", "OrderFailed", OrderState.FAILED),
        ("AwaitShipment", ("backordered",), "SUCCEEDED", "OrderCancelled", OrderState.CANCELLED),
        ("AwaitDelivery", ("shipped",), "FAILED", "OrderLost", OrderState.LOST),
        ("AwaitInstallation", ("delivered",), "SUCCEEDED", "OrderUnverified", OrderState.UNVERIFIED),
    ],
)
def test_what_nobody_reports_in_time_is_given_up(
    stage: Stage, awaits: str, reports: tuple[str, ...], status: str, ending: str, state: OrderState
) -> None:
    stage.start(time_outs={awaits: 1})
    stage.until(lambda: stage.order.state is OrderState.SUBMITTED, "is submitted")
    for kind in reports:
        stage.report(kind)

    assert stage.finish() == (status, ending)
    assert stage.order.state is state


def test_an_order_that_moved_on_while_its_wait_timed_out_goes_on(stage: Stage) -> None:
    stage.start(time_outs={"AwaitAcknowledgement": 1})
    stage.awaiting("acknowledged")
    event = FulfilmentEvent("e-1", FulfilmentEventType.DELIVERED, datetime.now(UTC))
    apply_event(TENANT, ORDER_ID, event, store=stage.repository, now=utc_now())

    stage.until(lambda: "CheckEnding" in stage.states(), "times out")
    stage.woken_until("installed")

    assert stage.order.state is OrderState.DELIVERED


def test_a_second_start_of_the_same_order_changes_nothing(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")

    SuppliesOrderMachine(boto3.client("stepfunctions"), stage.machine_arn).start(stage.order)

    assert len(stage.gateway.sent) == 1


def test_a_returned_cartridge_ends_the_wait_for_its_installation(stage: Stage) -> None:
    stage.start()
    stage.awaiting("acknowledged")
    stage.report("delivered")
    stage.woken_until("installed")

    stage.move(OrderState.RETURNED)

    assert stage.finish() == ("SUCCEEDED", "OrderReturned")
