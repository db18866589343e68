import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.profiles.makers import Profile
from edge.reading.maker_counters import keep_named_rows, maker_counters
from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Value
from edge.snmp.oids import parse_oid
from tests.support.recordings import ACME, BROTHERS, CONFIRMED, acme_profile, counter_of, records, table_of

LABELS, VALUES = parse_oid(f"{ACME}.9.4"), parse_oid(f"{ACME}.9.3")
MONO_AND_COLOUR = table_of(
    {"name": "mono_impressions", "labels": ["Black Total"], "claim": CONFIRMED},
    {"name": "color_impressions", "labels": ["Full Colour", "Two Colour"], "claim": CONFIRMED},
)


def answers_of(cells: dict[str, Value]) -> Answers:
    answers = Answers()
    for name, value in cells.items():
        answers.put(parse_oid(f"{ACME}.{name}"), (), value)
    return answers


def labelled(*rows: tuple[Value, Value]) -> Answers:
    answers = Answers()
    for number, (label, value) in enumerate(rows, start=1):
        answers.put(LABELS, (1, number), label)
        answers.put(VALUES, (1, number), value)
    return answers


def values(answers: Answers, profile: Profile) -> dict[str, int]:
    return {counter.name: counter.value for counter in maker_counters(answers, profile)}


SUM = acme_profile(counters=[counter_of("mono_impressions", "5.1", add=[f"{ACME}.5.2", f"{ACME}.5.3"])])


@given(st.lists(st.integers(0, 2**40), min_size=3, max_size=3))
def test_a_sum_is_the_sum_of_its_parts(parts: list[int]) -> None:
    answers = answers_of({f"5.{number}": value for number, value in enumerate(parts, start=1)})

    assert values(answers, SUM) == {"mono_impressions": sum(parts)}


@pytest.mark.parametrize("part", [None, -1, b"12", Absent.UNREADABLE])
def test_a_sum_without_one_of_its_parts_is_not_told(part: Value | None) -> None:
    cells: dict[str, Value] = {"5.1": 10, "5.2": 20} | ({} if part is None else {"5.3": part})

    assert values(answers_of(cells), SUM) == {}


def test_a_counter_says_where_it_comes_from() -> None:
    [counter] = maker_counters(answers_of({"5.1": 1, "5.2": 2, "5.3": 3}), SUM)

    assert counter.source == f"{ACME}.5.1 and 2 more"


def test_a_table_is_read_by_its_labels_wherever_the_rows_stand() -> None:
    answers = labelled((b"Full Colour", 7), (b"Scans", 9), (b" black  total", 5))

    assert values(answers, acme_profile(counter_tables=[MONO_AND_COLOUR])) == {
        "mono_impressions": 5,
        "color_impressions": 7,
    }


def test_further_labels_are_added_and_the_first_one_is_needed() -> None:
    profile = acme_profile(counter_tables=[MONO_AND_COLOUR])

    assert values(labelled((b"Full Colour", 7), (b"Two Colour", 3)), profile) == {"color_impressions": 10}
    assert values(labelled((b"Two Colour", 3)), profile) == {}


def test_a_label_that_comes_twice_counts_once() -> None:
    profile = acme_profile(counter_tables=[MONO_AND_COLOUR])

    assert values(labelled((b"Black Total", 5), (b"Black Total", 6)), profile) == {"mono_impressions": 5}


def test_a_label_may_be_a_number_of_the_makers() -> None:
    table = table_of({"name": "acme.total", "labels": ["10"], "claim": CONFIRMED})

    assert values(labelled((200, 1), (10, 42)), acme_profile(counter_tables=[table])) == {"acme.total": 42}


def test_a_row_without_a_value_is_no_counter() -> None:
    answers = labelled((b"Black Total", Absent.UNREADABLE))

    assert values(answers, acme_profile(counter_tables=[MONO_AND_COLOUR])) == {}


def test_rows_that_no_counter_names_are_forgotten() -> None:
    answers = labelled((b"Scans", 9), (b"Black Total", 5), (b"Paper jams", 2))

    keep_named_rows(answers, acme_profile(counter_tables=[MONO_AND_COLOUR]))

    assert answers.column(LABELS) == {(1, 2): b"Black Total"}
    assert answers.column(VALUES) == {(1, 2): 5}


def test_of_two_sources_of_one_counter_the_first_that_is_told_counts() -> None:
    profile = acme_profile(counters=[counter_of("scan_count", "5.1"), counter_of("scan_count", "5.2")])

    assert values(answers_of({"5.1": 7, "5.2": 9}), profile) == {"scan_count": 7}
    assert values(answers_of({"5.2": 9}), profile) == {"scan_count": 9}


def test_a_counter_in_a_block_of_records_names_its_record() -> None:
    counted = counter_of("scan_count", "5.1", parse="record", record=0x16)
    profile = acme_profile(record_layout=BROTHERS, counters=[counted])
    block = records((0x01, b"\x00\x09"), (0x16, b"\x01\x00"))

    [counter] = maker_counters(answers_of({"5.1": block}), profile)

    assert (counter.value, counter.source) == (256, f"{ACME}.5.1 record 16")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"555719 INCHES, 1411527 CENTIMETERS", 1_411_527),
        (b"5,557 INCHES, 14,115 CENTIMETERS", 14_115),
        (b"0 INCHES", None),
        (b"CENTIMETERS", None),
        (b"9" * 200 + b" CENTIMETERS", None),
        (7, None),
    ],
)
def test_a_number_within_a_text_is_found_by_its_pattern(text: Value, value: int | None) -> None:
    length = counter_of("acme.length", "5.1", parse="number_in_text", pattern=r"([\d,. ]*\d) *CENTIMETERS")

    found = values(answers_of({"5.1": text}), acme_profile(counters=[length]))

    assert found == ({} if value is None else {"acme.length": value})


TWO_COLUMNS = {
    "label_columns": [f"{ACME}.9.4", f"{ACME}.9.5"],
    "value_column": f"{ACME}.9.3",
    "every_row": True,
    "counters": [
        {"name": "acme.mono", "labels": ["1/3"], "claim": CONFIRMED},
        {"name": "acme.print", "labels": ["1/1", "1/3"], "needs": "any", "claim": CONFIRMED},
        {"name": "acme.color", "labels": ["1/1", "1/3"], "claim": CONFIRMED},
    ],
}


def test_rows_that_differ_in_what_is_not_read_are_added_up() -> None:
    answers = Answers()
    for number, (job, colour, value) in enumerate([(1, 3, 5), (1, 3, 7), (2, 3, 100)], start=1):
        answers.put(LABELS, (1, number), job)
        answers.put(parse_oid(f"{ACME}.9.5"), (1, number), colour)
        answers.put(VALUES, (1, number), value)

    profile = acme_profile(counter_tables=[TWO_COLUMNS])

    assert values(answers, profile) == {"acme.mono": 12, "acme.print": 12}
    keep_named_rows(answers, profile)
    assert sorted(answers.column(VALUES)) == [(1, 1), (1, 2)]
