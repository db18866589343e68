"""What is made of the answers, and used again while nothing of it has changed."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Oid, Value
from local.printers.rows import Value as PrinterValue
from local.printers.rows import integer
from tests.support.edge import MemoryTransport, memory_reader, plain_printer, read

LEVEL: Oid = (1, 3, 1)
TEXT: Oid = (1, 3, 2)


def answers_of(columns: dict[Oid, dict[Oid, Value]], before: Answers | None = None) -> Answers:
    answers = Answers()
    answers.columns = columns
    if before is not None:
        answers.parts = before.parts
    return answers


class Counted:
    """Makes something of the answers and counts how often it had to."""

    def __init__(self, make: Callable[[Answers], object]) -> None:
        self.times = 0
        self._make = make

    def of(self, answers: Answers, *given: object) -> object:
        def make() -> object:
            self.times += 1
            return self._make(answers)

        return answers.part("part", make, *given)


def test_a_part_is_made_again_only_when_a_column_that_it_looked_at_was_replaced() -> None:
    level: dict[Oid, Value] = {(1,): 50}
    counted = Counted(lambda answers: answers.number(LEVEL, (1,)))
    first = answers_of({LEVEL: level, TEXT: {(1,): b"a"}})

    assert counted.of(first) == 50
    second = answers_of({LEVEL: level, TEXT: {(1,): b"b"}}, first)
    assert counted.of(second) == 50
    assert counted.times == 1
    third = answers_of({LEVEL: {(1,): 40}, TEXT: {(1,): b"b"}}, second)
    assert counted.of(third) == 40


def test_a_column_that_was_not_there_is_looked_at_too() -> None:
    counted = Counted(lambda answers: answers.indexes((LEVEL,)))
    first = answers_of({})

    assert counted.of(first) == []
    assert counted.of(answers_of({LEVEL: {(1,): 1}}, first)) == [(1,)]


def test_a_part_is_made_again_when_something_else_is_given() -> None:
    counted = Counted(lambda answers: answers.cell(LEVEL))
    first = answers_of({})
    counted.of(first, "ascii")

    counted.of(answers_of({}, first), "latin")

    assert counted.times == 2


def test_a_part_is_made_again_when_other_tables_were_read_to_their_end() -> None:
    counted = Counted(lambda answers: answers.read_to_end((LEVEL,)))
    first = answers_of({})
    counted.of(first)
    second = answers_of({}, first)
    second.finished = {LEVEL}

    assert counted.of(second) is True


def test_what_an_inner_part_looked_at_counts_for_the_outer_one() -> None:
    def both(answers: Answers) -> Value | None:
        return answers.part("inner", lambda: answers.cell(LEVEL, (1,)))

    counted = Counted(both)
    first = answers_of({LEVEL: {(1,): 1}})
    first.part("inner", lambda: first.cell(LEVEL, (1,)))

    assert counted.of(first) == 1
    assert counted.of(answers_of({LEVEL: {(1,): 2}}, first)) == 2


def test_a_table_is_read_to_its_end_without_the_columns_that_cannot_be_asked_for() -> None:
    answers = Answers()
    answers.finished, answers.unanswered = {LEVEL}, {TEXT}

    assert answers.read_to_end((LEVEL, TEXT))
    assert answers.read_to_end(())
    answers.finished = set()
    assert not answers.read_to_end((LEVEL, TEXT))


PRINTER = plain_printer(supplies=2, alerts=1)
GENERAL = (1, 3, 6, 1, 2, 1, 43, 5)
changes = st.lists(
    st.tuples(
        st.sampled_from([name for name in PRINTER if name[6] != 1 and name[:8] != GENERAL]),
        st.integers(min_value=-3, max_value=2_000),
    ),
    max_size=4,
)


@settings(max_examples=30, deadline=None)
@given(st.lists(changes, min_size=1, max_size=4))
def test_readings_by_a_known_shape_equal_readings_in_full(polls: list[list[tuple[Oid, int]]]) -> None:
    rows: dict[Oid, PrinterValue] = dict(PRINTER)
    known = memory_reader(MemoryTransport(rows))
    read(known._transport, reader=known)  # type: ignore[arg-type] # it is the one just made

    for poll in polls:
        rows.update({name: integer(number) for name, number in poll})
        known._transport = MemoryTransport(rows)
        again = read(known._transport, reader=known)
        afresh = read(MemoryTransport(rows))
        assert again.model_dump(exclude={"reading_id"}) == afresh.model_dump(exclude={"reading_id"})


def test_an_unreadable_value_is_no_value() -> None:
    answers = answers_of({LEVEL: {(1,): Absent.UNREADABLE}})

    assert answers.cell(LEVEL, (1,)) is None
    assert answers.number(LEVEL, (1,)) is None
