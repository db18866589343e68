"""Rows that IPP writes as ``key=value;`` texts: their fields, their numbers, their places."""

from collections.abc import Iterator, Mapping
from typing import Final

from edge.reading.text import decode
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid

DEVICE: Final = 1
"""hrDeviceIndex, which IPP does not tell."""
MAX_ROWS: Final = 64
_LARGEST_INDEX: Final = 9_999_999_999
_MOST_DIGITS: Final = 19


def fields_of(octets: bytes) -> dict[str, str]:
    """The fields of a row, keys in lower case; what has no ``=`` is left out."""
    pairs = (piece.partition("=") for piece in decode(octets).split(";"))
    return {key.strip().casefold(): value.strip() for key, found, value in pairs if found and key.strip()}


def indexed(rows: list[bytes]) -> Iterator[tuple[Oid, dict[str, str], int]]:
    """Rows that say something, each with its table index and its place in the list, from 0.

    The index is the one that every row carries; where one lacks it (it is optional) or two share it, it is the place.
    """
    parsed = [fields_of(row) for row in rows[:MAX_ROWS]]
    numbers = [number_in(row.get("index")) or 0 for row in parsed]
    if len({number for number in numbers if 0 < number <= _LARGEST_INDEX}) != len(parsed):
        numbers = list(range(1, len(parsed) + 1))
    for at, (number, row) in enumerate(zip(numbers, parsed, strict=True)):
        if any(row.values()):
            yield (DEVICE, number), row, at


def put_row(answers: Answers, index: Oid, cells: Mapping[Oid, int | bytes | None]) -> None:
    """Keep the cells of a row that have a value."""
    for column, value in cells.items():
        if value is not None:
            answers.put(column, index, value)


def number_in(text: str | None) -> int | None:
    """A decimal number of at most 19 digits; None for anything else."""
    text = (text or "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def item_at(texts: list[bytes], at: int) -> bytes | None:
    """One of a list that should be as long as another, and is not always."""
    return texts[at] if at < len(texts) and texts[at].strip() else None
