"""Which models the programme supports."""

from datetime import UTC, datetime

import pytest

from functions.eligibility.table.models import ProgrammeModel
from shared.eligibility.catalogue import Catalogue

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def supported(manufacturer: str, model: str, maximum: int) -> ProgrammeModel:
    return ProgrammeModel(manufacturer=manufacturer, model=model, max_lifetime_count=maximum, updated_at=NOW)


CATALOGUE = Catalogue.of(
    [
        supported("Lexmark", "MX*", 100),
        supported("Lexmark", "MX52*", 200),
        supported("Lexmark", "MX521de", 300),
        supported("HP", "LaserJet M402", 400),
    ]
)


@pytest.mark.parametrize(
    ("manufacturer", "model", "maximum"),
    [
        ("Lexmark", "MX711", 100),
        ("Lexmark", "MX522", 200),
        ("LEXMARK", "mx521DE", 300),
        ("Lexmark", "Lexmark MX521de", 300),
        ("HP", "hp  laserjet   m402", 400),
        ("HP", "LaserJet M402dn", None),
        ("HP", "MX711", None),
        ("Brother", "HL-L2350DW", None),
        (None, "MX711", None),
        ("Lexmark", None, None),
    ],
)
def test_the_most_precise_model_of_the_maker_counts(
    manufacturer: str | None, model: str | None, maximum: int | None
) -> None:
    assert CATALOGUE.max_lifetime_count(manufacturer, model) == maximum
