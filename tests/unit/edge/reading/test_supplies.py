import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.profiles.colours import colour_in
from edge.profiles.makers import load_profiles
from edge.reading.supplies import finisher_supplies_of, is_receptacle, part_number_in, serial_number_in, supplies_of
from edge.snmp.codec import Absent, Value
from edge.snmp.oids import FIN_SUPPLY_ENTRY, PRT_MARKER_COLORANT_VALUE, PRT_MARKER_SUPPLIES_ENTRY
from shared.wire.reading import Supply
from tests.support.edge import answers_with, rows_of

PROFILES = {profile.name: profile for profile in load_profiles()}
COLORANT, CLASS, TYPE, DESCRIPTION, UNIT, CAPACITY, LEVEL = 3, 4, 5, 6, 7, 8, 9


def supply(**columns: Value) -> Supply:
    numbers = {"cls": CLASS, "unit": UNIT, "capacity": CAPACITY, "level": LEVEL, "text": DESCRIPTION, "type": TYPE}
    row = {numbers[name]: value for name, value in columns.items()}
    [found] = supplies_of(answers_with(rows_of(PRT_MARKER_SUPPLIES_ENTRY, (1, 1), row)), None, None)
    return found


@pytest.mark.parametrize(
    ("columns", "state", "percent"),
    [
        pytest.param({"cls": 3, "unit": 13, "capacity": 4600, "level": 1150}, "percent", 25.0, id="AT-TEL-01"),
        pytest.param({"cls": 4, "unit": 7, "capacity": 30000, "level": 3000}, "percent", 10.0, id="AT-TEL-02"),
        pytest.param({"cls": 3, "unit": 19, "capacity": -2, "level": 37}, "percent", 37.0, id="AT-TEL-03"),
        pytest.param({"cls": 3, "unit": 7, "capacity": -2, "level": 37}, "numeric_no_capacity", None, id="AT-TEL-04"),
        pytest.param({"cls": 3, "unit": 7, "capacity": 100, "level": -3}, "some", None, id="AT-TEL-05"),
        pytest.param({"cls": 3, "unit": 7, "capacity": 100, "level": -2}, "unknown", None, id="AT-TEL-06"),
        pytest.param({"cls": 3, "unit": 7, "capacity": 100, "level": -1}, "not_metered", None, id="AT-TEL-07"),
        pytest.param({"cls": 3, "unit": 19, "capacity": 100, "level": 154}, "percent", 100.0, id="AT-TEL-08"),
    ],
)
def test_levels_keep_their_meaning(columns: dict[str, Value], state: str, percent: float | None) -> None:
    found = supply(**columns)

    assert (found.level_state, found.percent) == (state, percent)
    assert (found.level, found.max_capacity) == (columns["level"], columns["capacity"])


def test_at_tel_08_more_than_its_capacity_is_flagged() -> None:
    assert supply(unit=19, capacity=100, level=154).capacity_stale
    assert not supply(unit=19, capacity=100, level=100).capacity_stale


def test_a_missing_column_is_missing_and_nothing_else() -> None:
    found = supply(text=b"Toner", capacity=100)

    assert found == Supply(index="1.1", description="Toner", max_capacity=100)


def test_an_unreadable_level_is_not_a_level() -> None:
    found = supply(capacity=100, level=Absent.UNREADABLE)

    assert (found.level, found.level_state, found.percent) == (None, "not_read", None)


def test_a_unit_that_the_standard_does_not_name_keeps_its_number() -> None:
    assert supply(unit=99, level=1).supply_unit == "unassigned(99)"


def test_rows_join_by_index_with_gaps() -> None:
    answers = answers_with(
        {
            **rows_of(PRT_MARKER_SUPPLIES_ENTRY, (1, 12), {COLORANT: 3, LEVEL: 7, DESCRIPTION: b"Cartridge"}),
            **rows_of(PRT_MARKER_SUPPLIES_ENTRY, (1, 2), {COLORANT: 0, LEVEL: 5, DESCRIPTION: b"Black drum"}),
            **rows_of(PRT_MARKER_SUPPLIES_ENTRY, (1, 5), {COLORANT: 9, LEVEL: 6, DESCRIPTION: b"Cyan toner"}),
            (*PRT_MARKER_COLORANT_VALUE, 1, 3): b"magenta\0",
        }
    )

    found = supplies_of(answers, None, None)

    assert [(row.index, row.level, row.colorant) for row in found] == [
        ("1.2", 5, None),
        ("1.5", 6, "cyan"),
        ("1.12", 7, "magenta"),
    ]


