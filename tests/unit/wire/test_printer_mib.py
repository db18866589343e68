"""What Printer-MIB numbers mean: AT-TEL-01 to AT-TEL-11."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wire.printer_mib import (
    ALERT_GROUP,
    SUPPLY_TYPE,
    SUPPLY_UNIT,
    LevelState,
    capacity_is_stale,
    detected_errors,
    level_percent,
    name_of,
    sub_unit_status,
)

ANY_NUMBER = st.integers(-(2**31), 2**31 - 1)


@pytest.mark.parametrize(
    ("level", "capacity", "unit", "expected"),
    [
        pytest.param(1150, 4600, "tenthsOfGrams", (LevelState.PERCENT, 25.0), id="AT-TEL-01"),
        pytest.param(3000, 30000, "impressions", (LevelState.PERCENT, 10.0), id="AT-TEL-02"),
        pytest.param(37, -2, "percent", (LevelState.PERCENT, 37.0), id="AT-TEL-03"),
        pytest.param(37, -2, "impressions", (LevelState.NUMERIC_NO_CAPACITY, None), id="AT-TEL-04"),
        pytest.param(-3, 100, "percent", (LevelState.SOME, None), id="AT-TEL-05"),
        pytest.param(-2, 100, "percent", (LevelState.UNKNOWN, None), id="AT-TEL-06"),
        pytest.param(-1, 100, "percent", (LevelState.NOT_METERED, None), id="AT-TEL-07"),
        pytest.param(154, 100, "percent", (LevelState.PERCENT, 100.0), id="AT-TEL-08"),
        pytest.param(None, 100, "percent", (LevelState.NOT_READ, None), id="not read"),
        pytest.param(0, 0, "impressions", (LevelState.NUMERIC_NO_CAPACITY, None), id="no capacity"),
        pytest.param(-100, 100, "percent", (LevelState.UNKNOWN, None), id="a vendor's own negative number"),
    ],
)
def test_a_level_means_what_the_standard_says(
    level: int | None, capacity: int, unit: str, expected: tuple[LevelState, float | None]
) -> None:
    assert level_percent(level, capacity, unit) == expected


def test_more_than_the_capacity_is_flagged() -> None:
    assert capacity_is_stale(154, 100)  # AT-TEL-08
    assert not capacity_is_stale(100, 100)
    assert not capacity_is_stale(154, -2)
    assert not capacity_is_stale(None, 100)


@given(
    st.one_of(st.none(), ANY_NUMBER), st.one_of(st.none(), ANY_NUMBER), st.sampled_from([*SUPPLY_UNIT.values(), None])
)
def test_a_percentage_is_between_nothing_and_all_and_negative_levels_never_have_one(
    level: int | None, capacity: int | None, unit: str | None
) -> None:
    state, percent = level_percent(level, capacity, unit)

    assert (percent is not None) == (state is LevelState.PERCENT)
    if percent is not None:
        assert 0 <= percent <= 100
        assert level is not None
        assert level >= 0


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 1_000))
def test_a_percentage_does_not_depend_on_the_unit_counted_in(level: int, capacity: int, factor: int) -> None:
    assert level_percent(level, capacity, "feet") == level_percent(level * factor, capacity * factor, "meters")


@pytest.mark.parametrize(
    ("octets", "names"),
    [
        pytest.param("2400", ["lowToner", "jammed"], id="AT-TEL-09"),
        pytest.param("01", ["serviceRequested"], id="AT-TEL-10"),
        pytest.param("", [], id="nothing"),
        pytest.param("0002", ["overduePreventMaint"], id="the last named bit"),
        pytest.param("0001", [], id="a bit without a name"),
    ],
)
def test_error_bits_are_read_most_significant_first(octets: str, names: list[str]) -> None:
    assert detected_errors(bytes.fromhex(octets)) == names


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(19, ("unavailableBroken", ["criticalAlerts"]), id="AT-TEL-11"),
        pytest.param(0, ("idle", []), id="idle"),
        pytest.param(6 + 8 + 32, ("busy", ["nonCriticalAlerts", "offLine"]), id="a sum"),
        pytest.param(7, ("unassigned(7)", []), id="no such availability"),
    ],
)
def test_a_sub_units_status_is_a_sum(value: int, expected: tuple[str, list[str]]) -> None:
    assert sub_unit_status(value) == expected


def test_the_tables_begin_and_end_where_the_standard_does() -> None:
    assert (SUPPLY_TYPE[1], SUPPLY_TYPE[21], SUPPLY_TYPE[36], len(SUPPLY_TYPE)) == (
        "other",
        "tonerCartridge",
        "matteInk",
        36,
    )
    assert name_of(ALERT_GROUP, 11) == "markerSupplies"
    assert name_of(ALERT_GROUP, 99) == "unassigned(99)"
    assert name_of(ALERT_GROUP, None) is None
