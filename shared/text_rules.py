"""Which characters a text that people send may hold: what is seen, and nothing that changes how the rest is read."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.errors import FieldError

SEVERAL_LINES: Final = frozenset({"notes", "reason"})
"""Fields that may hold line feeds and tabs."""
_LAYOUT: Final = frozenset("\n\r\t")
_TRIMMED: Final = " \n\r\t"
_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width (non-)joiners, which Persian, Indic scripts and emoji are written with."""
_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def control_character(text: str, *, several_lines: bool = False) -> str | None:
    """The first character that is refused, or None; white space around the text does not count.

    Refused are control characters, line and paragraph separators, lone surrogates, and format characters such as
    those that turn the direction of writing (Unicode Cc, Zl, Zp, Cs, Cf).
    """
    if text.isascii() and text.isprintable():
        return None
    for character in text.strip(_TRIMMED):
        if unicodedata.category(character) not in _REFUSED or character in _JOINERS:
            continue
        if not (several_lines and character in _LAYOUT):
            return character
    return None


def refused_texts(value: Any, pointer: str = "", name: str = "") -> Iterator[FieldError]:  # noqa: ANN401 - any JSON
    """An error for each text of a JSON value that holds a refused character; names of members count too."""
    if isinstance(value, str):
        found = control_character(value, several_lines=name in SEVERAL_LINES)
        if found is not None:
            yield FieldError(pointer, f"Leave out the character U+{ord(found):04X}, which cannot be shown.")
    elif isinstance(value, Mapping):
        for member, inner in value.items():
            yield from refused_texts(inner, f"{pointer}/{member}", member)
            if control_character(member) is not None:
                yield FieldError(pointer or "/", "Leave control characters out of names.")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from refused_texts(inner, f"{pointer}/{number}", name)
