"""Organisations and sites: what people write and what is kept."""

import unicodedata
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Final, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.accounts.tree.countries import COUNTRY_CODES
from shared.fault_texts import told_as
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
_IN_NAMES: Final = frozenset(" &'\u2019.,-\u2013()+/!:@#_\u00b0")
"""Beside letters, marks and digits of any script: no others may stand in the name of an organisation."""
_LETTERS: Final = frozenset("LMN")
MOST_EXCEPTIONS: Final = 200
"""Days that a site's calendar may close, and windows that it may add."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=128)]


def _country(value: str) -> str:
    if value not in COUNTRY_CODES:
        raise ValueError("not an ISO 3166-1 alpha-2 code in capitals, such as DE or US")
    return value


@cache
def _time_zones() -> frozenset[str]:
    """Every zone but those that mean whatever the machine is set to."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError("not an IANA time zone, such as Europe/Berlin")
    return value


def _organization_name(value: str) -> str:
    for character in value:
        if unicodedata.category(character)[0] not in _LETTERS and character not in _IN_NAMES:
            raise ValueError(f"the character U+{ord(character):04X} may not stand in the name of an organisation")
    if not value[0].isalnum():
        raise ValueError("begin the name with a letter or a digit")
    return value


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("not a day of the calendar, such as 2026-12-24") from None


OrganizationName = Annotated[Name, AfterValidator(_organization_name)]
Country = Annotated[str, StringConstraints(max_length=2), AfterValidator(_country)]
Day = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"),
    told_as("not a day of the calendar, such as 2026-12-24"),
    AfterValidator(_day),
]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_time_zone)]
ClockTime = Annotated[
    str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$"), told_as("not a time of day, such as 08:00")
]
ClosingTime = Annotated[
    str,
    StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"),
    told_as("not a time of day, such as 17:30 or 24:00"),
]


class Kept(BaseModel):
    """A stored thing, which is also how it is answered."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class PostalAddress(ApiModel):
    """Where things are delivered; ``country`` is ISO 3166-1 alpha-2."""

    address1: Line
    address2: Line | None = None
    city: Line
    state: Annotated[str, StringConstraints(max_length=64)] | None = None
    postal_code: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    country: Country


class _Window(ApiModel):
    """A window in local wall time; ``24:00`` closes at the day's end."""

    opens: ClockTime
    closes: ClosingTime

    @model_validator(mode="after")
    def closes_after_opening(self) -> Self:
        """A window ends on its own day: night hours are two windows."""
        if self.closes <= self.opens:
            raise ValueError("'closes' must be after 'opens'; write hours over midnight as two windows")
        return self


class OpeningWindow(_Window):
    """A weekly window in local wall time (SLA-03): ISO weekday 1-7; ``24:00`` closes at the day's end."""

    weekday: Annotated[int, Field(ge=1, le=7), WRITTEN]


class ExtraWindow(_Window):
    """A window of one day, which counts instead of the weekly ones and although it be a public holiday."""

    day: Day


class NewOrganization(ApiModel):
    """A partner (operator, no ``parent_id``) or an organisation below one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Contoso Ltd"}]})

    name: OrganizationName
    parent_id: EntityId | None = None


class OrganizationChanges(ApiModel):
    """What may be changed of an organisation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Contoso Holding Ltd"}]})

    name: OrganizationName


class Organization(Kept):
    """A partner or one of its customers; ``path`` holds every ancestor's id, then its own."""

    tenant_id: str
    organization_id: str
    parent_id: str | None = None
    path: str
    name: str
    created_at: UtcDatetime
    version: int = 1


EXAMPLE_ADDRESS: Final[dict[str, Any]] = {
    "address1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
EXAMPLE_SITE: Final[dict[str, Any]] = {
    "name": "Head office",
    "address": EXAMPLE_ADDRESS,
    "time_zone": "Europe/Berlin",
    "opening_hours": [{"weekday": 1, "opens": "08:00", "closes": "17:00"}],
    "holiday_subdivision": "BE",
    "closed_days": ["2026-12-24"],
    "extra_windows": [{"day": "2026-11-28", "opens": "09:00", "closes": "13:00"}],
}


class SiteDetails(ApiModel):
    """Where printers stand, and when somebody is there. Without opening hours Monday to Friday 08:00-17:00 counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_SITE]})

    name: Name
    address: PostalAddress
    time_zone: TimeZone
    opening_hours: list[OpeningWindow] = Field(default=[], max_length=28)
    holiday_subdivision: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")] | None = Field(
        default=None, description="Second part of the ISO 3166-2 code, whose public holidays count"
    )
    closed_days: Annotated[list[Day], Field(max_length=MOST_EXCEPTIONS)] = Field(
        default=[], description="Days without business time, whatever the week says"
    )
    extra_windows: Annotated[list[ExtraWindow], Field(max_length=MOST_EXCEPTIONS)] = Field(
        default=[], description="Hours of single days, instead of the week's and on public holidays too"
    )

    @model_validator(mode="after")
    def windows_apart(self) -> Self:
        """No moment is inside two windows, and no day is closed and open."""
        weekly = [(str(window.weekday), window) for window in self.opening_hours]
        if _overlap([*weekly, *((window.day, window) for window in self.extra_windows)]):
            raise ValueError("opening hours overlap")
        both = sorted({window.day for window in self.extra_windows}.intersection(self.closed_days))
        if both:
            raise ValueError(f"{both[0]} is in 'closed_days' and in 'extra_windows'")
        return self


class NewSite(SiteDetails):
    """A site of an organisation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w", **EXAMPLE_SITE}]}
    )

    organization_id: EntityId


def _overlap(windows: list[tuple[str, _Window]]) -> bool:
    ordered = sorted(windows, key=lambda each: (each[0], each[1].opens))
    return any(one[0] == two[0] and two[1].opens < one[1].closes for one, two in pairwise(ordered))


class Site(Kept):
    """A site as it is kept."""

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    name: str
    address: PostalAddress
    time_zone: str
    opening_hours: list[OpeningWindow] = []
    holiday_subdivision: str | None = None
    closed_days: list[str] = []
    extra_windows: list[ExtraWindow] = []
    created_at: UtcDatetime
    version: int = 1
