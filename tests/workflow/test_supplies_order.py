"""The `supplies_order` definition on an ASL interpreter, with the real tasks: every branch and how it ends."""

from datetime import UTC, datetime

import boto3
import pytest

from functions.orders.fulfilment.progress import FulfilmentEvent, FulfilmentEventType, apply_event
from functions.orders.fulfilment.workflow import SuppliesOrderMachine
from functions.orders.table.models import OrderState
from functions.orders.table.ports import Submission
from shared.clock import utc_now
from shared.errors import Unavailable
from tests.support.orders import TENANT
from tests.support.supplies_order import ORDER_ID, Stage


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
