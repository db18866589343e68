"""What a partner is told of a supply in short: how much is left, or how full it is."""

from datetime import UTC, datetime

import pytest

from functions.ingest.printers.columns import supplies_summary
from functions.ingest.printers.models import Printer, SupplyLevel
from functions.ingest.printers.place import lowest_percent
from shared.wire.printer_mib import LevelState, level_percent
from shared.wire.reading import Supply
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, SITE


def waste_box(level: int, capacity: int = 30_000, **fields: str) -> Supply:
    """A box of a class that is filled, counted in impressions."""
    state, percent = level_percent(level, capacity, "impressions")
    told = {"supply_class": "receptacleThatIsFilled", "description": "Waste Toner"} | fields
    return Supply(
        index="1.2", receptacle=True, level=level, max_capacity=capacity, level_state=state, percent=percent, **told
    )


def toner(percent: float) -> Supply:
    return Supply(index="1.1", colorant="black", level_state=LevelState.PERCENT, percent=percent)


def test_at_tel_02_a_receptacle_with_a_tenth_of_its_space_left_is_ninety_percent_full() -> None:
    short = SupplyLevel.of(waste_box(3_000))

    assert (short.percent, short.receptacle, short.fill_percent) == (10.0, True, 90.0)


@pytest.mark.parametrize(("level", "fill"), [(0, 100.0), (30_000, 0.0), (10_000, 66.67), (-3, None), (-2, None)])
def test_how_full_a_receptacle_is_adds_up_with_its_space_or_is_not_known(level: int, fill: float | None) -> None:
    assert SupplyLevel.of(waste_box(level)).fill_percent == fill


def test_what_is_used_up_is_never_said_to_be_full_of_something() -> None:
    short = SupplyLevel.of(toner(25.0))

    assert (short.percent, short.receptacle, short.fill_percent) == (25.0, False, None)


def test_the_summary_of_a_row_tells_a_level_from_a_filling() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    supplies = [SupplyLevel.of(each) for each in (toner(85.0), waste_box(3_000), waste_box(-3))]
    printer = Printer(
        printer_id="prn_01jd2x00000000000000000001",
        organization_id=CHILD_ORGANIZATION,
        site_id=SITE,
        agent_id=AGENT,
        first_seen_at=now,
        registration="registered",
        managed_status="unmanaged",
        supplies=supplies,
    )

    assert supplies_summary(printer) == "black 85 %; Waste Toner 90 % full; Waste Toner some"


def test_a_waste_box_that_only_its_type_or_words_tell_is_no_low_supply() -> None:
    box = waste_box(300, supply_class="other", supply_type="wasteToner")

    assert lowest_percent(each.model_dump() for each in (toner(60.0), box)) == 60.0
