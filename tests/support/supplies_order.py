"""An ASL interpreter that runs the `supplies_order` definition with the real tasks."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import boto3

from functions.orders import on_change
from functions.orders.fulfilment.progress import FulfilmentEvent, FulfilmentEventType, apply_event
from functions.orders.fulfilment.workflow import SuppliesOrderMachine
from functions.orders.table.models import Order, OrderState
from functions.orders.table.order import move
from functions.orders.table.repository import OrderRepository
from functions.orders.tasks import close_order, fail_order, submit_order
from shared.clock import utc_now
from shared.table import to_attributes
from tests.support.api_events import function_context
from tests.support.orders import TENANT, a_position, an_order
from tests.support.orders_in_memory import FakeGateway

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
