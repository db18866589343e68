"""What the wire refuses of a reading, or brings into a form that any store holds."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.table import from_attributes, to_attributes
from shared.wire.activation import PublicJwk
from shared.wire.reading import Alert, PrinterReading, Supply

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
JWK = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "kid": "1"}


def a_reading(**fields: Any) -> PrinterReading:  # noqa: ANN401 - any field
    given = {"reading_id": "r1", "taken_at": NOON, "identity": {}} | fields
    return PrinterReading.model_validate(given)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_has_no_utc_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationError, match="outside the years 1 to 9999"):
        a_reading(taken_at=text)
    with pytest.raises(ValidationError, match="outside the years 1 to 9999"):
        Alert.model_validate({"index": "1.1", "raised_at": text})


@given(st.floats(min_value=0, max_value=100))
def test_any_percentage_can_be_stored_and_is_off_by_no_more_than_its_last_decimal(percent: float) -> None:
    supply = Supply(index="1.1", percent=percent)

    kept = from_attributes(to_attributes({"percent": supply.percent}))["percent"]

    assert abs(Decimal(kept) - Decimal(percent)) <= Decimal("0.005")


def test_a_missing_value_without_a_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        a_reading(missing={"": "not_answered"})


def test_a_key_that_came_with_its_private_half_is_refused() -> None:
    assert PublicJwk.model_validate(JWK | {"use": "sig"}).kid == "1"

    with pytest.raises(ValidationError, match="make a new key"):
        PublicJwk.model_validate(JWK | {"d": "A" * 43})
