"""Rows that real printers have and no reading needs: who walks whole tables pays for them.

The recordings of real printers with a whole Printer-MIB (RFC 3805) have 63 rows of localizations in the median, 25
of media paths, 49 of channels and 55 of interpreters, and the built-in models almost none. These are as many.
"""

from collections.abc import Iterator
from typing import Final

from local.printers import oids
from local.printers.device import DEVICE
from local.printers.rows import Oid, Value, integer, text

_LANGUAGES: Final = ("en da de es fi fr it ja ko nb nl pl pt ru sv th tr zh cs hu el").split()
_CHANNELS: Final = {8: "LPD", 11: "AppSocket", 37: "IPP", 6: "FTP", 44: "WSD", 10: "SMTP"}
_INTERPRETERS: Final = {3: "PCL", 5: "HPGL", 6: "PJL", 37: "PCLXL", 54: "PDF", 61: "PostScript"}
_UTF_8: Final = 106


def unread_rows() -> Iterator[tuple[Oid, Value]]:
    """The rows of one printer."""
    mib = oids.PRT_GENERAL_ENTRY[:7]
    for row, language in enumerate(_LANGUAGES, start=1):
        yield from _row((*mib, 7, 1, 1), row, {2: text(language), 3: text(""), 4: integer(_UTF_8)})
    yield (*mib, 13, 1, 4, DEVICE, 1), integer(1)
    for row in (1, 2):
        path = {2: 1200, 3: 3, 4: 42_000, 5: 29_700, 6: 14_800, 7: 10_500, 8: 3 + row, 10: 3}
        columns = {column: integer(number) for column, number in path.items()} | {9: text("Paper path"), 11: integer(0)}
        yield from _row((*mib, 13, 4, 1), row, columns)
    for row, (kind, name) in enumerate(_CHANNELS.items(), start=1):
        columns = {2: integer(kind), 3: text("1.0"), 4: integer(1), 5: integer(1), 6: integer(3), 7: integer(0)}
        yield from _row((*mib, 14, 1, 1), row, columns | {8: text(f"Name={name};Port=9100")})
    for row, (kind, name) in enumerate(_INTERPRETERS.items(), start=1):
        columns = {2: integer(kind), 3: text("1"), 4: text("2.0"), 5: text(name), 6: text("1.0"), 7: integer(3)}
        numbers = {8: 2, 9: 2, 10: 600, 11: 600, 12: 2}
        yield from _row((*mib, 15, 1, 1), row, columns | {column: integer(each) for column, each in numbers.items()})


def _row(entry: Oid, index: int, columns: dict[int, Value]) -> Iterator[tuple[Oid, Value]]:
    for column, value in columns.items():
        yield (*entry, column, DEVICE, index), value
