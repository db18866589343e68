"""Days of two printers that turn out to be one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.meters.rollup import roll_up
from shared.directory.day import joined_day
from shared.table import Item
from tests.support.ingest import BERLIN

MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
READ = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 99), st.booleans())
"""Two counters, a level, and which of the two printers it was taken for."""


def rolled(reads: list[tuple[int, tuple[int, int, int, bool]]]) -> Item | None:
    """The day of readings by quarter of an hour."""
    day: Item | None = None
    for quarter, (life, mono, level, _) in reads:
        rows = [{"name": "life_count", "value": life}, {"name": "mono_impressions", "value": mono}]
        supplies = [{"index": "1.1", "level_state": "percent", "percent": float(level)}]
        sections = {"counters": rows, "supplies": supplies, "uptime_ticks": 100 + quarter}
        day = roll_up(day, sections, MORNING + timedelta(minutes=15 * quarter), BERLIN)
    return day


@given(st.lists(READ, min_size=1, max_size=8))
@settings(max_examples=150)
def test_the_joined_day_is_that_of_all_readings(reads: list[tuple[int, int, int, bool]]) -> None:
    numbered = list(enumerate(reads))
    one, other = ([each for each in numbered if each[1][3] is side] for side in (True, False))
    days = [day for day in (rolled(one), rolled(other)) if day is not None]

    joined = [days[0], days[0]] if len(days) == 1 else [joined_day(days[0], days[1]), joined_day(days[1], days[0])]

    assert joined[0] == joined[1] == rolled(numbered)
    assert joined_day(joined[0], days[-1]) == joined[0]
