"""What every wire model shares: strictness, version, bounded text."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

SCHEMA_VERSION: Final = 1
MAX_READINGS_PER_UPLOAD: Final = 500
MAX_UPLOAD_BYTES: Final = 1024 * 1024  # unpacked; API Gateway's own limit applies to the packed body


class WireModel(BaseModel):
    """Inbound models ignore unknown fields, so that a newer agent can talk to an older cloud."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=False)


def _as_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:  # the first and last hours of the calendar have no UTC in some zones
        raise ValueError("outside the years 1 to 9999 in UTC") from error


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""An aware time, kept in UTC; a naive one is refused."""

Text = Annotated[str, StringConstraints(max_length=255)]
"""A printer's own words; RFC 3805 bounds its texts at 255 octets."""

ShortText = Annotated[str, StringConstraints(max_length=64)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
"""An id made by one of our programs."""

TableIndex = Annotated[str, StringConstraints(pattern=r"^\d{1,10}(\.\d{1,10}){0,3}$")]
"""A MIB row's index as dotted numbers, for example ``1.2`` (hrDeviceIndex.prtMarkerSuppliesIndex)."""
