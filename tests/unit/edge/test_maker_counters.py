import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.answers import Answers
from edge.maker_counters import keep_named_rows, maker_counters
from edge.oids import parse_oid
from edge.profiles import Profile
from edge.snmp_codec import Absent, Value
from tests.support.recordings import ACME, CONFIRMED, acme_profile, counter_of, table_of

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
