"""Business time: the acceptance examples of SLA-03..05 and a slow, obvious counter to compare with."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.tickets.clocks.calendar import BusinessCalendar, NoBusinessTime, calendar_of
from shared.directory.views import OpeningHours, SiteView
from tests.support.tickets import SITE

NEW_YORK = "America/New_York"
WEEKDAYS = range(1, 6)


def calendar(
    zone: str = NEW_YORK,
    windows: dict[int, tuple[tuple[time, time], ...]] | None = None,
    country: str | None = "US",
    subdivision: str | None = None,
) -> BusinessCalendar:
    workdays: dict[int, tuple[tuple[time, time], ...]] = dict.fromkeys(WEEKDAYS, ((time(8), time(17)),))
    return BusinessCalendar(ZoneInfo(zone), windows or workdays, country, subdivision)


def round_the_clock() -> BusinessCalendar:
    return calendar(windows=dict.fromkeys(range(1, 8), ((time(0), time(0)),)), country=None)


def england() -> BusinessCalendar:
    hours = ((time(9), time(12, 30)), (time(13, 30), time(17, 30)))
    return calendar("Europe/London", dict.fromkeys(WEEKDAYS, hours), "GB", "ENG")


def local(zone: str, *parts: int) -> datetime:
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("name", "of", "start", "hours", "due"),
    [
        ("AT-SLA-01", calendar(), (2026, 3, 6, 16), 4, (2026, 3, 9, 11)),
        ("AT-SLA-02", round_the_clock(), (2026, 3, 7, 22), 8, (2026, 3, 8, 7)),
        ("AT-SLA-03", round_the_clock(), (2026, 10, 31, 22), 8, (2026, 11, 1, 5)),
        ("AT-SLA-04", calendar(), (2026, 9, 4, 15, 30), 4, (2026, 9, 8, 10, 30)),
        ("AT-SLA-05", calendar(), (2026, 7, 2, 16, 30), 4, (2026, 7, 6, 11, 30)),
        ("AT-SLA-06", calendar(), (2026, 11, 25, 15), 8, (2026, 11, 27, 14)),
        ("AT-SLA-07", calendar(), (2026, 5, 15, 10), 8, (2026, 5, 18, 9)),
        ("AT-SLA-10", calendar(), (2026, 5, 16, 11), 2, (2026, 5, 18, 10)),
        ("AT-SLA-11", england(), (2026, 4, 2, 16), 4, (2026, 4, 7, 11, 30)),
        ("AT-SLA-12", england(), (2026, 4, 1, 12), 2, (2026, 4, 1, 15)),
        ("AT-SLA-13", calendar(), (2026, 5, 11, 16), 1, (2026, 5, 11, 17)),
    ],
)
def test_a_due_time_is_the_one_of_the_acceptance_example(
    name: str, of: BusinessCalendar, start: tuple[int, ...], hours: int, due: tuple[int, ...]
) -> None:
    zone = of.zone.key

    computed = of.add(local(zone, *start), timedelta(hours=hours))

    assert computed == local(zone, *due), name


def test_a_pause_removes_only_business_time() -> None:
    """AT-SLA-08: paused from Friday 15:00 to Monday 09:00."""
    pauses = [(local(NEW_YORK, 2026, 5, 15, 15), local(NEW_YORK, 2026, 5, 18, 9))]

    due = calendar().add(local(NEW_YORK, 2026, 5, 15, 10), timedelta(hours=8), pauses)

    assert due == local(NEW_YORK, 2026, 5, 18, 12)


def test_the_sites_own_zone_counts() -> None:
    """AT-SLA-09."""
    due = calendar("America/Los_Angeles").add(datetime(2026, 6, 10, 22, 30, tzinfo=UTC), timedelta(hours=4))

    assert due == datetime(2026, 6, 11, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(("first", "hours"), [(date(2026, 3, 7), 7), (date(2026, 10, 31), 9)])
def test_a_night_shift_across_a_clock_change_has_its_real_length(first: date, hours: int) -> None:
    """AT-SLA-14."""
    night = calendar(windows={6: ((time(22), time(0)),), 7: ((time(0), time(6)),)}, country=None)

    length = sum(
        ((closes - opens) for day in (first, first + timedelta(days=1)) for opens, closes in night.on(day)), timedelta()
    )

    assert length == timedelta(hours=hours)


def test_a_calendar_that_never_opens_is_an_error_and_not_an_endless_search() -> None:
    closed = BusinessCalendar(ZoneInfo("UTC"), {})

    with pytest.raises(NoBusinessTime):
        closed.add(datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1))


def test_a_country_without_known_holidays_has_none() -> None:
    day = local(NEW_YORK, 2026, 12, 25, 8)

    assert calendar(country="XX").add(day, timedelta(hours=1)) == day + timedelta(hours=1)


def a_site(**fields: object) -> SiteView:
    return SITE.model_copy(update=fields)


def hours(weekday: int, opens: str, closes: str) -> OpeningHours:
    return OpeningHours(weekday=weekday, opens=opens, closes=closes)


def test_time_in_two_windows_counts_once() -> None:
    windows = [hours(1, "08:00", "12:00"), hours(1, "10:00", "14:00"), hours(1, "09:00", "10:00")]
    of = calendar_of(a_site(opening_hours=windows))
    start = local(NEW_YORK, 2026, 5, 11)

    assert of.between(start, start + timedelta(days=1)) == timedelta(hours=6)
    assert of.add(start, timedelta(hours=5)) == local(NEW_YORK, 2026, 5, 11, 13)


def test_a_window_until_24_lasts_to_the_end_of_its_day() -> None:
    of = calendar_of(a_site(opening_hours=[hours(1, "22:00", "24:00"), hours(2, "00:00", "06:00")]))
    start = local(NEW_YORK, 2026, 5, 11, 12)

    assert of.add(start, timedelta(hours=2)) == local(NEW_YORK, 2026, 5, 12)
    assert of.add(start, timedelta(hours=3)) == local(NEW_YORK, 2026, 5, 12, 1)


@pytest.mark.parametrize("windows", [[], [hours(1, "17:00", "08:00")], [hours(1, "08:00", "08:00")]])
def test_a_site_that_never_opens_has_the_usual_hours(windows: list[OpeningHours]) -> None:
    of = calendar_of(a_site(opening_hours=windows))

    assert of.add(local(NEW_YORK, 2026, 5, 15, 16), timedelta(hours=2)) == local(NEW_YORK, 2026, 5, 18, 9)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "America"])
def test_a_zone_that_nobody_knows_is_no_reason_to_open_no_call(zone: str) -> None:
    assert calendar_of(a_site(time_zone=zone)).zone.key == "UTC"


@pytest.mark.parametrize("target", [timedelta(0), timedelta(hours=-1)])
def test_no_time_has_passed_at_once_even_on_a_sunday(target: timedelta) -> None:
    sunday = local(NEW_YORK, 2026, 5, 17, 12)

    assert calendar().add(sunday, target) == sunday
    assert calendar().between(sunday, sunday - timedelta(days=3)) == timedelta(0)


def test_business_days_leave_out_the_first_day_and_the_days_closed() -> None:
    """Over Labor Day: Thursday, then Friday, Tuesday, Wednesday, Thursday, Friday."""
    assert calendar().day_after(local(NEW_YORK, 2026, 9, 3, 10), 5) == local(NEW_YORK, 2026, 9, 11, 17)


moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 20), timezones=st.just(UTC)).map(  # noqa: DTZ001 - made aware by timezones
    lambda moment: moment.replace(second=0, microsecond=0)
)


@given(
    moments,
    st.integers(min_value=1, max_value=1500),
    st.integers(min_value=0, max_value=3000),
    st.integers(min_value=1, max_value=900),
)
def test_time_is_counted_as_by_a_clerk_with_a_stop_watch(
    start: datetime, minutes: int, offset: int, length: int
) -> None:
    """Minute by minute: is the site open and the clock not paused? Then one minute has passed."""
    of = calendar()
    pause = (start + timedelta(minutes=offset), start + timedelta(minutes=offset + length))

    due = of.add(start, timedelta(minutes=minutes), [pause])

    assert due == _counted(of, start, minutes, pause)
    assert of.between(start, due, [pause]) == timedelta(minutes=minutes)


def _counted(of: BusinessCalendar, start: datetime, minutes: int, pause: tuple[datetime, datetime]) -> datetime:
    now, left = start, minutes
    open_minutes: dict[date, list[tuple[datetime, datetime]]] = {}
    while left:
        day = now.astimezone(of.zone).date()
        windows = open_minutes.setdefault(day, list(of.on(day)))
        running = any(opens <= now < closes for opens, closes in windows) and not pause[0] <= now < pause[1]
        now += timedelta(minutes=1)
        left -= running
    return now
