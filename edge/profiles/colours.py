"""Process colours named in texts, in the languages that recordings showed."""

import re
from typing import Final

_COLOURS: Final = (
    ("tri-color", re.compile(r"tri-?colou?r", re.IGNORECASE)),
    (
        "black",
        re.compile(r"\bblack\b|\bpret[oa]\b|\bnegr[oa]\b|\bnero\b|\bnoire?\b|\bschwarz|黑|чёрн|черн", re.IGNORECASE),
    ),
    ("cyan", re.compile(r"\bcyan\b|\bcian|\bciano\b|青|голуб", re.IGNORECASE)),
    ("magenta", re.compile(r"\bmagenta\b|洋紅|洋红|品红|пурпур", re.IGNORECASE)),
    ("yellow", re.compile(r"\byellow\b|\bamarel|\bamarill|\bgiallo\b|\bjaune\b|\bgelb|黃|黄|жёлт|желт", re.IGNORECASE)),
)


def colour_in(text: str | None) -> str | None:
    """The process colour that a text names, None when it names none."""
    return next((colour for colour, pattern in _COLOURS if text and pattern.search(text)), None)
