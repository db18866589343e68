"""Cells of CSV files that a spreadsheet may open: none of them is taken for a formula (CTC-05)."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with where a spreadsheet may open it."""
_ESCAPE: Final = "'"


def escaped(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula."""
    return _ESCAPE + cell if cell.lstrip(_ESCAPE).startswith(_FORMULA) else cell


def unescaped(cell: str) -> str:
    """The cell that `escaped` was given; any other stays as it is."""
    is_escaped = cell.startswith(_ESCAPE) and cell.lstrip(_ESCAPE).startswith(_FORMULA)
    return cell.removeprefix(_ESCAPE) if is_escaped else cell
