"""Organisations and sites: what people write and what is kept."""

from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Final, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.accounts.countries import COUNTRY_CODES
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
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


Country = Annotated[str, StringConstraints(max_length=2), AfterValidator(_country)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_time_zone)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ClosingTime = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


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


class OpeningWindow(ApiModel):
    """A weekly window in local wall time (SLA-03): ISO weekday 1-7; ``24:00`` closes at the day's end."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    opens: ClockTime
    closes: ClosingTime

    @model_validator(mode="after")
    def closes_after_opening(self) -> Self:
        """A window ends on its own day: night hours are two windows."""
        if self.closes <= self.opens:
            raise ValueError("'closes' must be after 'opens'; write hours over midnight as two windows")
        return self


class NewOrganization(ApiModel):
    """A partner (operator, no ``parent_id``) or an organisation below one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Contoso Ltd"}]})

    name: Name
    parent_id: EntityId | None = None


class Organization(Kept):
    """A partner or one of its customers; ``path`` holds every ancestor's id, then its own."""

    tenant_id: str
    organization_id: str
    parent_id: str | None = None
    path: str
    name: str
    created_at: UtcDatetime


EXAMPLE_ADDRESS: Final[dict[str, Any]] = {
    "address1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}


class NewSite(ApiModel):
    """Where printers stand. Without opening hours Monday to Friday 08:00-17:00 counts (SLA-03)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w",
                    "name": "Head office",
                    "address": EXAMPLE_ADDRESS,
                    "time_zone": "Europe/Berlin",
                    "opening_hours": [{"weekday": 1, "opens": "08:00", "closes": "17:00"}],
                    "holiday_subdivision": "BE",
                }
            ]
        }
    )

    organization_id: EntityId
    name: Name
    address: PostalAddress
    time_zone: TimeZone
    opening_hours: list[OpeningWindow] = Field(default=[], max_length=28)
    holiday_subdivision: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")] | None = Field(
        default=None, description="Second part of the ISO 3166-2 code, whose public holidays count"
    )

    @model_validator(mode="after")
    def windows_apart(self) -> Self:
        """No moment is inside two windows."""
        ordered = sorted(self.opening_hours, key=lambda window: (window.weekday, window.opens))
        if any(one.weekday == two.weekday and two.opens < one.closes for one, two in pairwise(ordered)):
            raise ValueError("opening hours overlap")
        return self


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
    created_at: UtcDatetime
