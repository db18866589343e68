"""A printer's day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.ingest.meters.readings import sections_of
from functions.ingest.meters.rollup import local_day, roll_up
from shared.directory.week import day_in, with_day
from shared.table import from_attributes, to_attributes
from tests.support.ingest import BERLIN, NOW, minutes, reading, supply


def test_the_last_valid_level_of_a_day_is_not_replaced_by_unknown() -> None:
    day = roll_up(None, sections_of(reading(level=37)), NOW, BERLIN)
    later = roll_up(day, sections_of(reading(level=None, supplies=[supply(-2)])), NOW + minutes(5), BERLIN)

    assert later is not None
    assert (later["supplies"]["1.1"]["percent"], later["supplies"]["1.1"]["level_state"]) == (37, "percent")


def test_an_exact_repeat_changes_nothing_even_after_storage() -> None:
    day = roll_up(None, sections_of(reading(level=None, supplies=[supply(33)])), NOW, BERLIN)
    assert day is not None
    week = from_attributes(to_attributes(with_day({"printer_id": "prn_1"}, day)))
    stored = day_in(week, day["day"])

    assert roll_up(stored, sections_of(reading(level=None, supplies=[supply(33)])), NOW, BERLIN) == stored


def test_a_day_of_twenty_five_hours_counts_every_quarter_once() -> None:
    start = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # midnight in Berlin; the clocks go back at 01:00 UTC
    day = None
    for minute in range(0, 25 * 60, 5):
        day = roll_up(day, sections_of(reading()), start + timedelta(minutes=minute), BERLIN)

    assert day is not None
    assert (day["day"], day["readings"], len(day["quarters"])) == ("2026-10-25", 100, 13)


def test_a_site_at_the_date_line_has_its_own_day() -> None:
    at = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)

    assert local_day(at, ZoneInfo("Pacific/Kiritimati")) == "2026-11-23"
    assert local_day(at, ZoneInfo("Pacific/Pago_Pago")) == "2026-11-22"


def test_the_first_of_several_markers_gives_the_days_count() -> None:
    counters = [
        {"name": "life_count", "value": 70, "marker": "1.1"},
        {"name": "life_count", "value": 9, "marker": "1.2"},
    ]

    day = roll_up(None, sections_of(reading(counters=counters)), NOW, BERLIN)

    assert day is not None
    assert day["last_counters"] == {"life_count": 70}
