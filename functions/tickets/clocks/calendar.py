"""A site's business time: windows of local wall time, holidays, and arithmetic on them (SLA-03..05). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from shared.directory.views import SiteView

Interval = tuple[datetime, datetime]
MAX_DAYS: Final = 3_660
"""How far ahead a due time is looked for: a calendar without any window is an error, not a loop."""
_NEVER_OPEN: Final = "the site's calendar has no open hours within ten years"
_WORKDAY: Final = (time(8), time(17))


class NoBusinessTime(ValueError):
    """The calendar has no window in which the target could pass."""


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Weekly windows in a zone, less holidays. A window that closes at 00:00 lasts to the end of its day.

    ``windows`` maps ISO weekdays (1 is Monday) to (opens, closes) in local wall time; ``extra_windows`` says it of
    single days, for which neither week nor public holidays count then. A day of ``extra_holidays`` has none.
    """

    zone: ZoneInfo
    windows: dict[int, tuple[tuple[time, time], ...]]
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    extra_holidays: frozenset[date] = frozenset()
    extra_windows: Mapping[date, tuple[tuple[time, time], ...]] = field(default_factory=dict)

    def on(self, day: date) -> Iterator[Interval]:
        """The day's windows in UTC: made from wall times, so that DST days have the length they have.

        In order and apart: time in two windows counts once, a window that closes before it opens is none.
        """
        last: Interval | None = None
        for opens, closes in sorted(self._window(day, *hours) for hours in self._hours(day)):
            if closes <= opens:
                continue
            if last is not None and opens <= last[1]:
                last = last[0], max(last[1], closes)
                continue
            if last is not None:
                yield last
            last = opens, closes
        if last is not None:
            yield last

    def _hours(self, day: date) -> tuple[tuple[time, time], ...]:
        if day in self.extra_holidays:
            return ()
        if day in self.extra_windows:
            return self.extra_windows[day]
        return () if self._is_public_holiday(day) else self.windows.get(day.isoweekday(), ())

    def day_after(self, start: datetime, days: int) -> datetime:
        """The end of the ``days``-th business day after the local day of ``start``."""
        day = start.astimezone(self.zone).date()
        for offset in range(1, MAX_DAYS):
            windows = list(self.on(day + timedelta(days=offset)))
            days -= bool(windows)
            if windows and days <= 0:
                return windows[-1][1]
        raise NoBusinessTime(_NEVER_OPEN)

    def _window(self, day: date, opens: time, closes: time) -> Interval:
        last_day = day + timedelta(days=1) if closes == time(0) else day
        start = datetime.combine(day, opens, self.zone).astimezone(UTC)
        return start, datetime.combine(last_day, closes, self.zone).astimezone(UTC)

    def add(self, start: datetime, target: timedelta, pauses: Sequence[Interval] = ()) -> datetime:
        """The earliest instant at which ``target`` of in-window, un-paused time has passed (SLA-04, SLA-05)."""
        if target <= timedelta(0):
            return start
        left = target
        for begins, ends in self._open_time(start, pauses):
            length = ends - begins
            if length >= left:
                return begins + left
            left -= length
        raise NoBusinessTime(_NEVER_OPEN)

    def between(self, start: datetime, end: datetime, pauses: Sequence[Interval] = ()) -> timedelta:
        """In-window, un-paused time from ``start`` to ``end``; zero when ``end`` is not after ``start``."""
        total = timedelta(0)
        for begins, ends in self._open_time(start, pauses, until=end):
            total += max(min(ends, end) - begins, timedelta(0))
        return total

    def _open_time(
        self, start: datetime, pauses: Sequence[Interval], until: datetime | None = None
    ) -> Iterator[Interval]:
        # A window that began the day before, in the site's zone, may still be open: begin there.
        first = start.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(MAX_DAYS):
            day = first + timedelta(days=offset)
            if until is not None and day > until.astimezone(self.zone).date():
                return
            for opens, closes in self.on(day):
                if closes > start:
                    yield from _without((max(opens, start), closes), pauses)

    def _is_public_holiday(self, day: date) -> bool:
        if self.holiday_country is None:
            return False
        return day in _public_holidays(self.holiday_country, self.holiday_subdivision, day.year)


def calendar_of(site: SiteView | None) -> BusinessCalendar:
    """The site's calendar; Monday to Friday 08:00-17:00 with its country's holidays unless it says otherwise.

    What cannot be used (a zone that this host's data does not have, a window that never opens) is taken for
    not said: a call with a rough due time is better than none.
    """
    if site is None:
        return BusinessCalendar(ZoneInfo("UTC"), dict.fromkeys(range(1, 6), (_WORKDAY,)))
    windows: dict[int, tuple[tuple[time, time], ...]] = {}
    for hours in site.opening_hours:
        if hours.opens >= hours.closes:
            continue
        window = (_wall_time(hours.opens), _wall_time(hours.closes))
        windows[hours.weekday] = tuple(sorted((*windows.get(hours.weekday, ()), window)))
    return BusinessCalendar(
        zone=_zone(site.time_zone),
        windows=windows or dict.fromkeys(range(1, 6), (_WORKDAY,)),
        holiday_country=site.address.country,
        holiday_subdivision=site.holiday_subdivision,
        extra_holidays=frozenset(date.fromisoformat(day) for day in site.closed_days),
        extra_windows=_extra_windows(site),
    )


def _extra_windows(site: SiteView) -> dict[date, tuple[tuple[time, time], ...]]:
    windows: dict[date, tuple[tuple[time, time], ...]] = {}
    for hours in site.extra_windows:
        day = date.fromisoformat(hours.day)
        windows[day] = (*windows.get(day, ()), (_wall_time(hours.opens), _wall_time(hours.closes)))
    return windows


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return ZoneInfo("UTC")


def _wall_time(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


@lru_cache(maxsize=256)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The year's public holidays, observed days included; none for a country that the library does not know."""
    subdivisions = holidays.list_supported_countries().get(country)
    if subdivisions is None:
        return frozenset()
    known = subdivision if subdivision in subdivisions else None
    return frozenset(holidays.country_holidays(country, subdiv=known, years=[year]))


def _without(interval: Interval, pauses: Sequence[Interval]) -> Iterator[Interval]:
    """The parts of ``interval`` outside every pause, in order."""
    begins, ends = interval
    for pause_begins, pause_ends in sorted(pauses):
        if pause_ends <= begins or pause_begins >= ends:
            continue
        if pause_begins > begins:
            yield begins, pause_begins
        begins = max(begins, pause_ends)
        if begins >= ends:
            return
    if begins < ends:
        yield begins, ends
