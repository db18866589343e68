from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.profiles.colours import colour_in
from edge.profiles.makers import Profile
from edge.reading.maker_supplies import maker_supplies, refined
from edge.snmp.answers import Answers
from edge.snmp.codec import Value
from edge.snmp.oids import parse_oid
from shared.wire.printer_mib import LevelState
from shared.wire.reading import MakerSupply, Supply
from tests.support.recordings import ACME, BROTHERS, CONFIRMED, UNCONFIRMED, acme_profile, records, supply_of

TONER = ["toner", "tonerCartridge"]


def answers_of(cells: dict[str, Value]) -> Answers:
    answers = Answers()
    for name, value in cells.items():
        answers.put(parse_oid(f"{ACME}.{name}"), (), value)
    return answers


def row(index: str, colorant: str | None = None, **changes: Any) -> Supply:  # noqa: ANN401 - any field
    fields = {"supply_type": "toner", "level": -3, "max_capacity": -2, "level_state": LevelState.SOME}
    return Supply(index=index, colorant=colorant, **(fields | changes))


def told(answers: Answers, profile: Profile, *rows: Supply, model: str | None = None) -> list[MakerSupply]:
    return maker_supplies(answers, profile, list(rows), model)


def black(**changes: object) -> Profile:
    toner = supply_of("toner", "percent", "6.1", colorant="black", types=TONER, **changes)
    return acme_profile(supplies=[toner])


def test_the_makers_number_becomes_the_percentage_of_a_row_that_only_says_some() -> None:
    rows = [row("1.1", "black"), row("1.2", "cyan")]

    found = refined(rows, told(answers_of({"6.1": 77}), black(), *rows), black(), None)

    assert (found[0].percent, found[0].level_state, found[0].level) == (77.0, "percent", -3)
    assert (found[0].refined_percent, found[0].refined_source) == (77.0, f"{ACME}.6.1")
    assert found[1] == rows[1]


def test_an_unconfirmed_number_is_shown_beside_and_decides_nothing() -> None:
    rows = [row("1.1", "black")]
    profile = black(claim=UNCONFIRMED)

    [found] = refined(rows, told(answers_of({"6.1": 77}), profile, *rows), profile, None)

    assert (found.percent, found.level_state, found.refined_percent) == (None, "some", 77.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"level": 40, "max_capacity": 100, "level_state": LevelState.PERCENT, "percent": 40.0},
        {"level": -1, "level_state": LevelState.NOT_METERED},
        {"receptacle": True},
    ],
)
def test_a_row_that_tells_its_level_or_is_filled_in_use_is_left_as_it_is(changes: dict[str, Any]) -> None:
    rows = [row("1.1", "black", **changes)]

    assert refined(rows, told(answers_of({"6.1": 77}), black(), *rows), black(), None) == rows


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([row("1.1", "black"), row("1.2", "black")], None),  # two black toners: which one is meant?
        ([row("1.1"), row("1.2", supply_type="opc")], "1.1"),  # the only toner of a printer that names no colour
        ([row("1.1"), row("1.2")], None),
        ([row("1.1", "cyan")], None),
        ([row("1.1", "black", supply_type="opc")], None),
        ([row("1.1", "black", supply_type="tonerCartridge")], "1.1"),
        ([], None),
    ],
)
def test_a_part_is_about_a_row_only_when_no_other_can_be_meant(rows: list[Supply], index: str | None) -> None:
    [item] = told(answers_of({"6.1": 77}), black(), *rows)

    assert item.supply == index


def test_what_is_told_of_one_part_is_one_entry_and_the_first_number_counts() -> None:
    block = records((0x41, b"\x00\x00\x23\xf0"), (0x11, b"\x00\x00\x03\xda"), (0x81, b"\x50"), (0x63, b"\x01"))
    of_block = {"parse": "record", "types": ["opc"]}
    profile = acme_profile(
        record_layout=BROTHERS,
        supplies=[
            supply_of("drum", "hundredths", "7", record=0x41, **of_block),
            supply_of("drum", "percent", "7", record=0x81, **of_block),
            supply_of("drum", "pages_done", "7", record=0x11, **of_block),
            supply_of("drum", "status", "7", record=0x63, **of_block),
            supply_of("drum", "pages_left", "8", types=["opc"]),
        ],
    )

    [drum] = told(answers_of({"7": block, "8": 11_014}), profile, row("1.3", supply_type="opc"))

    assert drum == MakerSupply(
        part="drum",
        supply="1.3",
        percent=92.0,
        pages_left=11_014,
        pages_done=986,
        status=1,
        raw=9200,
        source=f"{ACME}.7 record 41",
        confirmed=True,
    )


@pytest.mark.parametrize(
    ("octets", "percent"),
    [
        (b"\x04\x14", 20.0),
        (b"\x00\x14", 0.0),
        (b"\x14\x14", 100.0),
        (b"\x15\x14", 100.0),
        (b"\x04\x00", None),
        (b"\x04", None),
        (b"", None),
    ],
)
def test_a_fraction_is_what_is_left_of_what_is_full(octets: bytes, percent: float | None) -> None:
    ink = supply_of("ink", "fraction", "7", parse="record", record=0xA1)
    profile = acme_profile(record_layout=BROTHERS, supplies=[ink])

    found = told(answers_of({"7": records((0xA1, octets))}), profile)

    assert [item.percent for item in found] == ([] if percent is None else [percent])


