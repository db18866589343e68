"""The history of a printer's alerts: what the stream tells of them, kept once however often it is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from functions.tickets.calls.repository import DynamoTicketStore
from functions.tickets.calls.service import Tickets
from shared.clock import key_time
from shared.directory.reader import TicketsDirectory
from shared.directory.views import PastAlertView
from shared.names import DUE_INDEX, GSI1
from shared.table import Item, from_attributes, to_attributes
from shared.wire.reading import Alert
from tests.support.tables import make_table
from tests.support.tickets import PRINTER_ID, TENANT, Office, a_state

NOON: Final = datetime.fromisoformat("2026-11-23T12:00:00Z")
MINUTE: Final = timedelta(minutes=1)


class Printer:
    """One printer, read again and again; the stream tells each change as often as it likes."""

    def __init__(self, *, is_managed: bool) -> None:
        table = make_table(boto3.client("dynamodb"), "tickets", (GSI1, DUE_INDEX))
        self.tickets = Tickets(DynamoTicketStore(table), Office(managed=is_managed))
        self.directory = TicketsDirectory(table)
        self.old: Item = {}

    def read(self, after: timedelta, *alerts: Alert, times: int = 1, **fields: Any) -> None:  # noqa: ANN401 - of a state
        item = a_state(*alerts, at=NOON + after, **fields).model_dump()
        new = from_attributes(to_attributes(item | {"taken_at": key_time(NOON + after)}))
        for _ in range(times):
            self.tickets.keep_past_alerts(self.old, new)
        self.old = new

    def history(self) -> list[PastAlertView]:
        found, _ = self.directory.past_alerts(TENANT, PRINTER_ID, between=("", "~"), limit=50)
        return [view for _, view in found]

    def shown(self) -> list[tuple[str | int, timedelta | None, timedelta]]:
        """Each alert with when it began and ended after noon."""
        return [
            (each.alert["code"], None if each.opened_at is None else each.opened_at - NOON, each.cleared_at - NOON)
            for each in self.history()
        ]


@pytest.fixture(params=[True, False], ids=["managed", "not managed"])
def printer(request: pytest.FixtureRequest) -> Iterator[Printer]:
    with mock_aws():
        yield Printer(is_managed=request.param)


def alert(code: int, row: int = 1, at: timedelta | None = None) -> Alert:
    raised_at = None if at is None else NOON + at
    return Alert(index=f"1.{row}", severity="critical", group="mediaPath", code=code, raised_at=raised_at)


def test_an_alert_is_in_the_history_once_it_is_over_and_the_last_comes_first(printer: Printer) -> None:
    printer.read(15 * MINUTE, alert(8, at=10 * MINUTE), alert(3, 2, at=MINUTE))
    assert printer.shown() == []

    printer.read(30 * MINUTE, alert(3, 2, at=MINUTE), times=3)
    printer.read(45 * MINUTE)

    assert printer.shown() == [(3, MINUTE, 45 * MINUTE), (8, 10 * MINUTE, 30 * MINUTE)]
    assert printer.history()[0].alert == {"index": "1.2", "severity": "critical", "group": "mediaPath", "code": 3}


def test_an_alert_without_a_time_began_when_it_was_first_read(printer: Printer) -> None:
    printer.read(15 * MINUTE, alert(8), times=2)
    printer.read(30 * MINUTE, alert(8), alert(3, 2))
    printer.read(60 * MINUTE, times=2)

    assert printer.shown() == [(8, 15 * MINUTE, 60 * MINUTE), (3, 30 * MINUTE, 60 * MINUTE)]
    printer.read(75 * MINUTE, alert(8))
    printer.read(90 * MINUTE)
    assert printer.shown()[0] == (8, 75 * MINUTE, 90 * MINUTE)


def test_an_alert_that_came_again_between_two_readings_had_ended(printer: Printer) -> None:
    printer.read(15 * MINUTE, alert(8, 1, at=10 * MINUTE))
    printer.read(30 * MINUTE, alert(8, 2, at=25 * MINUTE))

    assert printer.shown() == [(8, 10 * MINUTE, 25 * MINUTE)]


def test_a_restart_that_gives_rows_new_numbers_ends_nothing(printer: Printer) -> None:
    printer.read(15 * MINUTE, alert(8, 1, at=10 * MINUTE), boot_epoch=0)
    printer.read(30 * MINUTE, alert(8, 7, at=25 * MINUTE), boot_epoch=1)

    assert printer.shown() == []
