"""Fleet stream and queue of enrolments, on real tables: what each does with what AWS hands it."""

from typing import Any

from functions.orders import on_printer_event, on_reading
from functions.orders.table.models import OrderState
from shared.clock import utc_now
from shared.directory import keys
from shared.directory.views import PrinterState
from shared.events import EventName
from tests.support.api_events import function_context
from tests.support.order_tables import NOTHING_FAILED, Tables, a_printer_event, a_record
from tests.support.orders import PRINTER, TENANT, a_partner, a_state, a_supply


def a_fleet_item(state: PrinterState) -> dict[str, Any]:
    return state.model_dump() | {"pk": keys.printer(TENANT, PRINTER), "sk": keys.PRINTER_STATE}


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
    message = a_printer_event(EventName.PRINTER_ENROLLED)

    answer = on_printer_event.lambda_handler({"Records": [message]}, function_context())

    assert answer == NOTHING_FAILED
    assert len(tables.all_orders()) == 1
