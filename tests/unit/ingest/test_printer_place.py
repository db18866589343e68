"""Where printers stand in the lists, and how seldom that is written."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.printers.place import LOW_STEPS, STEPS, lowest_percent, lowest_step
from functions.ingest.printers.supply_levels import levels_of
from functions.ingest.uploads.accept_upload import accept_upload
from shared.directory.views import PrinterDay, SupplyDay
from tests.support.ingest import NOW, FakeDocuments, reading, sender, supply, upload


def row(percent: float | None, supply_class: str = "supplyThatIsConsumed") -> dict[str, Any]:
    if percent is None:
        return {"index": "1.1", "level_state": "some", "supply_class": supply_class}
    return {"index": "1.1", "level_state": "percent", "percent": percent, "supply_class": supply_class}


@given(st.lists(st.none() | st.floats(0, 100), max_size=5), st.sampled_from(LOW_STEPS))
def test_a_step_is_below_an_edge_when_the_level_is(percents: list[float | None], edge: int) -> None:
    rows = [row(percent) for percent in percents]
    known = [percent for percent in percents if percent is not None]
    step = lowest_step(rows)

    assert (step is not None) == bool(known)
    assert (step is not None and step < edge) == (bool(known) and min(known) < edge)
    assert step is None or step in STEPS


def test_a_full_waste_box_is_no_low_supply() -> None:
    assert lowest_percent([row(60.0), row(1.0, "receptacleThatIsFilled"), row(None)]) == 60.0


def levels_sent(documents: FakeDocuments, *levels: int) -> list[tuple[int, str | None]]:
    """The version and place of the printer's own item after each level."""
    seen = []
    for number, level in enumerate(levels):
        later = NOW + timedelta(minutes=15 * number)
        each = reading(f"r{number}", taken_at=later, supplies=[supply(level)], life_count=1_000 + number)
        accept_upload(upload(each, seq=number + 1), sender=sender(now=later), config_etag='"1"', documents=documents)
        (meta,) = documents.of_kind("META")
        seen.append((meta["version"], meta["duesk"].partition("#")[0]))
    return seen


def test_a_printers_own_item_is_written_once_a_step_of_its_lowest_supply(fake: FakeDocuments) -> None:
    seen = levels_sent(fake, 38, 37, 33, 29, 28, 24, -1, 24)

    first = seen[0][0]
    assert [(version - first, place) for version, place in seen] == [
        (0, "030"),
        (0, "030"),
        (0, "030"),
        (1, "025"),
        (1, "025"),
        (2, "020"),
        (3, "unknown"),
        (4, "020"),
    ]


def test_readings_of_one_upload_and_late_ones_end_at_the_place_of_the_newest(fake: FakeDocuments) -> None:
    readings = [
        reading(f"r{number}", taken_at=NOW - timedelta(minutes=number), supplies=[supply(level)])
        for number, level in ((1, 12), (3, 90), (2, 55))
    ]
    accept_upload(upload(*readings), sender=sender(), config_etag='"1"', documents=fake)
    late = reading("late", taken_at=NOW - timedelta(minutes=9), supplies=[supply(70)])
    accept_upload(upload(late, seq=2), sender=sender(), config_etag='"1"', documents=fake)

    (meta,) = fake.of_kind("META")
    assert meta["lowest_supply"] == 10


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        (("5", None), ("98", None), True),
        (("70", None), ("79", None), False),
        (("50", None), ("70", None), False),
        (("90", None), ("100", None), False),
        (("60", "A"), ("61", "B"), True),
        (("10", "A"), ("99", "A"), False),
        ((None, None), ("99", None), False),
    ],
)
def test_another_supply_shows_by_its_serial_number_or_by_a_rise(
    before: tuple[str | None, str | None], after: tuple[str | None, str | None], replaced: bool
) -> None:
    days = [
        PrinterDay(
            printer_id="prn",
            day=f"2026-11-2{number}",
            readings=1,
            last_reading_at=NOW,
            supplies={"1.1": SupplyDay.model_validate({"level_state": "percent", "percent": p, "serial_number": s})},
        )
        for number, (p, s) in enumerate((before, after))
    ]

    assert [each.replaced for each in levels_of(days)] == [False, replaced]
