"""Executions of `supplies_order`: started once an order is approved, woken once the awaited state is reached.

Both are safe at any time and any number of times: an execution is named by its order, and a token wakes a task
once. The stream does it at once, the sweep does what the stream missed (D3).
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from functions.orders.fulfilment.progress import close_order
from functions.orders.table import keys
from functions.orders.table.models import Order, OrderState
from functions.orders.table.order import is_past
from functions.orders.table.ports import Workflow
from functions.orders.table.repository import OrderRepository

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

NEXT_CHECK_AFTER: Final = timedelta(hours=6)
CLOSES_AFTER: Final = timedelta(days=8)
"""A day more than the workflow takes: what is still installed then has lost its execution."""
_UNDER_WAY: Final = frozenset(
    {
        OrderState.APPROVED,
        OrderState.SUBMITTED,
        OrderState.ACKNOWLEDGED,
        OrderState.BACKORDERED,
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.INSTALLED,
    }
)
_TOKEN_IS_OVER: Final = frozenset({"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"})


@dataclass(frozen=True, slots=True)
class SuppliesOrderMachine:
    """`Workflow` on Step Functions."""

    client: "SFNClient"
    machine_arn: str

    def start(self, order: Order) -> None:
        """Safe to repeat: a second execution of the same name is refused, which is what we want."""
        given = {
            "order_id": order.order_id,
            "tenant_id": order.tenant_id,
            "pk": keys.order(order.tenant_id, order.order_id),
            "sk": keys.ORDER,
        }
        try:
            self.client.start_execution(
                stateMachineArn=self.machine_arn, name=order.order_id, input=json.dumps(given, sort_keys=True)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise

    def resume(self, token: str, order: Order) -> None:
        """Safe to repeat: a token that was used, or timed out, is ignored."""
        reached = json.dumps({"state": order.state.value, "order_id": order.order_id})
        try:
            self.client.send_task_success(taskToken=token, output=reached)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _TOKEN_IS_OVER:
                raise


def reconcile(order: Order, *, repository: OrderRepository, workflow: Workflow) -> None:
    """Bring the execution up to the order: start it, or wake it when what it awaits is reached or passed.

    The token is read after the order, and a new token brings its own stream record: whichever was written last
    sees the other, so none waits for what has been.
    """
    if order.state is OrderState.APPROVED:
        workflow.start(order)
        return
    waiting = repository.waiting(order)
    if waiting is not None and is_past(order.state, waiting.awaiting):
        workflow.resume(waiting.token, order)
        repository.forget_token(order, waiting.token)


def check_order(order: Order, *, repository: OrderRepository, workflow: Workflow, now: datetime) -> None:
    """What the sweep does for an order whose check is due; then sets its next check, or none when it is over."""
    installed_at = order.state_times.get(OrderState.INSTALLED)
    if order.state is OrderState.INSTALLED and installed_at is not None and now - installed_at > CLOSES_AFTER:
        close_order(order.tenant_id, order.order_id, store=repository, now=now)
        return
    reconcile(order, repository=repository, workflow=workflow)
    repository.check_again(order, now + NEXT_CHECK_AFTER if order.state in _UNDER_WAY else None)