@pytest.mark.parametrize(
    ("supply_class", "supply_type", "description", "receptacle"),
    [
        ("receptacleThatIsFilled", None, None, True),
        ("supplyThatIsConsumed", "wasteToner", "Waste Toner", False),
        (None, "wasteToner", None, True),
        (None, "toner", "Waste?", False),
        ("other", None, "Waste Toner Box", True),
        (None, None, "Black Toner", False),
    ],
)
def test_a_receptacle_is_told_by_class_then_type_then_words(
    supply_class: str | None, supply_type: str | None, description: str | None, receptacle: bool
) -> None:
    assert is_receptacle(supply_class, supply_type, description) is receptacle


@pytest.mark.parametrize(
    ("maker", "description", "part_number", "serial_number"),
    [
        (None, "Black Toner, PN 006R01509;SN48178080E0000481", "006R01509", "48178080E0000481"),
        (None, "Fuser, PN unknown;SNunknown", None, None),
        (None, "Black Toner [K] Cartridge;SN18205B80E00004B7", None, "18205B80E00004B7"),
        ("HP", "Black Cartridge HP CF410A", "CF410A", None),
        ("HP", "Fuser Kit HP 110V-CF249A, 220V-CF254A", None, None),
        ("HP", "Black Cartridge HP ", None, None),
        ("Kyocera", "TK-8527C", "TK-8527C", None),
        (None, "TK-8527C", None, None),
        ("Epson", "Maintenance Box SJMB6000/6500", "SJMB6000/6500", None),
        ("Canon", "Canon Cartridge 719/719H", "719/719H", None),
    ],
)
def test_part_and_serial_numbers_are_taken_out_of_the_description(
    maker: str | None, description: str, part_number: str | None, serial_number: str | None
) -> None:
    profile = PROFILES[maker] if maker else None

    assert part_number_in(description, profile) == part_number
    assert serial_number_in(description, profile) == serial_number


@pytest.mark.parametrize(
    ("words", "colour"),
    [
        ("Toner preto", "black"),
        ("洋紅色碳粉", "magenta"),
        ("黃色碳粉", "yellow"),
        ("tri-color ink cartridge", "tri-color"),
        ("Blackout Unit", None),
        ("Fuser", None),
        (None, None),
    ],
)
def test_colours_are_read_in_the_panels_language(words: str | None, colour: str | None) -> None:
    assert colour_in(words) == colour


@given(st.one_of(st.none(), st.integers()), st.one_of(st.none(), st.integers()), st.sampled_from([None, 7, 13, 19]))
def test_a_percentage_is_never_made_of_what_is_no_amount(
    level: int | None, capacity: int | None, unit: int | None
) -> None:
    columns = {LEVEL: level, CAPACITY: capacity, UNIT: unit}
    known: dict[int, Value] = {column: value for column, value in columns.items() if value is not None}
    known[DESCRIPTION] = b"Toner"
    [found] = supplies_of(answers_with(rows_of(PRT_MARKER_SUPPLIES_ENTRY, (1, 1), known)), None, None)

    if found.percent is not None:
        assert level is not None
        assert level >= 0
        assert (capacity is not None and capacity > 0) or unit == 19
    carried = level is not None and -(2**63) < level < 2**63
    assert found.level == (level if carried else None)


def test_a_finishers_supplies_are_read_as_the_markers_are() -> None:
    staples: dict[int, Value] = {3: 3, 4: 32, 5: b"Staples", 6: 18, 7: 5000, 8: 1250}
    waste: dict[int, Value] = {3: 4, 4: 1, 5: b"Punch waste", 6: 19, 7: -2, 8: -3}
    rows = {**rows_of(FIN_SUPPLY_ENTRY, (1, 1), staples), **rows_of(FIN_SUPPLY_ENTRY, (1, 2), waste)}

    found = finisher_supplies_of(answers_with(rows), None)

    assert [(row.index, row.supply_type, row.level, row.level_state, row.percent, row.receptacle) for row in found] == [
        ("1.1", "staples", 1250, "percent", 25.0, False),
        ("1.2", "other", -3, "some", None, True),
    ]