def test_a_special_number_is_never_a_percentage_and_keeps_its_meaning() -> None:
    profile = black(special={-100: "low"})
    rows = [row("1.1", "black")]

    [item] = told(answers_of({"6.1": -100}), profile, *rows)
    [found] = refined(rows, [item], profile, None)

    assert (item.raw, item.percent, item.meaning) == (-100, None, "low")
    assert (found.level_meaning, found.percent, found.level_state) == ("low", None, "some")


@given(st.integers(-(2**40), 2**40))
def test_no_number_outside_its_range_becomes_a_percentage(number: int) -> None:
    [item] = told(answers_of({"6.1": number}), black())

    assert item.raw == number
    assert (item.percent is not None) == (0 <= number <= 100)


def test_a_part_is_only_of_the_models_that_have_it() -> None:
    profile = acme_profile(supplies=[supply_of("drum", "percent", "6.1", models="^HL-L")])

    assert [len(told(answers_of({"6.1": 5}), profile, model=model)) for model in ("HL-L1", "MFC-J1", None)] == [1, 0, 0]


def lexmark_like(claim: dict[str, Any], **changes: object) -> Profile:
    columns = {
        "type_column": 3,
        "colorant_column": 4,
        "serial_number_column": 6,
        "capacity_column": 14,
        "level_column": 16,
    }
    table = {name: f"{ACME}.9.{number}" for name, number in columns.items()}
    names = {6: TONER, 7: ["opc"]}
    return acme_profile(supply_tables=[{"part": "supply", "type_names": names, "claim": claim} | table | changes])


def table_answers(*rows: dict[int, Value]) -> Answers:
    answers = Answers()
    for number, cells in enumerate(rows, start=1):
        for column, value in cells.items():
            answers.put(parse_oid(f"{ACME}.9.{column}"), (1, number), value)
    return answers


def test_a_table_of_the_makers_gives_levels_and_serial_numbers_to_the_rows_they_are_about() -> None:
    rows = [row("1.1", "black", max_capacity=25_000), row("1.2", supply_type="opc", level=62_000)]
    answers = table_answers(
        {3: 6, 4: b"black", 6: b"CAK1234567", 14: 25_000, 16: 2_500},
        {3: 7, 4: b"none", 6: b"unknown", 14: 100_000, 16: 62_000},
        {3: 99, 4: b"black", 16: 1},
    )
    profile = lexmark_like(CONFIRMED)

    items = told(answers, profile, *rows)
    toner, drum = refined(rows, items, profile, None)

    assert [(item.part, item.colorant, item.supply, item.percent) for item in items] == [
        ("toner", "black", "1.1", 10.0),
        ("opc", None, "1.2", 62.0),
    ]
    assert (toner.percent, toner.serial_number, toner.level, toner.max_capacity) == (10.0, "CAK1234567", -3, 25_000)
    assert drum.serial_number is None


def test_a_table_without_a_capacity_tells_nothing_of_how_much_is_left() -> None:
    [item] = told(table_answers({3: 6, 4: b"black", 14: 0, 16: 2_500}), lexmark_like(CONFIRMED))

    assert (item.raw, item.percent) == (2_500, None)


def rule(level: int | None, means: str, **changes: object) -> dict[str, Any]:
    return {"level": level, "means": means, "claim": CONFIRMED} | changes


@pytest.mark.parametrize(
    ("rules", "supply", "model", "meaning"),
    [
        ([rule(-3, "low", with_capacity=True)], row("1.1", max_capacity=25_000), None, "low"),
        ([rule(-3, "low", with_capacity=True)], row("1.1"), None, None),
        ([rule(-2, "low")], row("1.1"), None, None),
        ([rule(-3, "low", types=["opc"])], row("1.1"), None, None),
        ([rule(-3, "above_low", models="4500")], row("1.1"), "LaserJet 4500", "above_low"),
        ([rule(-3, "above_low", models="4500")], row("1.1"), "LaserJet 5", None),
        ([rule(-3, "above_low", models="4500")], row("1.1"), None, None),
        ([rule(None, "not_metered", receptacle=True)], row("1.1", receptacle=True, level=0), None, "not_metered"),
        ([rule(None, "not_metered", receptacle=True)], row("1.1", level=0), None, None),
        ([rule(None, "not_metered", receptacle=True)], row("1.1", receptacle=True, level=None), None, None),
    ],
)
def test_what_a_maker_means_by_a_level_is_told_beside_it(
    rules: list[dict[str, Any]], supply: Supply, model: str | None, meaning: str | None
) -> None:
    [found] = refined([supply], [], acme_profile(level_meanings=rules), model)

    assert found.level_meaning == meaning
    assert found.model_copy(update={"level_meaning": None}) == supply


def test_a_colour_without_a_name_is_none() -> None:
    assert colour_in("none") is None
