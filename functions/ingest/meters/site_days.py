"""A site's days: its zone, and when it is closed by its week, its own days and public holidays (SLA-03). Pure."""

from datetime import date
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from shared.directory.views import SiteView

_UTC: Final = ZoneInfo("UTC")
_WORKDAYS: Final = frozenset(range(1, 6))


def zone_of(site: SiteView | None) -> ZoneInfo:
    """The site's time zone; UTC when the site is gone, or its zone is not one of this host's."""
    try:
        return ZoneInfo(site.time_zone) if site else _UTC
    except (ValueError, OSError, LookupError):
        return _UTC


def is_closed(site: SiteView, day: date) -> bool:
    """True when the site has no open hours that day; without hours of its own it opens from Monday to Friday."""
    text = day.isoformat()
    if text in site.closed_days:
        return True
    if any(extra.day == text for extra in site.extra_windows):
        return False
    if day in _public_holidays(site.address.country, site.holiday_subdivision, day.year):
        return True
    open_days = {hours.weekday for hours in site.opening_hours if hours.opens < hours.closes} or _WORKDAYS
    return day.isoweekday() not in open_days


@lru_cache(maxsize=256)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The year's public holidays; none for a country that the library does not know."""
    subdivisions = holidays.list_supported_countries().get(country)
    if subdivisions is None:
        return frozenset()
    known = subdivision if subdivision in subdivisions else None
    return frozenset(holidays.country_holidays(country, subdiv=known, years=[year]))
