"""The orders table: positions, epochs, decisions and orders. Each invariant is a key with a condition (D4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from functions.orders.table import keys
from functions.orders.table.models import Decision, Order, OrderState, Position
from functions.orders.table.order import RELEASES_EPOCH
from functions.orders.table.ports import Placed
from shared.clock import key_time
from shared.names import DUE_INDEX, DUE_SHARDS, GSI1, TTL_ATTRIBUTE
from shared.table import Condition, Item, Page, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

DECISIONS_KEPT: Final = timedelta(days=400)
FIRST_CHECK_AFTER: Final = timedelta(minutes=2)
_NOT_DUE: Final = frozenset({OrderState.PROPOSED, OrderState.HELD})
_FREE_EPOCH: Final = Condition("attribute_not_exists(pk) OR released = :yes", values={":yes": True})
_REFUSED: Final = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an order's execution waits for, and the token that wakes it."""

    token: str
    awaiting: OrderState


@dataclass(frozen=True, slots=True)
class OrderRepository:
    """`SupplyStore` on DynamoDB, and the reads of the API, the workflow and the sweep."""

    table: Table

    def positions(self, tenant_id: str, printer_id: str) -> dict[str, Position]:
        """The printer's positions by id."""
        partition = keys.printer(tenant_id, printer_id)
        items = self.table.query_all(partition, sk_prefix=keys.POSITION_PREFIX)
        return {item["position_id"]: Position.model_validate(item) for item in items}

    def save_position(self, position: Position, decisions: Sequence[Decision] = ()) -> bool:
        """Safe to repeat: the version admits each write once."""
        if not decisions:
            return self.table.put(_position_item(position), _after(position.version))
        return self._commit(self._position_write(position), *self._decision_writes(decisions)) is None

    def place(self, order: Order, position: Position, decisions: Sequence[Decision] = ()) -> Placed:
        """Safe to repeat: the epoch's marker admits one order until that order gives the epoch back (SUP-18)."""
        marker = {
            "pk": keys.printer(order.tenant_id, order.printer_id),
            "sk": keys.epoch(order.position_id, order.epoch),
            "order_id": order.order_id,
            "released": False,
        }
        pointer = {
            "pk": keys.printer(order.tenant_id, order.printer_id),
            "sk": keys.printer_order(order.order_id),
            "order_id": order.order_id,
        }
        reasons = self._commit(
            self.table.put_write(marker, _FREE_EPOCH),
            self.table.put_write(_order_item(order)),
            self.table.put_write(pointer),
            self._position_write(position),
            *self._decision_writes(decisions),
        )
        if reasons is None:
            return Placed.CREATED
        return Placed.TAKEN if reasons[:1] == [_REFUSED] else Placed.CONFLICT

    def order_of_epoch(self, tenant_id: str, printer_id: str, position_id: str, epoch: int) -> Order | None:
        """The order that holds the epoch, None when there is none or it gave the epoch back."""
        marker = self.table.get(keys.printer(tenant_id, printer_id), keys.epoch(position_id, epoch))
        if marker is None or marker.get("released"):
            return None
        return self.order(tenant_id, marker["order_id"])

    def order(self, tenant_id: str, order_id: str) -> Order | None:
        """The order, or None."""
        item = self.table.get(keys.order(tenant_id, order_id), keys.ORDER)
        return Order.model_validate(item) if item else None

    def advance(
        self,
        order: Order,
        *,
        position: Position | None = None,
        decisions: Sequence[Decision] = (),
        event_id: str | None = None,
    ) -> bool:
        """Safe to repeat: the version admits each write once, the event's key each event once."""
        writes = [self.table.put_write(_order_item(order), _after(order.version))]
        if order.state in RELEASES_EPOCH:
            writes.append(self._release(order))
        if position is not None:
            writes.append(self._position_write(position))
        if event_id is not None:
            mark = {"pk": keys.order(order.tenant_id, order.order_id), "sk": keys.event(event_id)}
            writes.append(self.table.put_write(mark))
        return self._commit(*writes, *self._decision_writes(decisions)) is None

    def has_event(self, tenant_id: str, order_id: str, event_id: str) -> bool:
        """True when the partner's event was applied before."""
        return self.table.get(keys.order(tenant_id, order_id), keys.event(event_id)) is not None

    def orders_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        """Orders of an organisation and all below it, newest first within each organisation."""
        page = self.table.query(
            keys.orders_of_tenant(tenant_id),
            sk_prefix=organization_path,
            index=GSI1,
            limit=limit,
            cursor=cursor,
            newest_first=True,
        )
        return [Order.model_validate(item) for item in page.items], page.next_cursor

    def printer_orders_page(
        self, tenant_id: str, printer_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Order], str | None]:
        """A printer's orders, newest first."""
        page = self._of_printer(tenant_id, printer_id, keys.PRINTER_ORDER_PREFIX, limit, cursor)
        orders = (self.order(tenant_id, item["order_id"]) for item in page.items)
        return [order for order in orders if order is not None], page.next_cursor

    def decisions_page(
        self, tenant_id: str, printer_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Decision], str | None]:
        """A printer's decisions, newest first."""
        page = self._of_printer(tenant_id, printer_id, keys.DECISION_PREFIX, limit, cursor)
        return [Decision.model_validate(item) for item in page.items], page.next_cursor

    def _of_printer(self, tenant_id: str, printer_id: str, prefix: str, limit: int, cursor: str | None) -> Page:
        partition = keys.printer(tenant_id, printer_id)
        return self.table.query(partition, sk_prefix=prefix, limit=limit, cursor=cursor, newest_first=True)

    def waiting(self, order: Order) -> Waiting | None:
        """What the order's execution waits for, or None."""
        item = self.table.get(keys.order(order.tenant_id, order.order_id), keys.WAIT)
        if item is None or "task_token" not in item:
            return None
        return Waiting(item["task_token"], OrderState(item["awaiting"]))

    def forget_token(self, order: Order, token: str) -> None:
        """Drop a token that was used. Safe to repeat: only that very token is dropped."""
        update = Condition("REMOVE task_token", values={":token": token})
        self.table.update(
            keys.order(order.tenant_id, order.order_id), keys.WAIT, update, condition="task_token = :token"
        )

    def due(self, now: datetime, *, limit: int) -> list[Order]:
        """Orders whose next check is due, at most ``limit`` of each shard."""
        between = ("0", key_time(now))
        pages = (
            self.table.query(keys.due_shard(shard), sk_between=between, index=DUE_INDEX, limit=limit)
            for shard in range(DUE_SHARDS)
        )
        return [Order.model_validate(item) for page in pages for item in page.items]

    def check_again(self, order: Order, at: datetime | None) -> None:
        """Set the order's next check, None for no more. Safe to repeat: an order that moved on keeps its own."""
        values: dict[str, Any] = {":version": order.version}
        update = Condition("REMOVE duepk, duesk", {"#v": "version"}, values)
        if at is not None:
            values |= {":shard": keys.shard_of(order.order_id), ":due": keys.due_order(at, order.order_id)}
            update = Condition("SET duepk = :shard, duesk = :due", {"#v": "version"}, values)
        self.table.update(keys.order(order.tenant_id, order.order_id), keys.ORDER, update, condition="#v = :version")

    def _release(self, order: Order) -> "TransactWriteItemTypeDef":
        partition = keys.printer(order.tenant_id, order.printer_id)
        update = Condition("SET released = :yes", values={":yes": True, ":mine": order.order_id})
        return self.table.update_write(
            partition, keys.epoch(order.position_id, order.epoch), update, condition="order_id = :mine"
        )

    def _position_write(self, position: Position) -> "TransactWriteItemTypeDef":
        return self.table.put_write(_position_item(position), _after(position.version))

    def _decision_writes(self, decisions: Sequence[Decision]) -> "list[TransactWriteItemTypeDef]":
        return [self.table.put_write(_decision_item(decision), None) for decision in decisions]

    def _commit(self, *writes: "TransactWriteItemTypeDef") -> list[str] | None:
        return self.table.transact(*writes)


