"""Fleet stream and minute sweep, on real tables: what each does with what AWS hands it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.tickets import on_reading, on_sweep, wiring
from functions.tickets.calls.repository import DynamoTicketStore
from functions.tickets.calls.service import Tickets
from functions.tickets.table.ports import Due
from shared.clock import utc_now
from shared.wire.reading import Alert
from tests.support.api_events import FunctionContext, function_context
from tests.support.ticket_tables import (
    ENVIRONMENT,
    NOTHING_FAILED,
    OTHER_PRINTER,
    Tables,
    a_failure,
    a_record,
    ticket_tables,
)
from tests.support.tickets import PRINTER_ID, TENANT, a_fuser_failure, a_state, minutes

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with ticket_tables() as made:
        yield made


def read(*records: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    answer: dict[str, list[dict[str, str]]] = on_reading.lambda_handler({"Records": list(records)}, function_context())
    return answer


def test_a_failure_that_stands_becomes_a_call_once_however_often_it_is_delivered(tables: Tables) -> None:
    record = a_record(tables.stands(a_failure()))

    assert read(record) == read(record) == NOTHING_FAILED

    (call,) = tables.calls()
    assert call.family == "fuser_thermal"


def test_a_record_that_fails_is_named_and_the_others_are_done(tables: Tables) -> None:
    good = tables.stands(a_failure(), printer_id=OTHER_PRINTER)
    bad = tables.cannot_be_read()

    answer = read(a_record(bad, number="7"), a_record(good, number="8"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert [call.printer_id for call in tables.calls()] == [OTHER_PRINTER]


def test_a_whole_batch_that_fails_is_named_too(tables: Tables) -> None:
    bad = tables.cannot_be_read()

    assert read(a_record(bad, number="7")) == {"batchItemFailures": [{"itemIdentifier": "7"}]}


@pytest.mark.parametrize("status", ["unmanaged", "pending"])
def test_a_printer_outside_the_programme_gets_no_call(tables: Tables, status: str) -> None:
    tables.says(status)

    assert read(a_record(tables.stands(a_failure()))) == NOTHING_FAILED

    assert tables.calls() == []
    assert tables.store.problems(TENANT, PRINTER_ID) == []


def test_what_cannot_change_a_call_costs_no_read(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    low_paper = Alert(index="1.2", code=807, group="input", group_index=1)
    quiet, low = tables.stands(), tables.stands(low_paper)
    monkeypatch.setattr(on_reading, "tickets", lambda: pytest.fail("a read was spent"))

    assert read(a_record(quiet, quiet), a_record(low, low), a_record(None, low), a_record(quiet)) == NOTHING_FAILED


def test_an_unchanged_failure_is_looked_at_again_so_that_a_printer_enrolled_since_gets_its_call(
    tables: Tables,
) -> None:
    item = tables.stands(a_failure())

    read(a_record(item, item))

    assert len(tables.calls()) == 1


def test_the_last_alert_that_goes_is_seen(tables: Tables) -> None:
    before = tables.stands(a_failure())
    read(a_record(before))

    read(a_record(tables.stands(), before))

    (problem,) = tables.store.problems(TENANT, PRINTER_ID)
    assert not problem.is_open
    assert tables.calls()[0].resolve_automatically_at is not None


def test_an_old_image_does_not_undo_what_the_printer_says_now(tables: Tables) -> None:
    before = tables.stands(a_failure())
    tables.stands()

    read(a_record(before))

    assert tables.calls() == []


@dataclass(frozen=True, slots=True)
class OutOfTime(FunctionContext):
    def get_remaining_time_in_millis(self) -> int:
        return 4_000


def out_of_time() -> "LambdaContext":
    context: Any = OutOfTime()
    typed: LambdaContext = context
    return typed


def sweep(context: "LambdaContext | None" = None) -> dict[str, int]:
    counts: dict[str, int] = on_sweep.lambda_handler({}, context or function_context())
    return counts


def two_waiting(tables: Tables) -> None:
    """A failure on each printer whose delay has passed unseen."""
    early = utc_now() - minutes(20)
    use_cases = wiring.tickets()
    for printer_id in (PRINTER_ID, OTHER_PRINTER):
        alert = a_fuser_failure(early)
        use_cases.handle_state(a_state(alert, at=early, printer_id=printer_id), early)
        tables.stands(alert, printer_id=printer_id)


def test_the_sweep_opens_what_is_due_and_is_then_done(tables: Tables) -> None:
    two_waiting(tables)

    assert sweep() == {"handled": 2, "failed": 0}
    assert sweep() == {"handled": 0, "failed": 0}

    assert len(tables.calls()) == 2


def test_one_bad_thing_is_counted_put_off_and_does_not_stop_the_others(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_waiting(tables)
    whole = Tickets.handle_due

    def fails_for_one(self: Tickets, due: Due, now: datetime) -> None:
        if PRINTER_ID in due.pk:
            raise RuntimeError("bad item")
        whole(self, due, now)

    monkeypatch.setattr(Tickets, "handle_due", fails_for_one)

    assert sweep() == {"handled": 1, "failed": 1}
    assert sweep() == {"handled": 0, "failed": 0}

    assert [call.printer_id for call in tables.calls()] == [OTHER_PRINTER]
    assert len(list(tables.store.due(utc_now() + timedelta(minutes=6)))) == 1


def test_an_item_that_cannot_be_read_does_not_stop_the_others(tables: Tables) -> None:
    two_waiting(tables)
    (due,) = (each for each in tables.store.due(utc_now()) if PRINTER_ID in each.pk)
    item = tables.own.get(due.pk, due.sk) or {}
    tables.own.put(item | {"family": "no family that we know"})

    assert sweep() == {"handled": 1, "failed": 1}


def test_a_sweep_that_cannot_even_put_off_goes_on(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    two_waiting(tables)

    def fails(*_: object) -> None:
        raise RuntimeError("table is away")

    monkeypatch.setattr(Tickets, "handle_due", fails)
    monkeypatch.setattr(DynamoTicketStore, "put_off", fails)

    assert sweep() == {"handled": 0, "failed": 2}


def test_a_sweep_stops_before_its_time_is_up_and_leaves_the_rest_due(tables: Tables) -> None:
    two_waiting(tables)

    assert sweep(out_of_time()) == {"handled": 0, "failed": 0}
    assert sweep() == {"handled": 2, "failed": 0}
