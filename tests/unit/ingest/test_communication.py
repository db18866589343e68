from datetime import UTC, datetime, timedelta

import pytest

from functions.ingest.printers.models import Communication, Printer

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(minutes=15), Communication.COMMUNICATING),
        (timedelta(days=1), Communication.COMMUNICATING),
        (timedelta(days=1, seconds=1), Communication.NONCOMMUNICATING),
        (timedelta(days=400), Communication.NONCOMMUNICATING),
        (timedelta(minutes=-2), Communication.COMMUNICATING),  # a site's clock may be a little ahead
    ],
)
def test_a_printer_not_heard_of_for_a_day_is_not_communicating(age: timedelta, expected: Communication) -> None:
    assert Communication.at(NOW - age, NOW) is expected


def test_a_printer_never_read_is_not_communicating() -> None:
    assert Printer.model_fields["communication"].default is Communication.NONCOMMUNICATING