def _after(version: int) -> Condition:
    """The condition that the stored version is the one before."""
    if version <= 1:
        return Condition("attribute_not_exists(pk)")
    return Condition("#version = :before", {"#version": "version"}, {":before": version - 1})


def _order_item(order: Order) -> Item:
    item = order.model_dump() | {
        "pk": keys.order(order.tenant_id, order.order_id),
        "sk": keys.ORDER,
        "gsi1pk": keys.orders_of_tenant(order.tenant_id),
        "gsi1sk": keys.order_place(order.organization_path, order.order_id),
    }
    if order.state not in _NOT_DUE:
        check_at = order.history[-1].at + FIRST_CHECK_AFTER
        item |= {"duepk": keys.shard_of(order.order_id), "duesk": keys.due_order(check_at, order.order_id)}
    return item


def _position_item(position: Position) -> Item:
    return position.model_dump() | {
        "pk": keys.printer(position.tenant_id, position.printer_id),
        "sk": keys.position(position.position_id),
    }


def _decision_item(decision: Decision) -> Item:
    return decision.model_dump() | {
        "pk": keys.printer(decision.tenant_id, decision.printer_id),
        "sk": keys.decision(decision.reading_taken_at, decision.position_id, decision.kind),
        TTL_ATTRIBUTE: int((decision.decided_at + DECISIONS_KEPT).timestamp()),
    }
