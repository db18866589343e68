"""The contact file: refused as a whole or read row by row, and never taken for a formula (CTC-01, CTC-03, CTC-05)."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.imports.file import (
    COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    TEMPLATE,
    rows_of,
    text_of,
)
from functions.accounts.imports.models import RowFault
from functions.accounts.imports.rows import contact_id_of, faults_of
from shared.csv_cells import escaped, unescaped
from shared.errors import Invalid, TooLarge
from shared.ids import is_id, new_id

HEADER = ",".join(COLUMNS)
GOOD = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.com",
    "address1": "Street 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}


def line(**changes: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([(GOOD | changes).get(column, "") for column in COLUMNS])
    return out.getvalue().removesuffix("\r\n")


def file(*lines: str, header: str = HEADER, ends: str = "\n") -> str:
    return ends.join([header, *lines]) + ends


def refused(content: str | bytes) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        rows_of(text_of(content if isinstance(content, bytes) else content.encode()))
    assert "Nothing was imported" in refusal.value.detail
    return refusal.value


def faults(**changes: str) -> dict[str, str]:
    return {fault.column: fault.reason for fault in faults_of(rows_of(file(line(**changes))))}


def test_the_sample_is_a_good_file() -> None:
    rows = rows_of(text_of(TEMPLATE.encode()))

    assert [row.number for row in rows] == [1, 2]
    assert faults_of(rows) == []
    assert rows[1].values["company"] == "Northwind Traders, Inc."


def test_at_ctc_01_a_file_of_301_rows_is_refused() -> None:
    assert len(rows_of(file(*[line()] * MAX_ROWS))) == MAX_ROWS

    refusal = refused(file(*[line()] * (MAX_ROWS + 1)))

    assert (refusal.code, refusal.errors[0].pointer) == ("too_many_rows", "line:302")


def test_at_ctc_04_a_header_with_two_columns_swapped_is_refused() -> None:
    refusal = refused(file(line(), header=HEADER.replace("first_name,last_name", "last_name,first_name")))

    assert (refusal.code, refusal.errors[0].pointer) == ("wrong_header", "line:1")
    assert "another order" in refusal.errors[0].detail
    assert HEADER in refusal.errors[0].detail


def test_at_ctc_05_windows_1252_bytes_are_refused_as_not_utf_8() -> None:
    refusal = refused(file(line(), line(last_name="Müller")).encode("cp1252"))

    assert (refusal.code, refusal.errors[0].pointer) == ("not_utf8", "line:3")


def test_bytes_that_somebody_on_the_way_could_not_read_are_refused_too() -> None:
    refusal = refused(file(line(), line(last_name="M\N{REPLACEMENT CHARACTER}ller")))

    assert (refusal.code, refusal.errors[0].pointer) == ("not_utf8", "line:3")


@pytest.mark.parametrize(
    ("content", "code", "pointer", "says"),
    [
        ("", "wrong_header", "line:1", "Missing: first_name"),
        (HEADER + "\n", "no_rows", "line:2", "one contact"),
        (HEADER.replace(",notes", "") + "\n" + line(), "wrong_header", "line:1", "Missing: notes"),
        (HEADER + ",age\n" + line(), "wrong_header", "line:1", "Missing: none"),
        (HEADER.upper() + "\n" + line(), "wrong_header", "line:1", "first_name"),
        (HEADER.replace(",", ";") + "\n", "wrong_header", "line:1", "semicolons"),
        (file(line(), line() + ",more"), "wrong_cell_count", "line:3", "16 cells instead of 15"),
        (file(line(), "Ada,Lovelace"), "wrong_cell_count", "line:3", "2 cells instead of 15"),
        (file(line(), '"Ada" x' + line()[3:]), "not_csv", "line:3", "doubled"),
        (file(line(), '"Ada'), "not_csv", "line:3", "unexpected end"),
        (file(line(notes="x" * 140_000)), "not_csv", "line:2", "field larger"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_where_and_what(
    content: str, code: str, pointer: str, says: str
) -> None:
    refusal = refused(content)

    assert (refusal.code, refusal.errors[0].pointer) == (code, pointer)
    assert says in refusal.errors[0].detail


def test_a_file_of_more_than_256_kib_is_too_large() -> None:
    with pytest.raises(TooLarge):
        text_of(b"x" * (MAX_FILE_BYTES + 1))
    assert len(text_of(b"x" * MAX_FILE_BYTES)) == MAX_FILE_BYTES


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_blank_lines_and_a_byte_order_mark_do_not_matter(ends: str) -> None:
    content = "\N{BOM}" + file(line(), "", line(notes="two\nlines"), "", ends=ends)

    assert [row.number for row in rows_of(text_of(content.encode()))] == [1, 2]


def test_at_ctc_02_a_country_code_with_a_plus_is_a_fault_of_its_row_and_column() -> None:
    rows = rows_of(file(line(), line(phone="30 1234567", phone_country_code="+1")))

    assert faults_of(rows) == [
        RowFault(row=2, column="phone_country_code", reason="1 to 3 digits and nothing else: 49, not +49")
    ]


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"first_name": " ", "city": "", "country": ""}, ["first_name", "city", "country"]),
        ({"first_name": "", "email": ""}, ["first_name", "email"]),
        ({"email": ""}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"phone": "30 1234567"}, ["phone_country_code"]),
        ({"phone": "call me", "phone_country_code": "49"}, ["phone"]),
        ({"phone_ext": "x12", "language": "german", "country": "Germany"}, ["phone_ext", "country", "language"]),
        ({"notes": "x" * 501, "postal_code": "1" * 17}, ["postal_code", "notes"]),
        (
            dict.fromkeys(GOOD, ""),
            ["first_name", "last_name", "email", "address1", "city", "postal_code", "country"],
        ),
    ],
)
def test_every_fault_of_a_row_is_told_by_column(changes: dict[str, str], columns: list[str]) -> None:
    assert list(faults(**changes)) == columns


@pytest.mark.parametrize("unseen", ["\0", "\u202e", "\x1b", "\u2028"])
@pytest.mark.parametrize("column", ["first_name", "company", "email", "phone", "city", "notes"])
def test_a_character_that_nobody_sees_is_a_fault_of_its_row_and_column_as_it_is_in_json(
    column: str, unseen: str
) -> None:
    told = faults(**{"phone_country_code": "49", "phone": "30 1234", column: f"3{unseen}0 1234"})

    assert told == {column: f"Leave out the character U+{ord(unseen):04X}, which cannot be shown."}


def test_notes_may_have_several_lines() -> None:
    assert faults(notes="Ring twice\nthen wait") == {}


def test_a_country_that_is_written_out_is_told_what_is_expected() -> None:
    assert faults(country="Germany") == {"country": "not an ISO 3166-1 alpha-2 code in capitals, such as DE or US"}


def test_no_reason_repeats_what_a_cell_holds() -> None:
    told = faults(
        email="secret.person", phone="secret", phone_country_code="secret", country="SECRET", language="secret"
    )

    assert len(told) == 5
    assert "secret" not in " ".join(told.values()).lower()


@given(st.text(alphabet=st.sampled_from("'=+-@\t\rab "), max_size=8))
def test_an_escaped_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert not escaped(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescaped(escaped(cell)) == cell


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_comes_back_as_it_was(cell: str) -> None:
    assert unescaped(escaped(cell)) == cell


def test_the_ids_of_an_imports_contacts_are_its_own_and_sort_by_row() -> None:
    import_id = new_id("imp")

    ids = [contact_id_of(import_id, row) for row in range(1, MAX_ROWS + 1)]

    assert all(is_id(each, "ctc") for each in ids)
    assert ids == sorted(set(ids))
    assert ids == [contact_id_of(import_id, row) for row in range(1, MAX_ROWS + 1)]
