"""What `SilentPrinters` promises, on the table and in memory alike; and its entry points on real tables."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from functions.orders import on_printer_event, on_sweep
from functions.orders.table.models import OrderState, SilentPrinter
from functions.orders.table.ports import SilentPrinters
from functions.orders.table.silent_printers import SilentPrinterRepository
from shared.clock import key_time, utc_now
from shared.directory import keys
from shared.events import EventName
from shared.names import DUE_INDEX, GSI1
from tests.support.api_events import function_context
from tests.support.order_tables import NOTHING_FAILED, Tables, a_printer_event
from tests.support.orders import CUSTOMER, NOW, PRINTER, TENANT, a_state, a_supply, at
from tests.support.orders_in_memory import FakeSilentPrinters
from tests.support.tables import make_table

OTHER = "prn_01jd2x00000000000000000002"


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[SilentPrinters]:
    if request.param == "fake":
        yield FakeSilentPrinters()
        return
    with mock_aws():
        yield SilentPrinterRepository(make_table(boto3.client("dynamodb"), "orders", (GSI1, DUE_INDEX)))


def silent(printer_id: str = PRINTER, *, days: float = 1, asked: tuple[str, ...] = ()) -> SilentPrinter:
    return SilentPrinter(tenant_id=TENANT, printer_id=printer_id, since=NOW, asked=list(asked), look_at=at(days))


def test_what_is_kept_of_a_printer_is_what_was_kept_last(store: SilentPrinters) -> None:
    store.keep(silent())
    store.keep(silent(days=2, asked=("1.1",)))

    assert store.of(TENANT, PRINTER) == silent(days=2, asked=("1.1",))
    assert store.of(TENANT, OTHER) is None
    assert store.of(CUSTOMER, PRINTER) is None


def test_a_look_is_due_from_its_time_on_and_no_more_once_the_printer_is_forgotten(store: SilentPrinters) -> None:
    store.keep(silent())
    store.keep(silent(OTHER, days=3))

    before, then, later = (store.due(at(days), limit=10) for days in (0.9, 1, 9))
    store.forget(TENANT, PRINTER)
    store.forget(TENANT, PRINTER)

    assert (before, [each.printer_id for each in then]) == ([], [PRINTER])
    assert {each.printer_id for each in later} == {PRINTER, OTHER}
    assert [each.printer_id for each in store.due(at(9), limit=10)] == [OTHER]


def a_silent_printer(tables: Tables, *, heard: bool = False) -> dict[str, object]:
    """A managed printer at five per cent that was read a week ago, and the message that tells of its silence."""
    tables.enrol()
    read_at = utc_now() - timedelta(days=7)
    partition = keys.printer(TENANT, PRINTER)
    state = a_state(a_supply(5), taken_at=read_at)
    tables.fleet.put(state.model_dump() | {"pk": partition, "sk": keys.PRINTER_STATE})
    episode = {"since": key_time(read_at)} | ({"heard_at": key_time(utc_now())} if heard else {})
    tables.fleet.put({"pk": partition, "sk": keys.PRINTER_SILENCE, **episode})
    return {"Records": [a_printer_event(EventName.PRINTER_SILENT)]}


def test_a_printer_that_falls_silent_is_followed_from_its_event_on(tables: Tables) -> None:
    message = a_silent_printer(tables)

    answers = [on_printer_event.lambda_handler(message, function_context()) for _ in range(2)]

    kept = SilentPrinterRepository(tables.own).of(TENANT, PRINTER)
    assert answers == [NOTHING_FAILED] * 2
    assert kept is not None
    assert timedelta(hours=23) < kept.look_at - utc_now() < timedelta(hours=25)
    (order,) = tables.all_orders()
    assert order.state is OrderState.HELD
    assert "stale" in order.hold_reasons


def test_the_sweep_looks_at_it_when_that_is_due_and_ends_it_when_it_was_heard(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPLIES_ORDER_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:x")
    a_silent_printer(tables, heard=True)
    store = SilentPrinterRepository(tables.own)
    store.keep(SilentPrinter(tenant_id=TENANT, printer_id=PRINTER, since=NOW, look_at=utc_now()))

    swept, again = (on_sweep.lambda_handler({}, function_context())["looked_at"] for _ in range(2))

    assert (swept, again, store.of(TENANT, PRINTER)) == (1, 0, None)


def test_a_message_that_cannot_be_read_comes_again_alone(tables: Tables) -> None:
    message = a_silent_printer(tables)
    bad = {"eventSource": "aws:sqs", "messageId": "m-2", "body": "{}"}

    answer = on_printer_event.lambda_handler({"Records": [bad, *message["Records"]]}, function_context())  # type: ignore[misc] # a list

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    assert len(tables.all_orders()) == 1
