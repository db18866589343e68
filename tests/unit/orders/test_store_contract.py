"""What `SupplyStore` promises, on the table and on the fake alike."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.orders.fulfilment.partner_repository import PartnerRepository
from functions.orders.supplies.placing import Proposal, decision_of
from functions.orders.table.models import Decision, DecisionKind, OrderState
from functions.orders.table.order import move
from functions.orders.table.ports import OrderShelf, Placed
from functions.orders.table.repository import OrderRepository
from shared.names import DUE_INDEX, GSI1
from shared.table import Table
from tests.support.orders import (
    CUSTOMER,
    PATH,
    PRINTER,
    TENANT,
    a_forecast,
    a_partner,
    a_position,
    a_state,
    an_order,
    at,
)
from tests.support.orders_in_memory import FakeStore
from tests.support.tables import make_table

OTHER = "ord_01jd2x00000000000000000002"


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        yield make_table(boto3.client("dynamodb"), "orders", (GSI1, DUE_INDEX))


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest, table: Table) -> OrderShelf:
    return FakeStore() if request.param == "fake" else OrderRepository(table)


def a_decision(kind: DecisionKind = DecisionKind.ORDERED, *, hours: float = 0) -> Decision:
    return decision_of(
        a_position(), a_state(taken_at=at(0, hours)), at(0, hours), kind, proposal=Proposal(a_forecast())
    )


def test_a_position_comes_back_as_it_was_saved(store: OrderShelf) -> None:
    position = a_position(version=1, percent=33.33, drops={"1": 4}, serial_number="A")

    assert store.save_position(position, [a_decision()])

    assert store.positions(TENANT, PRINTER) == {"1.1": position}


def test_a_position_is_only_written_after_its_own_last_version(store: OrderShelf) -> None:
    assert store.save_position(a_position(version=1))

    assert not store.save_position(a_position(version=1, percent=1.0))
    assert not store.save_position(a_position(version=3), [a_decision()])
    assert store.save_position(a_position(version=2))
    assert store.decisions_page(TENANT, PRINTER, limit=10, cursor=None) == ([], None)


def test_an_epoch_takes_one_order(store: OrderShelf) -> None:
    assert store.place(an_order(), a_position(version=1), [a_decision()]) is Placed.CREATED

    assert store.place(an_order(order_id=OTHER), a_position(version=2), [a_decision(hours=1)]) is Placed.TAKEN

    assert store.order_of_epoch(TENANT, PRINTER, "1.1", 1) == an_order()
    assert store.order(TENANT, OTHER) is None
    assert store.positions(TENANT, PRINTER)["1.1"].version == 1
    assert len(store.decisions_page(TENANT, PRINTER, limit=10, cursor=None)[0]) == 1


def test_an_order_on_an_outdated_position_is_a_conflict(store: OrderShelf) -> None:
    assert store.place(an_order(), a_position(version=2)) is Placed.CONFLICT
    assert store.order_of_epoch(TENANT, PRINTER, "1.1", 1) is None


@pytest.mark.parametrize("end", [OrderState.FAILED, OrderState.CANCELLED])
def test_a_failed_or_cancelled_order_gives_its_epoch_back(store: OrderShelf, end: OrderState) -> None:
    order = an_order(OrderState.SUBMITTED)
    store.place(order, a_position(version=1))

    assert store.advance(move(order, end, at=at(1), cause="test"))

    assert store.order_of_epoch(TENANT, PRINTER, "1.1", 1) is None
    assert store.place(an_order(order_id=OTHER), a_position(version=2)) is Placed.CREATED


def test_an_order_is_advanced_once_a_version_with_all_that_belongs_to_it(store: OrderShelf) -> None:
    order = an_order(OrderState.SHIPPED)
    store.place(order, a_position(version=1))
    after = move(order, OrderState.DELIVERED, at=at(1), cause="test")

    assert store.advance(after, position=a_position(version=2), decisions=[a_decision()], event_id="e-1")
    assert not store.advance(after)

    assert store.order(TENANT, order.order_id) == after
    assert store.positions(TENANT, PRINTER)["1.1"].version == 2
    assert store.has_event(TENANT, order.order_id, "e-1")
    assert not store.has_event(TENANT, order.order_id, "e-2")


def test_an_event_is_applied_once(store: OrderShelf) -> None:
    order = an_order(OrderState.SUBMITTED)
    store.place(order, a_position(version=1))
    acknowledged = move(order, OrderState.ACKNOWLEDGED, at=at(1), cause="test")
    store.advance(acknowledged, event_id="e-1")

    assert not store.advance(move(acknowledged, OrderState.SHIPPED, at=at(2), cause="test"), event_id="e-1")

    assert store.order(TENANT, order.order_id) == acknowledged


def test_an_outdated_position_holds_the_order_back_too(store: OrderShelf) -> None:
    order = an_order(OrderState.SHIPPED)
    store.place(order, a_position(version=1))

    assert not store.advance(move(order, OrderState.DELIVERED, at=at(1), cause="test"), position=a_position(version=1))

    assert store.order(TENANT, order.order_id) == order


def test_another_tenant_sees_nothing(store: OrderShelf) -> None:
    store.place(an_order(), a_position(version=1), [a_decision()])
    other = "org_01jd2x00000000000000000009"

    assert store.order(other, an_order().order_id) is None
    assert store.positions(other, PRINTER) == {}
    assert store.orders_page(other, f"/{other}/", limit=10, cursor=None) == ([], None)
    assert store.printer_orders_page(other, PRINTER, limit=10, cursor=None) == ([], None)
    assert store.decisions_page(other, PRINTER, limit=10, cursor=None) == ([], None)


def test_orders_page_newest_first_by_organisation_and_by_printer(store: OrderShelf) -> None:
    for number in (1, 2, 3):
        order = an_order(order_id=f"ord_01jd2x0000000000000000000{number}", epoch=number)
        assert store.place(order, a_position(version=number)) is Placed.CREATED

    first, cursor = store.orders_page(TENANT, f"/{TENANT}/", limit=2, cursor=None)
    rest, _ = store.orders_page(TENANT, f"/{TENANT}/", limit=2, cursor=cursor)

    assert [order.order_id[-1] for order in first + rest] == ["3", "2", "1"]
    by_printer, _ = store.printer_orders_page(TENANT, PRINTER, limit=10, cursor=None)
    assert [order.order_id[-1] for order in by_printer] == ["3", "2", "1"]
    assert store.orders_page(TENANT, f"{PATH}elsewhere/", limit=10, cursor=None) == ([], None)


def test_decisions_page_newest_first_and_a_repeat_is_the_same_one(store: OrderShelf) -> None:
    for version, hours in enumerate((0, 1, 1), start=1):
        store.save_position(a_position(version=version), [a_decision(hours=hours)])

    decisions, _ = store.decisions_page(TENANT, PRINTER, limit=10, cursor=None)

    assert [decision.reading_taken_at for decision in decisions] == [at(0, 1), at(0)]


def test_an_order_under_way_falls_due_and_a_held_one_does_not(table: Table) -> None:
    repository = OrderRepository(table)
    repository.place(an_order(), a_position(version=1))
    held = an_order(OrderState.HELD, order_id=OTHER, epoch=2)
    repository.place(held, a_position(version=2))

    assert repository.due(at(0, 0.01), limit=10) == []
    assert [order.order_id for order in repository.due(at(1), limit=10)] == [an_order().order_id]

    repository.check_again(an_order(), at(2))
    assert repository.due(at(1), limit=10) == []
    repository.check_again(an_order(), None)
    assert repository.due(at(3), limit=10) == []


def test_a_check_of_an_order_that_moved_on_is_not_put_off(table: Table) -> None:
    repository = OrderRepository(table)
    repository.place(an_order(), a_position(version=1))
    repository.advance(move(an_order(), OrderState.SUBMITTED, at=at(0), cause="test"))

    repository.check_again(an_order(), None)

    assert len(repository.due(at(1), limit=10)) == 1


def test_only_the_very_token_that_was_used_is_forgotten(table: Table) -> None:
    repository, order = OrderRepository(table), an_order()
    key = {"pk": f"TENANT#{TENANT}#ORD#{order.order_id}", "sk": "WAIT"}
    table.put(key | {"task_token": "t-2", "awaiting": "shipped"})

    repository.forget_token(order, "t-1")
    waiting = repository.waiting(order)
    repository.forget_token(order, "t-2")

    assert waiting is not None
    assert (waiting.token, waiting.awaiting) == ("t-2", OrderState.SHIPPED)
    assert repository.waiting(order) is None


def test_the_nearest_ancestors_partner_is_the_default(table: Table) -> None:
    partners = PartnerRepository(table)
    partners.create(a_partner())
    own = a_partner(
        fulfilment_partner_id="ful_01jd2x00000000000000000002", organization_id=CUSTOMER, organization_path=PATH
    )

    assert partners.default_partner(TENANT, PATH) == a_partner()
    partners.create(own)

    assert partners.default_partner(TENANT, PATH) == own
    assert partners.default_partner(TENANT, f"/{TENANT}/") == a_partner()
    assert partners.default_partner("org_01jd2x00000000000000000009", PATH) is None
    assert [partner.fulfilment_partner_id for partner in partners.page(TENANT, limit=10, cursor=None)[0]] == [
        a_partner().fulfilment_partner_id,
        own.fulfilment_partner_id,
    ]
