from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge.ipp.client import Endpoint
from edge.ipp.routes import MAX_ROUTES, Route, Routes
from tests.support.printers import MONDAY_MORNING

NOW = MONDAY_MORNING
FOUND = Route().over_ipp(Endpoint(tls=True, path="/ipp", version=(1, 1)))


def later(**amount: float) -> datetime:
    return NOW + timedelta(**amount)


def test_what_is_known_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    Routes(file).keep("10.0.0.5", FOUND.without_snmp(NOW), NOW)

    route = Routes(file).of("10.0.0.5")

    assert route.endpoint == Endpoint(tls=True, path="/ipp", version=(1, 1))
    assert route.may_skip_snmp(later(hours=5))
    assert not route.may_skip_snmp(later(hours=6))
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version":9,"routes":{}}', b'{"routes":{"x":{"path":5}}}', b"\xff" * 100]
)
def test_a_damaged_file_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "routes.json"
    file.write_bytes(content)

    routes = Routes(file)
    assert routes.of("10.0.0.5") == Route()

    routes.keep("10.0.0.5", FOUND, NOW)
    assert Routes(file).of("10.0.0.5") == FOUND


def test_a_path_that_is_none_of_ours_is_not_taken_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    file.write_text('{"routes":{"10.0.0.5":{"path":"/admin/reset"}}}', "utf-8")

    assert Routes(file).of("10.0.0.5") == Route()


def test_a_folder_that_cannot_be_written_to_costs_the_memory_alone(tmp_path: Path) -> None:
    routes = Routes(tmp_path / "none" / "routes.json")

    routes.keep("10.0.0.5", FOUND, NOW)

    assert routes.of("10.0.0.5") == FOUND


def test_many_changes_at_once_are_one_write(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    routes = Routes(file)
    for number in range(50):
        routes.keep(f"10.0.0.{number}", FOUND, NOW)
    assert len(Routes(file)._routes) == 1

    routes.keep("10.0.1.1", FOUND, later(seconds=31))

    assert len(Routes(file)._routes) == 51


def test_there_are_never_more_than_the_bound(tmp_path: Path) -> None:
    routes = Routes()
    for number in range(MAX_ROUTES + 5):
        routes.keep(str(number), FOUND, NOW)

    assert len(routes._routes) == MAX_ROUTES
    assert routes.of("4") == Route()
    assert routes.of("5") == FOUND


def test_a_printer_without_ipp_is_left_alone_for_a_day_and_one_that_is_off_for_an_hour() -> None:
    without, is_off = Route().without_ipp(NOW, is_off=False), Route().without_ipp(NOW, is_off=True)

    assert [without.may_ask_ipp(later(hours=hours)) for hours in (1, 23, 24)] == [False, False, True]
    assert [is_off.may_ask_ipp(later(minutes=minutes)) for minutes in (59, 60)] == [False, True]


def test_a_printer_with_ipp_that_is_off_is_asked_each_time() -> None:
    assert FOUND.without_ipp(NOW, is_off=True).may_ask_ipp(NOW)


def test_a_clock_that_went_back_locks_nothing_out() -> None:
    route = FOUND.without_ipp(later(days=400), is_off=False).without_snmp(later(days=400))

    assert route.may_ask_ipp(NOW)
    assert not route.may_skip_snmp(NOW)


def test_a_printer_has_snmp_until_it_was_silent_for_a_day() -> None:
    route = Route().with_snmp(NOW)

    assert route.has_snmp(later(hours=23))
    assert not route.has_snmp(later(hours=25))
    assert route.with_snmp(later(minutes=5)) == route  # the hour is exact enough
