"""The contact file (CTC-01, CTC-05): CSV as it is read and written; pure text, nothing is ever evaluated."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from functions.accounts.contacts.models import Contact
from shared.csv_cells import escaped, unescaped
from shared.errors import FieldError, Invalid, TooLarge

COLUMNS: Final = (
    "first_name",
    "last_name",
    "email",
    "phone_country_code",
    "phone",
    "phone_ext",
    "company",
    "address1",
    "address2",
    "city",
    "state",
    "postal_code",
    "country",
    "language",
    "notes",
)
ADDRESS_COLUMNS: Final = ("address1", "address2", "city", "state", "postal_code", "country")
MAX_ROWS: Final = 300
MAX_FILE_BYTES: Final = 256 * 1024
TEMPLATE: Final = (
    ",".join(COLUMNS) + "\r\n"
    "Ada,Lovelace,ada@example.com,49,30 1234567,12,Contoso Ltd,Unter den Linden 1,2nd floor,Berlin,,10117,DE,de,\r\n"
    'Grace,Hopper,,1,212 555 0100,,"Northwind Traders, Inc.",200 Park Avenue,,New York,NY,10166,US,en,"Ring twice"\r\n'
)
"""The sample: its header is what every file begins with; a value with a comma stands in quotes."""

_MOST_NAMED: Final = 50
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_NOT_UTF8: Final = "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8'), and send it as it is."


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a contact file; ``number`` counts the rows of data from 1, the header is none (CTC-03)."""

    number: int
    cells: tuple[str, ...]

    @property
    def values(self) -> dict[str, str | None]:
        """The cells by column, without space around them; a blank one is None."""
        plain = (unescaped(cell.strip()) for cell in self.cells)
        return {column: cell or None for column, cell in zip(COLUMNS, plain, strict=True)}


def text_of(content: bytes) -> str:
    """The file's text.

    Raises:
        TooLarge: More than `MAX_FILE_BYTES`.
        Invalid: It is not UTF-8.
    """
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge("contact_file_too_large", f"A contact file has at most {MAX_FILE_BYTES // 1024} KiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused("not_utf8", "The file is not UTF-8.", (line, _NOT_UTF8)) from None
    # What stands for bytes that somebody on the way could not read.
    if _REPLACEMENT in text:
        line = text.count("\n", 0, text.index(_REPLACEMENT)) + 1
        raise _refused("not_utf8", "The file was not UTF-8 when it was saved or sent.", (line, _NOT_UTF8))
    return text


def rows_of(text: str) -> list[Row]:
    """The rows of a file that is whole: the template's columns in order, and 1 to `MAX_ROWS` rows of as many cells.

    Blank lines are no rows.

    Raises:
        Invalid: It is not; the fault says where. Nothing of such a file is imported.
    """
    lines = list(_lines(text))
    _check_header(lines[0] if lines else (1, []))
    rows = lines[1:]
    if not rows:
        raise _refused("no_rows", "The file has a header and no contacts.", (2, "Write one contact a line."))
    if len(rows) > MAX_ROWS:
        over = (rows[MAX_ROWS][0], f"Row {MAX_ROWS + 1} is here; split the file.")
        raise _refused("too_many_rows", f"{len(rows)} contacts; a file has at most {MAX_ROWS}.", over)
    uneven = [
        (line, f"{len(cells)} cells instead of {len(COLUMNS)}: quote values that hold a comma, delete no column.")
        for line, cells in rows
        if len(cells) != len(COLUMNS)
    ]
    if uneven:
        raise _refused("wrong_cell_count", f"{len(uneven)} rows have too few or too many cells.", *uneven)
    return [Row(number, tuple(cells)) for number, (_, cells) in enumerate(rows, start=1)]


def file_of(contacts: Iterable[Contact]) -> str:
    """The contacts as a file that `rows_of` reads, safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for contact in contacts:
        given = contact.model_dump() | contact.address.model_dump()
        writer.writerow([escaped(given[column] or "") for column in COLUMNS])
    return out.getvalue()


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row's first line in the file, and its cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _refused(
            "not_csv", "The file is not CSV.", (begins, f"{error}; quotes inside quotes are doubled.")
        ) from None


def _check_header(header: tuple[int, list[str]]) -> None:
    line, cells = header
    if cells == list(COLUMNS):
        return
    wanted = ",".join(COLUMNS)
    if len(cells) == 1 and ";" in cells[0]:
        hint = f"Columns are separated by semicolons: save with commas. The header is: {wanted}"
    elif sorted(cells) == sorted(COLUMNS):
        hint = f"The columns are in another order. The header is: {wanted}"
    else:
        missing = [column for column in COLUMNS if column not in cells]
        hint = f"Missing: {', '.join(missing) or 'none'}. The header is: {wanted}"
    raise _refused("wrong_header", "The first line is not the template's header.", (line, hint))


def _refused(code: str, detail: str, *faults: tuple[int, str]) -> Invalid:
    errors = tuple(FieldError(f"line:{line}", fault) for line, fault in faults[:_MOST_NAMED])
    return Invalid(code, f"{detail} Nothing was imported.", errors)
