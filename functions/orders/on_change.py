"""Orders stream: executions are started and woken, and others are told (D5)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders.fulfilment.workflow import reconcile
from functions.orders.settings import change_settings
from functions.orders.table import keys
from functions.orders.table.announcing import order_events, position_events
from functions.orders.table.models import Order, Position
from functions.orders.wiring import machine, orders
from shared import aws
from shared.events import BusEvent, publish
from shared.observability import logger, metrics, tracer
from shared.stream import Change, consume
from shared.table import Item


def handle(change: Change) -> None:
    """Follow one change of an order, of what its execution waits for, or of a position."""
    if change.new is None:
        return
    sort_key = str(change.new["sk"])
    if sort_key == keys.ORDER:
        new = Order.model_validate(change.new)
        old = Order.model_validate(change.old) if change.old else None
        _tell(order_events(old, new))
        if old is None or old.state is not new.state:
            _reconcile(new.tenant_id, new.order_id)
    elif sort_key == keys.WAIT and "task_token" in change.new:
        _reconcile(change.new["tenant_id"], change.new["order_id"])
    elif sort_key.startswith(keys.POSITION_PREFIX):
        _tell(position_events(_position(change.old), Position.model_validate(change.new)))


def _reconcile(tenant_id: str, order_id: str) -> None:
    settings = change_settings()
    repository = orders(settings.orders_table)
    order = repository.order(tenant_id, order_id)
    if order is not None:
        reconcile(order, repository=repository, workflow=machine(settings.supplies_order_machine_arn))


def _tell(events: list[BusEvent]) -> None:
    if events:
        publish(events, context="orders", bus=change_settings().event_bus, client=aws.events())


def _position(item: Item | None) -> Position | None:
    return Position.model_validate(item) if item else None


@logger("orders").inject_lambda_context
@metrics("orders").log_metrics
@tracer("orders").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the records that must come again."""
    return consume(event, context, handle)
