"""Rows, verdicts, the comparison of values, and the simulated cartridges."""

import pytest

from bench.cartridges import Cartridge, cartridges
from bench.independent import differences
from bench.report import figure
from bench.row import Row, Verdict, at_most, is_true, left_out, ratio_at_most
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Value


def test_a_figure_at_its_limit_meets_the_target_and_one_above_misses_it() -> None:
    assert at_most("x", 10, "ms", 10).verdict is Verdict.MET
    assert at_most("x", 10.01, "ms", 10).verdict is Verdict.MISSED


def test_a_ratio_is_held_against_what_stands_beside_it() -> None:
    assert ratio_at_most("x", 1.1, "s", ("floor", 1.0), 1.2).verdict is Verdict.MET
    assert ratio_at_most("x", 1.3, "s", ("floor", 1.0), 1.2).verdict is Verdict.MISSED
    assert ratio_at_most("x", 1.0, "s", ("floor", 0.0), 1.2).verdict is Verdict.MISSED


@pytest.mark.parametrize(
    "row", [at_most("x", 1, "ms", 2), is_true("y", holds=False, target="t"), left_out("z", "", "w")]
)
def test_a_row_survives_json(row: Row) -> None:
    assert Row.from_data(row.as_data()) == row


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "", "-"), (1.0, "yes/no", "yes"), (0.0123, "ms", "0.0123 ms"), (1234.5, "$", "1,234 $")],
)
def test_figures_show_the_digits_that_mean_something(value: float | None, unit: str, text: str) -> None:
    assert figure(value, unit) == text


def answers(**cells: Value) -> Answers:
    found = Answers()
    for index, value in cells.items():
        found.put(oids.SYS_DESCR, (int(index.removeprefix("i")),), value)
    return found


def test_values_that_both_readers_have_alike_are_no_difference() -> None:
    assert differences(answers(i0=b"HP"), {(*oids.SYS_DESCR, 0): b"HP", (1, 3): 5}) == []


def test_a_value_read_otherwise_or_made_up_is_a_difference() -> None:
    assert len(differences(answers(i0=b"HP"), {(*oids.SYS_DESCR, 0): b"Canon"})) == 1
    assert len(differences(answers(i0=b"HP"), {})) == 1
    assert differences(answers(i0=Absent.UNREADABLE), {}) == []


def test_a_row_missed_in_a_column_that_counts_as_read_to_its_end_is_a_difference() -> None:
    read = answers(i1=3)
    read.finished.add(oids.SYS_DESCR)

    assert len(differences(read, {(*oids.SYS_DESCR, 1): 3, (*oids.SYS_DESCR, 2): 4})) == 1


def test_the_same_seed_gives_the_same_cartridges_and_each_runs_empty_on_its_last_day() -> None:
    made: list[Cartridge] = list(cartridges(20, 3))

    assert made == list(cartridges(20, 3))
    for cartridge in made:
        assert cartridge.remaining[cartridge.end] <= 0 < cartridge.remaining[cartridge.end - 1]
        assert cartridge.start < cartridge.end
