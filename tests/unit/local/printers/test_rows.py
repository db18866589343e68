import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.printers.rows import MibView, Oid, Value, integer, parse_oid

oids = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6).map(lambda arcs: (1, 3, *arcs))
tables = st.dictionaries(oids, st.integers(-(2**31), 2**31 - 1).map(integer), max_size=30)


def walk(view: MibView) -> list[Oid]:
    found: list[Oid] = []
    oid: Oid | None = (0, 0)
    while oid is not None and (oid := view.following(oid)) is not None:
        found.append(oid)
    return found


@given(tables)
def test_getnext_from_the_root_enumerates_every_row_once_in_order(rows: dict[Oid, Value]) -> None:
    assert walk(MibView(rows)) == sorted(rows)


@given(tables, oids)
def test_getnext_gives_the_smallest_row_above_any_oid(rows: dict[Oid, Value], oid: Oid) -> None:
    assert MibView(rows).following(oid) == min((row for row in rows if row > oid), default=None)


@given(tables, st.lists(st.tuples(oids, st.integers(0, 99)), max_size=20), st.lists(oids, max_size=10))
def test_rows_put_and_removed_leave_the_same_view_as_a_new_one(
    rows: dict[Oid, Value], put: list[tuple[Oid, int]], removed: list[Oid]
) -> None:
    changed, expected = MibView(rows), dict(rows)
    gone = [*removed, *list(rows)[::2]]

    for oid, number in put:
        changed.put(oid, integer(number))
        expected[oid] = integer(number)
    for oid in gone:
        changed.remove(oid)
        expected.pop(oid, None)

    assert walk(changed) == sorted(expected)
    assert {oid: changed.get(oid) for oid in changed} == expected


@given(tables, oids)
def test_below_gives_exactly_the_rows_of_a_subtree(rows: dict[Oid, Value], prefix: Oid) -> None:
    expected = [oid for oid in sorted(rows) if oid[: len(prefix)] == prefix and oid != prefix]

    assert [(*prefix, *suffix) for suffix, _ in MibView(rows).below(prefix)] == expected


def test_a_changed_row_is_encoded_again() -> None:
    view = MibView({(1, 3, 6): integer(1)})
    before = view.encoded((1, 3, 6))

    view.put((1, 3, 6), integer(2))

    assert view.encoded((1, 3, 6)) == before[:-1] + b"\x02"


@pytest.mark.parametrize(
    "dotted", ["", "1", "1.3.", ".1.3", "1..3", "1.3.x", "1.3.-1", "3.1", "1.3.4294967296", "\u0661.\u0663"]
)
def test_what_is_no_object_identifier_is_refused(dotted: str) -> None:
    with pytest.raises(ValueError, match="not an object identifier"):
        parse_oid(dotted)
