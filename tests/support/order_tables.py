"""The tables that the entry points of the orders work on, with a printer in them."""

import json
from typing import Any

import boto3

from functions.orders.fulfilment.partner_repository import PartnerRepository
from functions.orders.table.models import Order, OrderState
from functions.orders.table.repository import OrderRepository
from shared.directory import keys
from shared.events import BusEvent, EventName
from shared.names import DUE_INDEX, GSI1
from shared.table import Table, to_attributes
from tests.support.orders import CUSTOMER, NOW, PRINTER, TENANT, a_partner, an_order
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


def a_record(new: dict[str, Any] | None, old: dict[str, Any] | None = None, number: str = "1") -> dict[str, Any]:
    images = {"NewImage": new, "OldImage": old}
    given = {name: to_attributes(image) for name, image in images.items() if image}
    return {"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": number, **given}}


def an_item(table: Table, sk: str = "ORDER") -> dict[str, Any]:
    item = table.get(f"TENANT#{TENANT}#ORD#{an_order().order_id}", sk)
    assert item is not None
    return item


def a_printer_event(name: EventName) -> dict[str, Any]:
    """The queue's message that this happened to the printer."""
    event = BusEvent(
        event_id="e", name=name, occurred_at=NOW, tenant_id=TENANT, organization_id=CUSTOMER, subject_id=PRINTER
    )
    body = json.dumps({"detail-type": name, "detail": event.model_dump(mode="json")})
    return {"eventSource": "aws:sqs", "messageId": "m-1", "body": body}
