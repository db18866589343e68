"""What is made of the answers is kept once for all printers that gave the same."""

from collections.abc import Callable

import pytest

from edge.snmp.answers import Answers
from edge.snmp.codec import Oid, Value
from edge.snmp.parts import Column, Parts, SharedParts

LEVEL: Oid = (1, 3, 1)
HALF: Column = {(1,): 50}


def of_printer(shared: SharedParts, rows: Column | None) -> Answers:
    answers = Answers()
    answers.parts = Parts(shared=shared)
    if rows is not None:
        answers.columns = {LEVEL: rows}
    return answers


def levels(answers: Answers, *given: object) -> list[Value]:
    return answers.part("levels", lambda: list(answers.column(LEVEL).values()), *given)


def test_printers_with_the_same_column_share_what_is_made_of_it() -> None:
    shared, rows = SharedParts(), dict(HALF)

    first, second = levels(of_printer(shared, rows)), levels(of_printer(shared, rows))

    assert first == [50]
    assert second is first
    assert levels(of_printer(SharedParts(), rows)) is not first


def test_a_column_of_other_rows_is_made_into_something_else() -> None:
    shared = SharedParts()
    levels(of_printer(shared, {(1,): 50}))

    assert levels(of_printer(shared, {(1,): 40})) == [40]
    assert levels(of_printer(shared, None)) == []


def other_index(answers: Answers) -> None:
    answers.device_index = (2,)


def other_end(answers: Answers) -> None:
    answers.finished = {LEVEL}


def without_mib(answers: Answers) -> None:
    answers.has_printer_mib = False


@pytest.mark.parametrize("change", [other_index, other_end, without_mib])
def test_nothing_is_shared_with_a_printer_that_was_read_otherwise(change: Callable[[Answers], None]) -> None:
    shared, rows = SharedParts(), dict(HALF)
    first = levels(of_printer(shared, rows))
    other = of_printer(shared, rows)
    change(other)

    assert levels(other) is not first


def test_nothing_is_shared_that_was_made_with_something_else() -> None:
    shared, rows = SharedParts(), dict(HALF)

    assert levels(of_printer(shared, rows), "ascii") is not levels(of_printer(shared, rows), "latin")


def test_what_many_printers_had_after_it_is_made_again() -> None:
    shared, rows = SharedParts(), dict(HALF)
    first = levels(of_printer(shared, rows))

    for level in range(100):
        levels(of_printer(shared, {(1,): level}))

    assert levels(of_printer(shared, rows)) == first
    assert levels(of_printer(shared, rows)) is not first
